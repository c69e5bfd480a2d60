// SPDX-License-Identifier: GPL-2.0
/* The pid namespace of children: unshare, setns, who is who (PID-1). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

CASE(unshare_is_about_children, "PID-1")
{
	pid_t pid = getpid(), parent = getppid();
	ino_t own = ns_number(0, "pid");
	struct peer p, q;
	ino_t inside;

	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	EXPECT_EQ(getpid(), pid);
	EXPECT_EQ(getppid(), parent);
	EXPECT_EQ(atoi(proc_read(0, "stat")), pid);
	EXPECT_EQ(ns_number(0, "pid"), own);
	EXPECT_OK(kill(pid, 0));
	if (peer_start(&p, 0)) {
		EXPECT_EQ(getpid(), 1);
		EXPECT_EQ(getppid(), 0);
		EXPECT_EQ(getpgrp(), 0);
		EXPECT_ERR(kill(pid, 0), ESRCH);
		peer_send(&p, &(ino_t){ ns_number(0, "pid") }, sizeof(inside));
		peer_await(&p);
		done();
	}
	peer_recv(&p, &inside, sizeof(inside));
	EXPECT_NE(inside, own);
	EXPECT_EQ(ns_number(p.pid, "pid"), inside);
	/* The next one is beside it; its own children are its children. */
	if (peer_start(&q, 0)) {
		pid_t child;
		int status;

		EXPECT_EQ(getpid(), 2);
		EXPECT_EQ(getppid(), 0);
		EXPECT_EQ(ns_number(0, "pid"), inside);
		EXPECT_OK(kill(1, 0));
		child = EXPECT_OK(fork());
		if (!child)
			_exit(getpid() != 3 || getppid() != 2);
		EXPECT_EQ(child, 3);
		EXPECT_OK(waitpid(child, &status, 0));
		EXPECT_EQ(status, 0);
		done();
	}
	EXPECT_EQ(ns_number(q.pid, "pid"), inside);
	peer_join(&q);
	peer_end(&p);
}

CASE(setns_is_about_children, "PID-1 NSF-5")
{
	pid_t pid = getpid();
	ino_t own = ns_number(0, "pid");
	struct peer p, q;
	int fd, back = ns_fd(0, "pid");

	if (peer_start(&p, CLONE_NEWPID)) {
		peer_await(&p);
		done();
	}
	fd = ns_fd(p.pid, "pid");
	EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
	EXPECT_EQ(getpid(), pid);
	EXPECT_EQ(ns_number(0, "pid"), own);
	EXPECT_EQ(atoi(proc_read(0, "stat")), pid);
	if (peer_start(&q, 0)) {
		EXPECT_EQ(getpid(), 2);
		EXPECT_EQ(getppid(), 0);
		EXPECT_EQ(ns_number(0, "pid"), fd_number(fd));
		done();
	}
	EXPECT_NE(q.pid, 2);
	peer_join(&q);
	/* And back, for the next child. */
	EXPECT_OK(sys_setns(back, CLONE_NEWPID));
	if (peer_start(&q, 0)) {
		EXPECT_EQ(getppid(), pid);
		EXPECT_EQ(ns_number(0, "pid"), own);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(proc_self_is_that_of_the_mount, "PID-1")
{
	char text[32];
	struct peer p;
	ssize_t n;

	EXPECT_OK(mkdir("proc", 0755));
	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	if (peer_start(&p, CLONE_NEWNS)) {
		EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("none", "proc", "proc", 0, NULL));
		n = EXPECT_OK(readlink("proc/self", text, sizeof(text) - 1));
		text[n] = 0;
		EXPECT_STR(text, "1");
		n = EXPECT_OK(readlink("/proc/self", text, sizeof(text) - 1));
		text[n] = 0;
		peer_send(&p, &(pid_t){ atoi(text) }, sizeof(pid_t));
		done();
	}
	pid_t seen;

	peer_recv(&p, &seen, sizeof(seen));
	EXPECT_EQ(seen, p.pid);
	peer_join(&p);
}

CASE(pid_1_is_not_killed_from_inside, "PID-1")
{
	struct peer p, q;
	int status;

	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	if (peer_start(&p, 0)) {
		EXPECT_OK(kill(1, SIGKILL));
		EXPECT_OK(kill(1, SIGTERM));
		peer_tell(&p);
		peer_await(&p);
		peer_tell(&p);
		pause();
		done();
	}
	peer_await(&p);
	if (peer_start(&q, 0)) {
		EXPECT_EQ(getpid(), 2);
		EXPECT_OK(kill(1, SIGKILL));
		EXPECT_OK(kill(1, SIGSTOP));
		EXPECT_OK(kill(1, SIGTERM));
		peer_tell(&q);
		pause();
		done();
	}
	peer_await(&q);
	peer_tell(&p);
	peer_await(&p);
	/* From outside it is, and its namespace with it. */
	EXPECT_OK(kill(p.pid, SIGKILL));
	EXPECT_OK(waitpid(q.pid, &status, 0));
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EXPECT_OK(waitpid(p.pid, &status, 0));
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static volatile pid_t sender;

static void note_sender(int sig, siginfo_t *info, void *unused)
{
	(void)sig;
	(void)unused;
	sender = info->si_pid;
}

CASE(a_signal_names_its_sender_by_the_receivers_number, "PID-1 IDS-2")
{
	struct sigaction sa = { .sa_sigaction = note_sender,
				.sa_flags = SA_SIGINFO };
	struct peer p, q;

	EXPECT_OK(sigaction(SIGUSR1, &sa, NULL));
	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	sender = -1;
	if (peer_start(&p, 0)) {
		peer_tell(&p);
		peer_await(&p);
		EXPECT_EQ(sender, 0);
		peer_tell(&p);
		peer_await(&p);
		EXPECT_EQ(sender, 2);
		done();
	}
	peer_await(&p);
	EXPECT_OK(kill(p.pid, SIGUSR1));
	peer_tell(&p);
	peer_await(&p);
	if (peer_start(&q, 0)) {
		EXPECT_OK(kill(1, SIGUSR1));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(a_second_unshare_is_einval, "PID-1")
{
	struct peer p;
	int own = ns_fd(0, "pid");

	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	EXPECT_ERR(sys_unshare(CLONE_NEWPID), EINVAL);
	EXPECT_ERR(sys_clone(CLONE_NEWPID), EINVAL);
	if (peer_start(&p, 0)) {
		EXPECT_EQ(getpid(), 1);
		done();
	}
	peer_join(&p);
	EXPECT_ERR(sys_unshare(CLONE_NEWPID), EINVAL);
	/* Back where it came from it may again. */
	EXPECT_OK(sys_setns(own, CLONE_NEWPID));
	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	if (peer_start(&p, 0)) {
		EXPECT_EQ(getpid(), 1);
		done();
	}
	peer_join(&p);
}

#define THREAD (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)

CASE(all_threads_are_in_one_pid_namespace, "PID-1")
{
	int own = ns_fd(0, "pid");

	EXPECT_ERR(clone_fn(THREAD | CLONE_NEWPID, return_at_once, NULL),
		   EINVAL);
	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	EXPECT_ERR(clone_fn(THREAD, return_at_once, NULL), EINVAL);
	EXPECT_OK(sys_setns(own, CLONE_NEWPID));
	EXPECT_OK(clone_fn(THREAD, return_at_once, NULL));
}

/* Power over a pid namespace is power over those below it. */
CASE(it_is_made_below_one_of_the_same_owner_or_above, "PID-1 NEW-12")
{
	struct peer p, q;
	int fd;

	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		if (peer_start(&q, CLONE_NEWUSER | CLONE_NEWPID)) {
			struct peer l;

			/* The same owner, and one below. */
			if (peer_start(&l, CLONE_NEWPID))
				done();
			peer_join(&l);
			peer_tell(&q);
			peer_await(&q);
			done();
		}
		peer_await(&q);
		peer_send_fd(&p, ns_fd(q.pid, "pid"));
		peer_await(&p);
		peer_end(&q);
		done();
	}
	fd = peer_recv_fd(&p);
	EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
	if (peer_start(&q, 0)) {
		/* In the pid namespace of a child, a member of init. */
		EXPECT_ERR(sys_clone(CLONE_NEWPID), EINVAL);
		EXPECT_ERR(sys_clone(CLONE_NEWPID | CLONE_NEWUSER), EINVAL);
		EXPECT_ERR(sys_unshare(CLONE_NEWPID), EINVAL);
		EXPECT_ERR(sys_unshare(CLONE_NEWPID | CLONE_NEWUSER), EINVAL);
		EXPECT_OK(sys_unshare(CLONE_NEWUTS));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

static void nest(int level)
{
	struct peer p;
	int own;

	if (level == 32) {
		own = ns_fd(0, "pid");
		EXPECT_ERR(sys_unshare(CLONE_NEWPID), ENOSPC);
		EXPECT_ERR(sys_clone(CLONE_NEWPID), ENOSPC);
		EXPECT_OK(sys_setns(own, CLONE_NEWPID));
		if (peer_start(&p, 0)) {
			EXPECT_EQ(getpid(), 2);
			done();
		}
		peer_join(&p);
		return;
	}
	/* By clone and by unshare in turn. */
	if (level % 2)
		EXPECT_OK(sys_unshare(CLONE_NEWPID));
	if (peer_start(&p, level % 2 ? 0 : CLONE_NEWPID)) {
		EXPECT_EQ(getpid(), 1);
		nest(level + 1);
		done();
	}
	peer_join(&p);
}

CASE_SECONDS(the_33rd_level_is_enospc, "PID-1 NEW-15", 60)
{
	nest(0);
}

static void ignore(int sig)
{
	(void)sig;
}

/* A fork that is interrupted starts again; process 1 is still to come. */
CASE_SECONDS(an_interrupted_first_fork_does_no_harm, "PID-1 NEW-14", 60)
{
	struct sigaction sa = { .sa_handler = ignore, .sa_flags = SA_RESTART };

	EXPECT_OK(sigaction(SIGALRM, &sa, NULL));
	for (int i = 0; i < 200; i++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			struct itimerval soon = { { 0, 0 }, { 0, 1 + 10 * i } };
			int status;
			pid_t pid;

			EXPECT_OK(sys_unshare(CLONE_NEWPID));
			EXPECT_OK(setitimer(ITIMER_REAL, &soon, NULL));
			pid = EXPECT_OK(sys_clone(0));
			if (!pid)
				_exit(getpid() != 1);
			while (waitpid(pid, &status, 0) < 0)
				EXPECT_EQ(errno, EINTR);
			EXPECT_EQ(status, 0);
			done();
		}
		peer_join(&p);
	}
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
