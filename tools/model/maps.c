/* SPDX-License-Identifier: GPL-2.0 */
/* The naive model of the MAP clauses. */
#include <string.h>
#include "maps.h"

static bool blank(char c)
{
	return c != '\0' && strchr(" \t\v\f\r\xa0", c);
}

/* One line, without its newline (MAP-1, MAP-3). */
static bool parse_line(const char *s, size_t len, struct id_extent *line)
{
	u64 field[3];
	size_t i = 0;
	int fields = 0;

	for (;;) {
		while (i < len && blank(s[i]))
			i++;
		if (i == len)
			break;
		if (fields == 3)
			return false;
		field[fields] = 0;
		for (; i < len && !blank(s[i]); i++) {
			if (s[i] < '0' || s[i] > '9')
				return false;
			field[fields] = field[fields] * 10 + (u64)(s[i] - '0');
			if (field[fields] > UINT32_MAX)
				return false;
		}
		fields++;
	}
	if (fields < 3 || field[2] == 0)
		return false;
	/* no id of either run may be 4294967295 or more */
	if (field[0] + field[2] - 1 >= ID_MAP_NONE ||
	    field[1] + field[2] - 1 >= ID_MAP_NONE)
		return false;
	line->first = (u32)field[0];
	line->lower = (u32)field[1];
	line->count = (u32)field[2];
	return true;
}

int model_parse(const char *text, size_t len, struct id_extent *lines)
{
	struct id_extent line;
	size_t start = 0;
	u32 n = 0;

	if (len == 0)
		return -EINVAL;
	while (start < len) {
		const char *nl = memchr(text + start, '\n', len - start);
		size_t end = nl ? (size_t)(nl - text) : len;

		if (!parse_line(text + start, end - start, &line))
			return -EINVAL;
		if (n == ID_MAP_MAX_LINES)
			return -EINVAL;
		line.line = n;
		lines[n++] = line;
		start = end + 1;
	}
	return (int)n;
}

static bool holds(u32 start, u32 count, u32 id)
{
	return id >= start && (u64)id < (u64)start + count;
}

/* Two runs overlap exactly when one holds the first id of the other. */
int model_check(const struct id_extent *lines, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		for (u32 j = 0; j < n; j++) {
			const struct id_extent *a = &lines[i], *b = &lines[j];

			if (i != j && (holds(a->first, a->count, b->first) ||
				       holds(a->lower, a->count, b->lower)))
				return -EINVAL;
		}
	}
	return 0;
}

static const struct id_extent *line_of(const struct model_map *ns, u32 id)
{
	for (u32 i = 0; i < ns->n; i++) {
		if (holds(ns->line[i].first, ns->line[i].count, id))
			return &ns->line[i];
	}
	return NULL;
}

u32 model_down(const struct model_map *ns, u32 id)
{
	while (ns->parent) {
		const struct id_extent *l = line_of(ns, id);

		if (!l)
			return ID_MAP_NONE;
		id = l->lower + (id - l->first);
		ns = ns->parent;
	}
	return id;
}

u32 model_up(const struct model_map *ns, u32 kid)
{
	u32 id;

	if (!ns->parent)
		return kid;
	id = model_up(ns->parent, kid);
	if (id == ID_MAP_NONE)
		return ID_MAP_NONE;
	for (u32 i = 0; i < ns->n; i++) {
		const struct id_extent *l = &ns->line[i];

		if (holds(l->lower, l->count, id))
			return l->first + (id - l->lower);
	}
	return ID_MAP_NONE;
}

/* How many ids from this one on stay in one line at every level. */
static u32 run_from(const struct model_map *ns, u32 id)
{
	const struct id_extent *l;
	u32 here, above;

	if (!ns->parent)
		return ID_MAP_NONE - id;
	l = line_of(ns, id);
	if (!l)
		return 0;
	here = l->count - (id - l->first);
	above = run_from(ns->parent, l->lower + (id - l->first));
	return here < above ? here : above;
}

/*
 * The extents that the lines of ns become (MAP-6); out has room for max, or is
 * NULL where they are only counted.
 */
int model_split(const struct model_map *ns, struct id_extent *out, u32 max)
{
	const struct id_extent *l;
	u64 next = 0;
	u32 nr = 0;

	for (;;) {
		/* the line that starts next */
		l = NULL;
		for (u32 i = 0; i < ns->n; i++) {
			if (ns->line[i].first >= next &&
			    (!l || ns->line[i].first < l->first))
				l = &ns->line[i];
		}
		if (!l)
			break;
		for (u32 done = 0, run; done < l->count; done += run) {
			run = run_from(ns->parent, l->lower + done);
			if (run == 0)
				return -EPERM;
			if (run > l->count - done)
				run = l->count - done;
			if (out && nr < max)
				out[nr] = (struct id_extent) {
					.first = l->first + done,
					.lower = model_down(ns->parent,
							    l->lower + done),
					.count = run,
					.line = l->line,
				};
			nr++;
		}
		next = (u64)l->first + l->count;
	}
	return nr <= max ? (int)nr : -EINVAL;
}

/* What a reader is shown of a map with these extents (MAP-10). */
u32 model_show(const struct model_map *reader, const struct id_extent *extents,
	       u32 nr, struct id_extent *out)
{
	u32 n = 0;

	for (u32 i = 0; i < nr; i++) {
		u32 seen = model_up(reader, extents[i].lower);

		if (n && out[n - 1].line == extents[i].line &&
		    out[n - 1].lower != ID_MAP_NONE && seen != ID_MAP_NONE &&
		    (u64)out[n - 1].lower + out[n - 1].count == seen) {
			out[n - 1].count += extents[i].count;
			continue;
		}
		out[n] = extents[i];
		out[n++].lower = seen;
	}
	return n;
}
