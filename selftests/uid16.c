// SPDX-License-Identifier: GPL-2.0
/*
 * The 16-bit calls of old i386 programs (IDS-4), which any program may make by
 * int 0x80.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userns.h"

enum {
	LCHOWN16 = 16, OLDSTAT = 18, SETUID16 = 23, GETUID16 = 24, SETGID16 = 46, GETGID16 = 47,
	GETEUID16 = 49, GETEGID16 = 50, SETREUID16 = 70, SETREGID16 = 71,
	GETGROUPS16 = 80, SETGROUPS16 = 81, FCHOWN16 = 95, STAT = 106, SETFSUID16 = 138,
	SETFSGID16 = 139, SETRESUID16 = 164, GETRESUID16 = 165,
	SETRESGID16 = 170, GETRESGID16 = 171, CHOWN16 = 182, STAT64 = 195,
};

#define OVERFLOW16	65534
#define KEEP		65535	/* -1 of 16 bits */

/*
 * What these calls write and read lies in the first 4 GiB: a static program's
 * own data does.
 */
static uint16_t ids[32];
static char path[16] = "file";

static long old_call(int nr, long a, long b, long c)
{
	int ret;

#ifdef __x86_64__
	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
#else
	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(nr), "b"(a), "c"(b), "d"(c)
			 : "memory");
#endif
	if (ret < 0 && ret > -4096) {
		errno = -ret;
		return -1;
	}
	return ret;
}

#define CALL0(nr)	old_call(nr, 0, 0, 0)
#define CALL1(nr, a)	old_call(nr, (long)(a), 0, 0)
#define CALL2(nr, a, b)	old_call(nr, (long)(a), (long)(b), 0)
#define CALL3(nr, a, b, c) old_call(nr, (long)(a), (long)(b), (long)(c))

static void require_old_calls(void)
{
	if (CALL0(GETUID16) == -1 && errno == ENOSYS)
		SKIP("the kernel has no 16-bit calls");
	if ((uint64_t)(uintptr_t)ids >> 32)
		SKIP("the program lies above 4 GiB");
}

static void expect_uids(uint16_t real, uint16_t effective, uint16_t saved)
{
	EXPECT_OK(CALL3(GETRESUID16, &ids[0], &ids[1], &ids[2]));
	EXPECT_EQ(ids[0], real);
	EXPECT_EQ(ids[1], effective);
	EXPECT_EQ(ids[2], saved);
	EXPECT_EQ(CALL0(GETUID16), real);
	EXPECT_EQ(CALL0(GETEUID16), effective);
}

static void expect_gids(uint16_t real, uint16_t effective, uint16_t saved)
{
	EXPECT_OK(CALL3(GETRESGID16, &ids[0], &ids[1], &ids[2]));
	EXPECT_EQ(ids[0], real);
	EXPECT_EQ(ids[1], effective);
	EXPECT_EQ(ids[2], saved);
	EXPECT_EQ(CALL0(GETGID16), real);
	EXPECT_EQ(CALL0(GETEGID16), effective);
}

CASE(ids_without_a_number_are_the_overflow_id, "IDS-4 IDS-2")
{
	require_old_calls();
	/* Not mapped at all, then mapped beyond 16 bits. */
	enter_new(0, NULL, NULL);
	expect_uids(OVERFLOW16, OVERFLOW16, OVERFLOW16);
	expect_gids(OVERFLOW16, OVERFLOW16, OVERFLOW16);
}

CASE(ids_beyond_16_bits_are_the_overflow_id, "IDS-4 IDS-2")
{
	require_old_calls();
	enter_new(0, "70000 100000 1000", "70000 100000 1000");
	member_ids(70000, 70001);
	EXPECT_EQ(getuid(), 70000);
	expect_uids(OVERFLOW16, OVERFLOW16, OVERFLOW16);
	expect_gids(OVERFLOW16, OVERFLOW16, OVERFLOW16);
}

CASE(users_are_numbered_by_the_namespace, "IDS-4 IDS-1")
{
	require_old_calls();
	enter_new(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_ERR(CALL3(SETRESUID16, COUNT, KEEP, KEEP), EINVAL);
	EXPECT_ERR(CALL3(SETRESUID16, KEEP, COUNT, KEEP), EINVAL);
	EXPECT_ERR(CALL3(SETRESUID16, KEEP, KEEP, COUNT), EINVAL);
	EXPECT_ERR(CALL2(SETREUID16, COUNT, KEEP), EINVAL);
	EXPECT_ERR(CALL2(SETREUID16, KEEP, COUNT), EINVAL);
	EXPECT_ERR(CALL1(SETUID16, COUNT), EINVAL);
	expect_uids(0, 0, 0);
	/* No error to give: the answer is the old id. */
	EXPECT_EQ(CALL1(SETFSUID16, COUNT), 0);
	EXPECT_EQ(CALL1(SETFSUID16, 7), 0);
	EXPECT_EQ(CALL1(SETFSUID16, 0), 7);
	EXPECT_OK(CALL3(SETRESUID16, 1, KEEP, 2));
	expect_uids(1, 0, 2);
	/* From here on without capabilities: among these three only. */
	EXPECT_OK(CALL2(SETREUID16, KEEP, 1));
	expect_uids(1, 1, 2);
	EXPECT_OK(CALL3(SETRESUID16, KEEP, 2, KEEP));
	expect_uids(1, 2, 2);
	EXPECT_ERR(CALL3(SETRESUID16, KEEP, 3, KEEP), EPERM);
}

CASE(groups_are_numbered_by_the_namespace, "IDS-4 IDS-1")
{
	require_old_calls();
	enter_new(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(CALL3(SETRESGID16, 1, 2, 0));
	expect_gids(1, 2, 0);
	EXPECT_OK(CALL2(SETREGID16, KEEP, 0));
	expect_gids(1, 0, 0);
	EXPECT_ERR(CALL3(SETRESGID16, COUNT, KEEP, KEEP), EINVAL);
	EXPECT_ERR(CALL2(SETREGID16, KEEP, COUNT), EINVAL);
	EXPECT_ERR(CALL1(SETGID16, COUNT), EINVAL);
	EXPECT_OK(CALL1(SETGID16, 5));
	expect_gids(5, 5, 5);
	EXPECT_EQ(CALL1(SETFSGID16, COUNT), 5);
	EXPECT_EQ(CALL1(SETFSGID16, 7), 5);
	EXPECT_EQ(CALL1(SETFSGID16, 5), 7);
}

CASE(supplementary_groups_are_numbered_by_the_namespace, "IDS-4 IDS-1 SGR-3")
{
	require_old_calls();
	enter_new(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	ids[0] = 3, ids[1] = 4;
	EXPECT_OK(CALL2(SETGROUPS16, 2, ids));
	ids[0] = ids[1] = 0;
	EXPECT_EQ(CALL2(GETGROUPS16, 2, ids), 2);
	EXPECT_EQ(ids[0], 3);
	EXPECT_EQ(ids[1], 4);
	ids[1] = COUNT;
	EXPECT_ERR(CALL2(SETGROUPS16, 2, ids), EINVAL);
	ids[1] = KEEP;
	EXPECT_ERR(CALL2(SETGROUPS16, 2, ids), EINVAL);
}

CASE(groups_are_kept_where_setgroups_is_denied, "IDS-4 SGR-3")
{
	struct peer p;

	require_old_calls();
	for (int denied = 0; denied < 2; denied++) {
		if (peer_start(&p, CLONE_NEWUSER)) {
			peer_await(&p);
			EXPECT_ERR(CALL2(SETGROUPS16, 0, ids), EPERM);
			/* Before anything else is looked at. */
			EXPECT_ERR(CALL2(SETGROUPS16, 65537, ids), EPERM);
			EXPECT_ERR(CALL2(SETGROUPS16, 1, 8), EPERM);
			done();
		}
		if (denied)
			EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
		write_maps(p.pid, BLOCK_MAP, denied ? BLOCK_MAP : NULL);
		peer_tell(&p);
		peer_join(&p);
	}
}

CASE(files_are_given_to_users_of_the_namespace, "IDS-4 IDS-3")
{
	int fd;

	require_old_calls();
	touch(path, BASE, BASE, 0600);
	fd = EXPECT_OK(open(path, O_RDONLY | O_CLOEXEC));
	enter_new(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(CALL3(CHOWN16, path, 1, 2));
	EXPECT_EQ(file_uid(path), 1);
	EXPECT_EQ(file_gid(path), 2);
	EXPECT_OK(CALL3(FCHOWN16, fd, KEEP, 3));
	EXPECT_EQ(file_uid(path), 1);
	EXPECT_EQ(file_gid(path), 3);
	EXPECT_OK(CALL3(LCHOWN16, path, 4, KEEP));
	EXPECT_EQ(file_uid(path), 4);
	EXPECT_ERR(CALL3(CHOWN16, path, COUNT, KEEP), EINVAL);
	EXPECT_ERR(CALL3(FCHOWN16, fd, KEEP, COUNT), EINVAL);
	EXPECT_ERR(CALL3(LCHOWN16, path, COUNT, COUNT), EINVAL);
	EXPECT_EQ(file_uid(path), 4);
	EXPECT_EQ(file_gid(path), 3);
}

/*
 * Owner and group as this call tells them, at that offset of what it fills in,
 * 16 or 32 bits wide.
 */
static void expect_told(int nr, int at, int wide, uint32_t uid, uint32_t gid)
{
	static uint16_t stat[64];

	memset(stat, 0xee, sizeof(stat));
	/*
	 * Gone from later kernels; the oldest has 16 bits for the number of
	 * the file.
	 */
	if (CALL2(nr, path, stat) == -1 &&
	    (errno == ENOSYS || errno == EOVERFLOW))
		return;
	harness_context("call %d", nr);
	EXPECT_OK(CALL2(nr, path, stat));
	EXPECT_EQ(stat[at], uid & 0xffff);
	EXPECT_EQ(stat[at + 1 + wide], gid & 0xffff);
	if (wide) {
		EXPECT_EQ(stat[at + 1], uid >> 16);
		EXPECT_EQ(stat[at + 3], gid >> 16);
	}
	harness_context("%s", "");
}

CASE(old_stats_tell_the_owner_as_the_namespace_numbers_it, "IDS-4 IDS-2")
{
	static const struct {
		uid_t uid;
		uint16_t told;
		uint32_t told_wide;
	} files[] = {
		{ BASE + 5, 5, 5 }, { OTHER, OVERFLOW16, OVERFLOW_ID },
		{ UNMAPPED, OVERFLOW16, 70000 },
	};

	require_old_calls();
	for (int i = 0; i < 3; i++) {
		sprintf(path, "file%d", i);
		touch(path, files[i].uid, files[i].uid, 0644);
	}
	EXPECT_OK(chmod(".", 0755));
	enter_new(0, "0 100000 1000\n70000 300000 1",
		  "0 100000 1000\n70000 300000 1");
	for (int i = 0; i < 3; i++) {
		sprintf(path, "file%d", i);
		expect_told(OLDSTAT, 4, 0, files[i].told, files[i].told);
		expect_told(STAT, 6, 0, files[i].told, files[i].told);
		expect_told(STAT64, 12, 1, files[i].told_wide, files[i].told_wide);
	}
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
