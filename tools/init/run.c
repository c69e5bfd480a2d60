// SPDX-License-Identifier: GPL-2.0
/* Run one program, watched: its output, its time, its end, and what it leaves behind. */
#define _GNU_SOURCE
#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *const environment[] = { "PATH=/bin:/tests:/demo", "HOME=/", "TERM=linux", NULL };

static long long now_ms(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		fatal("clock_gettime");
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

struct line {
	char text[4096];
	int len;
	const char *name;
};

static void end_line(struct line *l)
{
	result_output(l->text, l->len);
	/* A kernel complaint between two of these marks belongs to the case of the second. */
	if (!strncmp(l->text, "ok ", 3) || !strncmp(l->text, "not ok ", 7))
		kmsg("TEST %s: %.*s", l->name, l->len > 120 ? 120 : l->len, l->text);
	l->len = 0;
}

static void take(struct line *l, const char *buf, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n' || l->len == (int)sizeof(l->text) - 1) {
			l->text[l->len] = 0;
			end_line(l);
		}
		if (buf[i] != '\n')
			l->text[l->len++] = buf[i] ? buf[i] : '?';
	}
}

static void child(const char *path, const char *name, int out)
{
	char dir[256];
	char *argv[] = { (char *)name, NULL };
	int null;

	snprintf(dir, sizeof(dir), "/tmp/%s", name);
	null = open("/dev/null", O_RDONLY);
	if (setsid() < 0 || null < 0 || mkdir(dir, 0755) < 0 || chdir(dir) < 0 ||
	    dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	if (null > 2)
		close(null);
	execve(path, argv, environment);
	_exit(127);
}

/* As pid 1 we inherit every orphan: who is left now was left by the program that just ended. */
static int kill_leftovers(void)
{
	int n = 0;
	pid_t pid;

	/* What is dead already was left to us to reap, no more. */
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	if (pid < 0)
		return 0;
	/* SIGKILL to -1 spares pid 1 and the kernel's threads. */
	if (kill(-1, SIGKILL) < 0 && errno != ESRCH)
		fatal("kill");
	while (waitpid(-1, NULL, 0) > 0)
		n++;
	return n;
}

bool run_program(const char *path, const char *name, int timeout)
{
	long long start = now_ms(), deadline = start + timeout * 1000LL;
	static struct line l;
	int fds[2], status = 0, left;
	bool reaped = false, late = false, passed;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		fatal("pipe2");
	l.len = 0;
	l.name = name;
	result("begin %s", name);
	kmsg("TEST %s: begin", name);
	pid = fork();
	if (pid < 0)
		fatal("fork");
	if (!pid)
		child(path, name, fds[1]);
	close(fds[1]);
	if (fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0)
		fatal("fcntl");

	for (;;) {
		struct pollfd p = { .fd = fds[0], .events = POLLIN };
		char buf[4096];
		ssize_t n;

		/* The end is looked at before the pipe: what was written before it is then read. */
		if (!reaped) {
			int one;
			pid_t w;

			/* Orphans hold their pid namespace until they are reaped. */
			while ((w = waitpid(-1, &one, WNOHANG)) > 0)
				if (w == pid) {
					status = one;
					reaped = true;
				}
			if (w < 0 && !reaped)
				fatal("waitpid");
		}
		n = read(fds[0], buf, sizeof(buf));
		if (n > 0) {
			take(&l, buf, n);
			continue;
		}
		/* A leftover may hold the pipe open for ever: the program's own end decides. */
		if (reaped)
			break;
		if (now_ms() >= deadline) {
			late = true;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			if (waitpid(pid, &status, 0) < 0)
				fatal("waitpid");
			reaped = true;
			continue;
		}
		if (n < 0)
			poll(&p, 1, 20);
		else
			usleep(5000);	/* it closed its output and is about to end */
	}
	if (l.len) {
		l.text[l.len] = 0;
		end_line(&l);
	}
	close(fds[0]);
	left = kill_leftovers();

	if (late)
		result("end %s timeout %d", name, timeout);
	else if (WIFSIGNALED(status))
		result("end %s signal %d", name, WTERMSIG(status));
	else
		result("end %s exit %d", name, WEXITSTATUS(status));
	if (left)
		result("left %s %d", name, left);
	result("time %s %lld", name, now_ms() - start);
	kmsg("TEST %s: end", name);
	passed = !late && !left && WIFEXITED(status) &&
		 (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 4);
	return passed;
}

static bool named(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = names; p; p = strchr(p, ',')) {
		if (*p == ',')
			p++;
		if (!strncmp(p, name, n) && (p[n] == ',' || !p[n]))
			return true;
	}
	return false;
}

/* Runs what the folder holds, or the named part of it, by name. Returns how many ran. */
int run_folder(const char *folder, const char *names, int timeout, bool *passed)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort), ran = 0;

	if (n < 0)
		fatal(folder);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char path[512];

		if (name[0] != '.' && (!*names || named(names, name))) {
			snprintf(path, sizeof(path), "%s/%s", folder, name);
			if (!run_program(path, name, timeout))
				*passed = false;
			ran++;
		}
		free(entries[i]);
	}
	free(entries);
	return ran;
}

/* The prompt gets the first serial line as its controlling terminal, for job control. */
void run_shell(void)
{
	char *argv[] = { "-sh", NULL };
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fatal("fork");
	if (!pid) {
		int fd;

		if (setsid() < 0)
			_exit(126);
		fd = open("/dev/ttyS0", O_RDWR);
		if (fd < 0 || ioctl(fd, TIOCSCTTY, 1) < 0 || dup2(fd, 0) < 0 ||
		    dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || chdir("/") < 0)
			_exit(126);
		execve("/bin/sh", argv, environment);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}
