/* SPDX-License-Identifier: GPL-2.0 */
/* The model and the map functions, step by step side by side. */
#include <string.h>
#include "pair.h"

static struct id_map identity = ID_MAP_IDENTITY;

struct pair pair_init = { .map = &identity };

/* Memory that ends where the sanitizer sees the first byte too many. */
static void *exact(size_t size)
{
	void *p = malloc(size);

	if (!p) {
		printf("Bail out! out of memory\n");
		exit(1);
	}
	return p;
}

static bool same(const struct id_extent *a, const struct id_extent *b)
{
	return a->first == b->first && a->lower == b->lower &&
	       a->count == b->count && a->line == b->line;
}

void pair_start(struct pair *ns, const struct pair *parent)
{
	ns->parent = parent;
	ns->model.parent = &parent->model;
	ns->model.n = 0;
	ns->map = NULL;
}

void pair_end(struct pair *ns)
{
	if (ns->map != &ns->room)
		free(ns->map);
	ns->map = NULL;
	ns->model.n = 0;
}

/* Lines that id_map_parse() took: check, split, build, as the kernel does. */
int pair_write_lines(struct pair *ns, const struct id_extent *lines, u32 n)
{
	/* static, as the exhaustive tests come here millions of times */
	static struct id_extent want[ID_MAP_MAX_EXTENTS];
	static struct {
		struct id_extent line[ID_MAP_MAX_LINES];
		u64 key[ID_MAP_MAX_LINES];
	} s;
	const struct id_map *parent = ns->parent->map;
	struct id_extent *got;
	int ret, expect, filled;

	memcpy(s.line, lines, n * sizeof(*lines));
	ret = id_map_check(s.line, s.key, n);
	expect = model_check(lines, n);
	if (ret != expect)
		DIFFER("check of %u lines: %d, not %d", n, ret, expect);
	if (ret < 0)
		return ret;

	memcpy(ns->model.line, lines, n * sizeof(*lines));
	ns->model.n = n;
	expect = model_split(&ns->model, want, ID_MAP_MAX_EXTENTS);
	ret = id_map_split(parent, s.line, n, NULL, ID_MAP_MAX_EXTENTS);
	if (ret != expect)
		DIFFER("split of %u lines: %d, not %d", n, ret, expect);
	if (ret < 0) {
		ns->model.n = 0;
		return ret;
	}

	ns->map = ret <= ID_MAP_INLINE ? &ns->room :
					 exact(id_map_size((u32)ret));
	got = id_map_init(ns->map, (u32)ret);
	filled = id_map_split(parent, s.line, n, got, (u32)ret);
	if (filled != ret)
		DIFFER("split: counted %d, filled %d", ret, filled);
	id_map_build(ns->map);
	for (int i = 0; i < ret; i++) {
		if (!same(&got[i], &want[i]))
			DIFFER("extent %d: %u %u %u of line %u, not %u %u %u of %u",
			       i, got[i].first, got[i].lower, got[i].count,
			       got[i].line, want[i].first, want[i].lower,
			       want[i].count, want[i].line);
	}
	return ret;
}

/* As a write of this text; returns the number of extents or the errno. */
int pair_write(struct pair *ns, const char *text, size_t len)
{
	static struct id_extent want[ID_MAP_MAX_LINES];
	struct id_extent *lines;
	char *copy = exact(len + 1);
	int ret, expect;

	if (len)
		memcpy(copy, text, len);
	lines = exact(id_map_room(len) * sizeof(*lines));
	ret = id_map_parse(copy, len, lines);
	if (len && memcmp(copy, text, len))
		DIFFER("parse changed the text");
	expect = model_parse(text, len, want);
	if (ret != expect)
		DIFFER("parse of `%.*s' (%zu bytes): %d, not %d", (int)len,
		       text, len, ret, expect);
	for (int i = 0; i < ret; i++) {
		if (!same(&lines[i], &want[i]))
			DIFFER("line %d: %u %u %u (line %u), not %u %u %u",
			       i, lines[i].first, lines[i].lower,
			       lines[i].count, lines[i].line, want[i].first,
			       want[i].lower, want[i].count);
	}
	if (ret > 0)
		ret = pair_write_lines(ns, lines, (u32)ret);
	free(lines);
	free(copy);
	return ret;
}

/* Compare every way to look up this number, as either kind of id. */
void pair_probe(const struct pair *ns, u32 id)
{
	bool written = ns->map;
	u32 down = written ? model_down(&ns->model, id) : ID_MAP_NONE;
	u32 up = written ? model_up(&ns->model, id) : ID_MAP_NONE;

	if (written && id_map_down(ns->map, id) != down)
		DIFFER("down of %u in %u extents: %u, not %u", id,
		       ns->map->nr, id_map_down(ns->map, id), down);
	if (written && id_map_up(ns->map, id) != up)
		DIFFER("up of %u in %u extents: %u, not %u", id,
		       ns->map->nr, id_map_up(ns->map, id), up);
	if (id_map_to_kernel(ns->map, id) != down)
		DIFFER("to_kernel of %u: %u, not %u", id,
		       id_map_to_kernel(ns->map, id), down);
	if (id_map_from_kernel(ns->map, id) != up)
		DIFFER("from_kernel of %u: %u, not %u", id,
		       id_map_from_kernel(ns->map, id), up);
	if (down != ID_MAP_NONE && id_map_from_kernel(ns->map, down) != id)
		DIFFER("%u does not come back from %u", id, down);
}

/* Probe both ends of every extent, what lies beside them, and the extremes. */
void pair_probe_edges(const struct pair *ns)
{
	const struct id_extent *e;

	pair_probe(ns, 0);
	pair_probe(ns, ID_MAP_NONE - 1);
	pair_probe(ns, ID_MAP_NONE);
	if (!ns->map)
		return;
	e = ns->map->nr <= ID_MAP_INLINE ? ns->map->extent :
					   ns->map->table.extent;
	for (const struct id_extent *end = e + ns->map->nr; e < end; e++) {
		for (u32 i = 0; i < 2; i++) {
			u32 first = i ? e->lower : e->first;

			pair_probe(ns, first - 1);
			pair_probe(ns, first);
			pair_probe(ns, first + e->count / 2);
			pair_probe(ns, first + e->count - 1);
			pair_probe(ns, first + e->count);
		}
	}
}

/* Read ns as reader sees it. */
void pair_show(const struct pair *ns, const struct pair *reader)
{
	static struct id_extent want[ID_MAP_MAX_EXTENTS];
	static struct id_extent extents[ID_MAP_MAX_EXTENTS];
	struct id_extent got;
	u32 pos = 0, n, i = 0;
	int nr;

	if (!ns->map)
		return;
	if (reader == ns)
		reader = ns->parent;
	nr = model_split(&ns->model, extents, ID_MAP_MAX_EXTENTS);
	if (nr < 0 || (u32)nr != ns->map->nr)
		DIFFER("%u extents, not %d", ns->map->nr, nr);
	n = model_show(&reader->model, extents, (u32)nr, want);
	while (pos < ns->map->nr) {
		pos = id_map_show_next(ns->map, reader->map, pos, &got);
		if (i == n || !same(&got, &want[i]))
			DIFFER("shown line %u of %u: %u %u %u", i, n, got.first,
			       got.lower, got.count);
		i++;
	}
	if (i != n || pos != ns->map->nr)
		DIFFER("shown %u lines, not %u", i, n);
}
