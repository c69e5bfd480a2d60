// SPDX-License-Identifier: GPL-2.0
/* POSIX message queues: owners, who may use them, notification (IDS-2, IDS-5, ACC-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "userns.h"

#define QUEUE "userns-test"
#define WITH_OTHER "5 2000 1\n10 100010 900"

/* The calls themselves, without libc's slash and its librt. */
static int queue_open(const char *name, int flags, mode_t mode,
		      const struct mq_attr *attr)
{
	return syscall(SYS_mq_open, name, flags, mode, attr);
}

static int queue_unlink(const char *name)
{
	return syscall(SYS_mq_unlink, name);
}

static int queue_send(int queue)
{
	return syscall(SYS_mq_timedsend, queue, "x", 1UL, 0UL, NULL);
}

/* All cases share a name, in an ipc namespace of their own that init owns. */
static void new_queues(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWIPC));
	if (queue_open(QUEUE, O_RDWR, 0, NULL) < 0 && errno == ENOSYS)
		SKIP("the kernel has no message queues");
	require_namespaces();
}

static int make_queue(uid_t uid, gid_t gid, mode_t mode)
{
	int fd = EXPECT_OK(queue_open(QUEUE, O_RDWR | O_CREAT | O_EXCL, mode,
				      NULL));

	EXPECT_OK(fchown(fd, uid, gid));
	EXPECT_OK(fchmod(fd, mode));
	return fd;
}

static void in_member(const char *map, uid_t uid, gid_t gid,
		      void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, map, map);
		member_ids(uid, gid);
		fn();
		done();
	}
	peer_join(&p);
}

CASE(a_queue_belongs_to_its_maker, "IDS-2 ACC-6")
{
	struct stat st;
	struct peer p;
	int fd;

	new_queues();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(3, 4);
		fd = EXPECT_OK(queue_open(QUEUE, O_RDWR | O_CREAT, 0600, NULL));
		EXPECT_OK(fstat(fd, &st));
		EXPECT_EQ(st.st_uid, 3);
		EXPECT_EQ(st.st_gid, 4);
		peer_send_fd(&p, fd);
		done();
	}
	fd = peer_recv_fd(&p);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_uid, BASE + 3);
	EXPECT_EQ(st.st_gid, BASE + 4);
	peer_join(&p);
	EXPECT_OK(queue_unlink(QUEUE));
}

static void may_use(void)
{
	int fd = EXPECT_OK(queue_open(QUEUE, O_RDWR, 0, NULL));

	EXPECT_OK(close(fd));
}

static void may_not_use(void)
{
	EXPECT_ERR(queue_open(QUEUE, O_RDWR, 0, NULL), EACCES);
	EXPECT_ERR(queue_open(QUEUE, O_RDONLY, 0, NULL), EACCES);
	EXPECT_ERR(queue_open(QUEUE, O_WRONLY | O_CREAT, 0600, NULL), EACCES);
	EXPECT_ERR(queue_unlink(QUEUE), EPERM);
}

static void without_capabilities(void (*fn)(void))
{
	caps_set(0, 0, 0);
	fn();
}

static void bare_may_use(void)
{
	without_capabilities(may_use);
}

static void bare_may_not_use(void)
{
	without_capabilities(may_not_use);
}

CASE(the_owner_is_a_kernel_id, "ACC-6")
{
	struct peer p;

	new_queues();
	make_queue(OTHER, UNMAPPED, 0600);
	in_member(WITH_OTHER, 5, 10, bare_may_use);
	in_member(WITH_OTHER, 10, 5, may_not_use);
	in_member("2000 100000 1", 2000, 2000, may_not_use);
	EXPECT_OK(queue_unlink(QUEUE));

	/* Upwards and sideways. */
	if (peer_start(&p, 0)) {
		enter_owned(0, WITH_OTHER, WITH_OTHER);
		member_ids(5, 10);
		EXPECT_OK(queue_open(QUEUE, O_RDWR | O_CREAT, 0600, NULL));
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	for (int i = 0; i < 2; i++) {
		struct peer q;

		if (peer_start(&q, 0)) {
			become(i ? 5 : OTHER, OWNER, 0);
			if (i)
				may_not_use();
			else
				may_use();
			done();
		}
		peer_join(&q);
	}
	in_member("77 2000 1", 77, 77, bare_may_use);
	in_member("5 100000 1", 5, 5, may_not_use);
	peer_end(&p);
}

CASE(the_group_is_a_kernel_id, "ACC-6")
{
	new_queues();
	make_queue(UNMAPPED, OTHER, 0660);
	in_member(WITH_OTHER, 10, 5, bare_may_use);
	in_member(WITH_OTHER, 10, 10, may_not_use);
	in_member("2000 100000 1", 2000, 2000, may_not_use);
}

/* A queue is a file: capabilities count as they do for files. */
CASE(a_capability_counts_for_queues_of_the_namespace, "ACC-6 ACC-1 CAP-4")
{
	struct peer p, q;

	new_queues();
	make_queue(BASE + 5, BASE + 5, 0600);
	in_member(BLOCK_MAP, 0, 0, may_use);
	in_member(BLOCK_MAP, 0, 0, bare_may_not_use);
	in_member("0 200000 10", 0, 0, may_not_use);
	EXPECT_OK(queue_unlink(QUEUE));
	make_queue(0, 0, 0600);
	in_member(BLOCK_MAP, 0, 0, may_not_use);
	EXPECT_OK(queue_unlink(QUEUE));

	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWIPC, BLOCK_MAP, BLOCK_MAP);
		member_ids(3, 3);
		EXPECT_OK(queue_open(QUEUE, O_RDWR | O_CREAT, 0600, NULL));
		for (int i = 0; i < 2; i++) {
			if (peer_start(&q, 0)) {
				member_ids(9, 9);
				caps_set(i ? CAP_BIT(CAP_DAC_OVERRIDE) : 0,
					 i ? CAP_BIT(CAP_DAC_OVERRIDE) : 0, 0);
				if (i)
					may_use();
				else
					may_not_use();
				done();
			}
			peer_join(&q);
		}
		done();
	}
	peer_join(&p);
}

CASE(limits_ask_init, "ACC-6 CAP-4")
{
	struct mq_attr big = { .mq_maxmsg = 11, .mq_msgsize = 1 };
	struct mq_attr small = { .mq_maxmsg = 1, .mq_msgsize = 1 };
	struct peer p;

	new_queues();
	EXPECT_OK(queue_open("big", O_RDWR | O_CREAT, 0600, &big));
	if (peer_start(&p, 0)) {
		char name[16];
		int fd, i;

		enter_owned(CLONE_NEWIPC, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_ERR(queue_open("big", O_RDWR | O_CREAT, 0600, &big),
			   EINVAL);
		for (i = 0; i < 256; i++) {
			snprintf(name, sizeof(name), "q%d", i);
			fd = EXPECT_OK(queue_open(name, O_RDWR | O_CREAT, 0600,
						  &small));
			EXPECT_OK(close(fd));
		}
		EXPECT_ERR(queue_open("more", O_RDWR | O_CREAT, 0600, &small),
			   ENOSPC);
		done();
	}
	peer_join(&p);
}

/* ---- notification ---- */

static void notify_me(int queue)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1,
	};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	EXPECT_OK(syscall(SYS_mq_notify, queue, &event));
}

static void expect_notice(uid_t uid)
{
	struct timespec limit = { .tv_sec = 10 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	EXPECT_EQ(sigtimedwait(&set, &info, &limit), SIGUSR1);
	EXPECT_EQ(info.si_code, SI_MESGQ);
	EXPECT_EQ(info.si_uid, uid);
}

/* A member with this map asks, a sender with these ids of init sends. */
static void notify_member(const char *map, int nested, uid_t sender,
			  uid_t shown_as)
{
	struct peer p, q;
	int fd = make_queue(OTHER, OTHER, 0666);

	if (peer_start(&p, 0)) {
		enter_owned(0, map, map);
		member_ids(0, 0);
		if (nested)
			enter_new(0, "500 0 100", "500 0 100");
		notify_me(fd);
		peer_tell(&p);
		expect_notice(shown_as);
		done();
	}
	peer_await(&p);
	if (peer_start(&q, 0)) {
		become(sender, sender, 0);
		EXPECT_OK(queue_send(fd));
		done();
	}
	peer_join(&q);
	peer_join(&p);
	EXPECT_OK(close(fd));
	EXPECT_OK(queue_unlink(QUEUE));
}

/* A member with this map and id sends; the receiver has another. */
static void notify_from_member(const char *map, uid_t id,
			       const char *receiver_map, uid_t shown_as)
{
	struct peer p, q;
	int fd = make_queue(OTHER, OTHER, 0666);

	if (peer_start(&p, 0)) {
		if (receiver_map) {
			enter_owned(0, receiver_map, receiver_map);
			member_ids(0, 0);
		}
		notify_me(fd);
		peer_tell(&p);
		expect_notice(shown_as);
		done();
	}
	peer_await(&p);
	if (peer_start(&q, 0)) {
		enter_owned(0, map, map);
		member_ids(id, id);
		EXPECT_OK(queue_send(fd));
		done();
	}
	peer_join(&q);
	peer_join(&p);
	EXPECT_OK(close(fd));
	EXPECT_OK(queue_unlink(QUEUE));
}

CASE(a_notice_names_the_sender_for_the_receiver, "IDS-2 IDS-5")
{
	new_queues();
	notify_member(BLOCK_MAP, 0, BASE + 5, 5);
	notify_member(BLOCK_MAP, 0, OTHER, OVERFLOW_ID);
	notify_member(BLOCK_MAP, 1, BASE + 5, 505);
	notify_member(BLOCK_MAP, 1, BASE + 200, OVERFLOW_ID);
	notify_from_member(BLOCK_MAP, 5, NULL, BASE + 5);
	notify_from_member(BLOCK_MAP, 5, "0 100000 10\n40 100010 10", 5);
	notify_from_member(BLOCK_MAP, 12, "0 100000 10\n40 100010 10", 42);
	notify_from_member(BLOCK_MAP, 25, "0 100000 10\n40 100010 10",
			   OVERFLOW_ID);
}

/* Neither the maker of the queue nor who opened it is who asked. */
CASE(a_notice_is_for_who_asked, "IDS-5")
{
	struct peer p, q;
	int fd;

	new_queues();
	if (peer_start(&q, 0)) {
		enter_owned(0, "30 100000 10\n0 100010 10",
			    "30 100000 10\n0 100010 10");
		member_ids(0, 0);
		fd = EXPECT_OK(queue_open(QUEUE, O_RDWR | O_CREAT, 0600, NULL));
		peer_send_fd(&q, fd);
		peer_await(&q);
		EXPECT_OK(queue_send(fd));
		done();
	}
	fd = peer_recv_fd(&q);
	if (peer_start(&p, 0)) {
		enter_owned(0, "70 100010 10\n0 100000 1",
			    "70 100010 10\n0 100000 1");
		member_ids(0, 0);
		notify_me(fd);
		peer_tell(&p);
		expect_notice(70);
		done();
	}
	peer_await(&p);
	peer_end(&q);
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
