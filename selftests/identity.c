// SPDX-License-Identifier: GPL-2.0
/* Changing ids, ids in chown, and what stays as it was in init (IDS-1, IDS-3, IDS-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <linux/securebits.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Ids that BLOCK_MAP does not give, some of which exist outside. */
static const uid_t unmapped[] = {
	COUNT, COUNT + 1, OTHER, OVERFLOW_ID, BASE, BASE + 5, UNMAPPED,
	0x7fffffff, 0x80000000, 4294967294U,
};

static void expect_uids(uid_t r, uid_t e, uid_t s)
{
	uid_t a, b, c;

	EXPECT_OK(getresuid(&a, &b, &c));
	EXPECT_EQ(a, r);
	EXPECT_EQ(b, e);
	EXPECT_EQ(c, s);
}

static void expect_gids(gid_t r, gid_t e, gid_t s)
{
	gid_t a, b, c;

	EXPECT_OK(getresgid(&a, &b, &c));
	EXPECT_EQ(a, r);
	EXPECT_EQ(b, e);
	EXPECT_EQ(c, s);
}

/* Run as 0 of a namespace with BLOCK_MAP that OWNER made. */
static void as_root_inside(void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		fn();
		done();
	}
	peer_join(&p);
}

/* As above, with one level between, in which all ids move by 100. */
static void as_nested_member(void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, "0 99900 2000", "0 99900 2000");
		member_ids(0, 0);
		enter_new(0, "0 100 1000", "0 100 1000");
		member_ids(0, 0);
		fn();
		done();
	}
	peer_join(&p);
}

/* ---- IDS-1 ---- */

static void unmapped_are_einval(void)
{
	for (size_t i = 0; i < N(unmapped); i++) {
		uid_t u = unmapped[i];
		gid_t list[2] = { 3, u };

		harness_context("id %u", u);
		EXPECT_ERR(setuid(u), EINVAL);
		EXPECT_ERR(setreuid(u, -1), EINVAL);
		EXPECT_ERR(setreuid(-1, u), EINVAL);
		EXPECT_ERR(setreuid(u, u), EINVAL);
		EXPECT_ERR(setresuid(u, -1, -1), EINVAL);
		EXPECT_ERR(setresuid(-1, u, -1), EINVAL);
		EXPECT_ERR(setresuid(-1, -1, u), EINVAL);
		EXPECT_ERR(setresuid(5, 5, u), EINVAL);
		EXPECT_ERR(setgid(u), EINVAL);
		EXPECT_ERR(setregid(u, -1), EINVAL);
		EXPECT_ERR(setregid(-1, u), EINVAL);
		EXPECT_ERR(setresgid(u, -1, -1), EINVAL);
		EXPECT_ERR(setresgid(-1, u, -1), EINVAL);
		EXPECT_ERR(setresgid(-1, -1, u), EINVAL);
		EXPECT_ERR(sys_setgroups(1, list + 1), EINVAL);
		EXPECT_ERR(sys_setgroups(2, list), EINVAL);
		/* These two only say what was. */
		EXPECT_EQ(setfsuid(u), 0);
		EXPECT_EQ(setfsuid(-1), 0);
		EXPECT_EQ(setfsgid(u), 0);
		EXPECT_EQ(setfsgid(-1), 0);
	}
	harness_context("%s", "");
	expect_uids(0, 0, 0);
	expect_gids(0, 0, 0);
	EXPECT_EQ(getgroups(0, NULL), 0);
}

CASE(an_id_without_a_kernel_id_is_einval, "IDS-1")
{
	as_root_inside(unmapped_are_einval);
	as_nested_member(unmapped_are_einval);
}

static void unmapped_are_einval_without_capability(void)
{
	caps_set(0, 0, 0);
	EXPECT_ERR(setuid(COUNT), EINVAL);
	EXPECT_ERR(setresuid(-1, COUNT, -1), EINVAL);
	EXPECT_ERR(setgid(COUNT), EINVAL);
	EXPECT_ERR(setresgid(-1, COUNT, -1), EINVAL);
	/* A good id of somebody else is a matter of permission. */
	EXPECT_ERR(setuid(5), EPERM);
	EXPECT_ERR(setgid(5), EPERM);
}

CASE(an_id_without_a_kernel_id_is_einval_to_anyone, "IDS-1")
{
	as_root_inside(unmapped_are_einval_without_capability);
}

static void mapped_are_taken(void)
{
	gid_t list[3] = { 30, 31, 999 }, got[3];

	EXPECT_OK(sys_setgroups(3, list));
	EXPECT_EQ(getgroups(3, got), 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(got[i], list[i]);
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
	EXPECT_OK(setresgid(10, 11, 12));
	expect_gids(10, 11, 12);
	EXPECT_EQ(setfsgid(13), 11);
	EXPECT_EQ(setfsgid(-1), 13);
	EXPECT_OK(setregid(14, 999));
	expect_gids(14, 999, 999);
	EXPECT_OK(setgid(15));
	expect_gids(15, 15, 15);
	EXPECT_OK(setresuid(20, 21, 22));
	expect_uids(20, 21, 22);
	EXPECT_EQ(setfsuid(23), 21);
	EXPECT_EQ(setfsuid(-1), 23);
	EXPECT_OK(setreuid(24, 999));
	expect_uids(24, 999, 999);
	EXPECT_OK(setuid(25));
	expect_uids(25, 25, 25);
}

CASE(mapped_ids_are_taken, "IDS-1")
{
	as_root_inside(mapped_are_taken);
	as_nested_member(mapped_are_taken);
}

CASE(the_kernel_id_is_the_mapped_one, "IDS-1")
{
	struct peer p;

	member_start(&p, "0 100000 10\n500 200000 10",
		     "0 300000 10\n500 200000 10", 503, 4);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), 200003);
	EXPECT_EQ(file_gid(proc_path(p.pid, "")), 300004);
	EXPECT(strstr(proc_read(p.pid, "status"),
		      "Uid:\t200003\t200003\t200003\t200003\n"
		      "Gid:\t300004\t300004\t300004\t300004\n") != NULL);
	peer_end(&p);
}

static void minus_one_is_special(void)
{
	static const gid_t none[1] = { NO_ID };

	EXPECT_OK(setresuid(5, 6, 7));
	EXPECT_OK(setresgid(5, 6, 7));
	set_dumpable();
	caps_set(ALL_CAPS, ALL_CAPS, 0);
	EXPECT_OK(setresuid(-1, -1, -1));
	expect_uids(5, 6, 7);
	EXPECT_OK(setresuid(-1, 8, -1));
	expect_uids(5, 8, 7);
	EXPECT_OK(setreuid(-1, -1));
	expect_uids(5, 8, 7);
	EXPECT_OK(setresgid(-1, -1, -1));
	EXPECT_OK(setresgid(9, -1, -1));
	expect_gids(9, 6, 7);
	EXPECT_OK(setregid(-1, -1));
	expect_gids(9, 6, 7);
	/* Where it does not mean "keep", it is no id. */
	EXPECT_ERR(setuid(-1), EINVAL);
	EXPECT_ERR(setgid(-1), EINVAL);
	EXPECT_ERR(sys_setgroups(1, none), EINVAL);
	EXPECT_EQ(setfsuid(-1), 8);
	EXPECT_EQ(setfsuid(-1), 8);
	EXPECT_EQ(setfsgid(-1), 6);
}

static void start_with_keepcaps(void (*fn)(void))
{
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
	fn();
}

static void minus_one(void)
{
	start_with_keepcaps(minus_one_is_special);
}

CASE(minus_one_keeps_its_meaning, "IDS-1")
{
	as_root_inside(minus_one);
	as_nested_member(minus_one);
}

CASE(without_a_map_no_id_can_be_taken, "IDS-1 NEW-11")
{
	static const uid_t ids[] = { 0, 1, OWNER, OVERFLOW_ID };
	gid_t list[1];

	become(OWNER, OWNER, CREATOR_CAPS);
	EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	for (size_t i = 0; i < N(ids); i++) {
		harness_context("id %u", ids[i]);
		EXPECT_ERR(setuid(ids[i]), EINVAL);
		EXPECT_ERR(setreuid(ids[i], ids[i]), EINVAL);
		EXPECT_ERR(setresuid(-1, ids[i], -1), EINVAL);
		EXPECT_ERR(setgid(ids[i]), EINVAL);
		EXPECT_ERR(setresgid(-1, ids[i], -1), EINVAL);
		EXPECT_EQ(setfsuid(ids[i]), OVERFLOW_ID);
		EXPECT_EQ(setfsgid(ids[i]), OVERFLOW_ID);
		list[0] = ids[i];
		/* SGR-3 comes first. */
		EXPECT_ERR(sys_setgroups(1, list), EPERM);
	}
	EXPECT_OK(setresuid(-1, -1, -1));
	EXPECT_OK(setresgid(-1, -1, -1));
	expect_uids(OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID);
	expect_gids(OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID);
	EXPECT(has_effective(CAP_SETUID));
}

/* An id that it has, and could not take. */
CASE(an_unmapped_id_of_ones_own_can_only_be_left, "IDS-1")
{
	become(OWNER, OWNER, CREATOR_CAPS);
	enter_new(0, "0 2000 1", "0 2000 1");
	expect_uids(OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID);
	EXPECT_OK(setresuid(-1, 0, -1));
	expect_uids(OVERFLOW_ID, 0, OVERFLOW_ID);
	EXPECT_ERR(setresuid(-1, OVERFLOW_ID, -1), EINVAL);
	EXPECT_ERR(setresuid(-1, OWNER, -1), EINVAL);
	EXPECT_OK(setresuid(0, 0, 0));
	expect_uids(0, 0, 0);
}

static void own_ids_without_capability(void)
{
	EXPECT_OK(setresgid(10, 11, 12));
	EXPECT_OK(setresuid(10, 11, 12));
	caps_set(0, 0, 0);
	EXPECT_OK(setresuid(12, 10, 11));
	expect_uids(12, 10, 11);
	EXPECT_OK(setresgid(12, 10, 11));
	expect_gids(12, 10, 11);
	EXPECT_ERR(setresuid(-1, 13, -1), EPERM);
	EXPECT_ERR(setresgid(-1, 13, -1), EPERM);
	EXPECT_ERR(setresuid(0, -1, -1), EPERM);
	EXPECT_OK(setreuid(-1, 12));
	EXPECT_OK(setregid(-1, 12));
	EXPECT_OK(setgid(11));
	expect_gids(12, 11, 11);
	EXPECT_ERR(setgid(13), EPERM);
	EXPECT_EQ(setfsgid(13), 11);
	EXPECT_EQ(setfsgid(12), 11);
	EXPECT_EQ(setfsgid(-1), 12);
	EXPECT_OK(setuid(11));
	EXPECT_ERR(setuid(13), EPERM);
	EXPECT_EQ(setfsuid(13), 11);
	EXPECT_EQ(setfsuid(12), 11);
	EXPECT_EQ(setfsuid(-1), 12);
}

static void own_ids(void)
{
	start_with_keepcaps(own_ids_without_capability);
}

CASE(ones_own_ids_need_no_capability, "IDS-1")
{
	as_root_inside(own_ids);
	as_nested_member(own_ids);
}

/* Zero, for the fixup of capabilities, is that of the namespace. */
CASE(leaving_id_0_inside_drops_capabilities, "IDS-1")
{
	struct caps c;

	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	EXPECT_OK(setresuid(0, 0, 0));
	/* OWNER became 0: nothing is lost by that. */
	EXPECT(has_effective(CAP_CHOWN));
	EXPECT_OK(setresuid(-1, 5, -1));
	caps_get(&c);
	EXPECT_EQ(c.effective, 0);
	EXPECT_EQ(c.permitted & caps_known(), caps_known());
	EXPECT_OK(setresuid(-1, 0, -1));
	EXPECT(has_effective(CAP_CHOWN));
	EXPECT_EQ(setfsuid(5), 0);
	EXPECT(!has_effective(CAP_CHOWN));
	EXPECT(has_effective(CAP_SETUID));
	EXPECT_EQ(setfsuid(0), 5);
	EXPECT(has_effective(CAP_CHOWN));
	EXPECT_OK(setresuid(5, 5, 5));
	caps_get(&c);
	EXPECT_EQ(c.effective, 0);
	EXPECT_EQ(c.permitted, 0);
}

CASE(leaving_kernel_id_0_inside_drops_nothing, "IDS-1")
{
	struct caps c;

	/* The kernel's 0 is 7 here, and 0 does not exist. */
	enter_new(0, "7 0 1\n8 100000 10", "7 0 1\n8 100000 10");
	expect_uids(7, 7, 7);
	EXPECT_OK(setresuid(8, 8, 8));
	caps_get(&c);
	EXPECT_EQ(c.effective & caps_known(), caps_known());
	EXPECT_OK(setresuid(7, 7, 7));
	EXPECT_OK(setresuid(9, 9, 9));
	EXPECT(has_effective(CAP_CHOWN));
}

#define IOPRIO_WHO_USER 3

CASE(priority_of_a_user_without_a_kernel_id_is_esrch, "IDS-1")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		int io;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 5);
		for (size_t i = 0; i < N(unmapped); i++) {
			harness_context("id %u", unmapped[i]);
			EXPECT_ERR(getpriority(PRIO_USER, unmapped[i]), ESRCH);
			EXPECT_ERR(setpriority(PRIO_USER, unmapped[i], 1),
				   ESRCH);
			io = syscall(SYS_ioprio_get, IOPRIO_WHO_USER,
				     unmapped[i]);
			if (io < 0 && errno == ENOSYS)
				continue;
			EXPECT_EQ(io, -1);
			EXPECT_EQ(errno, ESRCH);
			EXPECT_ERR(syscall(SYS_ioprio_set, IOPRIO_WHO_USER,
					   unmapped[i], 2 << 13 | 4), ESRCH);
		}
		done();
	}
	peer_join(&p);
}

CASE(priority_of_a_user_goes_by_kernel_id, "IDS-1")
{
	struct peer p, five;

	/* A process of init whose id is the same number. */
	if (peer_start(&five, 0)) {
		become(5, 5, 0);
		peer_tell(&five);
		peer_await(&five);
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 0);
		EXPECT_NE(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 4);
		done();
	}
	peer_await(&five);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 5);
		EXPECT_OK(setpriority(PRIO_USER, 5, 3));
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 3);
		EXPECT_EQ(getpriority(PRIO_USER, 5), 3);
		EXPECT_EQ(getpriority(PRIO_USER, 0), 3);
		if (!syscall(SYS_ioprio_set, IOPRIO_WHO_USER, 5, 2 << 13 | 4)) {
			EXPECT_EQ(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 4);
			EXPECT_EQ(syscall(SYS_ioprio_get, IOPRIO_WHO_USER, 5),
				  2 << 13 | 4);
			EXPECT_ERR(syscall(SYS_ioprio_get, IOPRIO_WHO_USER, 77),
				   ESRCH);
		}
		/* Mapped, but nobody's. */
		EXPECT_ERR(getpriority(PRIO_USER, 77), ESRCH);
		done();
	}
	peer_join(&p);
	peer_end(&five);
}

/* ---- IDS-3 ---- */

static int chown_fd;

static void unmapped_chown(void)
{
	for (size_t i = 0; i < N(unmapped); i++) {
		uid_t u = unmapped[i];

		harness_context("id %u", u);
		EXPECT_ERR(chown("file", u, -1), EINVAL);
		EXPECT_ERR(chown("file", -1, u), EINVAL);
		EXPECT_ERR(chown("file", u, u), EINVAL);
		EXPECT_ERR(chown("file", 5, u), EINVAL);
		EXPECT_ERR(chown("file", u, 5), EINVAL);
		EXPECT_ERR(lchown("link", u, -1), EINVAL);
		EXPECT_ERR(lchown("link", -1, u), EINVAL);
		EXPECT_ERR(fchown(chown_fd, u, -1), EINVAL);
		EXPECT_ERR(fchown(chown_fd, -1, u), EINVAL);
		EXPECT_ERR(fchownat(AT_FDCWD, "file", u, -1, 0), EINVAL);
		EXPECT_ERR(fchownat(AT_FDCWD, "link", -1, u,
				    AT_SYMLINK_NOFOLLOW), EINVAL);
	}
	harness_context("%s", "");
	EXPECT_EQ(file_uid("file"), 7);
	EXPECT_EQ(file_gid("file"), 7);
}

CASE(chown_to_an_id_without_a_kernel_id_is_einval, "IDS-3")
{
	touch("file", BASE + 7, BASE + 7, 0644);
	EXPECT_OK(symlink("file", "link"));
	EXPECT_OK(lchown("link", BASE + 7, BASE + 7));
	chown_fd = EXPECT_OK(open("file", O_RDWR | O_CLOEXEC));
	as_root_inside(unmapped_chown);
	as_nested_member(unmapped_chown);
	EXPECT_EQ(file_uid("file"), BASE + 7);
	EXPECT_EQ(file_gid("link"), BASE + 7);
}

static void mapped_chown(void)
{
	EXPECT_OK(chown("file", 8, 9));
	EXPECT_EQ(file_uid("file"), 8);
	EXPECT_EQ(file_gid("file"), 9);
	/* -1 keeps, each on its own. */
	EXPECT_OK(chown("file", -1, 999));
	EXPECT_EQ(file_uid("file"), 8);
	EXPECT_EQ(file_gid("file"), 999);
	EXPECT_OK(fchown(chown_fd, 11, -1));
	EXPECT_EQ(file_uid("file"), 11);
	EXPECT_EQ(file_gid("file"), 999);
	EXPECT_OK(chown("file", -1, -1));
	EXPECT_OK(lchown("link", 12, 13));
	EXPECT_EQ(file_uid("link"), 12);
	EXPECT_OK(fchownat(AT_FDCWD, "link", 14, -1, AT_SYMLINK_NOFOLLOW));
	EXPECT_EQ(file_uid("link"), 14);
	EXPECT_EQ(file_uid("file"), 11);
}

CASE(chown_takes_ids_of_the_caller, "IDS-3")
{
	for (int nested = 0; nested < 2; nested++) {
		touch("file", BASE + 7, BASE + 7, 0644);
		EXPECT_OK(symlink("file", "link"));
		EXPECT_OK(lchown("link", BASE + 7, BASE + 7));
		chown_fd = EXPECT_OK(open("file", O_RDWR | O_CLOEXEC));
		if (nested)
			as_nested_member(mapped_chown);
		else
			as_root_inside(mapped_chown);
		EXPECT_EQ(file_uid("file"), BASE + 11);
		EXPECT_EQ(file_gid("file"), BASE + 999);
		EXPECT_EQ(file_uid("link"), BASE + 14);
		EXPECT_EQ(file_gid("link"), BASE + 13);
		EXPECT_OK(unlink("file"));
		EXPECT_OK(unlink("link"));
	}
}

/* Before permission is asked, as in the set*id calls. */
static void unmapped_chown_of_a_stranger(void)
{
	EXPECT_ERR(chown("file", COUNT, -1), EINVAL);
	EXPECT_ERR(chown("file", 5, -1), EPERM);
	EXPECT_ERR(chown("file", -1, 5), EPERM);
}

CASE(chown_of_a_strangers_file, "IDS-3 ACC-1")
{
	touch("file", OTHER, OTHER, 0666);
	as_root_inside(unmapped_chown_of_a_stranger);
}

/* ---- IDS-6: init ---- */

CASE(init_refuses_4294967295, "IDS-6")
{
	static const gid_t bad[2] = { 5, NO_ID };
	struct peer p;

	require_namespaces();
	EXPECT_OK(sys_setgroups(0, NULL));
	if (peer_start(&p, 0)) {
		EXPECT_ERR(setuid(NO_ID), EINVAL);
		EXPECT_ERR(setgid(NO_ID), EINVAL);
		EXPECT_ERR(sys_setgroups(2, bad), EINVAL);
		EXPECT_ERR(sys_setgroups(1, bad + 1), EINVAL);
		EXPECT_EQ(setfsuid(NO_ID), 0);
		EXPECT_EQ(setfsuid(NO_ID), 0);
		EXPECT_EQ(setfsgid(NO_ID), 0);
		EXPECT_EQ(setfsgid(NO_ID), 0);
		EXPECT_ERR(getpriority(PRIO_USER, NO_ID), ESRCH);
		expect_uids(0, 0, 0);
		expect_gids(0, 0, 0);
		EXPECT_EQ(getgroups(0, NULL), 0);
		/* Without privilege, too. */
		become(OTHER, OTHER, 0);
		EXPECT_ERR(setuid(NO_ID), EINVAL);
		EXPECT_ERR(setgid(NO_ID), EINVAL);
		EXPECT_EQ(setfsuid(NO_ID), OTHER);
		done();
	}
	peer_join(&p);
}

/* Every other id is a user like another, shown as it is. */
CASE(init_takes_every_other_id, "IDS-6")
{
	static const uid_t ids[] = {
		0, 1, OVERFLOW_ID, 65535, 65536, 0x7fffffff, 0x80000000,
		4294967293U, 4294967294U,
	};

	require_namespaces();
	EXPECT_OK(chmod(".", 0777));
	for (size_t i = 0; i < N(ids); i++) {
		uid_t u = ids[i];
		gid_t list[1] = { u }, got[1];
		struct peer p;

		harness_context("id %u", u);
		touch("file", u, u, 0600);
		EXPECT_EQ(file_uid("file"), u);
		EXPECT_EQ(file_gid("file"), u);
		if (peer_start(&p, 0)) {
			EXPECT_OK(sys_setgroups(1, list));
			EXPECT_EQ(getgroups(1, got), 1);
			EXPECT_EQ(got[0], u);
			EXPECT_OK(setresgid(u, u, u));
			expect_gids(u, u, u);
			EXPECT_OK(setresuid(u, u, u));
			expect_uids(u, u, u);
			EXPECT_OK(open("file", O_RDWR));
			EXPECT_OK(open("made", O_CREAT | O_WRONLY, 0600));
			peer_tell(&p);
			peer_await(&p);
			done();
		}
		peer_await(&p);
		EXPECT_EQ(file_uid("made"), u);
		EXPECT_EQ(file_gid("made"), u);
		EXPECT_EQ(file_uid(proc_path(p.pid, "")), u);
		peer_end(&p);
		EXPECT_OK(unlink("file"));
		EXPECT_OK(unlink("made"));
	}
}

CASE(init_keeps_its_errors, "IDS-6")
{
	struct peer p;

	require_namespaces();
	touch("file", 0, 0, 0600);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_ERR(setuid(0), EPERM);
		EXPECT_ERR(setgid(0), EPERM);
		EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
		EXPECT_ERR(sys_setgroups(100000, NULL), EPERM);
		EXPECT_EQ(setfsuid(0), OTHER);
		EXPECT_EQ(setfsuid(-1), OTHER);
		EXPECT_ERR(chown("file", OTHER, -1), EPERM);
		EXPECT_ERR(chmod("file", 0666), EPERM);
		EXPECT_ERR(open("file", O_RDONLY), EACCES);
		EXPECT_ERR(kill(1, 0), EPERM);
		EXPECT_ERR(sethostname("x", 1), EPERM);
		EXPECT_ERR(sys_unshare(CLONE_NEWUTS), EPERM);
		EXPECT_ERR(getpriority(PRIO_USER, UNMAPPED), ESRCH);
		done();
	}
	peer_join(&p);
	EXPECT_ERR(sys_setgroups(100000, NULL), EINVAL);
}

/* IPC_SET, with the id in either place; the rest of the call is sound. */
CASE(init_refuses_4294967295_in_ipc, "IDS-6")
{
	struct msqid_ds msg;
	struct semid_ds sem;
	struct shmid_ds shm;
	int id;

	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWIPC));
	id = EXPECT_OK(msgget(IPC_PRIVATE, 0600));
	EXPECT_OK(msgctl(id, IPC_STAT, &msg));
	msg.msg_perm.uid = NO_ID;
	EXPECT_ERR(msgctl(id, IPC_SET, &msg), EINVAL);
	msg.msg_perm.uid = 0;
	msg.msg_perm.gid = NO_ID;
	EXPECT_ERR(msgctl(id, IPC_SET, &msg), EINVAL);
	msg.msg_perm.gid = OTHER;
	EXPECT_OK(msgctl(id, IPC_SET, &msg));

	id = EXPECT_OK(semget(IPC_PRIVATE, 1, 0600));
	EXPECT_OK(semctl(id, 0, IPC_STAT, &sem));
	sem.sem_perm.uid = NO_ID;
	EXPECT_ERR(semctl(id, 0, IPC_SET, &sem), EINVAL);

	id = EXPECT_OK(shmget(IPC_PRIVATE, 4096, 0600));
	EXPECT_OK(shmctl(id, IPC_STAT, &shm));
	shm.shm_perm.uid = NO_ID;
	EXPECT_ERR(shmctl(id, IPC_SET, &shm), EINVAL);
}

CASE(init_refuses_4294967295_in_messages, "IDS-6")
{
	union {
		struct cmsghdr header;
		char buf[CMSG_SPACE(sizeof(struct ucred))];
	} u;
	char c = 0;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = sizeof(u),
	};
	static const struct {
		uid_t uid;
		gid_t gid;
		int err;
	} t[] = {
		{ NO_ID, 0, EINVAL }, { 0, NO_ID, EINVAL },
		{ NO_ID, NO_ID, EINVAL }, { OTHER, OTHER, 0 },
	};
	int fds[2];

	require_namespaces();
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	for (size_t i = 0; i < N(t); i++) {
		struct ucred cred = { getpid(), t[i].uid, t[i].gid };

		harness_context("uid %u, gid %u", t[i].uid, t[i].gid);
		memset(&u, 0, sizeof(u));
		u.header.cmsg_len = CMSG_LEN(sizeof(cred));
		u.header.cmsg_level = SOL_SOCKET;
		u.header.cmsg_type = SCM_CREDENTIALS;
		memcpy(CMSG_DATA(&u.header), &cred, sizeof(cred));
		if (t[i].err)
			EXPECT_ERR(sendmsg(fds[0], &msg, 0), t[i].err);
		else
			EXPECT_OK(sendmsg(fds[0], &msg, 0));
	}
}

CASE(init_refuses_4294967295_in_mount_options, "IDS-6")
{
	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_ERR(mount("none", "dir", "tmpfs", 0, "uid=4294967295"), EINVAL);
	EXPECT_ERR(mount("none", "dir", "tmpfs", 0, "gid=4294967295"), EINVAL);
	EXPECT_OK(mount("none", "dir", "tmpfs", 0, "uid=4294967294,gid=7"));
	EXPECT_EQ(file_uid("dir"), 4294967294U);
	EXPECT_EQ(file_gid("dir"), 7);
}

/* An access list with an entry for one user, as the attribute holds it. */
static int set_acl(const char *path, uint32_t id)
{
	struct {
		uint32_t version;
		struct {
			uint16_t tag, perm;
			uint32_t id;
		} e[5];
	} acl = {
		2, {
			{ 0x01, 6, NO_ID },	/* owner */
			{ 0x02, 4, id },	/* a user */
			{ 0x04, 4, NO_ID },	/* group */
			{ 0x10, 4, NO_ID },	/* mask */
			{ 0x20, 0, NO_ID },	/* others */
		},
	};

	return setxattr(path, "system.posix_acl_access", &acl, sizeof(acl), 0);
}

CASE(init_refuses_4294967295_in_access_lists, "IDS-6")
{
	require_namespaces();
	touch("file", 0, 0, 0600);
	if (set_acl("file", OTHER) && errno == ENOTSUP)
		SKIP("the filesystem has no access lists");
	EXPECT_OK(set_acl("file", 4294967294U));
	EXPECT_ERR(set_acl("file", NO_ID), EINVAL);
}

#ifdef SYS_setuid32
/* The 16-bit calls of old programs, which say 65535 for it. */
CASE(init_refuses_65535_in_16_bit_calls, "IDS-6")
{
	static const uint16_t bad[1] = { 0xffff };

	require_namespaces();
	EXPECT_ERR(syscall(SYS_setuid, 0xffff), EINVAL);
	EXPECT_ERR(syscall(SYS_setgid, 0xffff), EINVAL);
	EXPECT_ERR(syscall(SYS_setgroups, 1, bad), EINVAL);
	EXPECT_EQ(syscall(SYS_setfsuid, 0xffff), 0);
	EXPECT_EQ(setfsuid(-1), 0);
	expect_uids(0, 0, 0);
}
#endif

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
