/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract's MAP clauses as simply as they can be said: what the map
 * functions are compared with.  No sorting, no splitting, no search: an id
 * is translated level by level, the way the contract defines it.
 */
#ifndef MODEL_MAPS_H
#define MODEL_MAPS_H

#include "../host/kernel.h"

/* One map of a namespace. */
struct model_map {
	const struct model_map *parent;	/* NULL: the initial namespace */
	u32 n;				/* 0: map not yet written */
	struct id_extent line[ID_MAP_MAX_LINES];
};

int model_parse(const char *text, size_t len, struct id_extent *lines);
int model_check(const struct id_extent *lines, u32 n);
u32 model_down(const struct model_map *ns, u32 id);
u32 model_up(const struct model_map *ns, u32 kid);
int model_split(const struct model_map *ns, struct id_extent *out, u32 max);
u32 model_show(const struct model_map *reader, const struct id_extent *extents,
	       u32 nr, struct id_extent *out);

#endif
