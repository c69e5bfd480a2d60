// SPDX-License-Identifier: GPL-2.0
/* Limits and input priorities of another process: which ids are compared (ACC-5) */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "userns.h"

enum { WHO_PROCESS = 1, WHO_USER = 3 };
enum { BEST = 2 << 13, IDLE = 3 << 13 };

static int ioprio_get(int which, int who)
{
	return syscall(SYS_ioprio_get, which, who);
}

static int ioprio_set(int which, int who, int to)
{
	return syscall(SYS_ioprio_set, which, who, to);
}

/* In the namespace, as root of it: a process with these ids. */
static void target_with(struct peer *t, const uid_t u[3], const gid_t g[3])
{
	if (peer_start(t, 0)) {
		EXPECT_OK(setresgid(g[0], g[1], g[2]));
		EXPECT_OK(setresuid(u[0], u[1], u[2]));
		peer_tell(t);
		peer_await(t);
		done();
	}
	peer_await(t);
}

CASE(prlimit_needs_all_six_ids, "ACC-5")
{
	struct rlimit old;

	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	EXPECT_OK(sys_setgroups(0, NULL));
	EXPECT_OK(setresgid(0, 0, 0));
	EXPECT_OK(setresuid(0, 0, 0));
	/* Which of the six differs; 6: none. */
	for (int odd = 0; odd <= 6; odd++) {
		uid_t u[3] = { 5, 5, 5 };
		gid_t g[3] = { 5, 5, 5 };
		struct peer t, p;

		harness_context("id %d", odd);
		if (odd < 3)
			u[odd] = 6;
		else if (odd < 6)
			g[odd - 3] = 6;
		target_with(&t, u, g);
		if (peer_start(&p, 0)) {
			become(5, 5, 0);
			if (odd == 6)
				EXPECT_OK(prlimit(t.pid, RLIMIT_CORE, NULL,
						  &old));
			else
				EXPECT_ERR(prlimit(t.pid, RLIMIT_CORE, NULL,
						   &old), EPERM);
			done();
		}
		peer_join(&p);
		peer_end(&t);
	}
}

/* Of processes that wait: OTHER's is idle, OWNER's takes what it is given. */
static void waits_as(struct peer *p, uid_t id, int prio)
{
	if (peer_start(p, 0)) {
		become(id, id, 0);
		EXPECT_OK(ioprio_set(WHO_PROCESS, 0, prio));
		peer_tell(p);
		peer_await(p);
		EXPECT_EQ(ioprio_get(WHO_PROCESS, 0), prio);
		done();
	}
	peer_await(p);
}

CASE(input_priority_of_another_users_process, "ACC-5")
{
	struct peer other, p;

	require_namespaces();
	waits_as(&other, OTHER, IDLE);
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, 0);
		EXPECT_ERR(ioprio_set(WHO_PROCESS, other.pid, BEST), EPERM);
		done();
	}
	peer_join(&p);
	/* The capability is that of init. */
	if (peer_start(&p, 0)) {
		struct peer member;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_ERR(ioprio_set(WHO_PROCESS, other.pid, BEST), EPERM);
		member_ids(0, 0);
		waits_as(&member, 3, IDLE);
		EXPECT(has_effective(CAP_SYS_NICE));
		EXPECT_ERR(ioprio_set(WHO_PROCESS, member.pid, BEST), EPERM);
		peer_end(&member);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CAP_BIT(CAP_SYS_NICE));
		EXPECT_OK(ioprio_set(WHO_PROCESS, other.pid, IDLE));
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_OK(ioprio_set(WHO_PROCESS, other.pid, IDLE));
		done();
	}
	peer_join(&p);
	peer_end(&other);
}

CASE(input_priority_by_user_is_that_of_its_processes_only, "ACC-5")
{
	struct peer owner, other, p;

	waits_as(&owner, OWNER, BEST);
	waits_as(&other, OTHER, IDLE);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_OK(ioprio_set(WHO_USER, OTHER, IDLE));
		EXPECT_EQ(ioprio_get(WHO_USER, OTHER), IDLE);
		done();
	}
	peer_join(&p);
	/* And by the name that it has in a namespace. */
	if (peer_start(&p, 0)) {
		enter_owned(0, "0 100000 5\n5 2000 1", "0 100000 5\n5 2000 1");
		EXPECT_OK(setresgid(5, 5, 5));
		EXPECT_OK(setresuid(5, 5, 5));
		EXPECT_OK(ioprio_set(WHO_PROCESS, 0, IDLE));
		EXPECT_EQ(ioprio_get(WHO_USER, 5), IDLE);
		EXPECT_OK(ioprio_set(WHO_USER, 5, IDLE));
		done();
	}
	peer_join(&p);
	peer_end(&other);
	peer_end(&owner);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
