/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A namespace twice over, in the model and in the map functions: every step
 * is done in both, and a difference is printed and aborts the process.
 */
#ifndef HOST_PAIR_H
#define HOST_PAIR_H

#include <stdio.h>
#include <stdlib.h>
#include "../model/maps.h"

#define DIFFER(...)							\
	do {								\
		printf("# %s:%d: ", __FILE__, __LINE__);		\
		printf(__VA_ARGS__);					\
		printf("\n");						\
		fflush(stdout);						\
		abort();						\
	} while (0)

struct pair {
	struct model_map model;
	const struct pair *parent;
	struct id_map *map;		/* NULL: not yet written */
	struct id_map room;		/* for a map that needs no more */
};

extern struct pair pair_init;		/* the initial namespace */

void pair_start(struct pair *ns, const struct pair *parent);
int pair_write(struct pair *ns, const char *text, size_t len);
int pair_write_lines(struct pair *ns, const struct id_extent *lines, u32 n);
void pair_probe(const struct pair *ns, u32 id);
void pair_probe_edges(const struct pair *ns);
void pair_show(const struct pair *ns, const struct pair *reader);
void pair_end(struct pair *ns);

#endif
