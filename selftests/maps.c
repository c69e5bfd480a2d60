// SPDX-License-Identifier: GPL-2.0
/* uid_map, gid_map, projid_map: what is accepted, shown and raced for (MAP-1 to 3, 10, 12, 13). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char *const map_files[] = { "uid_map", "gid_map", "projid_map" };

/* ---- MAP-1, MAP-3: syntax ---- */

static const struct {
	const char *text, *result;
} good[] = {
	{ "0 1000 1", "         0       1000          1\n" },
	{ "0 1000 1\n", "         0       1000          1\n" },
	{ "  0  1000  1  \n", "         0       1000          1\n" },
	{ "\t0\t1000\t1\t", "         0       1000          1\n" },
	{ "000 0001000 01\n", "         0       1000          1\n" },
	{ "0 1000 1\n1 2000 1", "         0       1000          1\n"
	  "         1       2000          1\n" },
	{ "0 0 4294967295", "         0          0 4294967295\n" },
	{ "4294967294 4294967294 1", "4294967294 4294967294          1\n" },
	{ "4294967293 0 2", "4294967293          0          2\n" },
	{ "0 4294967293 2", "         0 4294967293          2\n" },
	{ "10 0 10\n20 20 10", "        10          0         10\n"
	  "        20         20         10\n" },
};

CASE(well_formed_maps_are_accepted, "MAP-1 MAP-10")
{
	for (size_t i = 0; i < N(good); i++)
		for (size_t f = 0; f < N(map_files); f++) {
			struct peer p;

			harness_context("\"%s\" into %s", good[i].text,
					map_files[f]);
			target_start(&p);
			EXPECT_OK(proc_write(p.pid, map_files[f],
					     good[i].text));
			EXPECT_STR(proc_read(p.pid, map_files[f]),
				   good[i].result);
			peer_end(&p);
		}
}

static const char *const malformed[] = {
	"", " ", "\n", "\n\n", "\t \n",
	"0", "0 0", "0 0 ", "0\n", "0 0\n", "0 0\n1", "0 0\n1\n",
	"0 0 1 0", "0 0 1 x", "0 0 1x", "0 0 1,", "0,0,1", "0:0:1", "0 0 1;",
	"x", "x 0 1", "0 x 1", "0 0 x", "a b c", "0 0 1 # comment", "# 0 0 1",
	"0 0 1\n\n", "\n0 0 1", "0 0 1\n\n1 1 1", "0 0 1\n ", "0 0 1\nx",
	"0 0 1\n1", "0 0 1\n1 1", "0 0 1\n1 1 1 1", "0 0 1\n1 1 1x",
	"-1 0 1", "0 -1 1", "0 0 -1", "+0 0 1", "0 +0 1", "0 0 +1", "- 0 1",
	"0x0 0 1", "0 0x0 1", "0 0 0x1", "0 0 1h", "0X0 0 1", "0b0 0 1",
	"1e0 0 1", "0 0 1e1", "0.0 0 1", "0 0 1.0",
	/* MAP-3: a count of 0 */
	"0 0 0", "5 5 0", "4294967294 0 0", "0 0 1\n1 1 0", "0 0 0\n0 0 1",
	/* the id 4294967295 */
	"4294967295 0 1", "0 4294967295 1", "4294967295 4294967295 1",
	"0 0 1\n4294967295 1 1", "0 0 1\n1 4294967295 1",
	"4294967294 0 2", "0 4294967294 2", "1 0 4294967295",
	"0 1 4294967295", "1 1 4294967295",
	/* wrap-around */
	"2 0 4294967295", "0 2 4294967295", "4294967290 0 100",
	"0 4294967290 100", "2147483648 0 2147483648",
	"0 2147483648 2147483648", "2147483648 0 4294967295",
	/* overlap inside */
	"0 0 1\n0 1 1", "0 0 2\n1 5 1", "1 5 1\n0 0 2", "0 0 10\n9 20 10",
	"9 20 10\n0 0 10", "0 0 10\n2 20 3", "2 20 3\n0 0 10", "0 0 1\n0 0 1",
	"0 0 4294967295\n7 7 1", "5 5 1\n6 6 1\n7 7 1\n5 9 1",
	/* overlap outside */
	"0 0 1\n1 0 1", "0 0 2\n5 1 1", "5 1 1\n0 0 2", "0 0 10\n20 9 10",
	"20 9 10\n0 0 10", "0 0 10\n20 2 3", "20 2 3\n0 0 10",
	"5 5 1\n6 6 1\n7 7 1\n9 5 1", "0 10 5\n5 9 2",
	/* in more lines than a small map holds */
	"0 0 1\n1 1 1\n2 2 1\n3 3 1\n4 4 1\n5 5 1\n6 6 1\n0 7 1",
	"0 0 1\n1 1 1\n2 2 1\n3 3 1\n4 4 1\n5 5 1\n6 6 1\n7 0 1",
	"0 0 1\n1 1 1\n2 2 1\n3 3 1\n4 4 1\n5 5 1\n6 6 1\n7 7 0",
	"0 0 1\n1 1 1\n2 2 1\n3 3 1\n4 4 1\n5 5 1\n6 6 1\nx",
};

CASE(malformed_maps_are_refused, "MAP-3 MAP-2")
{
	struct peer p;

	target_start(&p);
	for (size_t f = 0; f < N(map_files); f++) {
		int fd = EXPECT_OK(proc_open(p.pid, map_files[f], O_RDWR));

		for (size_t i = 0; i < N(malformed); i++) {
			harness_context("\"%s\" into %s", malformed[i],
					map_files[f]);
			EXPECT_ERR(fd_write(fd, malformed[i]), EINVAL);
			/* MAP-2: nothing changed, no offset moved. */
			EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
			EXPECT_STR(proc_read(p.pid, map_files[f]), "");
		}
		/* After all of them, the same descriptor still works. */
		EXPECT_OK(fd_write(fd, "0 1000 1"));
		EXPECT_STR(proc_read(p.pid, map_files[f]), shown(0, 1000, 1));
		EXPECT_OK(close(fd));
	}
	peer_end(&p);
}

/* Linux keeps the low 32 bits. */
CASE(numbers_of_more_than_32_bits_are_refused, "MAP-3")
{
	static const char *const t[] = {
		"4294967296 0 1", "0 4294967296 1", "0 0 4294967296",
		"4294967297 0 1", "0 0 4294967297", "18446744073709551616 0 1",
		"0 18446744073709551616 1", "0 0 18446744073709551617",
		"99999999999999999999999999 0 1", "0 0 10000000000",
	};
	struct peer p;

	target_start(&p);
	for (size_t i = 0; i < N(t); i++) {
		harness_context("\"%s\"", t[i]);
		EXPECT_ERR(proc_write(p.pid, "uid_map", t[i]), EINVAL);
		EXPECT_STR(proc_read(p.pid, "uid_map"), "");
	}
	EXPECT_OK(proc_write(p.pid, "uid_map", "0 0 1"));
	peer_end(&p);
}

/* Linux stops reading there. */
CASE(a_nul_byte_is_refused, "MAP-3")
{
	static const struct {
		const char *text;
		size_t len;
	} t[] = {
		{ "0 0 1\0", 6 }, { "0 0 1\n\0", 7 }, { "\0", 1 },
		{ "0 0 1\0junk", 10 }, { "0 0 1\n\0001 1 1", 12 },
		{ "\0000 0 1", 6 }, { "0 0\0001", 5 }, { "0\0000 1", 5 },
	};
	struct peer p;

	target_start(&p);
	for (size_t i = 0; i < N(t); i++) {
		harness_context("row %zu", i);
		EXPECT_ERR(write_file(proc_path(p.pid, "uid_map"), t[i].text,
				      t[i].len), EINVAL);
		EXPECT_STR(proc_read(p.pid, "uid_map"), "");
	}
	EXPECT_OK(proc_write(p.pid, "uid_map", "0 0 1"));
	peer_end(&p);
}

/* n lines of one id, neither contiguous nor in order; small numbers. */
static void scattered(struct extent *e, size_t n, uint32_t outside)
{
	for (size_t i = 0; i < n; i++)
		e[i] = (struct extent){ .inside = 2 * i,
			.outside = outside + (i * 7919) % n * 2, .count = 1 };
}

CASE(lines_up_to_340_are_accepted, "MAP-1 MAP-3")
{
	static const size_t counts[] = { 1, 4, 5, 6, 7, 339, 340 };
	static char text[MAP_TEXT_MAX], want[20000];
	struct extent e[341];
	struct peer p;

	for (size_t i = 0; i < N(counts); i++) {
		harness_context("%zu lines", counts[i]);
		scattered(e, counts[i], 1);
		map_text(text, e, counts[i]);
		map_shown(want, sizeof(want), e, counts[i]);
		target_start(&p);
		for (size_t f = 0; f < N(map_files); f++) {
			EXPECT_OK(proc_write(p.pid, map_files[f], text));
			EXPECT_STR(proc_read(p.pid, map_files[f]), want);
		}
		peer_end(&p);
	}
	harness_context("341 lines");
	scattered(e, 341, 1);
	map_text(text, e, 341);
	target_start(&p);
	for (size_t f = 0; f < N(map_files); f++) {
		EXPECT_ERR(proc_write(p.pid, map_files[f], text), EINVAL);
		EXPECT_STR(proc_read(p.pid, map_files[f]), "");
	}
	peer_end(&p);
}

CASE(overlap_in_the_longest_map_is_refused, "MAP-3")
{
	static char text[MAP_TEXT_MAX];
	struct extent e[340], saved;
	struct peer p;

	scattered(e, 340, 1);
	target_start(&p);
	for (int which = 0; which < 4; which++) {
		size_t at = which & 1 ? 339 : 0;

		harness_context("line %zu, %s", at,
				which & 2 ? "outside" : "inside");
		saved = e[at];
		if (which & 2)
			e[at].outside = e[170].outside;
		else
			e[at].inside = e[170].inside;
		map_text(text, e, 340);
		EXPECT_ERR(proc_write(p.pid, "uid_map", text), EINVAL);
		e[at] = saved;
	}
	map_text(text, e, 340);
	EXPECT_OK(proc_write(p.pid, "uid_map", text));
	peer_end(&p);
}

CASE(a_page_is_too_long, "MAP-1 MAP-3")
{
	long page = sysconf(_SC_PAGESIZE);
	char *text = malloc(2 * page);
	struct peer p;

	EXPECT(text != NULL);
	for (size_t f = 0; f < N(map_files); f++) {
		harness_context("%s", map_files[f]);
		target_start(&p);
		memset(text, ' ', 2 * page);
		memcpy(text, "0 0 1", 5);
		EXPECT_ERR(write_file(proc_path(p.pid, map_files[f]), text,
				      2 * page), EINVAL);
		EXPECT_ERR(write_file(proc_path(p.pid, map_files[f]), text,
				      page + 1), EINVAL);
		EXPECT_ERR(write_file(proc_path(p.pid, map_files[f]), text,
				      page), EINVAL);
		EXPECT_STR(proc_read(p.pid, map_files[f]), "");
		EXPECT_OK(write_file(proc_path(p.pid, map_files[f]), text,
				     page - 1));
		EXPECT_STR(proc_read(p.pid, map_files[f]), shown(0, 0, 1));
		/* Of a map that is set, too. */
		EXPECT_ERR(write_file(proc_path(p.pid, map_files[f]), text,
				      page), EINVAL);
		peer_end(&p);
	}
	free(text);
}

CASE(an_offset_is_refused, "MAP-3")
{
	struct peer p;
	int fd;

	target_start(&p);
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_RDWR));
	EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
	EXPECT_ERR(fd_write(fd, "0 0 1"), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_OK(fd_write(fd, "0 0 1"));
	peer_end(&p);
}

CASE(an_unreadable_buffer_changes_nothing, "MAP-2")
{
	void *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct peer p;
	int fd;

	EXPECT(hole != MAP_FAILED);
	target_start(&p);
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_RDWR));
	EXPECT_ERR(write(fd, hole, 10), EFAULT);
	EXPECT_STR(proc_read(p.pid, "uid_map"), "");
	EXPECT_OK(fd_write(fd, "0 0 1"));
	/* Of a map that is set, too. */
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_ERR(write(fd, hole, 10), EFAULT);
	EXPECT_STR(proc_read(p.pid, "uid_map"), shown(0, 0, 1));
	peer_end(&p);
}

/* ---- MAP-2: once ---- */

CASE(a_map_is_written_once, "MAP-2 MAP-3")
{
	struct peer p;

	for (size_t f = 0; f < N(map_files); f++) {
		int fd;

		harness_context("%s", map_files[f]);
		target_start(&p);
		fd = EXPECT_OK(proc_open(p.pid, map_files[f], O_RDWR));
		EXPECT_EQ(write(fd, "0 1000 1\n", 9), 9);
		EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 9);
		/* The offset is looked at first. */
		EXPECT_ERR(fd_write(fd, "0 1000 1\n"), EINVAL);
		EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
		EXPECT_ERR(fd_write(fd, "0 1000 1\n"), EPERM);
		EXPECT_ERR(fd_write(fd, "1 2000 1\n"), EPERM);
		/* Before syntax, too. */
		EXPECT_ERR(fd_write(fd, "junk"), EPERM);
		EXPECT_ERR(proc_write(p.pid, map_files[f], "0 1000 1"), EPERM);
		EXPECT_STR(proc_read(p.pid, map_files[f]), shown(0, 1000, 1));
		peer_end(&p);
	}
}

/* A seek to 0 takes effect even if nothing was read or sought before. */
CASE(seeking_back_after_the_write_works, "MAP-2 MAP-3")
{
	char buf[64];
	struct peer p;
	int fd;

	target_start(&p);
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_RDWR));
	EXPECT_OK(fd_write(fd, "0 1000 1"));
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_ERR(fd_write(fd, "0 1000 1"), EPERM);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 33);
	peer_end(&p);
}

CASE(a_refused_write_may_be_retried, "MAP-2")
{
	struct peer p;
	int fd;

	owned_target_start(&p);
	/* EPERM for want of a capability, then by one who has it. */
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_WRONLY));
	caps_set(ALL_CAPS & ~CAP_BIT(CAP_SETUID), ALL_CAPS, 0);
	EXPECT_ERR(fd_write(fd, BLOCK_MAP), EPERM);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_STR(proc_read(p.pid, "uid_map"), "");
	caps_set(ALL_CAPS, ALL_CAPS, 0);
	EXPECT_OK(fd_write(fd, BLOCK_MAP));
	peer_end(&p);
}

/* ---- MAP-10: display ---- */

CASE(the_initial_maps, "MAP-10 MAP-12")
{
	for (size_t f = 0; f < N(map_files); f++) {
		EXPECT_STR(proc_read(0, map_files[f]),
			   "         0          0 4294967295\n");
		EXPECT_STR(proc_read(1, map_files[f]),
			   "         0          0 4294967295\n");
		EXPECT_ERR(proc_write(0, map_files[f], "0 0 1"), EPERM);
		EXPECT_ERR(proc_write(1, map_files[f], "0 0 4294967295"),
			   EPERM);
		EXPECT_ERR(proc_write(1, map_files[f], ""), EPERM);
	}
}

CASE(an_unwritten_map_reads_empty, "MAP-10")
{
	struct peer p;

	target_start(&p);
	for (size_t f = 0; f < N(map_files); f++)
		EXPECT_STR(proc_read(p.pid, map_files[f]), "");
	EXPECT_OK(proc_write(p.pid, "gid_map", "0 0 1"));
	EXPECT_STR(proc_read(p.pid, "uid_map"), "");
	EXPECT_STR(proc_read(p.pid, "projid_map"), "");
	peer_end(&p);
}

CASE(anyone_may_read_a_map, "MAP-10")
{
	struct peer p, q;
	struct stat st;

	target_start(&p);
	EXPECT_OK(proc_write(p.pid, "uid_map", "0 0 1"));
	if (peer_start(&q, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_STR(proc_read(p.pid, "uid_map"), shown(0, 0, 1));
		EXPECT_STR(proc_read(1, "uid_map"),
			   shown(0, 0, 4294967295U));
		EXPECT_ERR(proc_open(p.pid, "uid_map", O_WRONLY), EACCES);
		done();
	}
	peer_join(&q);
	for (size_t f = 0; f < N(map_files); f++) {
		EXPECT_OK(stat(proc_path(p.pid, map_files[f]), &st));
		EXPECT_EQ(st.st_mode, S_IFREG | 0644);
	}
	peer_end(&p);
}

/* Linux keeps the written order up to five lines. */
CASE(a_short_map_is_shown_in_order, "MAP-10")
{
	static const struct extent written[] = {
		{ 30, 2000, 5 }, { 10, 3000, 5 }, { 40, 1000, 5 }, { 0, 50, 5 },
	};
	static const struct extent want[] = {
		{ 0, 50, 5 }, { 10, 3000, 5 }, { 30, 2000, 5 }, { 40, 1000, 5 },
	};
	char text[200], expected[200];
	struct peer p;

	map_text(text, written, 4);
	map_shown(expected, sizeof(expected), want, 4);
	target_start(&p);
	for (size_t f = 0; f < N(map_files); f++) {
		EXPECT_OK(proc_write(p.pid, map_files[f], text));
		EXPECT_STR(proc_read(p.pid, map_files[f]), expected);
	}
	peer_end(&p);
}

CASE(a_long_map_is_shown_in_order, "MAP-10")
{
	static char text[MAP_TEXT_MAX], expected[20000];
	struct extent written[340], want[340];
	struct peer p;

	for (int n = 6; n <= 340; n += 334) {
		harness_context("%d lines", n);
		for (int i = 0; i < n; i++)
			written[n - 1 - i] = want[i] =
				(struct extent){ 3 * i, 1 + 2 * i, 1 };
		map_text(text, written, n);
		map_shown(expected, sizeof(expected), want, n);
		target_start(&p);
		for (size_t f = 0; f < N(map_files); f++) {
			EXPECT_OK(proc_write(p.pid, map_files[f], text));
			EXPECT_STR(proc_read(p.pid, map_files[f]), expected);
		}
		peer_end(&p);
	}
}

CASE(lines_written_apart_stay_apart, "MAP-10")
{
	static const char text[] = "0 100 1\n1 101 1\n2 102 5\n7 107 1";
	struct peer p;

	target_start(&p);
	EXPECT_OK(proc_write(p.pid, "uid_map", text));
	EXPECT_STR(proc_read(p.pid, "uid_map"),
		   "         0        100          1\n"
		   "         1        101          1\n"
		   "         2        102          5\n"
		   "         7        107          1\n");
	peer_end(&p);
}

CASE(outside_ids_are_those_of_the_reader, "MAP-10")
{
	struct peer upper, sibling;
	pid_t lower;

	if (peer_start(&upper, 0)) {
		struct peer p;

		enter_owned(0, "0 100000 10\n500 200000 10", "0 150000 10");
		EXPECT_OK(proc_write(0, "projid_map", "0 170000 10"));
		member_ids(0, 0);
		EXPECT_STR(proc_read(0, "uid_map"),
			   "         0     100000         10\n"
			   "       500     200000         10\n");
		if (peer_start(&p, 0)) {
			enter_new(0, "7 3 4\n90 505 2", "0 0 1");
			EXPECT_OK(proc_write(0, "projid_map", "3 4 1"));
			member_ids(7, 0);
			/* Its own: the parent's view. */
			EXPECT_STR(proc_read(0, "uid_map"),
				   "         7          3          4\n"
				   "        90        505          2\n");
			/* The parent's, as far as there are ids for it. */
			EXPECT_STR(proc_read(getppid(), "uid_map"),
				   "         0 4294967295         10\n"
				   "       500 4294967295         10\n");
			peer_tell(&p);
			peer_await(&p);
			done();
		}
		peer_await(&p);
		EXPECT_STR(proc_read(p.pid, "uid_map"),
			   "         7          3          4\n"
			   "        90        505          2\n");
		peer_send(&upper, &p.pid, sizeof(p.pid));
		peer_await(&upper);
		peer_end(&p);
		done();
	}
	peer_recv(&upper, &lower, sizeof(lower));
	EXPECT_STR(proc_read(lower, "uid_map"),
		   "         7     100003          4\n"
		   "        90     200005          2\n");
	EXPECT_STR(proc_read(lower, "gid_map"), shown(0, 150000, 1));
	EXPECT_STR(proc_read(lower, "projid_map"), shown(3, 170004, 1));
	if (peer_start(&sibling, 0)) {
		enter_new(0, "1 0 1\n4 200005 1", "0 0 1");
		EXPECT_STR(proc_read(lower, "uid_map"),
			   "         7 4294967295          4\n"
			   "        90          4          2\n");
		EXPECT_STR(proc_read(lower, "gid_map"), shown(0, NO_ID, 1));
		EXPECT_STR(proc_read(lower, "projid_map"), shown(3, NO_ID, 1));
		/* Of init's one extent it sees the first id, 0, as 1. */
		EXPECT_STR(proc_read(1, "uid_map"),
			   "         0          1 4294967295\n");
		done();
	}
	peer_join(&sibling);
	peer_end(&upper);
}

/* Small reads, as by a program that reads line by line. */
CASE(a_map_can_be_read_in_pieces, "MAP-10")
{
	static char text[MAP_TEXT_MAX], expected[20000], got[20000];
	struct extent e[340];
	size_t have = 0;
	struct peer p;
	ssize_t n;
	int fd;

	scattered(e, 340, 1);
	map_text(text, e, 340);
	map_shown(expected, sizeof(expected), e, 340);
	target_start(&p);
	EXPECT_OK(proc_write(p.pid, "uid_map", text));
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_RDONLY));
	while ((n = EXPECT_OK(read(fd, got + have, 7))) > 0)
		have += n;
	got[have] = 0;
	EXPECT_STR(got, expected);
	EXPECT_EQ(lseek(fd, 33, SEEK_SET), 33);
	EXPECT_EQ(read(fd, got, 33), 33);
	EXPECT_EQ(memcmp(got, expected + 33, 33), 0);
	peer_end(&p);
}

CASE(the_files_keep_the_namespace_they_were_opened_for, "MAP-4")
{
	struct peer p;
	int fd, pipe_fds[2];

	/* The target moves on to another namespace; the descriptor does not. */
	EXPECT_OK(pipe(pipe_fds));
	if (peer_start(&p, 0)) {
		enter_new(0, NULL, "0 0 1");
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		peer_tell(&p);
		peer_await(&p);
		EXPECT_STR(proc_read(0, "uid_map"), "");
		done();
	}
	peer_await(&p);
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_RDWR));
	EXPECT_OK(proc_write(p.pid, "uid_map", "0 0 1"));
	peer_tell(&p);
	peer_await(&p);
	EXPECT_ERR(fd_write(fd, "0 0 1"), EPERM);
	peer_end(&p);
}

/* ---- MAP-13: races ---- */

#define ROUNDS 30

static void read_until_gone(pid_t pid, const char *whole)
{
	char buf[8192];

	for (;;) {
		for (size_t f = 0; f < 2; f++) {
			ssize_t n = read_file(proc_path(pid, map_files[f]), buf,
					      sizeof(buf));

			if (n < 0) {
				/* The target is gone, or was when it opened. */
				EXPECT(errno == ENOENT || errno == ESRCH ||
				       errno == EINVAL);
				return;
			}
			/* Nothing or all of it; init's map before the unshare. */
			if (n && strcmp(buf, whole) && !strstr(buf, "4294967295"))
				FAIL("half a map: %s", buf);
		}
	}
}

CASE_SECONDS(readers_see_nothing_or_the_whole_map, "MAP-13", 60)
{
	static char text[MAP_TEXT_MAX], whole[20000];
	struct extent e[100];

	scattered(e, 100, 1);
	map_text(text, e, 100);
	map_shown(whole, sizeof(whole), e, 100);
	for (int i = 0; i < ROUNDS; i++) {
		struct peer target, reader[2];

		if (peer_start(&target, 0)) {
			peer_await(&target);
			enter_new(0, text, text);
			done();
		}
		for (int k = 0; k < 2; k++)
			if (peer_start(&reader[k], 0)) {
				peer_tell(&reader[k]);
				read_until_gone(target.pid, whole);
				done();
			}
		for (int k = 0; k < 2; k++)
			peer_await(&reader[k]);
		peer_end(&target);
		for (int k = 0; k < 2; k++)
			peer_join(&reader[k]);
	}
}

CASE_SECONDS(of_racing_writers_one_wins, "MAP-13 MAP-2", 60)
{
	enum { WRITERS = 4 };

	for (int i = 0; i < ROUNDS; i++) {
		struct peer target, writer[WRITERS];
		int won = -1;

		target_start(&target);
		for (int k = 0; k < WRITERS; k++)
			if (peer_start(&writer[k], 0)) {
				char text[32], c;
				int fd;

				snprintf(text, sizeof(text), "%d %d 1", k,
					 BASE + k);
				fd = EXPECT_OK(proc_open(target.pid, "uid_map",
							 O_WRONLY));
				peer_tell(&writer[k]);
				peer_await(&writer[k]);
				c = !fd_write(fd, text);
				if (!c)
					EXPECT_EQ(errno, EPERM);
				peer_send(&writer[k], &c, 1);
				done();
			}
		for (int k = 0; k < WRITERS; k++)
			peer_await(&writer[k]);
		for (int k = 0; k < WRITERS; k++)
			peer_tell(&writer[k]);
		for (int k = 0; k < WRITERS; k++) {
			char c;

			peer_recv(&writer[k], &c, 1);
			if (c) {
				EXPECT_EQ(won, -1);
				won = k;
			}
			peer_join(&writer[k]);
		}
		EXPECT_NE(won, -1);
		EXPECT_STR(proc_read(target.pid, "uid_map"),
			   shown(won, BASE + won, 1));
		peer_end(&target);
	}
}

CASE_SECONDS(access_races_with_exec_and_exit_of_the_target, "MAP-13", 60)
{
	require_namespaces();
	for (int i = 0; i < ROUNDS; i++) {
		struct peer target, user[2];

		if (peer_start(&target, CLONE_NEWUSER)) {
			peer_await(&target);
			if (i % 2)
				execl("/proc/self/exe", "maps", "exit", NULL);
			done();
		}
		for (int k = 0; k < 2; k++)
			if (peer_start(&user[k], 0)) {
				peer_tell(&user[k]);
				for (;;) {
					int fd = proc_open(target.pid,
						k ? "uid_map" : "gid_map",
						O_RDWR);
					char buf[64];

					if (fd < 0)
						break;
					if (write(fd, "0 0 1", 5) < 0)
						EXPECT(errno == EPERM ||
						       errno == EINVAL);
					EXPECT_OK(lseek(fd, 0, SEEK_SET));
					EXPECT_OK(read(fd, buf, sizeof(buf)));
					EXPECT_OK(close(fd));
				}
				EXPECT(errno == ENOENT || errno == ESRCH ||
				       errno == EINVAL || errno == EACCES);
				done();
			}
		for (int k = 0; k < 2; k++)
			peer_await(&user[k]);
		peer_tell(&target);
		close(target.fd);
		EXPECT_OK(waitpid(target.pid, NULL, 0));
		for (int k = 0; k < 2; k++)
			peer_join(&user[k]);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	return harness_main(argc, argv);
}
