/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Id maps of user namespaces: pure functions of their arguments, which the
 * host's unit tests compile as they stand.
 *
 * A map is written once, published with a store barrier and never changed:
 * readers take no lock.  Until then the pointer to it is NULL.  Whoever
 * writes one goes
 *
 *	id_map_parse -> id_map_check -> id_map_split (out == NULL, to count)
 *	-> allocate -> id_map_init -> id_map_split (into it) -> id_map_build
 *
 * with the same parent in both calls of id_map_split().
 */
#ifndef _LINUX_USERNS_MAP_H
#define _LINUX_USERNS_MAP_H

#ifdef __KERNEL__
#include <linux/types.h>
#endif

/* lines in one write (MAP-1), extents in one map after splitting (MAP-6) */
#define ID_MAP_MAX_LINES	340
#define ID_MAP_MAX_EXTENTS	1024

/* a map of at most so many extents needs no memory beyond struct id_map */
#define ID_MAP_INLINE		5

/* the id that no namespace has and no map holds */
#define ID_MAP_NONE		0xffffffffU

/**
 * struct id_extent - a run of ids and what it maps to
 * @first:	first id inside the namespace
 * @lower:	first id outside: of the parent in a written line, of the
 *		kernel in a map
 * @count:	number of ids, at least 1; neither column reaches ID_MAP_NONE
 * @line:	number of the written line it came from; extents split from
 *		one line share it and are neighbours in the map (MAP-10)
 */
struct id_extent {
	u32 first;
	u32 lower;
	u32 count;
	u32 line;
};

/**
 * struct id_map - a map, immutable once published
 * @nr:		number of extents, 1 to ID_MAP_MAX_EXTENTS
 * @half:	first stride of the halving search; 0 where @nr is at most
 *		ID_MAP_INLINE and the extents are in @extent
 * @extent:	the extents of a small map, ascending by first
 * @table:	where the parts of a large map are, in the same allocation:
 *		the extents, ascending by first; the keys of either direction
 *		(the id before each extent), ascending and padded with
 *		ID_MAP_NONE to 2 * @half; the extent behind each key of @lower
 *
 * Every extent lies inside one extent of the map of each ancestor, because
 * id_map_split() cuts along all of them.
 */
struct id_map {
	u32 nr;
	u32 half;
	union {
		struct id_extent extent[ID_MAP_INLINE];
		struct {
			struct id_extent *extent;
			u32 *first;
			u32 *lower;
			u16 *order;
		} table;
	};
};

/* the map of the initial namespace; positional, for old compilers' sake */
#define ID_MAP_IDENTITY	{ 1, 0, { { { 0, 0, ID_MAP_NONE, 0 } } } }

/**
 * id_map_room - lines that id_map_parse() needs room for
 * @len:	length of the text
 *
 * Return: one for each of the shortest, "0 0 1" and a newline, and one for
 * what is left; no more than ID_MAP_MAX_LINES.
 * Context: any.
 */
static inline u32 id_map_room(size_t len)
{
	return len / 6 < ID_MAP_MAX_LINES ? len / 6 + 1 : ID_MAP_MAX_LINES;
}

int id_map_parse(char *text, size_t len, struct id_extent *lines);
int id_map_check(struct id_extent *lines, u64 *key, u32 n);
int id_map_split(const struct id_map *parent, const struct id_extent *lines,
		 u32 n, struct id_extent *out, u32 max);
size_t id_map_size(u32 nr);
struct id_extent *id_map_init(struct id_map *map, u32 nr);
void id_map_build(struct id_map *map);
u32 id_map_down(const struct id_map *map, u32 id);
u32 id_map_up(const struct id_map *map, u32 kid);
u32 id_map_show_next(const struct id_map *map, const struct id_map *reader,
		     u32 pos, struct id_extent *shown);

/**
 * id_map_to_kernel - translate an id of a namespace, one extent inline
 * @map:	the namespace's map, NULL if not yet written
 * @id:		the id inside
 *
 * Return: the kernel id, ID_MAP_NONE where @id has none.
 * Context: any.
 */
static inline u32 id_map_to_kernel(const struct id_map *map, u32 id)
{
	u32 off;

	if (!map)
		return ID_MAP_NONE;
	if (map->nr != 1)
		return id_map_down(map, id);
	off = id - map->extent[0].first;
	return off < map->extent[0].count ? map->extent[0].lower + off :
					    ID_MAP_NONE;
}

/**
 * id_map_from_kernel - translate a kernel id, one extent inline
 * @map:	the namespace's map, NULL if not yet written
 * @kid:	the kernel id
 *
 * Return: the id inside the namespace, ID_MAP_NONE where @kid has none.
 * Context: any.
 */
static inline u32 id_map_from_kernel(const struct id_map *map, u32 kid)
{
	u32 id;

	if (!map)
		return ID_MAP_NONE;
	if (map->nr != 1)
		return id_map_up(map, kid);
	id = kid - map->extent[0].lower;
	if (id >= map->extent[0].count)
		return ID_MAP_NONE;
	id += map->extent[0].first;
	/* No extent holds it: spares the callers their test here. */
	if (id == ID_MAP_NONE)
		unreachable();
	return id;
}

#endif /* _LINUX_USERNS_MAP_H */
