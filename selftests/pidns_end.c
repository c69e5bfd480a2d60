// SPDX-License-Identifier: GPL-2.0
/* The end of pid namespaces whose tasks come from anywhere (PID-1, NEW-15). */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

/* Process 1 of a pid namespace, which waits. */
static void first_start(struct peer *p, unsigned long more_flags)
{
	if (peer_start(p, CLONE_NEWPID | more_flags)) {
		peer_await(p);
		done();
	}
}

CASE(fork_is_enomem_after_pid_1, "PID-1")
{
	struct peer p;
	int fd, own = ns_fd(0, "pid");

	/* By unshare. */
	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	if (peer_start(&p, 0))
		done();
	peer_join(&p);
	for (int i = 0; i < 3; i++)
		EXPECT_ERR(sys_clone(0), ENOMEM);
	EXPECT_OK(sys_setns(own, CLONE_NEWPID));
	/* By setns, before and after. */
	first_start(&p, 0);
	fd = ns_fd(p.pid, "pid");
	EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
	peer_end(&p);
	EXPECT_ERR(sys_clone(0), ENOMEM);
	EXPECT_OK(sys_setns(own, CLONE_NEWPID));
	if (peer_start(&p, 0))
		done();
	peer_join(&p);
	EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
	EXPECT_ERR(sys_clone(0), ENOMEM);
	EXPECT_ERR(sys_clone(CLONE_VFORK | CLONE_VM), ENOMEM);
}

/* Waits for the end of a child, which stays a zombie. */
static void await_zombie(pid_t pid)
{
	siginfo_t info;

	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
}

static int killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

CASE(a_process_from_outside_dies_with_pid_1, "PID-1 NEW-15")
{
	struct stat st;
	struct peer first, p;
	char text[256];
	int fd, proc, file, status, n = 0;
	struct dirent *de;
	DIR *dir;

	EXPECT_OK(mkdir("proc", 0755));
	if (peer_start(&first, CLONE_NEWPID | CLONE_NEWNS)) {
		EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("none", "proc", "proc", 0, NULL));
		peer_send_fd(&first, EXPECT_OK(open("proc", O_RDONLY |
					O_DIRECTORY | O_CLOEXEC)));
		pause();
		done();
	}
	proc = peer_recv_fd(&first);
	fd = ns_fd(first.pid, "pid");
	EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
	if (peer_start(&p, 0)) {
		peer_tell(&p);
		pause();
		done();
	}
	peer_await(&p);
	EXPECT_OK(fstatat(proc, "2", &st, 0));
	EXPECT_OK(kill(first.pid, SIGKILL));
	await_zombie(p.pid);
	/* A zombie until its parent, outside, wants to know. */
	file = EXPECT_OK(openat(proc, "2/stat", O_RDONLY | O_CLOEXEC));
	status = EXPECT_OK(read(file, text, sizeof(text) - 1));
	text[status] = 0;
	EXPECT(strstr(text, ") Z ") != NULL);
	EXPECT_OK(close(file));
	EXPECT_ERR(sys_clone(0), ENOMEM);
	EXPECT_EQ(waitpid(p.pid, &status, 0), p.pid);
	EXPECT(killed(status));
	EXPECT_EQ(waitpid(first.pid, &status, 0), first.pid);
	EXPECT(killed(status));
	/* Its proc is empty now, but there. */
	EXPECT_ERR(fstatat(proc, "1", &st, 0), ENOENT);
	EXPECT_ERR(fstatat(proc, "2", &st, 0), ENOENT);
	EXPECT_ERR(fstatat(proc, "self/stat", &st, 0), ENOENT);
	EXPECT_OK(fstatat(proc, "meminfo", &st, 0));
	dir = fdopendir(proc);
	EXPECT(dir != NULL);
	while ((de = readdir(dir)))
		n += atoi(de->d_name) != 0;
	EXPECT_EQ(n, 0);
	closedir(dir);
}

/* The same where pid 1 is reaped by a process that waits for it alone. */
CASE(a_process_from_outside_does_not_outlive_its_namespace, "PID-1")
{
	struct peer first, p;
	int fd, status;

	first_start(&first, 0);
	fd = ns_fd(first.pid, "pid");
	if (peer_start(&p, 0)) {
		pid_t pid;

		EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
		pid = EXPECT_OK(fork());
		if (!pid) {
			pid_t child = fork();

			if (child >= 0)
				pause();
			_exit(1);
		}
		peer_tell(&p);
		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT(killed(status));
		done();
	}
	peer_await(&p);
	peer_kill(&first);
	peer_join(&p);
}

/* Not to a subreaper outside: that is not an ancestor within the namespace. */
CASE(orphans_go_to_pid_1_of_their_namespace, "PID-1")
{
	struct peer first, p, orphan;
	int fd;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	first_start(&first, 0);
	fd = ns_fd(first.pid, "pid");
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
		if (peer_start(&orphan, 0)) {
			pid_t parent = getpid(), child;
			int fds[2];
			char c;

			EXPECT_OK(pipe(fds));
			child = EXPECT_OK(fork());
			if (child)
				_exit(0);
			close(fds[1]);
			/* Closed when the parent ends, shortly before it is gone. */
			if (read(fds[0], &c, 1))
				_exit(1);
			while (getppid() == parent)
				sched_yield();
			peer_send(&orphan, &(pid_t){ getppid() },
				  sizeof(pid_t));
			done();
		}
		pid_t reaper;

		peer_recv(&orphan, &reaper, sizeof(reaper));
		EXPECT_EQ(reaper, 1);
		EXPECT_OK(waitpid(orphan.pid, NULL, 0));
		done();
	}
	peer_join(&p);
	peer_end(&first);
}

CASE_SECONDS(what_was_never_populated_is_freed, "PID-1 NEW-15", 60)
{
	enum { ROUNDS = 1000 };
	int own = ns_fd(0, "pid");
	struct slabs before;

	require_namespaces();
	slabs_read(&before);
	for (int i = 0; i < ROUNDS; i++) {
		EXPECT_OK(sys_unshare(CLONE_NEWPID));
		EXPECT_OK(sys_setns(own, CLONE_NEWPID));
	}
	slabs_expect_growth_below(&before, ROUNDS / 2);
	for (int i = 0; i < ROUNDS / 4; i++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			EXPECT_OK(sys_unshare(CLONE_NEWPID | CLONE_NEWUSER));
			done();
		}
		peer_join(&p);
	}
	slabs_expect_growth_below(&before, ROUNDS / 8);
}

/* Deaths of process 1 against forks from outside and inside. */
CASE_SECONDS(pid_1_may_die_while_others_come, "PID-1 NEW-14 NEW-15", 90)
{
	enum { ROUNDS = 60, FORKERS = 3 };
	struct slabs before;

	require_namespaces();
	slabs_read(&before);
	for (int i = 0; i < ROUNDS; i++) {
		struct peer first, p[FORKERS];
		int fd;

		first_start(&first, 0);
		fd = ns_fd(first.pid, "pid");
		for (int w = 0; w < FORKERS; w++)
			if (peer_start(&p[w], 0)) {
				EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
				peer_tell(&p[w]);
				for (;;) {
					pid_t pid = sys_clone(0);

					if (!pid)
						_exit(0);
					if (pid < 0)
						break;
					EXPECT_OK(waitpid(pid, NULL, 0));
				}
				EXPECT_EQ(errno, ENOMEM);
				done();
			}
		for (int w = 0; w < FORKERS; w++)
			peer_await(&p[w]);
		EXPECT_OK(close(fd));
		peer_kill(&first);
		for (int w = 0; w < FORKERS; w++)
			peer_join(&p[w]);
	}
	slabs_expect_growth_below(&before, ROUNDS * FORKERS);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
