/* SPDX-License-Identifier: GPL-2.0 */
/* Five namespaces, and how each of them sees a kernel id: for what goes from any to any. */
#ifndef PLACES_H
#define PLACES_H

#include "userns.h"

/* Three levels below each other, and a sibling of the first. */
enum { INIT, CHILD, GRANDCHILD, DEEP, SIBLING, PLACES };

/* The block of kernel ids mapped from 0 on, and the kernel ids of a process there. */
static const struct {
	const char *name;
	uint32_t first, count;
	uid_t uid;
	gid_t gid;
} place[PLACES] = {
	[INIT] = { "init", 0, NO_ID, BASE + 20, BASE + 21 },
	[CHILD] = { "child", BASE, COUNT, BASE + 3, BASE + 4 },
	[GRANDCHILD] = { "grandchild", BASE + 10, 100, BASE + 13, BASE + 14 },
	[DEEP] = { "great-grandchild", BASE + 15, 50, BASE + 18, BASE + 19 },
	[SIBLING] = { "sibling", 200000, COUNT, 200003, 200004 },
};

/* As root of init: become its process there. Every capability but in init: none. */
static inline void enter_place(int i)
{
	if (i == INIT) {
		become(place[i].uid, place[i].gid, 0);
		return;
	}
	if (i == SIBLING)
		enter_owned(0, "0 200000 1000", "0 200000 1000");
	else
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	if (i == GRANDCHILD || i == DEEP) {
		member_ids(0, 0);
		enter_new(0, "0 10 100", "0 10 100");
	}
	if (i == DEEP) {
		member_ids(0, 0);
		enter_new(0, "0 5 50", "0 5 50");
	}
	member_ids(place[i].uid - place[i].first,
		   place[i].gid - place[i].first);
}

/* What a process there is shown for a kernel id. */
static inline uint32_t seen_from(int i, uint32_t id)
{
	if (id >= place[i].first && id - place[i].first < place[i].count)
		return id - place[i].first;
	return OVERFLOW_ID;
}

#endif
