// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand namespaces at once: does one more cost more, and what memory
 * does each take?  What holds each is an open file, through the credentials of
 * who opened it; ten thousand without a namespace are what that alone takes.
 */
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY	10000
/* What counts something else than ticks: a tick is an eighth of a unit. */
#define UNIT	8

static uint64_t ticks[MANY];

struct slabs {
	long long bytes, objects;
};

/* Returns false if the kernel does not tell. */
static bool read_slabs(struct slabs *s)
{
	unsigned long long active, all, size;
	char line[512], name[64];
	FILE *f = fopen("/proc/slabinfo", "re");

	*s = (struct slabs) { 0, 0 };
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %llu %llu %llu", name, &active, &all,
			   &size) != 4)
			continue;
		s->objects += (long long)all;
		s->bytes += (long long)(all * size);
	}
	fclose(f);
	return true;
}

static void settle(void)
{
	usleep(500 * 1000);
}

/* Returns false if there is nothing to read. */
static bool make_many(long flags, struct slabs *more)
{
	struct slabs before, after;
	bool ret;

	settle();
	ret = read_slabs(&before);
	for (int i = 0; i < MANY; i++) {
		uint64_t start = tsc();
		long pid = syscall(SYS_clone, flags | CLONE_FILES | SIGCHLD,
				   NULL, NULL, NULL, NULL);

		ticks[i] = tsc() - start;
		if (pid == 0)
			_exit(open(FILE_NAME, O_RDONLY) < 0);
		int status;

		if (pid < 0 || waitpid((pid_t)pid, &status, 0) != pid || status)
			die("namespace %d", i);
	}
	settle();
	ret = ret && read_slabs(&after);
	more->bytes = after.bytes - before.bytes;
	more->objects = after.objects - before.objects;
	for (int fd = 3; fd < MANY + 16; fd++)
		close(fd);
	settle();
	return ret;
}

static void print_each(const char *name, long long all)
{
	uint64_t each = all > 0 ? (uint64_t)((all + MANY / 2) / MANY) : 0;
	struct result r = { each * UNIT, each * UNIT };

	print_result(name, &r);
}

static void raise_limits(void)
{
	struct rlimit rl = { MANY + 100, MANY + 100 };
	int fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		write_all(fd, "20000", 5);
		close(fd);
	}
	if (setrlimit(RLIMIT_NOFILE, &rl) < 0)
		die("RLIMIT_NOFILE");
}

static void measure_many(void)
{
	struct slabs files, both;
	struct result first, last;
	bool told;

	raise_limits();
	/* Memory of the process is copied too: all of it from the first. */
	memset(ticks, 1, sizeof(ticks));
	/* The caches that a first time fills are not counted. */
	make_many(0, &files);
	told = make_many(0, &files);
	told = make_many(CLONE_NEWUSER, &both) && told;
	last = result_of(ticks + MANY - RUNS, RUNS, nothing);
	first = result_of(ticks, RUNS, nothing);
	print_result("newuser_1_to_200", &first);
	print_result("newuser_9801_to_10000", &last);
	if (told) {
		print_each("bytes_of_each_newuser", both.bytes - files.bytes);
		print_each("objects_of_each_newuser", both.objects - files.objects);
	} else {
		bench_absent("bytes_of_each_newuser");
		bench_absent("objects_of_each_newuser");
	}
}

void bench_many(void)
{
	int status;
	pid_t pid;

	if (!have_map(1)) {
		bench_absent("newuser_1_to_200");
		bench_absent("newuser_9801_to_10000");
		bench_absent("bytes_of_each_newuser");
		bench_absent("objects_of_each_newuser");
		return;
	}
	pid = fork();
	if (pid == 0) {
		measure_many();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("many");
}
