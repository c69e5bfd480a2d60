// SPDX-License-Identifier: GPL-2.0
/* What is made along with a user namespace belongs to it and keeps it (NEW-12, NEW-15). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <linux/nsfs.h>
#include <unistd.h>

#include "userns.h"

#define ALL_TYPES (CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | \
		   CLONE_NEWUTS)

static ino_t outside[sizeof(ns_types) / sizeof(ns_types[0])];

static void remember_outside(void)
{
	for (const struct ns_type *t = ns_types; t->name; t++)
		outside[t - ns_types] = ns_number(0, t->name);
}

/* Just the types of flags are new, and the caller's user namespace owns them. */
static void expect_owned(unsigned long flags)
{
	for (const struct ns_type *t = ns_types; t->name; t++) {
		ino_t before = outside[t - ns_types];
		int fd = ns_fd(0, t->name);

		harness_context("flags %lx, %s", flags, t->name);
		if (flags & t->flag) {
			int owner = EXPECT_OK(ioctl(fd, NS_GET_USERNS));

			EXPECT_NE(fd_number(fd), before);
			EXPECT_EQ(fd_number(owner), user_ns_number(0));
			EXPECT_OK(close(owner));
		} else {
			EXPECT_EQ(fd_number(fd), before);
			EXPECT_ERR(ioctl(fd, NS_GET_USERNS), EPERM);
		}
		EXPECT_OK(close(fd));
	}
	harness_context("%s", "");
}

static void expect_unshare_owns(unsigned long flags)
{
	struct peer p, child;

	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER | flags));
		/* A child, for a pid namespace is about children. */
		if (peer_start(&child, 0)) {
			expect_owned(flags);
			done();
		}
		peer_join(&child);
		done();
	}
	peer_join(&p);
}

static void expect_clone_owns(unsigned long flags)
{
	struct peer p, child;

	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		if (peer_start(&child, CLONE_NEWUSER | flags)) {
			expect_owned(flags);
			done();
		}
		peer_join(&child);
		done();
	}
	peer_join(&p);
}

CASE_SECONDS(unshare_with_each_type_owns_it, "NEW-12", 60)
{
	remember_outside();
	for (const struct ns_type *t = ns_types; t->name; t++)
		expect_unshare_owns(t->flag);
	expect_unshare_owns(ALL_TYPES);
	expect_unshare_owns(0);
}

CASE_SECONDS(clone_with_each_type_owns_it, "NEW-12", 60)
{
	remember_outside();
	for (const struct ns_type *t = ns_types; t->name; t++)
		expect_clone_owns(t->flag);
	expect_clone_owns(ALL_TYPES);
	expect_clone_owns(0);
}

/* Made later, by a member, they belong to it as well; and so on below. */
CASE_SECONDS(a_member_makes_every_type, "NEW-12 CAP-1", 60)
{
	struct peer p, q, r;

	remember_outside();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(3, 3);
		for (const struct ns_type *t = ns_types; t->name; t++) {
			if (peer_start(&q, t->flag)) {
				expect_owned(t->flag);
				done();
			}
			peer_join(&q);
		}
		EXPECT_OK(sys_unshare(ALL_TYPES));
		if (peer_start(&q, 0)) {
			expect_owned(ALL_TYPES);
			remember_outside();
			if (peer_start(&r, CLONE_NEWUSER | ALL_TYPES)) {
				expect_owned(ALL_TYPES);
				done();
			}
			peer_join(&r);
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
}

CASE(a_member_without_capability_makes_none, "NEW-12 CAP-1 CAP-4")
{
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		caps_drop(CAP_BIT(CAP_SYS_ADMIN));
		for (const struct ns_type *t = ns_types; t->name; t++) {
			harness_context("%s", t->name);
			EXPECT_ERR(sys_unshare(t->flag), EPERM);
			EXPECT_ERR(sys_clone(t->flag), EPERM);
		}
		done();
	}
	peer_join(&p);
}

/* What the root of the user namespace may do to each, and to the one of init. */
static void expect_power(unsigned long flags)
{
	struct peer child;

	harness_context("flags %lx", flags);
	if (flags & CLONE_NEWUTS)
		EXPECT_OK(sethostname("inside", 6));
	else
		EXPECT_ERR(sethostname("inside", 6), EPERM);
	if (peer_start(&child, 0)) {
		const char *file = "/proc/sys/kernel/ns_last_pid";

		if (flags & CLONE_NEWPID) {
			EXPECT_OK(write_text(file, "400"));
			pid_t pid = EXPECT_OK(fork());

			if (!pid)
				_exit(getpid() != 401);
			EXPECT_EQ(pid, 401);
			EXPECT_OK(waitpid(pid, NULL, 0));
		} else {
			EXPECT_ERR(write_text(file, "400"), EPERM);
		}
		done();
	}
	peer_join(&child);
}

CASE(root_of_a_namespace_rules_what_it_owns, "NEW-12 CAP-1 CAP-4 CAP-6")
{
	static const unsigned long flags[] = {
		0, CLONE_NEWUTS, CLONE_NEWPID, ALL_TYPES,
	};
	struct peer p;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (peer_start(&p, 0)) {
			enter_owned(flags[i], BLOCK_MAP, BLOCK_MAP);
			member_ids(0, 0);
			expect_power(flags[i]);
			done();
		}
		peer_join(&p);
	}
}

/* ---- what fails leaves nothing ---- */

CASE(a_failed_unshare_leaves_the_directories_alone, "NEW-14")
{
	struct stat root, now;
	ino_t mnt;
	struct peer p;

	if (peer_start(&p, 0)) {
		mnt = ns_number(0, "mnt");
		EXPECT_OK(stat("/proc", &root));
		EXPECT_OK(sys_unshare(CLONE_NEWPID));
		EXPECT_ERR(sys_unshare(CLONE_NEWNS | CLONE_NEWPID), EINVAL);
		EXPECT_OK(stat("/proc", &now));
		EXPECT_EQ(now.st_dev, root.st_dev);
		EXPECT_EQ(ns_number(0, "mnt"), mnt);
		EXPECT_OK(mkdir("still_here", 0700));
		done();
	}
	peer_join(&p);
	EXPECT_OK(rmdir("still_here"));
}

CASE_SECONDS(a_failed_creation_leaves_no_namespace, "NEW-14", 60)
{
	enum { ROUNDS = 300 };
	struct slabs before;

	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	slabs_read(&before);
	/*
	 * The pid namespace comes late, and cannot be made. Without ipc, which
	 * Linux 6.1 frees one grace period after the other.
	 */
	for (int i = 0; i < ROUNDS; i++) {
		EXPECT_ERR(sys_clone(CLONE_NEWUSER | CLONE_NEWNS |
				     CLONE_NEWUTS | CLONE_NEWPID), EINVAL);
		EXPECT_ERR(sys_unshare(CLONE_NEWUSER | CLONE_NEWUTS |
				       CLONE_NEWPID), EINVAL);
	}
	slabs_expect_growth_below(&before, ROUNDS * 3 / 4);
}

/* ---- NEW-15 ---- */

/* A file of a namespace that nothing but the file holds, and its owner. */
static int abandoned(const struct ns_type *t, ino_t *owner)
{
	struct peer p;
	int fd;

	if (peer_start(&p, CLONE_NEWUSER | t->flag)) {
		peer_await(&p);
		done();
	}
	write_maps(p.pid, "3 0 1", "4 0 1");
	*owner = user_ns_number(p.pid);
	fd = ns_fd(p.pid, t->name);
	peer_end(&p);
	return fd;
}

CASE(what_a_namespace_owns_keeps_it, "NEW-15 NSF-5")
{
	struct peer p;
	ino_t owner;
	int fd, user;

	for (const struct ns_type *t = ns_types; t->name; t++) {
		fd = abandoned(t, &owner);
		harness_context("%s", t->name);
		if (peer_start(&p, 0)) {
			user = EXPECT_OK(ioctl(fd, NS_GET_USERNS));
			EXPECT_EQ(fd_number(user), owner);
			EXPECT_OK(sys_setns(user, CLONE_NEWUSER));
			EXPECT_EQ(getuid(), 3);
			EXPECT_EQ(getgid(), 4);
			/* Asks that owner. */
			EXPECT_OK(sys_setns(fd, t->flag));
			if (t->flag != CLONE_NEWPID)
				EXPECT_OK(sys_unshare(CLONE_NEWUTS));
			done();
		}
		peer_join(&p);
		EXPECT_OK(close(fd));
	}
}

/* How many user namespaces there are; 0 where nobody counts them. */
static unsigned long user_namespaces(void)
{
	struct slabs now;

	slabs_read(&now);
	for (size_t i = 0; i < now.n; i++)
		if (!strcmp(now.cache[i].name, "user_namespace"))
			return now.cache[i].objects;
	return 0;
}

CASE_SECONDS(what_was_owned_is_freed, "NEW-15", 90)
{
	enum { ROUNDS = 300, NETS = 100 };
	unsigned long namespaces;
	struct slabs before;

	require_namespaces();
	slabs_read(&before);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned long flags = ALL_TYPES & ~CLONE_NEWNET;
		int status;
		pid_t pid = EXPECT_OK(clone_fn(CLONE_NEWUSER | flags,
					       return_at_once, NULL));

		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT_EQ(status, 0);
	}
	slabs_expect_growth_below(&before, ROUNDS * 3 / 4);
	namespaces = user_namespaces();
	slabs_read(&before);
	for (int i = 0; i < NETS; i++) {
		pid_t pid = EXPECT_OK(clone_fn(CLONE_NEWUSER | CLONE_NEWNET,
					       return_at_once, NULL));

		EXPECT_OK(waitpid(pid, NULL, 0));
	}
	/* Each has 16 entries in sysfs, and more elsewhere. */
	slabs_expect_growth_below(&before, 10 * NETS);
	EXPECT(user_namespaces() < namespaces + NETS / 2);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
