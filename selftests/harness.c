// SPDX-License-Identifier: GPL-2.0
/* Small TAP harness: forked cases with time limits, checks that say what they got. */
#define _GNU_SOURCE
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct harness_case *cases;
static int report_fd = STDOUT_FILENO;
static char *skip_reason;	/* shared with every process of a case */
static char context[256];

#define SKIP_REASON_SIZE 256

void harness_register(struct harness_case *c)
{
	struct harness_case **p = &cases;

	while (*p)
		p = &(*p)->next;
	*p = c;
}

/* One write per line, so that lines of several processes do not mix. */
static void put_line(const char *prefix, const char *fmt, va_list ap)
{
	char line[2048];
	size_t n = 0;
	int len;

	n = strlen(prefix);
	memcpy(line, prefix, n);
	len = vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	if (len < 0)
		len = 0;
	n += len;
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	/* A line break in a printed value would no longer be a TAP comment. */
	for (size_t i = strlen(prefix); i < n; i++)
		if (line[i] == '\n')
			line[i] = '|';
	line[n++] = '\n';
	if (write(report_fd, line, n) < 0)
		_exit(RESULT_FAIL);
}

static void put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_line("", fmt, ap);
	va_end(ap);
}

void harness_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_line("# ", fmt, ap);
	va_end(ap);
}

void harness_context(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
}

void harness_fail(const char *file, int line, const char *fmt, ...)
{
	char prefix[128];
	va_list ap;

	snprintf(prefix, sizeof(prefix), "# %s:%d: ", file, line);
	va_start(ap, fmt);
	put_line(prefix, fmt, ap);
	va_end(ap);
	if (context[0])
		harness_note("  in: %s", context);
	_exit(RESULT_FAIL);
}

void harness_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(skip_reason, SKIP_REASON_SIZE, fmt, ap);
	va_end(ap);
	_exit(RESULT_SKIP);
}

const char *errno_name(int err)
{
#define E(name) { name, #name }
	static const struct { int err; const char *name; } names[] = {
		E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO),
		E(E2BIG), E(ENOEXEC), E(EBADF), E(ECHILD), E(EAGAIN), E(ENOMEM),
		E(EACCES), E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV),
		E(ENODEV), E(ENOTDIR), E(EISDIR), E(EINVAL), E(ENFILE),
		E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC),
		E(ESPIPE), E(EROFS), E(EMLINK), E(EPIPE), E(EDOM), E(ERANGE),
		E(EDEADLK), E(ENAMETOOLONG), E(ENOSYS), E(ENOTEMPTY), E(ELOOP),
		E(ENODATA), E(EOVERFLOW), E(EUSERS), E(ENOTSUP), E(EDQUOT),
		E(ENOKEY), E(EKEYEXPIRED), E(EKEYREVOKED), E(EKEYREJECTED),
		E(ETIMEDOUT), E(ECONNREFUSED), E(EPROTONOSUPPORT),
	};
#undef E
	static char unknown[24];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].err == err)
			return names[i].name;
	snprintf(unknown, sizeof(unknown), "errno %d", err);
	return unknown;
}

static void die(const char *what)
{
	put("Bail out! %s: %s", what, errno_name(errno));
	_exit(RESULT_FAIL);
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Kill every child of this process; returns how many there were. */
static unsigned int kill_children(void)
{
	DIR *proc = opendir("/proc");
	unsigned int n = 0;
	struct dirent *de;

	if (!proc)
		die("opendir /proc");
	while ((de = readdir(proc))) {
		char path[300], stat[512], *p;
		int pid = atoi(de->d_name);
		ssize_t len;
		int fd;

		if (pid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		len = read(fd, stat, sizeof(stat) - 1);
		close(fd);
		if (len <= 0)
			continue;
		stat[len] = 0;
		p = strrchr(stat, ')');
		if (p && atoi(p + 4) == getpid()) {
			kill(pid, SIGKILL);
			n++;
		}
	}
	closedir(proc);
	return n;
}

/*
 * The runner is the reaper of whatever a case leaves. Orphans arrive before
 * the death of their parent can be waited for, so one pass per death sees all.
 */
static void reap_all(pid_t group)
{
	kill(-group, SIGKILL);
	for (;;) {
		kill_children();
		if (waitpid(-1, NULL, 0) < 0) {
			if (errno == ECHILD)
				return;
			if (errno != EINTR)
				die("waitpid");
		}
	}
}

/* Wait for the case to end: true and its status, or false when time is up. */
static int wait_case(pid_t pid, unsigned int seconds, int *status)
{
	struct timespec now, end;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (clock_gettime(CLOCK_MONOTONIC, &end))
		die("clock_gettime");
	end.tv_sec += seconds;
	for (;;) {
		struct timespec left;
		pid_t got = waitpid(pid, status, WNOHANG);

		if (got == pid)
			return 1;
		if (got < 0 && errno != EINTR)
			die("waitpid");
		if (clock_gettime(CLOCK_MONOTONIC, &now))
			die("clock_gettime");
		left.tv_sec = end.tv_sec - now.tv_sec;
		left.tv_nsec = end.tv_nsec - now.tv_nsec;
		if (left.tv_nsec < 0) {
			left.tv_nsec += 1000000000;
			left.tv_sec--;
		}
		if (left.tv_sec < 0)
			return 0;
		if (sigtimedwait(&set, NULL, &left) < 0 &&
		    errno != EAGAIN && errno != EINTR)
			die("sigtimedwait");
	}
}

static void run_in_child(const struct harness_case *c)
{
	sigset_t none;

	if (setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    mkdir(c->name, 0755) || chdir(c->name))
		die(c->name);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL))
		die("sigprocmask");
	c->run();
	_exit(RESULT_PASS);
}

static int run_case(const struct harness_case *c, unsigned int number)
{
	int status, result = RESULT_FAIL;
	pid_t pid;

	skip_reason[0] = 0;
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		run_in_child(c);
	if (!wait_case(pid, c->seconds, &status))
		harness_note("killed after %u seconds", c->seconds);
	else if (WIFSIGNALED(status))
		harness_note("killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) > RESULT_FAIL &&
		 WEXITSTATUS(status) != RESULT_SKIP)
		harness_note("exit status %d", WEXITSTATUS(status));
	else
		result = WEXITSTATUS(status);
	reap_all(pid);
	if (nftw(c->name, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) &&
	    errno != ENOENT)
		harness_note("directory %s not removed: %s", c->name,
			     errno_name(errno));

	if (result == RESULT_SKIP)
		put("ok %u - %s [%s] # SKIP %s", number, c->name, c->clauses,
		    skip_reason);
	else
		put("%sok %u - %s [%s]", result == RESULT_PASS ? "" : "not ",
		    number, c->name, c->clauses);
	return result;
}

static void prepare(void)
{
	struct rlimit none = { 0, 0 };
	sigset_t set;

	skip_reason = mmap(NULL, SKIP_REASON_SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (skip_reason == MAP_FAILED)
		die("mmap");
	report_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);
	if (report_fd < 0) {
		report_fd = STDOUT_FILENO;
		die("dup of stdout");
	}
	umask(022);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	/* A peer that died early is reported by the write that fails. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    setrlimit(RLIMIT_CORE, &none) ||
	    sigprocmask(SIG_BLOCK, &set, NULL) ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		die("preparation");
}

static int is_selected(const struct harness_case *c, int argc, char **argv)
{
	if (argc < 2)
		return 1;
	for (int i = 1; i < argc; i++)
		if (!strcmp(c->name, argv[i]))
			return 1;
	return 0;
}

static int is_known(const char *name)
{
	for (const struct harness_case *c = cases; c; c = c->next)
		if (!strcmp(c->name, name))
			return 1;
	return 0;
}

int harness_main(int argc, char **argv)
{
	unsigned int total = 0, number = 0, failed = 0, skipped = 0;
	const struct harness_case *c;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (c = cases; c; c = c->next)
			printf("%s\t%s\n", c->name, c->clauses);
		return fflush(stdout) ? RESULT_FAIL : RESULT_PASS;
	}
	for (int i = 1; i < argc; i++)
		if (!is_known(argv[i])) {
			fprintf(stderr,
				"%s: no case '%s'; %s --list shows them\n",
				argv[0], argv[i], argv[0]);
			return RESULT_USAGE;
		}
	if (geteuid()) {
		fprintf(stderr, "%s: must be run as root\n", argv[0]);
		return RESULT_USAGE;
	}
	prepare();
	for (c = cases; c; c = c->next)
		total += is_selected(c, argc, argv);
	put("TAP version 13");
	put("1..%u", total);
	for (c = cases; c; c = c->next) {
		int result;

		if (!is_selected(c, argc, argv))
			continue;
		result = run_case(c, ++number);
		failed += result == RESULT_FAIL;
		skipped += result == RESULT_SKIP;
	}
	if (failed)
		return RESULT_FAIL;
	return total && skipped == total ? RESULT_SKIP : RESULT_PASS;
}
