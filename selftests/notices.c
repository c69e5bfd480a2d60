// SPDX-License-Identifier: GPL-2.0
/*
 * What tracers and waiting parents are told of others: ids as their own
 * namespace, or the tracee's, has them (IDS-2, IDS-5).
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userns.h"

#define WITH_ROOT "0 100000 1000\n5000 0 1"

CASE(a_continued_child_is_named_as_its_parent_does, "IDS-2 IDS-5")
{
	siginfo_t info;
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 5);
		EXPECT_OK(kill(getpid(), SIGSTOP));
		peer_await(&p);
		done();
	}
	EXPECT_OK(waitid(P_PID, p.pid, &info, WSTOPPED));
	EXPECT_OK(kill(p.pid, SIGCONT));
	memset(&info, 0, sizeof(info));
	EXPECT_OK(waitid(P_PID, p.pid, &info, WCONTINUED));
	EXPECT_EQ(info.si_code, CLD_CONTINUED);
	EXPECT_EQ(info.si_uid, BASE + 5);
	peer_end(&p);
}

/* Waits until the tracee has stopped; the signal, with an event above it. */
static int stopped_by(pid_t pid)
{
	int status;

	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT(WIFSTOPPED(status));
	return status >> 8;
}

CASE(an_event_names_the_tracee_as_it_is_called_itself, "IDS-2 IDS-5")
{
	siginfo_t info;
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 5);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	EXPECT_OK(ptrace(PTRACE_ATTACH, p.pid, 0, 0));
	EXPECT_EQ(stopped_by(p.pid), SIGSTOP);
	EXPECT_OK(ptrace(PTRACE_SETOPTIONS, p.pid, 0, PTRACE_O_TRACEEXIT));
	EXPECT_OK(ptrace(PTRACE_CONT, p.pid, 0, 0));
	peer_tell(&p);
	EXPECT_EQ(stopped_by(p.pid), SIGTRAP | PTRACE_EVENT_EXIT << 8);
	memset(&info, 0, sizeof(info));
	EXPECT_OK(ptrace(PTRACE_GETSIGINFO, p.pid, 0, &info));
	EXPECT_EQ(info.si_pid, p.pid);
	EXPECT_EQ(info.si_uid, 5);
	EXPECT_OK(ptrace(PTRACE_CONT, p.pid, 0, 0));
	peer_join(&p);
}

/*
 * A tracer changes the signal: then it is from the tracer, as the tracee calls
 * it.
 */
static void changed_signal(const char *map, uid_t seen)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		struct timespec limit = { .tv_sec = 10 };
		siginfo_t info;
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		EXPECT_OK(sigprocmask(SIG_BLOCK, &set, NULL));
		enter_owned(0, map, map);
		member_ids(5, 5);
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(kill(getpid(), SIGUSR1));
		EXPECT_EQ(sigtimedwait(&set, &info, &limit), SIGUSR2);
		EXPECT_EQ(info.si_code, SI_USER);
		EXPECT_EQ(info.si_pid, getppid());
		EXPECT_EQ(info.si_uid, seen);
		done();
	}
	peer_await(&p);
	EXPECT_OK(ptrace(PTRACE_ATTACH, p.pid, 0, 0));
	EXPECT_EQ(stopped_by(p.pid), SIGSTOP);
	EXPECT_OK(ptrace(PTRACE_CONT, p.pid, 0, 0));
	peer_tell(&p);
	EXPECT_EQ(stopped_by(p.pid), SIGUSR1);
	EXPECT_OK(ptrace(PTRACE_DETACH, p.pid, 0, SIGUSR2));
	peer_join(&p);
}

CASE(a_changed_signal_names_the_tracer_as_the_tracee_does, "IDS-2 IDS-5")
{
	require_namespaces();
	changed_signal(BLOCK_MAP, OVERFLOW_ID);
	changed_signal(WITH_ROOT, 5000);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
