// SPDX-License-Identifier: GPL-2.0
/* Rlimits of a user hold for all users of namespaces made by it (LIM-3). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define PAGE 4096UL	/* shared memory is locked by pages */

static void limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit l = { .rlim_cur = soft, .rlim_max = hard };

	EXPECT_OK(setrlimit(resource, &l));
}

/* As far as the hard limit lets one, which is as far as the attempt goes. */
static void limit_raise(int resource)
{
	struct rlimit l;

	EXPECT_OK(getrlimit(resource, &l));
	limit(resource, l.rlim_max, l.rlim_max);
}

/*
 * OWNER, who has this limit and no capability, makes a namespace of 1,000 ids;
 * the caller is one of them afterwards, with all capabilities.
 */
static void enter_limited(unsigned long flags, int resource, rlim_t soft,
			  rlim_t hard, uid_t id)
{
	pid_t self = getpid();
	struct peer helper;

	if (peer_start(&helper, 0)) {
		peer_await(&helper);
		write_maps(self, BLOCK_MAP, BLOCK_MAP);
		done();
	}
	limit(resource, soft, hard);
	become(OWNER, OWNER, 0);
	if (sys_unshare(CLONE_NEWUSER | flags)) {
		EXPECT_EQ(errno, EPERM);
		SKIP("namespaces are for the privileged");
	}
	peer_tell(&helper);
	peer_join(&helper);
	member_ids(id, id);
	limit_raise(resource);
}

/* ---- signals ---- */

/* How many of these many can be queued to oneself. */
static int queued(int n)
{
	union sigval value = { 0 };
	sigset_t set;
	int i;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	for (i = 0; i < n; i++) {
		if (sigqueue(getpid(), SIGRTMIN, value)) {
			EXPECT_EQ(errno, EAGAIN);
			break;
		}
	}
	return i;
}

CASE(signals_of_all_members_add_up, "LIM-3")
{
	struct peer p, q;

	if (peer_start(&p, 0)) {
		enter_limited(0, RLIMIT_SIGPENDING, 10, 1000, 1);
		EXPECT_EQ(queued(6), 6);
		if (peer_start(&q, 0)) {
			member_ids(2, 2);
			EXPECT_EQ(queued(100), 4);
			peer_tell(&q);
			peer_await(&q);
			done();
		}
		peer_await(&q);
		EXPECT_EQ(queued(1), 0);
		peer_tell(&p);
		peer_await(&p);
		peer_end(&q);
		/* There is room for what is gone, whoever it was. */
		EXPECT_EQ(queued(100), 4);
		done();
	}
	peer_await(&p);
	/* The owner's own use is part of it. */
	if (peer_start(&q, 0)) {
		limit(RLIMIT_SIGPENDING, 10, 1000);
		become(OWNER, OWNER, 0);
		EXPECT_EQ(queued(1), 0);
		limit_raise(RLIMIT_SIGPENDING);
		EXPECT_EQ(queued(3), 3);
		done();
	}
	peer_join(&q);
	/* Nobody else's is. */
	if (peer_start(&q, 0)) {
		limit(RLIMIT_SIGPENDING, 10, 10);
		become(OTHER, OTHER, 0);
		EXPECT_EQ(queued(100), 10);
		done();
	}
	peer_join(&q);
	peer_end(&p);
	if (peer_start(&q, 0)) {
		limit(RLIMIT_SIGPENDING, 10, 10);
		become(OWNER, OWNER, 0);
		EXPECT_EQ(queued(100), 10);
		done();
	}
	peer_join(&q);
}

/* What was queued for one user is not taken off another. */
CASE(another_uid_takes_no_signals_along, "LIM-3")
{
	struct peer p, q;

	if (peer_start(&p, 0)) {
		enter_limited(0, RLIMIT_SIGPENDING, 10, 1000, 0);
		for (int i = 0; i < 3; i++) {
			if (peer_start(&q, 0)) {
				member_ids(1, 1);
				EXPECT_EQ(queued(7), 7);
				member_ids(2, 2);
				EXPECT_EQ(queued(100), 3);
				done();
			}
			peer_join(&q);
		}
		member_ids(1, 1);
		EXPECT_EQ(queued(100), 10);
		done();
	}
	peer_join(&p);
}

CASE(every_level_has_its_limit, "LIM-3")
{
	struct peer p, q, r;

	if (peer_start(&p, 0)) {
		enter_limited(0, RLIMIT_SIGPENDING, 10, 1000, 1);
		if (peer_start(&q, 0)) {
			limit(RLIMIT_SIGPENDING, 4, 1000);
			enter_new(0, "0 0 100", "0 0 100");
			member_ids(5, 5);
			limit_raise(RLIMIT_SIGPENDING);
			EXPECT_EQ(queued(100), 4);
			peer_tell(&q);
			peer_await(&q);
			done();
		}
		peer_await(&q);
		/* That was all for the one below, not for who made it. */
		EXPECT_EQ(queued(2), 2);
		if (peer_start(&r, 0)) {
			member_ids(7, 7);
			EXPECT_EQ(queued(100), 4);
			done();
		}
		peer_join(&r);
		peer_end(&q);
		EXPECT_EQ(queued(100), 8);
		done();
	}
	peer_join(&p);
}

/* The rlimit of a process is about its own user in its own namespace. */
CASE(inside_each_user_has_its_own, "LIM-3")
{
	struct peer p, q;

	if (peer_start(&p, 0)) {
		enter_limited(0, RLIMIT_SIGPENDING, 10, 1000, 1);
		limit(RLIMIT_SIGPENDING, 4, 4);
		EXPECT_EQ(queued(100), 4);
		if (peer_start(&q, 0)) {
			member_ids(2, 2);
			EXPECT_EQ(queued(100), 4);
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
}

/* Linux holds such a namespace to what root's limits were. */
CASE(root_of_init_sets_no_limits, "LIM-3")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		limit(RLIMIT_SIGPENDING, 4, 1000);
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(1, 1);
		limit_raise(RLIMIT_SIGPENDING);
		EXPECT_EQ(queued(100), 100);
		done();
	}
	peer_join(&p);
}

/* ---- processes ---- */

/* How many of these many processes, that end with the caller, there can be. */
static int forked(int n)
{
	int i;

	for (i = 0; i < n; i++) {
		struct peer child;
		int fds[2];
		pid_t pid;

		/* As peer_start(), which takes no failure. */
		EXPECT_OK(pipe2(fds, O_CLOEXEC));
		pid = sys_clone(0);
		if (pid < 0) {
			EXPECT_EQ(errno, EAGAIN);
			break;
		}
		if (!pid) {
			child.fd = fds[0];
			EXPECT_OK(close(fds[1]));
			block_on(&child.fd);
			_exit(0);
		}
	}
	return i;
}

CASE(processes_of_all_members_add_up, "LIM-3")
{
	struct peer p, q;

	if (peer_start(&p, 0)) {
		enter_limited(0, RLIMIT_NPROC, 6, 1000, 1);
		/* The caller is one. */
		EXPECT_EQ(forked(2), 2);
		if (peer_start(&q, 0)) {
			member_ids(2, 2);
			EXPECT_EQ(forked(100), 2);
			peer_tell(&q);
			peer_await(&q);
			done();
		}
		peer_await(&q);
		EXPECT_EQ(forked(1), 0);
		EXPECT_ERR(sys_clone(CLONE_NEWUSER), EAGAIN);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_ERR(sys_clone(0), EAGAIN);
		peer_tell(&p);
		peer_await(&p);
		peer_kill(&q);
		done();
	}
	peer_await(&p);
	if (peer_start(&q, 0)) {
		limit(RLIMIT_NPROC, 6, 1000);
		become(OWNER, OWNER, 0);
		EXPECT_EQ(forked(1), 0);
		limit_raise(RLIMIT_NPROC);
		EXPECT_EQ(forked(1), 1);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		limit(RLIMIT_NPROC, 6, 6);
		become(OTHER, OTHER, 0);
		EXPECT_EQ(forked(100), 5);
		done();
	}
	peer_join(&q);
	peer_kill(&p);
}

/* ---- message queues ---- */

static int queue_make(int n)
{
	struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = 1000 };
	char name[32];

	snprintf(name, sizeof(name), "limits-%d", n);
	return syscall(SYS_mq_open, name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
}

static int queue_remove(int n)
{
	char name[32];

	snprintf(name, sizeof(name), "limits-%d", n);
	return syscall(SYS_mq_unlink, name);
}

CASE(message_queues_of_all_members_add_up, "LIM-3")
{
	int fds[20], n = 0;
	struct peer p, q;

	if (peer_start(&p, 0)) {
		enter_limited(CLONE_NEWIPC, RLIMIT_MSGQUEUE, 50000, 1000000, 1);
		while (n < 20 && (fds[n] = queue_make(n)) >= 0)
			n++;
		if (!n && errno == ENOSYS)
			SKIP("the kernel has no message queues");
		EXPECT_EQ(errno, EMFILE);
		EXPECT(n >= 2 && n <= 5);
		if (peer_start(&q, 0)) {
			member_ids(2, 2);
			EXPECT_ERR(queue_make(n), EMFILE);
			peer_tell(&q);
			peer_await(&q);
			for (int i = 0; i < n; i++)
				close(fds[i]);
			/* That of who is gone counted for the owner alone. */
			EXPECT_OK(queue_make(n));
			EXPECT_ERR(queue_make(n + 1), EMFILE);
			peer_tell(&q);
			peer_await(&q);
			done();
		}
		peer_await(&q);
		for (int i = 0; i < n; i++)
			EXPECT_OK(close(fds[i]));
		EXPECT_OK(queue_remove(0));
		peer_tell(&q);
		peer_await(&q);
		EXPECT_ERR(queue_make(0), EMFILE);
		peer_end(&q);
		EXPECT_OK(queue_remove(n));
		EXPECT_OK(queue_make(0));
		done();
	}
	peer_join(&p);
}

/* ---- locked memory ---- */

static int segment(unsigned int pages)
{
	return EXPECT_OK(shmget(IPC_PRIVATE, pages * PAGE, 0600));
}

CASE(locked_memory_of_all_members_adds_up, "LIM-3")
{
	struct peer p, q;

	if (peer_start(&p, 0)) {
		int mine;

		enter_limited(CLONE_NEWIPC, RLIMIT_MEMLOCK, 8 * PAGE, 64 * PAGE,
			      1);
		mine = segment(5);
		EXPECT_OK(shmctl(mine, SHM_LOCK, NULL));
		if (peer_start(&q, 0)) {
			int own;

			member_ids(2, 2);
			EXPECT_ERR(shmctl(segment(4), SHM_LOCK, NULL), ENOMEM);
			own = segment(3);
			EXPECT_OK(shmctl(own, SHM_LOCK, NULL));
			EXPECT_ERR(shmctl(segment(1), SHM_LOCK, NULL), ENOMEM);
			/* It counts for who locked it. */
			peer_tell(&q);
			peer_await(&q);
			EXPECT_OK(shmctl(segment(5), SHM_LOCK, NULL));
			EXPECT_ERR(shmctl(segment(1), SHM_LOCK, NULL), ENOMEM);
			done();
		}
		peer_await(&q);
		EXPECT_ERR(shmctl(segment(1), SHM_LOCK, NULL), ENOMEM);
		member_ids(3, 3);
		EXPECT_OK(shmctl(mine, SHM_UNLOCK, NULL));
		peer_end(&q);
		EXPECT_ERR(shmctl(segment(1), SHM_LOCK, NULL), ENOMEM);
		done();
	}
	peer_join(&p);
	/* They went with the IPC namespace. */
	if (peer_start(&p, 0)) {
		limit(RLIMIT_MEMLOCK, 8 * PAGE, 8 * PAGE);
		EXPECT_OK(sys_unshare(CLONE_NEWIPC));
		become(OWNER, OWNER, 0);
		for (int tries = 0; shmctl(segment(8), SHM_LOCK, NULL); tries++) {
			EXPECT_EQ(errno, ENOMEM);
			EXPECT(tries < 1000);
			usleep(1000);
		}
		done();
	}
	peer_join(&p);
}

/* One that became a user of too many processes runs nothing. */
CASE(a_user_of_too_many_processes_executes_nothing, "LIM-3 IDS-6")
{
	struct peer others[2], p;

	for (int i = 0; i < 2; i++) {
		if (peer_start(&others[i], 0)) {
			become(UNMAPPED, UNMAPPED, 0);
			peer_tell(&others[i]);
			peer_await(&others[i]);
			done();
		}
		peer_await(&others[i]);
	}
	for (rlim_t most = 1; most <= 3; most += 2) {
		harness_context("%d of 3: ", (int)most);
		if (peer_start(&p, 0)) {
			EXPECT_OK(setrlimit(RLIMIT_NPROC,
					    &(struct rlimit){ most, most }));
			EXPECT_OK(setresuid(UNMAPPED, UNMAPPED, UNMAPPED));
			if (most == 3)
				EXPECT_ERR(execl("/nowhere", "x", NULL), ENOENT);
			else
				EXPECT_ERR(execl("/nowhere", "x", NULL), EAGAIN);
			done();
		}
		peer_join(&p);
	}
	harness_context("%s", "");
	peer_end(&others[0]);
	peer_end(&others[1]);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
