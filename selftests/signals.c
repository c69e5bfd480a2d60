// SPDX-License-Identifier: GPL-2.0
/* Who may signal whom across user namespaces (ACC-3). */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Every call that sends a signal agrees. */
static void expect_signal(pid_t pid, int err)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	if (err) {
		EXPECT_ERR(kill(pid, 0), err);
		EXPECT_ERR(kill(pid, SIGTERM), err);
		EXPECT_ERR(syscall(SYS_tgkill, pid, pid, 0), err);
		EXPECT_ERR(syscall(SYS_tkill, pid, 0), err);
		EXPECT_ERR(syscall(SYS_rt_sigqueueinfo, pid, SIGTERM, &info),
			   err);
	} else {
		EXPECT_OK(kill(pid, 0));
		EXPECT_OK(syscall(SYS_tgkill, pid, pid, 0));
		EXPECT_OK(syscall(SYS_tkill, pid, 0));
		EXPECT_OK(syscall(SYS_rt_sigqueueinfo, pid, SIGURG, &info));
	}
}

/* A process of init with these ids and no capability that waits. */
static void outsider_start(struct peer *p, uid_t r, uid_t e, uid_t s)
{
	if (peer_start(p, 0)) {
		become_res(r, e, s, OTHER, 0);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

static void signal_from_init(pid_t pid, uid_t ruid, uid_t euid, uint64_t caps,
			     int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become_res(ruid, euid, ruid, OTHER, caps);
		expect_signal(pid, err);
		done();
	}
	peer_join(&p);
}

/* As the member `id` of a namespace of OWNER with `map`. */
static void signal_from_member(pid_t pid, const char *map, uid_t id,
			       uint64_t caps, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, map, map);
		member_ids(id, id);
		caps_set(caps, caps, 0);
		expect_signal(pid, err);
		done();
	}
	peer_join(&p);
}

/* Maps in which 5 is the kernel id OTHER. */
#define WITH_OTHER "5 2000 1\n10 100000 100"

CASE(the_same_kernel_id_may_be_signalled_downwards, "ACC-3")
{
	struct peer p;

	member_start(&p, WITH_OTHER, WITH_OTHER, 5, 5);
	signal_from_init(p.pid, OTHER, OTHER, 0, 0);
	signal_from_init(p.pid, OTHER, UNMAPPED, 0, 0);
	signal_from_init(p.pid, UNMAPPED, OTHER, 0, 0);
	signal_from_init(p.pid, UNMAPPED, UNMAPPED, 0, EPERM);
	/* Its number inside is nothing outside. */
	signal_from_init(p.pid, 5, 5, 0, EPERM);
	peer_end(&p);
}

CASE(the_same_kernel_id_may_be_signalled_upwards, "ACC-3")
{
	struct peer p;

	outsider_start(&p, OTHER, OTHER, OTHER);
	signal_from_member(p.pid, WITH_OTHER, 5, 0, 0);
	signal_from_member(p.pid, WITH_OTHER, 5, ALL_CAPS, 0);
	signal_from_member(p.pid, WITH_OTHER, 10, 0, EPERM);
	peer_end(&p);
}

CASE(the_same_kernel_id_may_be_signalled_sideways, "ACC-3")
{
	struct peer p;

	member_start(&p, "9 2000 1", "9 2000 1", 9, 9);
	signal_from_member(p.pid, WITH_OTHER, 5, 0, 0);
	signal_from_member(p.pid, WITH_OTHER, 10, ALL_CAPS, EPERM);
	peer_end(&p);
}

CASE(an_id_without_a_name_inside_still_counts, "ACC-3")
{
	struct peer outside, p, nobody;

	outsider_start(&outside, OTHER, OTHER, OTHER);
	outsider_start(&nobody, OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_EQ(getuid(), OVERFLOW_ID);
		expect_signal(outside.pid, 0);
		/* Shown as 65534, and yet not that user. */
		expect_signal(nobody.pid, EPERM);
		done();
	}
	peer_join(&p);
	peer_end(&outside);
	peer_end(&nobody);
}

CASE(the_same_number_is_not_the_same_user, "ACC-3")
{
	struct peer five, root, elsewhere;

	outsider_start(&five, 5, 5, 5);
	outsider_start(&root, 0, 0, 0);
	member_start(&elsewhere, "0 200000 100", "0 200000 100", 5, 5);
	signal_from_member(five.pid, BLOCK_MAP, 5, ALL_CAPS, EPERM);
	signal_from_member(root.pid, BLOCK_MAP, 0, ALL_CAPS, EPERM);
	signal_from_member(elsewhere.pid, BLOCK_MAP, 5, ALL_CAPS, EPERM);
	peer_end(&five);
	peer_end(&root);
	peer_end(&elsewhere);
}

/* Sender's real or effective against target's real or saved, as ever. */
CASE(which_ids_are_compared, "ACC-3")
{
	static const struct {
		uid_t r, e, s;
		int err;
	} t[] = {
		{ OTHER, UNMAPPED, UNMAPPED, 0 },
		{ UNMAPPED, UNMAPPED, OTHER, 0 },
		{ UNMAPPED, OTHER, UNMAPPED, EPERM },
		{ UNMAPPED, UNMAPPED, UNMAPPED, EPERM },
	};

	for (size_t i = 0; i < N(t); i++) {
		struct peer p;

		harness_context("target %u/%u/%u", t[i].r, t[i].e, t[i].s);
		outsider_start(&p, t[i].r, t[i].e, t[i].s);
		signal_from_member(p.pid, WITH_OTHER, 5, 0, t[i].err);
		signal_from_member(p.pid, WITH_OTHER, 5, ALL_CAPS, t[i].err);
		peer_end(&p);
	}
}

CASE(cap_kill_reaches_members_only, "ACC-3 CAP-1")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		pid_t outside = getppid();
		struct peer m, l;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&m, 0)) {
			member_ids(6, 6);
			peer_tell(&m);
			peer_await(&m);
			done();
		}
		peer_await(&m);
		if (peer_start(&l, 0)) {
			member_ids(7, 7);
			enter_new(0, "0 7 50", "0 7 50");
			member_ids(3, 3);
			peer_tell(&l);
			peer_await(&l);
			done();
		}
		peer_await(&l);
		if (peer_start(&p, 0)) {
			member_ids(5, 5);
			caps_set(CAP_BIT(CAP_KILL), CAP_BIT(CAP_KILL), 0);
			expect_signal(m.pid, 0);
			expect_signal(l.pid, 0);
			expect_signal(outside, EPERM);
			expect_signal(1, EPERM);
			caps_set(0, 0, 0);
			expect_signal(m.pid, EPERM);
			expect_signal(l.pid, EPERM);
			done();
		}
		peer_join(&p);
		peer_end(&m);
		peer_end(&l);
		done();
	}
	peer_join(&p);
}

CASE(an_owner_signals_everyone_below, "ACC-3 CAP-3")
{
	struct peer p;
	pid_t lower;

	if (peer_start(&p, 0)) {
		struct peer l;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(7, 7);
		if (peer_start(&l, 0)) {
			enter_new(0, "0 0 50", "0 0 50");
			member_ids(3, 3);
			peer_tell(&l);
			peer_await(&l);
			done();
		}
		peer_await(&l);
		peer_send(&p, &l.pid, sizeof(l.pid));
		peer_await(&p);
		peer_end(&l);
		done();
	}
	peer_recv(&p, &lower, sizeof(lower));
	signal_from_init(p.pid, OWNER, OWNER, 0, 0);
	signal_from_init(lower, OWNER, OWNER, 0, 0);
	signal_from_init(p.pid, OTHER, OTHER, 0, EPERM);
	signal_from_init(lower, OTHER, OTHER, 0, EPERM);
	signal_from_init(lower, OTHER, OTHER, CAP_BIT(CAP_KILL), 0);
	peer_end(&p);
}

CASE(a_signal_is_delivered, "ACC-3")
{
	struct peer p, q;
	int status;

	member_start(&p, BLOCK_MAP, BLOCK_MAP, 5, 5);
	if (peer_start(&q, 0)) {
		become(OWNER, OWNER, 0);
		EXPECT_OK(kill(p.pid, SIGTERM));
		done();
	}
	peer_join(&q);
	EXPECT_EQ(waitpid(p.pid, &status, 0), p.pid);
	EXPECT(WIFSIGNALED(status));
	EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
