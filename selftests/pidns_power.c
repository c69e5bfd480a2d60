// SPDX-License-Identifier: GPL-2.0
/* What the owner of a pid namespace may do there: reboot, claim pids (CAP-6, IDS-5). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/reboot.h>
#include <time.h>
#include <unistd.h>

#include "credmsg.h"
#include "userns.h"

static int sys_reboot(unsigned int cmd)
{
	return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		       cmd, NULL);
}

/* The namespace of a member ends with this signal; nothing else does. */
static void expect_reboot(unsigned int cmd, int by_first, int sig)
{
	struct peer p;
	int status;

	harness_context("%x by %s", cmd, by_first ? "pid 1" : "pid 2");
	if (peer_start(&p, 0)) {
		struct peer first;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&first, CLONE_NEWPID)) {
			pid_t pid = by_first ? 0 : EXPECT_OK(fork());

			if (!pid) {
				sys_reboot(cmd);
				_exit(1);
			}
			pause();
			_exit(2);
		}
		EXPECT_OK(waitpid(first.pid, &status, 0));
		EXPECT(WIFSIGNALED(status));
		EXPECT_EQ(WTERMSIG(status), sig);
		done();
	}
	peer_join(&p);
}

CASE(reboot_ends_the_pid_namespace_only, "CAP-6 PID-1")
{
	for (int by_first = 0; by_first < 2; by_first++) {
		expect_reboot(LINUX_REBOOT_CMD_RESTART, by_first, SIGHUP);
		expect_reboot(LINUX_REBOOT_CMD_HALT, by_first, SIGINT);
		expect_reboot(LINUX_REBOOT_CMD_POWER_OFF, by_first, SIGINT);
	}
}

CASE(reboot_asks_the_owner_of_the_active_pid_namespace, "CAP-6 CAP-4")
{
	struct peer p, q;

	/* A member in init's pid namespace; harmless if it were let through. */
	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWPID, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_ERR(sys_reboot(LINUX_REBOOT_CMD_CAD_OFF), EPERM);
		/* Its children are in their own. */
		if (peer_start(&q, 0)) {
			EXPECT_ERR(sys_reboot(LINUX_REBOOT_CMD_CAD_OFF),
				   EINVAL);
			EXPECT_ERR(sys_reboot(LINUX_REBOOT_CMD_CAD_ON), EINVAL);
			EXPECT_ERR(sys_reboot(0x1234), EINVAL);
			caps_drop(CAP_BIT(CAP_SYS_BOOT));
			EXPECT_ERR(sys_reboot(LINUX_REBOOT_CMD_CAD_OFF), EPERM);
			EXPECT_ERR(sys_reboot(LINUX_REBOOT_CMD_RESTART), EPERM);
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
	/* A member of a namespace below, in the pid namespace of its parent. */
	if (peer_start(&p, CLONE_NEWPID)) {
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_ERR(sys_reboot(LINUX_REBOOT_CMD_CAD_OFF), EPERM);
		EXPECT_ERR(sys_reboot(LINUX_REBOOT_CMD_RESTART), EPERM);
		done();
	}
	peer_join(&p);
}

/* ---- ns_last_pid ---- */

#define LAST_PID "/proc/sys/kernel/ns_last_pid"

CASE(ns_last_pid_takes_pids_only, "CAP-6 PID-1")
{
	static const char *const bad[] = {
		"-1", "-5", "-100000", "-2147483648", "2147483647", "5000000",
	};
	struct peer p, q;

	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWPID, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&q, 0)) {
			for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
				harness_context("%s", bad[i]);
				EXPECT_ERR(write_text(LAST_PID, bad[i]), EINVAL);
				pid_t pid = EXPECT_OK(fork());

				if (!pid)
					_exit(0);
				EXPECT_EQ(pid, 2 + (int)i);
				EXPECT_OK(waitpid(pid, NULL, 0));
			}
			EXPECT_OK(write_text(LAST_PID, "0"));
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
}

/* The number is free, but the namespace does not begin again. */
CASE(pid_1_is_not_made_twice, "PID-1")
{
	static const struct timespec tick = { 0, 10 * 1000 * 1000 };
	struct peer first, p;
	siginfo_t info;
	pid_t reaped = 0;
	int fd;

	if (peer_start(&first, CLONE_NEWPID)) {
		pause();
		done();
	}
	fd = ns_fd(first.pid, "pid");
	EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
	if (peer_start(&p, 0)) {
		EXPECT_OK(write_text(LAST_PID, "0"));
		done();
	}
	EXPECT_OK(waitid(P_PID, p.pid, &info, WEXITED | WNOWAIT));
	EXPECT_OK(kill(first.pid, SIGKILL));
	/* Linux 6.1 lets it wait for the zombie; nothing tells. */
	for (int i = 0; i < 50 && !reaped; i++) {
		EXPECT_OK(nanosleep(&tick, NULL));
		reaped = EXPECT_OK(waitpid(first.pid, NULL, WNOHANG));
	}
	for (int i = 0; i < 3; i++)
		EXPECT_ERR(sys_clone(0), ENOMEM);
	EXPECT_OK(waitpid(p.pid, NULL, 0));
	if (!reaped)
		EXPECT_OK(waitpid(first.pid, NULL, 0));
	EXPECT_ERR(sys_clone(0), ENOMEM);
}

/* ---- claims in SCM_CREDENTIALS ---- */

static int send_as(int fd, pid_t pid)
{
	return send_creds(fd, &(struct ucred){ pid, getuid(), getgid() });
}

static void cred_pair(int fds[2])
{
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	pass_creds(fds[0]);
}

/* CVE-2013-1958: every capability in a user namespace claims nobody above. */
CASE(a_member_claims_no_pid_of_its_parents_namespace, "IDS-5 CAP-4")
{
	struct peer p;
	int fds[2];

	cred_pair(fds);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_ERR(send_as(fds[1], 1), EPERM);
		EXPECT_ERR(send_as(fds[1], getppid()), EPERM);
		EXPECT_OK(send_as(fds[1], getpid()));
		done();
	}
	peer_join(&p);
	EXPECT_EQ(recv_creds(fds[0]).pid, p.pid);
}

/* CVE-2013-4300: nor does a pid namespace that only its children are in. */
CASE(the_pid_namespace_of_children_gives_no_claim, "IDS-5 PID-1")
{
	struct peer p;
	int fds[2];

	cred_pair(fds);
	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWPID, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_ERR(send_as(fds[1], 1), EPERM);
		EXPECT_OK(send_as(fds[1], getpid()));
		done();
	}
	peer_join(&p);
	EXPECT_EQ(recv_creds(fds[0]).pid, p.pid);
}

CASE(the_owners_root_claims_pids_of_its_namespace, "IDS-5 CAP-1 PID-1")
{
	struct peer p, q, r;
	int fds[2];
	pid_t outside;

	cred_pair(fds);
	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWPID, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&q, 0)) {
			peer_await(&q);
			done();
		}
		if (peer_start(&r, 0)) {
			EXPECT_EQ(getpid(), 2);
			/* Of its own namespace, by its own numbers. */
			EXPECT_OK(send_as(fds[1], 1));
			EXPECT_ERR(send_as(fds[1], 12345), ESRCH);
			caps_drop(CAP_BIT(CAP_SYS_ADMIN));
			EXPECT_ERR(send_as(fds[1], 1), EPERM);
			EXPECT_OK(send_as(fds[1], 2));
			done();
		}
		peer_join(&r);
		peer_send(&p, &q.pid, sizeof(q.pid));
		peer_send(&p, &r.pid, sizeof(r.pid));
		peer_await(&p);
		peer_end(&q);
		done();
	}
	/* The receiver knows them by its numbers; a reaped one by none. */
	peer_recv(&p, &outside, sizeof(outside));
	EXPECT_EQ(recv_creds(fds[0]).pid, outside);
	peer_recv(&p, &outside, sizeof(outside));
	EXPECT_EQ(recv_creds(fds[0]).pid, outside);
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
