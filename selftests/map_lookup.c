// SPDX-License-Identifier: GPL-2.0
/* Translation by a map, short, long, nested and split (MAP-6, MAP-11). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* ---- MAP-11: lookup ---- */

/*
 * In a member of a namespace with these extents (inside, kernel id, count):
 * every edge translates in both directions, and what lies next to it does
 * not. Files made as each id inside are compared by root outside.
 */
static void probe_inside(const struct extent *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t edge[2] = { e[i].inside, e[i].inside +
				     e[i].count - 1 };

		for (int k = 0; k < 2; k++) {
			char name[32];
			int fd;

			snprintf(name, sizeof(name), "f%u", edge[k]);
			setfsuid(edge[k]);
			EXPECT_EQ(setfsuid(-1), (int)edge[k]);
			setfsgid(edge[k]);
			EXPECT_EQ(setfsgid(-1), (int)edge[k]);
			fd = EXPECT_OK(open(name, O_CREAT | O_WRONLY |
					    O_CLOEXEC, 0600));
			EXPECT_OK(close(fd));
			EXPECT_EQ(file_uid(name), edge[k]);
			EXPECT_EQ(file_gid(name), edge[k]);
		}
	}
}

static int is_inside(const struct extent *e, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (id - e[i].inside < e[i].count)
			return 1;
	return 0;
}

static void probe_neighbours(const struct extent *e, size_t n)
{
	setfsuid(e[0].inside);
	setfsgid(e[0].inside);
	for (size_t i = 0; i < n; i++) {
		uint32_t next[2] = { e[i].inside - 1, e[i].inside +
				     e[i].count };

		for (int k = 0; k < 2; k++) {
			if (is_inside(e, n, next[k]))
				continue;
			setfsuid(next[k]);
			EXPECT_EQ(setfsuid(-1), (int)e[0].inside);
			setfsgid(next[k]);
			EXPECT_EQ(setfsgid(-1), (int)e[0].inside);
		}
	}
}

static void check_outside(const struct extent *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++) {
			uint32_t step = k ? e[i].count - 1 : 0;
			char name[32];

			snprintf(name, sizeof(name), "f%u",
				 e[i].inside + step);
			EXPECT_EQ(file_uid(name), e[i].outside + step);
			EXPECT_EQ(file_gid(name), e[i].outside + step);
			if (!k || e[i].count > 1)
				EXPECT_OK(unlink(name));
			else
				break;
			if (e[i].count == 1)
				break;
		}
}

/* Gaps on both sides of every extent, inside and outside, in mixed order. */
static void gappy(struct extent *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		e[i] = (struct extent){ 4 + 5 * i,
			2 + (i * 101 + 3) % n * 6, 1 + i % 3 };
}

static void lookup_at(const size_t *counts, size_t m)
{
	static char text[MAP_TEXT_MAX];
	static struct extent e[340];

	EXPECT_OK(chmod(".", 0777));
	for (size_t i = 0; i < m; i++) {
		size_t n = counts[i];
		struct peer p;

		harness_context("%zu extents", n);
		gappy(e, n);
		map_text(text, e, n);
		if (peer_start(&p, 0)) {
			enter_new(0, text, text);
			probe_inside(e, n);
			probe_neighbours(e, n);
			done();
		}
		peer_join(&p);
		check_outside(e, n);
	}
}

CASE(lookup_is_exact_in_short_maps, "MAP-11")
{
	static const size_t counts[] = { 1, 2, 3, 4, 5 };

	lookup_at(counts, N(counts));
}

CASE(lookup_is_exact_in_long_maps, "MAP-11")
{
	static const size_t counts[] = {
		6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129,
		255, 256, 257, 339, 340,
	};

	lookup_at(counts, N(counts));
}

/*
 * CVE-2018-18955: with more than five extents below another namespace the
 * way back from kernel ids was left in ids of the parent.
 */
static void nested_lookup(size_t n, int depth)
{
	static char text[MAP_TEXT_MAX];
	static struct extent e[340], kernel[340];
	struct peer p;

	EXPECT_OK(chmod(".", 0777));
	gappy(e, n);
	map_text(text, e, n);
	for (size_t i = 0; i < n; i++) {
		kernel[i] = e[i];
		kernel[i].outside += BASE + 50 * (depth - 1);
	}
	if (peer_start(&p, 0)) {
		/* Each level shifts by 50. */
		enter_owned(0, "0 100000 4000", "0 100000 4000");
		for (int level = 2; level <= depth; level++) {
			char shift[32];

			snprintf(shift, sizeof(shift), "0 50 %d",
				 4100 - 100 * level);
			member_ids(100, 100);
			enter_new(0, shift, shift);
		}
		member_ids(0, 0);
		enter_new(0, text, text);
		probe_inside(e, n);
		probe_neighbours(e, n);
		peer_tell(&p);
		peer_await(&p);
		/*
		 * A file whose kernel id is this id's number: root's, and that
		 * of the same number in the parent.
		 */
		for (size_t i = 0; i < n; i++) {
			char name[32];

			setfsuid(e[i].inside);
			setfsgid(e[i].inside);
			snprintf(name, sizeof(name), "k%u", e[i].inside);
			EXPECT_ERR(open(name, O_RDONLY), EACCES);
			EXPECT_EQ(file_uid(name), OVERFLOW_ID);
			EXPECT_EQ(file_gid(name), OVERFLOW_ID);
			snprintf(name, sizeof(name), "p%u", e[i].outside);
			EXPECT_ERR(open(name, O_RDONLY), EACCES);
			EXPECT_EQ(file_uid(name), OVERFLOW_ID);
		}
		done();
	}
	peer_await(&p);
	for (size_t i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "k%u", e[i].inside);
		touch(name, e[i].inside, e[i].inside, 0660);
		snprintf(name, sizeof(name), "p%u", e[i].outside);
		touch(name, e[i].outside, e[i].outside, 0660);
	}
	peer_end(&p);
	check_outside(kernel, n);
}

CASE(nested_lookup_with_six_extents, "MAP-11")
{
	nested_lookup(6, 1);
}

CASE(nested_lookup_with_340_extents, "MAP-11")
{
	nested_lookup(340, 1);
}

CASE(nested_lookup_at_depth_four, "MAP-11")
{
	nested_lookup(40, 4);
}

/* ---- MAP-6: lines over several lines of the parent ---- */

/* Linux wants each line inside one extent of the parent. */
CASE(a_line_may_span_lines_of_the_parent, "MAP-6 MAP-10")
{
	static const char map[] = "0 100000 10\n10 300000 10\n20 200000 10";
	struct peer upper;
	pid_t lower;

	if (peer_start(&upper, 0)) {
		struct peer p;

		enter_owned(0, map, map);
		member_ids(0, 0);
		if (peer_start(&p, 0)) {
			enter_new(0, "0 5 20\n50 25 5", "0 0 30");
			EXPECT_OK(setresuid(4, 5, 14));
			set_dumpable();
			/* The parent's view is whole: one line each. */
			EXPECT_STR(proc_read(0, "uid_map"),
				   "         0          5         20\n"
				   "        50         25          5\n");
			EXPECT_STR(proc_read(0, "gid_map"), shown(0, 0, 30));
			peer_tell(&p);
			peer_await(&p);
			done();
		}
		peer_await(&p);
		EXPECT_STR(proc_read(p.pid, "uid_map"),
			   "         0          5         20\n"
			   "        50         25          5\n");
		peer_send(&upper, &p.pid, sizeof(p.pid));
		peer_await(&upper);
		peer_end(&p);
		done();
	}
	peer_recv(&upper, &lower, sizeof(lower));
	/* From init the pieces lie apart. */
	EXPECT_STR(proc_read(lower, "uid_map"),
		   "         0     100005          5\n"
		   "         5     300000         10\n"
		   "        15     200000          5\n"
		   "        50     200005          5\n");
	EXPECT(strstr(proc_read(lower, "status"),
		      "Uid:\t100009\t300000\t300009\t300000\n") != NULL);
	peer_end(&upper);
}

/*
 * Linux refuses the split. Each level shifts the line boundaries by two ids
 * of eight, so that the fourth splits every line in four.
 */
CASE(a_map_holds_1024_extents_after_splitting, "MAP-6")
{
	static char text[MAP_TEXT_MAX];
	static struct extent e[341];
	struct peer p, q;

	if (peer_start(&p, 0)) {
		for (int k = 0; k < 340; k++)
			e[k] = (struct extent){ 8 * k, 8 * (339 - k) + 1, 8 };
		map_text(text, e, 340);
		enter_new(0, text, text);
		member_ids(0, 0);
		for (int shift = 2; shift <= 4; shift += 2) {
			int lines = 339;

			for (int k = 0; k < lines; k++)
				e[k] = (struct extent){ 8 * k + shift,
					8 * k + shift, 8 };
			if (shift == 4)
				lines--;
			map_text(text, e, lines);
			member_ids(8, 8);
			enter_new(0, text, text);
		}
		/* 256 lines of four extents, then one id more. */
		for (int k = 0; k < 256; k++)
			e[k] = (struct extent){ 8 * k + 6, 8 * k + 6, 8 };
		e[256] = (struct extent){ 4000, 8 * 256 + 6, 1 };
		map_text(text, e, 257);
		target_start(&q);
		EXPECT_ERR(proc_write(q.pid, "uid_map", text), EINVAL);
		EXPECT_STR(proc_read(q.pid, "uid_map"), "");
		map_text(text, e, 256);
		EXPECT_OK(proc_write(q.pid, "uid_map", text));
		EXPECT_ERR(proc_write(q.pid, "gid_map", "x"), EINVAL);
		peer_end(&q);
		done();
	}
	peer_join(&p);
}

CASE(lookup_is_exact_in_split_maps, "MAP-11 MAP-6")
{
	static char text[MAP_TEXT_MAX];
	static struct extent e[64], kernel[64], whole = { 3, 0, 640 };
	struct peer p;

	EXPECT_OK(chmod(".", 0777));
	for (int i = 0; i < 64; i++) {
		e[i] = (struct extent){ 10 * i, 1000 + 20 * (63 - i), 10 };
		kernel[i] = (struct extent){ 10 * i + 3, e[i].outside, 10 };
	}
	map_text(text, e, 64);
	if (peer_start(&p, 0)) {
		enter_new(0, text, text);
		member_ids(0, 0);
		map_text(text, &whole, 1);
		enter_new(0, text, text);
		probe_inside(kernel, 64);
		setfsuid(3);
		setfsuid(2);
		EXPECT_EQ(setfsuid(-1), 3);
		setfsuid(643);
		EXPECT_EQ(setfsuid(-1), 3);
		done();
	}
	peer_join(&p);
	check_outside(kernel, 64);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
