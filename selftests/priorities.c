// SPDX-License-Identifier: GPL-2.0
/* Priorities, processors, limits, pages of another process (ACC-5); signals by a file (ACC-3) */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

#define NICE CAP_BIT(CAP_SYS_NICE)

/* In these maps 5 is the kernel id OTHER. */
#define WITH_OTHER "0 100000 5\n5 2000 1\n6 100006 500"

enum { NO, YES };

/* A waiting process of init. */
static void outsider_start(struct peer *p, uid_t id, uint64_t caps)
{
	if (peer_start(p, 0)) {
		become(id, id, caps);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

static void expect_nice(pid_t pid, int may)
{
	int now = getpriority(PRIO_PROCESS, pid);

	if (may) {
		EXPECT_OK(setpriority(PRIO_PROCESS, pid, now + 1));
		EXPECT_EQ(getpriority(PRIO_PROCESS, pid), now + 1);
	} else {
		EXPECT_ERR(setpriority(PRIO_PROCESS, pid, now + 1), EPERM);
	}
}

static void expect_affinity(pid_t pid, int may)
{
	cpu_set_t set;

	EXPECT_OK(sched_getaffinity(pid, sizeof(set), &set));
	if (may)
		EXPECT_OK(sched_setaffinity(pid, sizeof(set), &set));
	else
		EXPECT_ERR(sched_setaffinity(pid, sizeof(set), &set), EPERM);
}

static void expect_scheduler(pid_t pid, int may)
{
	struct sched_param param = { 0 };

	if (may)
		EXPECT_OK(sched_setscheduler(pid, SCHED_BATCH, &param));
	else
		EXPECT_ERR(sched_setscheduler(pid, SCHED_BATCH, &param), EPERM);
}

static void expect_prlimit(pid_t pid, int may)
{
	struct rlimit old;

	if (!may) {
		EXPECT_ERR(prlimit(pid, RLIMIT_CORE, NULL, &old), EPERM);
		return;
	}
	EXPECT_OK(prlimit(pid, RLIMIT_CORE, NULL, &old));
	EXPECT_OK(prlimit(pid, RLIMIT_CORE, &old, NULL));
}

/* Both say EPERM, or that the kernel has them not. */
static void expect_pages(pid_t pid, int may)
{
	unsigned long nodes[16] = { 1 };
	static char page[4096] __attribute__((__aligned__(4096)));
	void *pages[1] = { page };
	int status[1];

	page[0] = 1;
	errno = 0;
	if (syscall(SYS_move_pages, pid, 1UL, pages, NULL, status, 0) == 0)
		EXPECT(may);
	else if (errno != ENOSYS)
		EXPECT(!may && errno == EPERM);
	errno = 0;
	if (syscall(SYS_migrate_pages, pid, 8UL * sizeof(nodes), nodes,
		    nodes) >= 0)
		EXPECT(may);
	else if (errno != ENOSYS)
		EXPECT(!may && errno == EPERM);
}

static void from_init(pid_t pid, uid_t id, uint64_t caps,
		      void (*expect)(pid_t, int), int may)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(id, id, caps);
		expect(pid, may);
		done();
	}
	peer_join(&p);
}

static void from_member(pid_t pid, uid_t id, uint64_t caps,
			void (*expect)(pid_t, int), int may)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, WITH_OTHER, WITH_OTHER);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(id, id);
		caps_set(caps, caps, 0);
		expect(pid, may);
		done();
	}
	peer_join(&p);
}

/* Within one namespace of OWNER, level 1. */
static void within(uid_t id, uint64_t caps, uid_t target, uint64_t target_caps,
		   void (*expect)(pid_t, int), int may)
{
	struct peer p, t;

	if (peer_start(&p, 0)) {
		enter_owned(0, WITH_OTHER, WITH_OTHER);
		EXPECT_OK(sys_setgroups(0, NULL));
		if (peer_start(&t, 0)) {
			member_ids(target, target);
			caps_set(target_caps, target_caps, 0);
			peer_tell(&t);
			peer_await(&t);
			done();
		}
		peer_await(&t);
		member_ids(id, id);
		caps_set(caps, caps, 0);
		expect(t.pid, may);
		peer_end(&t);
		done();
	}
	peer_join(&p);
}

CASE(equal_ids_reach_up_and_down, "ACC-5")
{
	struct peer t;

	outsider_start(&t, OTHER, 0);
	from_member(t.pid, 5, 0, expect_nice, YES);
	from_member(t.pid, 5, ALL_CAPS, expect_nice, YES);
	from_member(t.pid, 5, 0, expect_affinity, YES);
	from_member(t.pid, 5, 0, expect_scheduler, YES);
	from_member(t.pid, 5, 0, expect_prlimit, YES);
	peer_end(&t);

	member_waits(&t, 0, WITH_OTHER, 5, 0);
	from_init(t.pid, OTHER, 0, expect_nice, YES);
	from_init(t.pid, OTHER, 0, expect_affinity, YES);
	from_init(t.pid, OTHER, 0, expect_scheduler, YES);
	from_init(t.pid, OTHER, 0, expect_prlimit, YES);
	/* And a sibling. */
	from_member(t.pid, 5, ALL_CAPS, expect_nice, YES);
	from_member(t.pid, 5, 0, expect_affinity, YES);
	peer_end(&t);
}

CASE(a_capability_does_not_reach_out, "ACC-5 CAP-4")
{
	struct peer t;

	require_namespaces();
	for (int i = 0; i < 2; i++) {
		if (i)
			member_waits(&t, 0, WITH_OTHER, 6, 0);
		else
			outsider_start(&t, OWNER, 0);
		harness_context("%s", i ? "a sibling" : "the owner, in init");
		from_member(t.pid, 0, ALL_CAPS, expect_nice, NO);
		from_member(t.pid, 0, ALL_CAPS, expect_affinity, NO);
		from_member(t.pid, 0, ALL_CAPS, expect_scheduler, NO);
		from_member(t.pid, 0, ALL_CAPS, expect_prlimit, NO);
		peer_end(&t);
	}
}

CASE(a_capability_reaches_members, "ACC-5 CAP-1")
{
	within(8, NICE, 6, 0, expect_nice, YES);
	within(8, NICE, 6, ALL_CAPS, expect_nice, YES);
	within(8, NICE, 6, ALL_CAPS, expect_affinity, YES);
	within(8, CAP_BIT(CAP_SYS_RESOURCE), 6, ALL_CAPS, expect_prlimit, YES);
	within(8, ALL_CAPS & ~NICE, 6, 0, expect_nice, NO);
	within(8, ALL_CAPS & ~NICE, 6, 0, expect_affinity, NO);
	within(8, ALL_CAPS & ~CAP_BIT(CAP_SYS_RESOURCE), 6, 0, expect_prlimit,
	       NO);
	/* This one asks init. */
	within(8, ALL_CAPS, 6, 0, expect_scheduler, NO);
	within(6, 0, 6, 0, expect_scheduler, YES);
	/* Equal ids are not enough for one that has more capabilities. */
	within(6, 0, 6, ALL_CAPS, expect_nice, NO);
	within(6, NICE, 6, ALL_CAPS, expect_nice, YES);
}

CASE(holders_above_and_owners_reach_down, "ACC-5 CAP-2 CAP-3")
{
	struct peer t;

	member_waits(&t, 1, WITH_OTHER, 6, ALL_CAPS);
	from_init(t.pid, OWNER, 0, expect_nice, YES);
	from_init(t.pid, OWNER, 0, expect_affinity, YES);
	from_init(t.pid, OWNER, 0, expect_prlimit, YES);
	from_init(t.pid, OWNER, 0, expect_scheduler, NO);
	from_init(t.pid, OTHER, NICE, expect_nice, YES);
	from_init(t.pid, OTHER, NICE, expect_affinity, YES);
	from_init(t.pid, OTHER, NICE, expect_scheduler, YES);
	from_init(t.pid, OTHER, 0, expect_nice, NO);
	from_init(t.pid, OTHER, 0, expect_prlimit, NO);
	peer_end(&t);
}

CASE(raising_asks_init, "ACC-5 CAP-6")
{
	struct sched_param fifo = { .sched_priority = 1 };
	struct rlimit limit = { 100, 100 };
	struct peer p;

	if (peer_start(&p, 0)) {
		struct rlimit raised = { 100, 101 };

		EXPECT_OK(setrlimit(RLIMIT_NOFILE, &limit));
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &raised), EPERM);
		EXPECT_ERR(setpriority(PRIO_PROCESS, 0, -1), EACCES);
		EXPECT_ERR(sched_setscheduler(0, SCHED_FIFO, &fifo), EPERM);
		done();
	}
	peer_join(&p);
}

/* In 6.1 the sets of two namespaces are compared. */
CASE(all_capabilities_inside_are_none_for_a_process_outside, "ACC-5 CAP-4")
{
	struct peer t;

	require_namespaces();
	outsider_start(&t, OTHER, CAP_BIT(CAP_NET_RAW));
	from_init(t.pid, OTHER, 0, expect_nice, NO);
	from_member(t.pid, 5, 0, expect_nice, NO);
	from_member(t.pid, 5, ALL_CAPS, expect_nice, NO);
	from_member(t.pid, 5, ALL_CAPS, expect_affinity, NO);
	peer_end(&t);
}

CASE(pages_of_another_are_for_who_may_inspect_it, "ACC-5 ACC-4")
{
	struct peer t;

	require_namespaces();
	if (syscall(SYS_move_pages, 0, 0UL, NULL, NULL, NULL, 0) &&
	    errno == ENOSYS)
		SKIP("built without NUMA");
	within(6, 0, 6, 0, expect_pages, YES);
	within(8, ALL_CAPS, 6, 0, expect_pages, YES);
	within(8, ALL_CAPS & ~CAP_BIT(CAP_SYS_PTRACE), 6, 0, expect_pages, NO);
	within(6, 0, 6, ALL_CAPS, expect_pages, NO);
	outsider_start(&t, OTHER, 0);
	from_init(t.pid, OTHER, 0, expect_pages, YES);
	from_init(t.pid, OWNER, 0, expect_pages, NO);
	from_member(t.pid, 5, ALL_CAPS, expect_pages, NO);
	from_member(t.pid, 0, ALL_CAPS, expect_pages, NO);
	peer_end(&t);
	member_waits(&t, 1, WITH_OTHER, 5, ALL_CAPS);
	from_init(t.pid, OWNER, 0, expect_pages, YES);
	from_init(t.pid, OTHER, 0, expect_pages, NO);
	peer_end(&t);
}

/* MPOL_MF_MOVE_ALL, which touches what others share, even of oneself. */
CASE(moving_shared_pages_asks_init, "ACC-5 CAP-6")
{
	static char page[4096] __attribute__((__aligned__(4096)));
	void *pages[1] = { page };
	int node = 0, status;

	require_namespaces();
	page[0] = 1;
	if (syscall(SYS_move_pages, 0, 1UL, pages, &node, &status, 4) &&
	    errno == ENOSYS)
		SKIP("built without NUMA");
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	EXPECT_ERR(syscall(SYS_move_pages, 0, 1UL, pages, &node, &status, 4),
		   EPERM);
	EXPECT_OK(syscall(SYS_move_pages, 0, 1UL, pages, &node, &status, 2));
}

/* ---- F_SETOWN ---- */

/* Does a signal of a file that the caller gave to pid arrive there? */
static void send_by_file(pid_t pid)
{
	int fd[2];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	EXPECT_OK(fcntl(fd[0], F_SETOWN, pid));
	EXPECT_OK(fcntl(fd[0], F_SETSIG, SIGUSR1));
	EXPECT_OK(fcntl(fd[0], F_SETFL, O_ASYNC));
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	EXPECT_OK(close(fd[0]));
	EXPECT_OK(close(fd[1]));
}

static void expect_signal_by(const char *map, uid_t id, int arrives)
{
	struct peer t, p;
	sigset_t set, pending;

	harness_context("id %u of \"%s\"", id, map ? map : "init");
	if (peer_start(&t, 0)) {
		EXPECT_OK(sigemptyset(&set));
		EXPECT_OK(sigaddset(&set, SIGUSR1));
		EXPECT_OK(sigprocmask(SIG_BLOCK, &set, NULL));
		become(OTHER, OTHER, 0);
		peer_tell(&t);
		peer_await(&t);
		EXPECT_OK(sigpending(&pending));
		EXPECT_EQ(sigismember(&pending, SIGUSR1), arrives);
		done();
	}
	peer_await(&t);
	if (peer_start(&p, 0)) {
		if (map) {
			enter_new(0, map, map);
			member_ids(id, id);
		} else {
			become(id, id, 0);
		}
		send_by_file(t.pid);
		done();
	}
	peer_join(&p);
	peer_end(&t);
}

CASE(signals_by_a_file_compare_kernel_ids, "ACC-3 IDS-6")
{
	expect_signal_by(NULL, 0, YES);
	expect_signal_by(NULL, OTHER, YES);
	expect_signal_by(NULL, OWNER, NO);
	expect_signal_by(WITH_OTHER, 5, YES);
	expect_signal_by(WITH_OTHER, 0, NO);
	expect_signal_by(WITH_OTHER, 6, NO);
}

/* In 6.1 it may signal everybody. */
CASE(kernel_id_0_inside_sends_no_signals_outside, "ACC-3 CAP-4")
{
	expect_signal_by("0 0 1", 0, NO);
	expect_signal_by("7 0 1", 7, NO);
	expect_signal_by("0 0 1\n5 2000 1", 5, YES);
}

/*
 * What is done to all processes of a user is done to those that have a number
 * in the caller's pid namespace.
 */
CASE(by_user_only_those_of_the_pid_namespace_are_reached, "PID-1 ACC-5")
{
	enum { WHO_PROCESS = 1, WHO_USER = 3, IDLE = 3 << 13 };
	struct peer outside, inside;

	if (peer_start(&outside, 0)) {
		int had = syscall(SYS_ioprio_get, WHO_PROCESS, 0);

		become(OTHER, OTHER, 0);
		peer_tell(&outside);
		peer_await(&outside);
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 0);
		EXPECT_EQ(syscall(SYS_ioprio_get, WHO_PROCESS, 0), had);
		done();
	}
	peer_await(&outside);
	if (peer_start(&inside, CLONE_NEWPID)) {
		become(OTHER, OTHER, 0);
		EXPECT_OK(setpriority(PRIO_PROCESS, 0, 3));
		EXPECT_EQ(getpriority(PRIO_USER, 0), 3);
		EXPECT_OK(setpriority(PRIO_USER, 0, 5));
		EXPECT_EQ(getpriority(PRIO_USER, 0), 5);
		EXPECT_OK(syscall(SYS_ioprio_set, WHO_USER, OTHER, IDLE));
		EXPECT_EQ(syscall(SYS_ioprio_get, WHO_USER, OTHER), IDLE);
		done();
	}
	peer_join(&inside);
	peer_end(&outside);

	/* Who sees them all reaches them all. */
	if (peer_start(&inside, CLONE_NEWPID)) {
		become(OTHER, OTHER, 0);
		peer_tell(&inside);
		peer_await(&inside);
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 7);
		done();
	}
	peer_await(&inside);
	EXPECT_OK(setpriority(PRIO_USER, OTHER, 7));
	peer_end(&inside);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
