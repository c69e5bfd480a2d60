// SPDX-License-Identifier: GPL-2.0
/* User namespaces as such: made, entered, asked for power, lived in, left. */
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIR_NAME	"/userns-bench.dir"
#define FILES		1000
#define CHAIN		32

static const struct {
	const char *name;
	long flags;
} kinds[] = {
	{ "", 0 },
	{ "_newns", CLONE_NEWNS },
	{ "_newuts", CLONE_NEWUTS },
	{ "_newipc", CLONE_NEWIPC },
	{ "_newpid", CLONE_NEWPID },
	{ "_newnet", CLONE_NEWNET },
	{ "_all", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET },
};

/* Time for workers, and for RCU. */
static void settle(void)
{
	usleep(20 * 1000);
}

/* The call itself, in the process that makes it. */
static void bench_clone(const char *name, long flags)
{
	uint64_t ticks[FEW];
	struct result r;

	for (int i = -WARM_UP; i < FEW; i++) {
		uint64_t start, end;
		long pid;

		settle();
		start = tsc();
		pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
		end = tsc();
		if (pid == 0)
			syscall(SYS_exit, 0);
		if (pid < 0) {
			if (errno != EINVAL)
				die("%s", name);
			bench_absent(name);
			return;
		}
		ticks[i < 0 ? 0 : i] = end - start;
		if (waitpid((pid_t)pid, NULL, 0) != pid)
			die("waitpid");
	}
	r = result_of(ticks, FEW, nothing);
	print_result(name, &r);
}

/* The unpatched kernel has something else of that name. */
static void bench_creation(bool have)
{
	char name[64];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(name, sizeof(name), "clone_call%s", kinds[i].name);
		bench_clone(name, kinds[i].flags);
		snprintf(name, sizeof(name), "clone_call_newuser%s", kinds[i].name);
		if (have)
			bench_clone(name, kinds[i].flags | CLONE_NEWUSER);
		else
			bench_absent(name);
	}
}

static int open_ns(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void bench_setns(void)
{
	static uint64_t ticks[RUNS];
	struct result r;
	struct member m;
	int fd, answer[2];

	start_member(&m, NULL, 0);
	fd = open_ns(m.pid);
	if (fd < 0) {
		end_member(&m);
		bench_absent("setns_user");
		return;
	}
	if (pipe(answer) < 0)
		die("pipe");
	for (int i = -WARM_UP; i < RUNS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			uint64_t start = tsc();
			long ret = syscall(SYS_setns, fd, CLONE_NEWUSER);
			uint64_t t = tsc() - start;

			if (ret < 0)
				die("setns");
			write_all(answer[1], &t, sizeof(t));
			_exit(0);
		}
		if (pid < 0 || read(answer[0], &ticks[i < 0 ? 0 : i], sizeof(ticks[0])) != sizeof(ticks[0]) ||
		    waitpid(pid, NULL, 0) != pid)
			die("setns");
	}
	close(answer[0]);
	close(answer[1]);
	close(fd);
	end_member(&m);
	r = result_of(ticks, RUNS, nothing);
	print_result("setns_user", &r);
}

/* The process at the end of a chain says who it is and waits. */
static int tell[2], hold[2];

static void wait_held(void)
{
	pid_t pid = getpid();
	char c;

	close(hold[1]);
	write_all(tell[1], &pid, sizeof(pid));
	if (read(hold[0], &c, 1) != 0)
		die("held");
}

static void wait_held_foreign(void)
{
	if (syscall(NR_setresuid, 1, 1, 1) < 0)
		die("setresuid");
	wait_held();
}

static pid_t chain_pid, chain_end;

static void start_chain(unsigned int levels, void (*fn)(void))
{
	if (pipe(tell) < 0 || pipe(hold) < 0)
		die("pipe");
	chain_pid = fork();
	if (chain_pid == 0) {
		close(hold[1]);
		hold[1] = -1;
		in_depth(levels, fn);
		_exit(0);
	}
	close(tell[1]);
	close(hold[0]);
	if (chain_pid < 0 || read(tell[0], &chain_end, sizeof(chain_end)) != sizeof(chain_end))
		die("chain of %u", levels);
}

static void end_chain(void)
{
	int status;

	close(hold[1]);
	close(tell[0]);
	if (waitpid(chain_pid, &status, 0) != chain_pid || status)
		die("chain");
}

/*
 * The last reference goes with a file, and the worker frees: it runs as soon
 * as this process yields.  With levels 0 nothing is freed.
 */
static void bench_last(const char *name, unsigned int levels)
{
	uint64_t ticks[FEW];
	struct result r;

	for (int i = -2; i < FEW; i++) {
		uint64_t start;
		int fd;

		start_chain(levels, wait_held);
		fd = open_ns(chain_end);
		end_chain();
		if (fd < 0)
			die("%s", name);
		settle();
		start = tsc();
		syscall(SYS_close, fd);
		syscall(SYS_sched_yield);
		syscall(SYS_sched_yield);
		ticks[i < 0 ? 0 : i] = tsc() - start;
	}
	r = result_of(ticks, FEW, nothing);
	print_result(name, &r);
}

static long op_kill_end(void)
{
	return syscall(SYS_kill, chain_end, 0);
}

static void bench_distances(void)
{
	static const unsigned int distances[] = { 1, 8, 31 };
	char name[64];

	for (size_t i = 0; i < sizeof(distances) / sizeof(distances[0]); i++) {
		start_chain(distances[i], wait_held_foreign);
		snprintf(name, sizeof(name), "kill_distance_%u", distances[i]);
		bench(name, op_kill_end, NULL);
		end_chain();
	}
}

static char buf[32768];

/* As ls -l: each name, and lstat() of it. */
static long op_list(void)
{
	struct entry {
		uint64_t ino;
		int64_t off;
		unsigned short len;
		unsigned char type;
		char name[];
	};
	static struct stat st;
	long fd = syscall(SYS_open, ".", O_RDONLY | O_DIRECTORY), n, seen = 0;

	if (fd < 0)
		return -1;
	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n; seen++) {
			struct entry *e = (void *)(buf + at);

			if (syscall(NR_lstat, e->name, &st) < 0)
				return -1;
			at += e->len;
		}
	}
	syscall(SYS_close, fd);
	return n < 0 || seen != FILES + 2 ? -1 : 0;
}

static void files(bool make)
{
	char name[64];

	if (make && mkdir(DIR_NAME, 0755) < 0)
		die(DIR_NAME);
	for (int i = 0; i < FILES; i++) {
		int fd;

		snprintf(name, sizeof(name), DIR_NAME "/%d", i);
		if (!make) {
			unlink(name);
			continue;
		}
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0 || close(fd) < 0)
			die("%s", name);
	}
	if (!make && rmdir(DIR_NAME) < 0)
		die(DIR_NAME);
}

static void bench_life(const char *where)
{
	static const struct {
		const char *name;
		op_fn *op;
	} ops[] = {
		{ "getuid", op_getuid },
		{ "stat", op_stat },
		{ "open_close", op_open_close },
		{ "kill_self", op_kill },
		{ "read_proc_status", op_read_status },
		{ "fork_exit_wait", op_fork },
		{ "fork_exec_exit_wait", op_fork_exec },
	};
	char name[64];

	open_status();
	self = getpid();
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		snprintf(name, sizeof(name), "%s_%s", where, ops[i].name);
		bench(name, ops[i].op, NULL);
	}
	if (chdir(DIR_NAME) < 0)
		die(DIR_NAME);
	snprintf(name, sizeof(name), "%s_list_1000", where);
	bench_few(name, op_list);
}

static void life_inside(void)
{
	bench_life("inside");
}

/* In a process of its own too, so that only the namespace is different. */
static void bench_lives(bool have)
{
	static const char *const names[] = {
		"getuid", "stat", "open_close", "kill_self", "read_proc_status",
		"fork_exit_wait", "fork_exec_exit_wait", "list_1000"
	};
	char name[64];
	int status;
	pid_t pid;

	files(true);
	pid = fork();
	if (pid == 0) {
		bench_life("outside");
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("outside");
	if (have) {
		in_depth(1, life_inside);
	} else {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			snprintf(name, sizeof(name), "inside_%s", names[i]);
			bench_absent(name);
		}
	}
	files(false);
}

void bench_namespaces(void)
{
	bool have = have_map(1);

	bench_creation(have);
	bench_lives(have);
	if (!have) {
		static const char *const names[] = {
			"setns_user", "close_ns", "close_ns_last",
			"close_ns_last_of_32", "kill_distance_1",
			"kill_distance_8", "kill_distance_31"
		};

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			bench_absent(names[i]);
		return;
	}
	bench_setns();
	bench_last("close_ns", 0);
	bench_last("close_ns_last", 1);
	bench_last("close_ns_last_of_32", CHAIN);
	in_depth(1, bench_distances);
}
