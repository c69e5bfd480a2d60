/* SPDX-License-Identifier: GPL-2.0 */
/* Single rules by example: what is shown, who is init, an old mistake. */
#include <string.h>
#include "test.h"

/*
 * CVE-2018-18955: with more extents than fit inline, the table for one
 * direction must hold kernel ids like that for the other.
 */
void test_nested_reverse(void)
{
	restart(2);
	CHECK_INT(pair_write(&ns[0], "0 100000 1000", 13), 1);
	text_len = 0;
	for (u32 i = 0; i <= ID_MAP_INLINE; i++)
		add_line(i, i, 1);
	CHECK_INT(pair_write(&ns[1], text, text_len), ID_MAP_INLINE + 1);
	for (u32 i = 0; i <= ID_MAP_INLINE; i++) {
		CHECK_INT(id_map_down(ns[1].map, i), 100000 + i);
		CHECK_INT(id_map_up(ns[1].map, 100000 + i), i);
		CHECK_INT(id_map_up(ns[1].map, i), ID_MAP_NONE);
	}
}

/* A parent without a map gives nothing; init's map is the identity. */
void test_edges_of_the_tree(void)
{
	struct id_extent line;
	static struct id_map init = ID_MAP_IDENTITY;

	restart(2);
	CHECK_INT(pair_write(&ns[1], "0 0 1", 5), -EPERM);
	pair_probe(&ns[1], 0);
	CHECK_INT(id_map_to_kernel(NULL, 0), ID_MAP_NONE);
	CHECK_INT(id_map_from_kernel(NULL, 0), ID_MAP_NONE);

	CHECK_INT(id_map_show_next(&init, &init, 0, &line), 1);
	CHECK_INT(line.first, 0);
	CHECK_INT(line.lower, 0);
	CHECK_INT(line.count, 4294967295U);
	for (u32 i = 0; i < 1000; i++) {
		u32 id = rnd_any();

		CHECK_INT(id_map_to_kernel(&init, id), id);
		CHECK_INT(id_map_from_kernel(&init, id), id);
	}
	CHECK_INT(id_map_down(&init, ID_MAP_NONE), ID_MAP_NONE);
	CHECK_INT(id_map_up(&init, ID_MAP_NONE), ID_MAP_NONE);
	CHECK_INT(id_map_down(&init, ID_MAP_NONE - 1), ID_MAP_NONE - 1);
}

struct shown {
	u32 first, lower, count;
};

static void check_shown(const struct id_map *map, const struct id_map *reader,
			const struct shown *want, u32 n)
{
	struct id_extent got;
	u32 pos = 0;

	for (u32 i = 0; i < n; i++) {
		if (pos >= map->nr)
			FAIL("line %u missing", i);
		pos = id_map_show_next(map, reader, pos, &got);
		CHECK_INT(got.first, want[i].first);
		CHECK_INT(got.lower, want[i].lower);
		CHECK_INT(got.count, want[i].count);
	}
	CHECK_INT(pos, map->nr);
}

/* Read as a stranger, a child of init with this map. */
static void read_as(const struct pair *p, const char *map,
		    const struct shown *want, u32 n)
{
	struct pair *stranger = &ns[5];

	pair_end(stranger);
	pair_start(stranger, &pair_init);
	if (pair_write(stranger, map, strlen(map)) < 0)
		FAIL("map refused");
	check_shown(p->map, stranger->map, want, n);
	pair_show(p, stranger);
}

/* What MAP-10 says, by example. */
void test_show_rules(void)
{
	static const char parent[] = "0 1000 10\n10 5000 10\n20 5010 10\n";
	static const struct shown by_init[] = {
		{ 0, 1000, 10 }, { 10, 5000, 10 }, { 20, 5010, 10 },
	};
	static const struct shown by_nobody[] = {
		{ 0, ID_MAP_NONE, 10 }, { 10, ID_MAP_NONE, 10 },
		{ 20, ID_MAP_NONE, 10 },
	};
	/* one line over all of the parent: whole to it, in pieces to init */
	static const struct shown whole[] = { { 100, 0, 30 } };
	static const struct shown pieces[] = {
		{ 100, 1000, 10 }, { 110, 5000, 20 },
	};
	static const struct shown hidden[] = {
		{ 100, ID_MAP_NONE, 10 }, { 110, ID_MAP_NONE, 10 },
		{ 120, ID_MAP_NONE, 10 },
	};
	/* written apart, shown apart, ascending by inside id */
	static const struct shown apart[] = {
		{ 1, 1, 1 }, { 2, 2, 1 }, { 3, 3, 4 },
	};
	/* a stranger who sees the first and the third piece */
	static const struct shown strange[] = {
		{ 100, 7, 10 }, { 110, ID_MAP_NONE, 10 }, { 120, 17, 10 },
	};

	/* the last id there is before a piece that the reader does not see */
	static const struct shown at_the_end[] = {
		{ 100, 4294967285U, 10 }, { 110, ID_MAP_NONE, 10 },
		{ 120, ID_MAP_NONE, 10 },
	};
	/* 4294967290 + 10 is 4, but not to a reader of ids */
	static const struct shown around[] = {
		{ 100, 4294967290U, 10 }, { 110, 4, 10 },
		{ 120, ID_MAP_NONE, 10 },
	};

	restart(3);
	CHECK_INT(pair_write(&ns[0], parent, strlen(parent)), 3);
	check_shown(ns[0].map, pair_init.map, by_init, 3);
	check_shown(ns[0].map, NULL, by_nobody, 3);

	CHECK_INT(pair_write(&ns[1], "100 0 30", 8), 3);
	check_shown(ns[1].map, ns[0].map, whole, 1);
	check_shown(ns[1].map, pair_init.map, pieces, 2);
	check_shown(ns[1].map, NULL, hidden, 3);

	read_as(&ns[1], "7 1000 10\n17 5010 10", strange, 3);

	read_as(&ns[1], "4294967285 1000 10", at_the_end, 3);
	read_as(&ns[1], "4294967290 1000 5\n4 5000 10", around, 3);

	restart(2);
	CHECK_INT(pair_write(&ns[0], "3 3 4\n2 2 1\n1 1 1", 17), 3);
	check_shown(ns[0].map, pair_init.map, apart, 3);
}
