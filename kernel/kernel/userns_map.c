/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Id maps of user namespaces: parse, validate, split, sort, look up, show.
 *
 * Nothing here keeps state, takes a lock, allocates, sleeps or recurses.
 */
#ifdef __KERNEL__
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <linux/userns_map.h>
#endif

/*
 * Blanks are the kernel's isspace() less the newline, which ends a line, as
 * they are to Linux: 0xa0 is one.
 */
static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || (*p >= '\t' && *p <= '\r' && *p != '\n') ||
	       *p == (char)0xa0)
		p++;
	return p;
}

/* What get_u32() leaves alone: so many digits that they may be too many. */
static const char *get_long(const char *p, const char *end, u32 *res)
{
	u64 val = 0;

	for (; p < end; p++) {
		val = val * 10 + (*p - '0');
		if (val > 0xffffffffU)
			return NULL;
	}
	*res = val;
	return end;
}

/*
 * A number and the blanks before it: at least one before the second and the
 * third of a line, as the number before them ended at no digit.  Returns
 * where it ends, NULL where there is none or it does not fit.
 */
static inline const char *get_u32(const char *p, u32 *res)
{
	const char *start;
	u32 val = 0;
	u32 digit;

	if (*p == ' ')
		p++;
	digit = *p - '0';
	if (digit > 9) {
		p = skip_blanks(p);
		digit = *p - '0';
		if (digit > 9)
			return NULL;
	}
	start = p;
	do {
		val = val * 10 + digit;
		digit = *++p - '0';
	} while (digit <= 9);
	/* nine digits always fit */
	if (p - start > 9)
		return get_long(start, p, res);
	*res = val;
	return p;
}

/* The last id a map may hold is ID_MAP_NONE - 1. */
static inline bool is_run(u32 first, u32 count)
{
	return count <= ID_MAP_NONE - first;
}

/**
 * id_map_parse - read the lines of a written map (MAP-1, MAP-3)
 * @text:	what was written, @len bytes of any value, and room for one
 *		more, which is set to the newline that ends every search
 * @len:	length of what was written
 * @lines:	room for id_map_room(@len) lines; contents undefined on failure
 *
 * A line is `inside outside count`, separated and surrounded by blanks, ended
 * by a newline that may be missing from the last.  The caller refuses writes
 * of a page or more.
 *
 * Return: the number of lines, at least 1.  -EINVAL for anything that is not
 * such lines and nothing else: an empty text or line, a missing or extra
 * field, a sign, a NUL, hex, a number over 2^32-1, a count of 0, a run of ids
 * that reaches 4294967295, more than ID_MAP_MAX_LINES lines.
 * Context: any.
 */
int id_map_parse(char *text, size_t len, struct id_extent *lines)
{
	const char *p = text;
	const char *end = text + len;
	struct id_extent *line;
	u32 n = 0;

	text[len] = '\n';
	do {
		if (n == ID_MAP_MAX_LINES)
			return -EINVAL;
		line = &lines[n];
		p = get_u32(p, &line->first);
		if (p)
			p = get_u32(p, &line->lower);
		if (p)
			p = get_u32(p, &line->count);
		if (!p)
			return -EINVAL;
		if (!line->count || !is_run(line->first, line->count) ||
		    !is_run(line->lower, line->count))
			return -EINVAL;
		line->line = n++;
		if (*p != '\n')
			p = skip_blanks(p);
		if (*p++ != '\n')
			return -EINVAL;
	} while (p < end);
	return n;
}

/*
 * Shell sort with Ciura's gaps, ascending: no memory, no recursion, no
 * callback, and for as few keys as these as fast as any.
 */
static void sort_keys(u64 *key, size_t n)
{
	static const u16 gaps[] = { 701, 301, 132, 57, 23, 10, 4, 1 };
	u64 *end = key + n;
	u64 *low, *p, *to, *from;
	u64 k;
	size_t gap, g;

	for (g = 0; g < ARRAY_SIZE(gaps); g++) {
		gap = gaps[g];
		if (gap >= n)
			continue;
		low = key + gap;
		for (p = low; p < end; p++) {
			k = *p;
			for (to = p; to >= low; to = from) {
				from = to - gap;
				if (*from <= k)
					break;
				*to = *from;
			}
			*to = k;
		}
	}
}

/* Bring lines into the order that the low halves of key say. */
static void permute_lines(struct id_extent *lines, u64 *key, u32 n)
{
	struct id_extent moved;
	u32 i, to, from;

	for (i = 0; i < n; i++) {
		from = (u32)key[i];
		if (from == i)
			continue;
		/* follow the cycle, marking each place as done */
		moved = lines[i];
		for (to = i; from != i; from = (u32)key[to]) {
			lines[to] = lines[from];
			key[to] = to;
			to = from;
		}
		lines[to] = moved;
		key[to] = to;
	}
}

/**
 * id_map_check - refuse lines that overlap, sort the others (MAP-3, MAP-10)
 * @lines:	@n lines as id_map_parse() left them
 * @key:	room for @n keys, used where a column does not ascend
 * @n:		number of lines, at least 1
 *
 * Return: 0 with @lines ascending by first, -EINVAL if two overlap inside or
 * outside.
 * Context: any.
 */
int id_map_check(struct id_extent *lines, u64 *key, u32 n)
{
	bool first_ascends = true;
	bool lower_ascends = true;
	u32 i;

	/* a column in which no run starts before the last one ended is fine */
	for (i = 1; i < n; i++) {
		if (lines[i].first < lines[i - 1].first + lines[i - 1].count)
			first_ascends = false;
		if (lines[i].lower < lines[i - 1].lower + lines[i - 1].count)
			lower_ascends = false;
	}

	if (!lower_ascends) {
		for (i = 0; i < n; i++)
			key[i] = (u64)lines[i].lower << 32 | lines[i].count;
		sort_keys(key, n);
		for (i = 1; i < n; i++) {
			if ((key[i] >> 32) <
			    (key[i - 1] >> 32) + (u32)key[i - 1])
				return -EINVAL;
		}
	}

	if (!first_ascends) {
		for (i = 0; i < n; i++)
			key[i] = (u64)lines[i].first << 32 | i;
		sort_keys(key, n);
		permute_lines(lines, key, n);
		for (i = 1; i < n; i++) {
			if (lines[i].first <
			    lines[i - 1].first + lines[i - 1].count)
				return -EINVAL;
		}
	}
	return 0;
}

static inline const struct id_extent *map_extents(const struct id_map *map)
{
	return map->half ? map->table.extent : map->extent;
}

/*
 * Index of the only extent that can hold id: the last that starts at id or
 * before it, or the first.  A key is the id before an extent, not its first,
 * so that the padding is less than no id, not even ID_MAP_NONE; the first
 * key, which may be the id before 0, is never looked at.  The padding makes
 * all searches take the same steps.
 */
static inline u32 search_keys(const u32 *key, u32 half, u32 id)
{
	u32 i = 0;

	do {
		i = key[i + half] < id ? i + half : i;
		half >>= 1;
	} while (half);
	return i;
}

/* The extent that holds an inside id, NULL if none does. */
static inline const struct id_extent *find_first(const struct id_map *map,
						 u32 id)
{
	const struct id_extent *e;
	const struct id_extent *end;

	if (map->half) {
		e = map->table.extent +
		    search_keys(map->table.first, map->half, id);
		return id - e->first < e->count ? e : NULL;
	}
	for (e = map->extent, end = e + map->nr; e < end; e++) {
		if (id - e->first < e->count)
			return e;
	}
	return NULL;
}

/* The same for an id that is not in e, but mostly right behind it. */
static const struct id_extent *next_extent(const struct id_map *map,
					   const struct id_extent *e, u32 id)
{
	if (++e < map_extents(map) + map->nr && id - e->first < e->count)
		return e;
	return find_first(map, id);
}

/**
 * id_map_split - translate lines into extents of kernel ids (MAP-6)
 * @parent:	the parent's map, NULL if not yet written
 * @lines:	@n lines as id_map_check() left them
 * @n:		number of lines, at least 1
 * @out:	room for @max extents, or NULL to count only
 * @max:	how many extents there may be
 *
 * A line that spans several extents of the parent becomes one extent for
 * each, even where these continue each other, so that an extent lies inside
 * one extent of every ancestor.
 *
 * Return: the number of extents, in @out ascending by first.  -EPERM if any
 * id of a line has no id in the parent, or else -EINVAL if there would be
 * more than @max extents.
 * Context: any.
 */
int id_map_split(const struct id_map *parent, const struct id_extent *lines,
		 u32 n, struct id_extent *out, u32 max)
{
	const struct id_extent *e;
	const struct id_extent *line;
	const struct id_extent *end;
	u32 id, left, part;
	u32 nr = 0;

	if (!parent)
		return -EPERM;
	e = map_extents(parent);
	for (line = lines, end = lines + n; line < end; line++) {
		id = line->lower;
		left = line->count;
		for (;;) {
			if (id - e->first >= e->count) {
				e = next_extent(parent, e, id);
				if (!e)
					return -EPERM;
			}
			part = e->count - (id - e->first);
			if (part > left)
				part = left;
			if (out && nr < max) {
				out[nr].first = line->first +
						(id - line->lower);
				out[nr].lower = e->lower + (id - e->first);
				out[nr].count = part;
				out[nr].line = line->line;
			}
			nr++;
			left -= part;
			if (!left)
				break;
			id += part;
		}
	}
	return nr <= max ? (int)nr : -EINVAL;
}

/* Half of the smallest power of two that is not below nr. */
static inline u32 first_stride(u32 nr)
{
	u32 half = 1;

	while (2 * half < nr)
		half *= 2;
	return half;
}

/**
 * id_map_size - bytes that a map of @nr extents needs
 * @nr:		number of extents, 1 to ID_MAP_MAX_EXTENTS
 *
 * Return: sizeof(struct id_map) for at most ID_MAP_INLINE extents, so that
 * one embedded elsewhere will do; at most 32 KiB for any number.
 * Context: any.
 */
size_t id_map_size(u32 nr)
{
	if (nr <= ID_MAP_INLINE)
		return sizeof(struct id_map);
	return sizeof(struct id_map) + nr * sizeof(struct id_extent) +
	       4 * first_stride(nr) * sizeof(u32) + nr * sizeof(u16);
}

/**
 * id_map_init - lay out a map
 * @map:	id_map_size(@nr) bytes, aligned for u64
 * @nr:		number of extents, 1 to ID_MAP_MAX_EXTENTS
 *
 * Return: where id_map_split() is to put the @nr extents, after which
 * id_map_build() makes a map of them.
 * Context: any.
 */
struct id_extent *id_map_init(struct id_map *map, u32 nr)
{
	map->nr = nr;
	if (nr <= ID_MAP_INLINE) {
		map->half = 0;
		return map->extent;
	}
	map->half = first_stride(nr);
	map->table.extent = (struct id_extent *)(map + 1);
	map->table.first = (u32 *)(map->table.extent + nr);
	map->table.lower = map->table.first + 2 * map->half;
	map->table.order = (u16 *)(map->table.lower + 2 * map->half);
	return map->table.extent;
}

/* Fill in the order of the lower ids, before there are keys. */
static void sort_lower(struct id_map *map)
{
	const struct id_extent *e = map->table.extent;
	u16 *order = map->table.order;
	/* the two arrays of keys together have just the room for the sort */
	u64 *key = (u64 *)map->table.first;
	bool ascends = true;
	u32 nr = map->nr;
	u32 i;

	order[0] = 0;
	for (i = 1; i < nr; i++) {
		order[i] = i;
		if (e[i].lower < e[i - 1].lower)
			ascends = false;
	}
	if (ascends)
		return;
	for (i = 0; i < nr; i++)
		key[i] = (u64)e[i].lower << 32 | i;
	sort_keys(key, nr);
	for (i = 0; i < nr; i++)
		order[i] = (u16)key[i];
}

/**
 * id_map_build - make what the lookups of a large map need
 * @map:	a map from id_map_init() with its extents filled in, ascending
 *		by first, overlapping in neither column
 *
 * The map may then be published; nothing may change in it any more.
 *
 * Context: any.
 */
void id_map_build(struct id_map *map)
{
	const struct id_extent *e = map->table.extent;
	const u16 *order = map->table.order;
	u32 *first = map->table.first;
	u32 *lower = map->table.lower;
	u32 nr = map->nr;
	u32 i;

	if (!map->half)
		return;
	sort_lower(map);
	for (i = 0; i < nr; i++) {
		first[i] = e[i].first - 1;
		lower[i] = e[order[i]].lower - 1;
	}
	for (; i < 2 * map->half; i++) {
		first[i] = ID_MAP_NONE;
		lower[i] = ID_MAP_NONE;
	}
}

/**
 * id_map_down - kernel id of an id of a namespace (MAP-11)
 * @map:	the namespace's map
 * @id:		the id inside
 *
 * Return: the kernel id, ID_MAP_NONE where @id has none.
 * Context: any; takes no lock.
 */
u32 id_map_down(const struct id_map *map, u32 id)
{
	const struct id_extent *e = find_first(map, id);

	return e ? id - e->first + e->lower : ID_MAP_NONE;
}

/**
 * id_map_up - id in a namespace of a kernel id (MAP-11)
 * @map:	the namespace's map
 * @kid:	the kernel id
 *
 * Return: the id inside, ID_MAP_NONE where @kid has none.
 * Context: any; takes no lock.
 */
u32 id_map_up(const struct id_map *map, u32 kid)
{
	const struct id_extent *e;
	const struct id_extent *end;
	u32 i;

	if (map->half) {
		i = search_keys(map->table.lower, map->half, kid);
		e = map->table.extent + map->table.order[i];
		kid -= e->lower;
		return kid < e->count ? kid + e->first : ID_MAP_NONE;
	}
	for (e = map->extent, end = e + map->nr; e < end; e++) {
		if (kid - e->lower < e->count)
			return kid - e->lower + e->first;
	}
	return ID_MAP_NONE;
}

/**
 * id_map_show_next - one line of a map as a reader sees it (MAP-10)
 * @map:	the map that is read
 * @reader:	the map of the reader's namespace (of its parent for a reader
 *		in the namespace that @map belongs to), NULL if not yet written
 * @pos:	index of the extent to start at, less than @map->nr
 * @shown:	the line: inside, outside as the reader sees it, count
 *
 * The outside is what the first id of the extent is to the reader, and
 * ID_MAP_NONE where it is nothing, whatever the rest of the extent is: for
 * an ancestor the rest follows suit, to others the line says no more than
 * its first id.  Extents split from one written line are joined again where
 * the reader sees the next one start where the last one ends; two that it
 * does not see are not joined, as ID_MAP_NONE continues nothing.
 *
 * Return: the @pos of the next line; @map->nr if this was the last.
 * Context: any; takes no lock.
 */
u32 id_map_show_next(const struct id_map *map, const struct id_map *reader,
		     u32 pos, struct id_extent *shown)
{
	const struct id_extent *e = map_extents(map);
	u32 seen;

	*shown = e[pos];
	shown->lower = id_map_from_kernel(reader, e[pos].lower);
	while (++pos < map->nr && e[pos].line == shown->line &&
	       shown->lower != ID_MAP_NONE) {
		seen = id_map_from_kernel(reader, e[pos].lower);
		/* 64 bits: to a stranger, part of a run may lie elsewhere */
		if (seen == ID_MAP_NONE ||
		    (u64)shown->lower + shown->count != seen)
			break;
		shown->count += e[pos].count;
	}
	return pos;
}

#ifdef __KERNEL__
/* for the inline functions of linux/user_namespace.h */
EXPORT_SYMBOL(id_map_down);
EXPORT_SYMBOL(id_map_up);
#endif
