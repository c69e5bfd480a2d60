// SPDX-License-Identifier: GPL-2.0
/* Chains of user namespaces: depth, ids through all levels, end (NEW-6, NEW-15). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limits.h"

#define LEVELS 32

/* One more level, mapped by its own member (MAP-8): no helper process. */
static void descend_alone(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	EXPECT_OK(proc_write(0, "uid_map", "0 0 1"));
	EXPECT_OK(proc_write(0, "setgroups", "deny"));
	EXPECT_OK(proc_write(0, "gid_map", "0 0 1"));
}

CASE(level_32_works, "NEW-6")
{
	char text[32];

	EXPECT_OK(chmod(".", 0777));
	/* Each level takes the ids from 1 on of the one above, and becomes 0. */
	for (int level = 1; level <= LEVELS; level++) {
		harness_context("level %d", level);
		snprintf(text, sizeof(text), "0 1 %d", 5000 - level);
		enter_new(0, text, text);
		member_ids(0, 0);
		EXPECT_EQ(getuid(), 0);
		EXPECT_STR(proc_read(0, "uid_map"), shown(0, 1, 5000 - level));
	}
	EXPECT_EQ(setfsuid(7), 0);
	EXPECT_EQ(setfsgid(8), 0);
	EXPECT_OK(open("deep", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	EXPECT_EQ(file_uid("deep"), 7);
	EXPECT_EQ(file_gid("deep"), 8);
}

CASE(ids_translate_through_32_levels, "NEW-6 MAP-10 MAP-11")
{
	struct peer p;

	EXPECT_OK(chmod(".", 0777));
	touch("outer", 1000 + LEVELS + 3, 1000 + LEVELS + 4, 0644);
	if (peer_start(&p, 0)) {
		enter_new(0, "0 1001 5000", "0 1001 5000");
		for (int level = 2; level <= LEVELS; level++) {
			char text[32];

			member_ids(0, 0);
			snprintf(text, sizeof(text), "0 1 %d", 5000 - level);
			enter_new(0, text, text);
		}
		EXPECT_EQ(file_uid("outer"), 3);
		EXPECT_EQ(file_gid("outer"), 4);
		member_ids(7, 8);
		EXPECT_OK(open("deep", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	EXPECT_EQ(file_uid("deep"), 1000 + LEVELS + 7);
	EXPECT_EQ(file_gid("deep"), 1000 + LEVELS + 8);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), 1000 + LEVELS + 7);
	EXPECT_STR(proc_read(p.pid, "uid_map"),
		   shown(0, 1000 + LEVELS, 5000 - LEVELS));
	peer_end(&p);
}

/* Linux allows one more, and says ENOSPC. */
CASE(level_33_is_eusers, "NEW-6 NEW-7")
{
	for (int level = 1; level <= LEVELS; level++)
		descend_alone();
	EXPECT_ERR(sys_unshare(CLONE_NEWUSER), EUSERS);
	EXPECT_ERR(clone_fn(CLONE_NEWUSER, return_at_once, NULL), EUSERS);
	/* Still an able member of where it is. */
	EXPECT_STR(proc_read(0, "uid_map"), shown(0, 0, 1));
	EXPECT(has_effective(CAP_SYS_ADMIN));
	/* Before a limit, and before a chroot. */
	require_limits();
	limit_set("user", 0);
	EXPECT_ERR(sys_unshare(CLONE_NEWUSER), EUSERS);
	EXPECT_OK(chroot("/proc"));
	EXPECT_ERR(sys_unshare(CLONE_NEWUSER), EUSERS);
}

CASE(the_deepest_member_has_nothing_above, "NEW-10 CAP-4")
{
	int fds[LEVELS + 1];
	struct peer p;

	if (peer_start(&p, 0)) {
		fds[0] = user_ns_fd(0);
		for (int level = 1; level <= LEVELS; level++) {
			descend_alone();
			fds[level] = user_ns_fd(0);
		}
		for (int level = 0; level < LEVELS; level++)
			EXPECT_ERR(sys_setns(fds[level], CLONE_NEWUSER),
				   EPERM);
		EXPECT_ERR(sys_setns(fds[LEVELS], CLONE_NEWUSER), EINVAL);
		done();
	}
	peer_join(&p);
}

CASE(ancestors_reach_the_deepest, "CAP-2 CAP-3")
{
	struct peer p, q;
	int fd;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		for (int level = 2; level <= LEVELS; level++)
			descend_alone();
		peer_send_fd(&p, user_ns_fd(0));
		peer_await(&p);
		done();
	}
	fd = peer_recv_fd(&p);
	/* Root of init, the owner of the topmost, and a stranger. */
	for (int i = 0; i < 3; i++) {
		static const uid_t who[] = { 0, OWNER, OTHER };

		harness_context("uid %u", who[i]);
		if (peer_start(&q, 0)) {
			become(who[i], OTHER, i ? 0 : ALL_CAPS);
			if (i == 2) {
				EXPECT_ERR(kill(p.pid, 0), EPERM);
				EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER),
					   EPERM);
			} else {
				EXPECT_OK(kill(p.pid, 0));
				EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
			}
			done();
		}
		peer_join(&q);
	}
	peer_end(&p);
}

CASE_SECONDS(a_chain_of_32_is_freed, "NEW-15", 90)
{
	enum { ROUNDS = 60 };
	struct slabs before;

	slabs_read(&before);
	for (int i = 0; i < ROUNDS; i++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			for (int level = 1; level <= LEVELS; level++)
				descend_alone();
			done();
		}
		peer_join(&p);
	}
	slabs_expect_growth_below(&before, ROUNDS * LEVELS / 2);
}

/* Held in the middle: what lies below goes, what lies above stays. */
CASE(a_chain_is_freed_from_its_end, "NEW-15")
{
	struct peer p;
	int fd;

	if (peer_start(&p, 0)) {
		for (int level = 1; level <= LEVELS; level++) {
			descend_alone();
			if (level == LEVELS / 2)
				peer_send_fd(&p, user_ns_fd(0));
		}
		done();
	}
	fd = peer_recv_fd(&p);
	peer_join(&p);
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	EXPECT_EQ(getuid(), 0);
	/* Sixteen more fit again. */
	for (int level = LEVELS / 2 + 1; level <= LEVELS; level++)
		descend_alone();
	EXPECT_STR(proc_read(0, "uid_map"), shown(0, 0, 1));
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
