// SPDX-License-Identifier: GPL-2.0
/* What a signal says of its sender (IDS-2, IDS-5). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userns.h"

#define WITH_OTHER "5 2000 1\n10 100010 900"
#define SIG SIGRTMIN	/* queued, so that none is lost */

static void block(sigset_t *set, int sig)
{
	sigemptyset(set);
	sigaddset(set, sig);
	EXPECT_OK(sigprocmask(SIG_BLOCK, set, NULL));
}

static void wait_for(int sig, siginfo_t *info)
{
	struct timespec limit = { .tv_sec = 10 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	EXPECT_EQ(sigtimedwait(&set, info, &limit), sig);
}

static int sys_sigqueue(pid_t pid, uid_t claimed)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = claimed;
	return syscall(SYS_rt_sigqueueinfo, pid, SIG, &info);
}

static int sys_tgsigqueue(pid_t pid, uid_t claimed)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = claimed;
	return syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIG, &info);
}

/* Every way to send; twice, for the two ways to receive. */
enum { WAYS = 4 };

static void send_all(pid_t pid)
{
	for (int i = 0; i < 2; i++) {
		EXPECT_OK(kill(pid, SIG));
		EXPECT_OK(syscall(SYS_tgkill, pid, pid, SIG));
		EXPECT_OK(sys_sigqueue(pid, getuid()));
		EXPECT_OK(sys_tgsigqueue(pid, getuid()));
	}
}

static void receive_all(int fd, uid_t uid)
{
	struct signalfd_siginfo ssi;
	siginfo_t info;

	for (int i = 0; i < WAYS; i++) {
		harness_context("signal %d", i);
		wait_for(SIG, &info);
		EXPECT_EQ(info.si_uid, uid);
	}
	for (int i = 0; i < WAYS; i++) {
		harness_context("signal %d by signalfd", i);
		EXPECT_EQ(read(fd, &ssi, sizeof(ssi)), (int)sizeof(ssi));
		EXPECT_EQ(ssi.ssi_signo, SIG);
		EXPECT_EQ(ssi.ssi_uid, uid);
	}
	harness_context("%s", "");
}

/*
 * A receiver: told a number, it expects that sender. In a namespace of OWNER
 * with `map`, nested in one more, or with NULL in init with the id `id`.
 */
static void receiver_start(struct peer *p, const char *map, int nested,
			   uid_t id)
{
	sigset_t set;
	uid_t uid;
	int fd;

	if (peer_start(p, 0)) {
		if (map) {
			enter_owned(0, map, map);
			member_ids(id, id);
			if (nested)
				enter_new(0, "500 0 100", "500 0 100");
		} else {
			become(id, id, 0);
		}
		block(&set, SIG);
		fd = EXPECT_OK(signalfd(-1, &set, SFD_CLOEXEC));
		peer_tell(p);
		for (;;) {
			peer_recv(p, &uid, sizeof(uid));
			if (uid == NO_ID)
				break;
			receive_all(fd, uid);
			peer_tell(p);
		}
		done();
	}
	peer_await(p);
}

static void expect_sender(struct peer *p, uid_t uid)
{
	peer_send(p, &uid, sizeof(uid));
	peer_await(p);
}

static void receiver_end(struct peer *p)
{
	uid_t end = NO_ID;

	peer_send(p, &end, sizeof(end));
	peer_join(p);
}

static void send_from_init(struct peer *to, uid_t uid, uid_t shown_as)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, uid, CAP_BIT(CAP_KILL));
		send_all(to->pid);
		done();
	}
	peer_join(&p);
	expect_sender(to, shown_as);
}

static void send_from_member(struct peer *to, const char *map, uid_t id,
			     uid_t shown_as)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, map, map);
		member_ids(id, id);
		send_all(to->pid);
		done();
	}
	peer_join(&p);
	expect_sender(to, shown_as);
}

CASE(a_sender_above_is_named_as_the_receiver_does, "IDS-2 IDS-5")
{
	struct peer p;

	require_namespaces();
	receiver_start(&p, BLOCK_MAP, 0, 0);
	send_from_init(&p, BASE + 5, 5);
	send_from_init(&p, OTHER, OVERFLOW_ID);
	send_from_init(&p, 5, OVERFLOW_ID);
	receiver_end(&p);
	receiver_start(&p, BLOCK_MAP, 1, 0);
	send_from_init(&p, BASE + 5, 505);
	send_from_init(&p, BASE + 205, OVERFLOW_ID);
	receiver_end(&p);
}

CASE(a_sender_below_is_named_as_the_receiver_does, "IDS-2 IDS-5")
{
	struct peer p;

	require_namespaces();
	receiver_start(&p, NULL, 0, OTHER);
	send_from_member(&p, WITH_OTHER, 5, OTHER);
	send_from_member(&p, "77 2000 1", 77, OTHER);
	send_from_init(&p, UNMAPPED, UNMAPPED);
	receiver_end(&p);
}

CASE(a_sender_beside_is_named_as_the_receiver_does, "IDS-2 IDS-5")
{
	struct peer p;

	require_namespaces();
	receiver_start(&p, "9 2000 1", 0, 9);
	send_from_member(&p, WITH_OTHER, 5, 9);
	receiver_end(&p);
}

CASE(a_sender_in_the_namespace_keeps_its_id, "IDS-2 IDS-5")
{
	struct peer outer, p, q;

	require_namespaces();
	if (peer_start(&outer, 0)) {
		sigset_t set;
		int fd;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&p, 0)) {
			block(&set, SIG);
			fd = EXPECT_OK(signalfd(-1, &set, SFD_CLOEXEC));
			peer_tell(&p);
			receive_all(fd, 5);
			done();
		}
		peer_await(&p);
		if (peer_start(&q, 0)) {
			member_ids(5, 5);
			send_all(p.pid);
			done();
		}
		peer_join(&q);
		peer_join(&p);
		done();
	}
	peer_join(&outer);
}

/* The way through a namespace that has no name for the sender loses nothing. */
CASE(a_sender_without_an_id_is_still_known, "IDS-5")
{
	pid_t self = getpid();
	struct peer p;
	sigset_t set;
	siginfo_t info;

	require_namespaces();
	block(&set, SIG);
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_EQ(getuid(), OVERFLOW_ID);
		EXPECT_OK(kill(self, SIG));
		EXPECT_OK(syscall(SYS_tgkill, self, self, SIG));
		done();
	}
	for (int i = 0; i < 2; i++) {
		wait_for(SIG, &info);
		EXPECT_EQ(info.si_uid, 0);
	}
	peer_join(&p);
}

CASE(a_claimed_id_is_translated, "IDS-5")
{
	static const struct {
		uid_t claimed, seen;
	} up[] = {
		{ 7, BASE + 7 }, { 0, BASE }, { COUNT, OVERFLOW_ID },
		{ BASE + 7, OVERFLOW_ID }, { NO_ID, OVERFLOW_ID },
	}, down[] = {
		{ BASE + 7, 7 }, { OTHER, OVERFLOW_ID }, { 7, OVERFLOW_ID },
		{ NO_ID, OVERFLOW_ID },
	};
	pid_t self = getpid();
	struct peer p;
	sigset_t set;
	siginfo_t info;

	require_namespaces();
	block(&set, SIG);
	/* The receiver is root of init, and so is the sender, as a kernel id. */
	for (size_t i = 0; i < sizeof(up) / sizeof(up[0]); i++) {
		harness_context("up %u", up[i].claimed);
		if (peer_start(&p, 0)) {
			enter_new(0, "0 100000 1000\n5000 0 1",
				  "0 100000 1000\n5000 0 1");
			EXPECT_EQ(getuid(), 5000);
			EXPECT_OK(sys_sigqueue(self, up[i].claimed));
			EXPECT_OK(sys_tgsigqueue(self, up[i].claimed));
			done();
		}
		for (int j = 0; j < 2; j++) {
			wait_for(SIG, &info);
			EXPECT_EQ(info.si_uid, up[i].seen);
		}
		peer_join(&p);
	}
	for (size_t i = 0; i < sizeof(down) / sizeof(down[0]); i++) {
		harness_context("down %u", down[i].claimed);
		if (peer_start(&p, 0)) {
			enter_owned(0, BLOCK_MAP, BLOCK_MAP);
			member_ids(0, 0);
			peer_tell(&p);
			wait_for(SIG, &info);
			EXPECT_EQ(info.si_uid, down[i].seen);
			done();
		}
		peer_await(&p);
		EXPECT_OK(sys_sigqueue(p.pid, down[i].claimed));
		peer_join(&p);
	}
}

/* ---- children ---- */

static void expect_child(pid_t pid, uid_t uid)
{
	siginfo_t info;

	wait_for(SIGCHLD, &info);
	EXPECT_EQ(info.si_code, CLD_EXITED);
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_uid, uid);
	memset(&info, 0, sizeof(info));
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(info.si_uid, uid);
}

/* A member of BLOCK_MAP with the id 5, the only child that signals. */
static void child_start(struct peer *p)
{
	sigset_t set;

	require_namespaces();
	if (peer_start(p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 5);
		peer_tell(p);
		return;
	}
	peer_await(p);
	block(&set, SIGCHLD);
	peer_tell(p);
}

CASE(a_stopped_child_is_named_as_its_parent_does, "IDS-2 IDS-5")
{
	siginfo_t info;
	struct peer p;

	child_start(&p);
	if (!p.pid) {
		peer_await(&p);
		EXPECT_OK(kill(getpid(), SIGSTOP));
		peer_await(&p);
		done();
	}
	wait_for(SIGCHLD, &info);
	EXPECT_EQ(info.si_code, CLD_STOPPED);
	EXPECT_EQ(info.si_uid, BASE + 5);
	memset(&info, 0, sizeof(info));
	EXPECT_OK(waitid(P_PID, p.pid, &info, WSTOPPED));
	EXPECT_EQ(info.si_uid, BASE + 5);
	EXPECT_OK(kill(p.pid, SIGCONT));
	wait_for(SIGCHLD, &info);
	EXPECT_EQ(info.si_code, CLD_CONTINUED);
	EXPECT_EQ(info.si_uid, BASE + 5);
	peer_end(&p);
}

CASE(a_child_is_named_as_its_parent_does, "IDS-2 IDS-5")
{
	struct peer p;

	child_start(&p);
	if (!p.pid) {
		peer_await(&p);
		done();
	}
	expect_child(p.pid, BASE + 5);
	peer_join(&p);
}

CASE(a_child_below_or_without_an_id_is_named_as_its_parent_does, "IDS-2 IDS-5")
{
	struct peer outer, p;
	sigset_t set;

	require_namespaces();
	if (peer_start(&outer, 0)) {
		struct peer stranger;

		/* Has no id in the namespace that the parent enters later. */
		if (peer_start(&stranger, 0)) {
			become(OTHER, OTHER, 0);
			peer_await(&stranger);
			done();
		}
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		block(&set, SIGCHLD);
		/* Deeper, where it is 505, and then the stranger. */
		if (peer_start(&p, 0)) {
			member_ids(5, 5);
			EXPECT_OK(sys_unshare(CLONE_NEWUSER));
			done();
		}
		expect_child(p.pid, 5);
		peer_join(&p);
		peer_tell(&stranger);
		expect_child(stranger.pid, OVERFLOW_ID);
		peer_join(&stranger);
		done();
	}
	peer_join(&outer);
}

/* ---- signals without a sender ---- */

CASE(a_timer_says_nothing_of_anybody, "IDS-5")
{
	struct itimerspec soon = { .it_value = { .tv_nsec = 1000000 } };
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIG,
		.sigev_value = { .sival_int = 17 },
	};
	siginfo_t info;
	sigset_t set;
	timer_t timer;

	enter_new(0, "0 0 1", "0 0 1");
	block(&set, SIG);
	/* The interrupt finds a process of init, mostly. */
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &event, &timer));
	for (int i = 0; i < 5; i++) {
		EXPECT_OK(timer_settime(timer, 0, &soon, NULL));
		wait_for(SIG, &info);
		EXPECT_EQ(info.si_code, SI_TIMER);
		EXPECT_EQ(info.si_overrun, 0);
		EXPECT_EQ(info.si_value.sival_int, 17);
	}
}

/* A socket that signals `pid` on input, set up by the caller. */
static void async_socket(int fd, pid_t pid)
{
	EXPECT_OK(fcntl(fd, F_SETOWN, pid));
	EXPECT_OK(fcntl(fd, F_SETSIG, SIG));
	EXPECT_OK(fcntl(fd, F_SETFL, O_ASYNC));
}

CASE(input_signals_those_of_the_same_kernel_id, "IDS-5 ACC-3")
{
	static const struct {
		uid_t id;	/* who asks, in WITH_OTHER */
		int sent;	/* to OTHER */
	} t[] = { { 5, 1 }, { 10, 0 } };
	struct peer receiver, p;
	int sv[2], want;
	siginfo_t info;
	sigset_t set;

	require_namespaces();
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
		if (peer_start(&receiver, 0)) {
			become(OTHER, OTHER, 0);
			block(&set, SIG);
			peer_tell(&receiver);
			peer_recv(&receiver, &want, sizeof(want));
			if (want) {
				wait_for(SIG, &info);
				EXPECT_EQ(info.si_code, POLL_IN);
				EXPECT_EQ(info.si_fd, sv[0]);
				EXPECT_EQ(info.si_band, POLLIN | POLLRDNORM);
			} else {
				EXPECT_OK(sigpending(&set));
				EXPECT(!sigismember(&set, SIG));
			}
			done();
		}
		peer_await(&receiver);
		if (peer_start(&p, 0)) {
			enter_owned(0, WITH_OTHER, WITH_OTHER);
			member_ids(t[i].id, t[i].id);
			async_socket(sv[0], receiver.pid);
			EXPECT_EQ(write(sv[1], "x", 1), 1);
			done();
		}
		peer_join(&p);
		peer_send(&receiver, &t[i].sent, sizeof(t[i].sent));
		peer_join(&receiver);
		EXPECT_OK(close(sv[0]));
		EXPECT_OK(close(sv[1]));
	}
}

CASE(root_of_a_namespace_signals_nobody_else_by_input, "IDS-5 ACC-3 CAP-4")
{
	pid_t self = getpid();
	struct peer p;
	sigset_t set;
	siginfo_t info;
	int sv[2];

	require_namespaces();
	block(&set, SIG);
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		async_socket(sv[0], self);
		EXPECT_EQ(write(sv[1], "x", 1), 1);
		done();
	}
	peer_join(&p);
	EXPECT_OK(sigpending(&set));
	EXPECT(!sigismember(&set, SIG));
	/* What root of the machine asks for is sent to a member, too. */
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		peer_tell(&p);
		wait_for(SIG, &info);
		EXPECT_EQ(info.si_code, POLL_IN);
		EXPECT_EQ(info.si_band, POLLIN | POLLRDNORM);
		done();
	}
	peer_await(&p);
	async_socket(sv[0], p.pid);
	EXPECT_EQ(write(sv[1], "x", 1), 1);
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
