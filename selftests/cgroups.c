// SPDX-License-Identifier: GPL-2.0
/* Who moves whom between control groups, which belong to root of the machine (CAP-4, CAP-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "userns.h"

#define WITH_OTHER "0 100000 10\n20 2000 1"

/* A hierarchy without controllers, with a group that anybody may attach to. */
static void hierarchy(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount("", "/", "", MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("cg", 0755));
	if (mount("cg", "cg", "cgroup", 0, "none,name=userns") < 0)
		SKIP("no control groups: %s", errno_name(errno));
	EXPECT_OK(mkdir("cg/group", 0755));
	EXPECT_OK(chmod("cg/group/tasks", 0666));
}

static void hierarchy_end(void)
{
	EXPECT_OK(rmdir("cg/group"));
	EXPECT_OK(umount("cg"));
	EXPECT_OK(rmdir("cg"));
}

static int attach(pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return write_text("cg/group/tasks", text);
}

/* A member with this id inside attaches pid (0: itself): 0 or EACCES. */
static void member_attaches(uid_t uid, pid_t pid, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, WITH_OTHER, WITH_OTHER);
		member_ids(uid, uid);
		if (!pid)
			pid = getpid();
		if (err)
			EXPECT_ERR(attach(pid), err);
		else
			EXPECT_OK(attach(pid));
		done();
	}
	peer_join(&p);
}

static void outsider_start(struct peer *p, uid_t uid)
{
	if (peer_start(p, 0)) {
		become(uid, uid, 0);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

CASE(a_task_is_attached_by_the_same_kernel_id, "CAP-4")
{
	struct peer p, outside, inner;

	hierarchy();
	member_attaches(5, 0, 0);
	/* In init, and in another namespace under another number. */
	outsider_start(&outside, OTHER);
	member_attaches(20, outside.pid, 0);
	member_start(&inner, "9 2000 1", "9 2000 1", 9, 9);
	member_attaches(20, inner.pid, 0);
	/* From init downwards. */
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_OK(attach(inner.pid));
		done();
	}
	peer_join(&p);
	peer_end(&outside);
	peer_end(&inner);
	hierarchy_end();
}

CASE(root_of_a_namespace_attaches_nobody_else, "CAP-4 CAP-6")
{
	struct peer outside, root, inner;

	require_namespaces();
	hierarchy();
	outsider_start(&outside, OTHER);
	outsider_start(&root, 0);
	member_start(&inner, BLOCK_MAP, BLOCK_MAP, 5, 5);
	/* With every capability there; 0 inside is not root of the machine. */
	member_attaches(0, outside.pid, EACCES);
	member_attaches(0, inner.pid, EACCES);
	member_attaches(0, root.pid, EACCES);
	member_attaches(5, root.pid, EACCES);
	/* The number inside is nothing outside. */
	member_attaches(5, inner.pid, 0);
	member_attaches(6, inner.pid, EACCES);
	/* Root of the machine attaches all of them. */
	EXPECT_OK(attach(outside.pid));
	EXPECT_OK(attach(inner.pid));
	peer_end(&outside);
	peer_end(&root);
	peer_end(&inner);
	hierarchy_end();
}

/* The kernel runs it as root of the machine. */
CASE(a_release_agent_is_set_by_init_only, "CAP-6")
{
	struct peer p;
	char was[256], now[256];

	require_namespaces();
	hierarchy();
	EXPECT_OK(write_text("cg/release_agent", "/nowhere"));
	EXPECT_OK(read_file("cg/release_agent", was, sizeof(was)));
	if (peer_start(&p, 0)) {
		/* The owner of the file, by kernel id. */
		enter_new(0, "5 0 1", "5 0 1");
		EXPECT_ERR(write_text("cg/release_agent", "/mine"), EPERM);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		caps_drop(CAP_BIT(CAP_SYS_ADMIN));
		EXPECT_ERR(write_text("cg/release_agent", "/mine"), EPERM);
		done();
	}
	peer_join(&p);
	EXPECT_OK(read_file("cg/release_agent", now, sizeof(now)));
	EXPECT_STR(now, was);
	hierarchy_end();
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
