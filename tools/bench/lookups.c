// SPDX-License-Identifier: GPL-2.0
/*
 * Every way of looking up an id: user and group, to the kernel's id and from
 * it, in maps of each size, by where the id is, at three depths.  (Project ids
 * are looked up by the same function.)
 *
 * To the kernel is what setresuid() does with its first argument, from it what
 * getuid() does.  A miss ends setresuid() early, so it compares with a miss.
 */
#include "bench.h"

#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* 1,024 extents take four levels, each of which cuts up the ones above. */
#define SPLIT_LEVELS	4
#define SPLIT_LINES	256	/* the fourth's, each of 4 extents */
#define SPLIT_IDS	6	/* of each line */
#define SPLIT_EXTENTS	(4 * SPLIT_LINES)

static const unsigned int sizes[] = { 1, 2, 5, 6, 50, 340, SPLIT_EXTENTS };
static const unsigned int depths[] = { 1, 8, 32 };
static const char *const places[] = { "first", "middle", "last", "miss" };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define MISS		(COUNT(places) - 1)

static unsigned int size, depth;
static long id;

static long op_getgid(void)
{
	return syscall(NR_getgid);
}

static long op_set_uid(void)
{
	return syscall(NR_setresuid, id, -1, -1);
}

static long op_set_gid(void)
{
	return syscall(NR_setresgid, id, -1, -1);
}

static long op_set_no_uid(void)
{
	return op_set_uid() < 0 && errno == EINVAL ? 0 : -1;
}

static long op_set_no_gid(void)
{
	return op_set_gid() < 0 && errno == EINVAL ? 0 : -1;
}

static long id_at(unsigned int place)
{
	unsigned int lines = size;
	long step = STEP, last = 0;

	if (size == SPLIT_EXTENTS) {
		lines = SPLIT_LINES;
		step = SPLIT_IDS;
		last = SPLIT_IDS - 1;	/* in the line's last extent */
	}
	switch (place) {
	case 0:
		return 0;
	case 1:
		return (lines / 2) * step;
	case 2:
		return (lines - 1) * step + last;
	default:
		return size == SPLIT_EXTENTS ? lines * step : (lines / 2) * step + 1;
	}
}

static void one(const char *direction, unsigned int place, op_fn *op)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_%u_%s_depth_%u", direction, size,
		 places[place], depth);
	if (op)
		bench(name, op, NULL);
	else
		bench_absent(name);
}

static void absent(void)
{
	for (unsigned int i = 0; i < COUNT(places); i++) {
		one("from_uid", i, NULL);
		one("from_gid", i, NULL);
		one("to_uid", i, NULL);
		one("to_gid", i, NULL);
	}
}

/* In the member, whose own ids the map lacks. */
static void lookups(int back, long unused)
{
	(void)back;
	(void)unused;
	/* so as to keep every capability */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0)
		die("securebits");
	id = id_at(MISS);
	one("from_uid", MISS, op_getuid);
	one("from_gid", MISS, op_getgid);
	one("to_uid", MISS, op_set_no_uid);
	one("to_gid", MISS, op_set_no_gid);
	for (unsigned int i = 0; i < MISS; i++) {
		id = id_at(i);
		if (syscall(NR_setresgid, id, id, id) < 0 ||
		    syscall(NR_setresuid, id, id, id) < 0)
			die("setresuid(%ld)", id);
		if (op_getuid() != id || op_getgid() != id) {
			errno = ERANGE;
			die("%ld", id);
		}
		one("from_uid", i, op_getuid);
		one("from_gid", i, op_getgid);
		one("to_uid", i, op_set_uid);
		one("to_gid", i, op_set_gid);
	}
}

/* Returns false if the kernel refuses the map. */
static bool with_map(void (*fn)(int back, long arg), long arg)
{
	struct member m;
	bool ret;

	start_member(&m, fn, arg);
	ret = write_map(m.pid, "uid_map") && write_map(m.pid, "gid_map");
	if (ret)
		write_all(m.go, "", 1);
	end_member(&m);
	return ret;
}

static void all_lines(void)
{
	for (unsigned int i = 0; i < COUNT(sizes); i++) {
		size = sizes[i];
		if (size == SPLIT_EXTENTS)
			continue;
		make_map(size, ASCENDING);
		if (!with_map(lookups, 0))
			absent();
	}
}

/*
 * Ids next to each other inside, with a gap after each line outside.  Each
 * level's lines are one id shorter, and one fewer, than those of the one above
 * and lie across the ends of them: they are of 1, 2, 3 and 4 extents.
 */
static void make_split(unsigned int level)
{
	static const unsigned int base[SPLIT_LEVELS] = { LOWER_BASE, 3, 2, 2 };
	unsigned int up = SPLIT_LEVELS - 1 - level;
	unsigned int ids = SPLIT_IDS + up;

	map_len = 0;
	for (unsigned int i = 0; i < SPLIT_LINES + up; i++)
		map_len += (size_t)sprintf(map_text + map_len, "%u %u %u\n",
					   i * ids, base[level] + i * (ids + 1),
					   ids);
}

static void split(int back, long level)
{
	(void)back;
	/* Who changes its ids loses its files in /proc, with those of its children. */
	if (level && (syscall(NR_setresgid, 0, 0, 0) < 0 ||
		      syscall(NR_setresuid, 0, 0, 0) < 0 ||
		      prctl(PR_SET_DUMPABLE, 1) < 0))
		die("root of the map that is cut up");
	make_split((unsigned int)level);
	if (level < SPLIT_LEVELS - 1) {
		if (!with_map(split, level + 1)) {
			if (depth == SPLIT_LEVELS)
				bench_absent("map_1024_write");
			absent();
		}
		return;
	}
	if (depth == SPLIT_LEVELS)
		time_map(NULL, "map_1024_write");
	if (!with_map(lookups, 0)) {
		errno = EINVAL;
		die("map of 1,024 extents");
	}
}

static void all_split(void)
{
	split(-1, 0);
}

void bench_lookups(void)
{
	bool have = have_map(1);

	for (unsigned int d = 0; d < COUNT(depths); d++) {
		depth = depths[d];
		if (have) {
			in_depth(depth - 1, all_lines);
		} else {
			for (unsigned int i = 0; i < COUNT(sizes) - 1; i++) {
				size = sizes[i];
				absent();
			}
		}
		if (depth < SPLIT_LEVELS)
			depth = SPLIT_LEVELS;
		size = SPLIT_EXTENTS;
		if (have) {
			in_depth(depth - SPLIT_LEVELS, all_split);
		} else {
			if (depth == SPLIT_LEVELS)
				bench_absent("map_1024_write");
			absent();
		}
	}
}
