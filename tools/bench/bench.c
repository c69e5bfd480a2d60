/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What system calls cost, in ticks of the time stamp counter, which in QEMU
 * with -icount counts instructions.
 *
 * Each operation is done RUNS times after a few that do not count.  Printed
 * is `name<TAB>median<TAB>minimum' less what measuring nothing takes, or
 * `name<TAB>-<TAB>-' where the kernel has no such thing.  Calls go through
 * libc's syscall(), whose instructions are included.  To be run as root.
 */
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t self;
static struct stat statbuf;

void die(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	fprintf(stderr, "bench: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct result result_of(uint64_t *ticks, unsigned int n, uint64_t nothing)
{
	struct result r;

	qsort(ticks, n, sizeof(*ticks), by_value);
	r.median = ticks[n / 2] - nothing;
	r.min = ticks[0] - nothing;
	return r;
}

static long op_nothing(void)
{
	return 0;
}

/* noinline: every operation must be called in the same way */
static __attribute__((noinline)) void run_op(const char *name, op_fn *op,
					     op_fn *ready, uint64_t *ticks,
					     int runs)
{
	for (int i = -WARM_UP; i < runs; i++) {
		uint64_t start, end;
		long ret;

		if (ready && ready() < 0)
			die("%s, before it", name);
		start = tsc();
		ret = op();
		end = tsc();
		if (ret < 0)
			die("%s", name);
		ticks[i < 0 ? 0 : i] = end - start;
	}
}

uint64_t nothing;

struct result measure(const char *name, op_fn *op, op_fn *ready)
{
	static uint64_t ticks[RUNS];

	run_op(name, op, ready, ticks, RUNS);
	return result_of(ticks, RUNS, nothing);
}

void bench_few(const char *name, op_fn *op)
{
	uint64_t ticks[FEW];
	struct result r;

	run_op(name, op, NULL, ticks, FEW);
	r = result_of(ticks, FEW, nothing);
	print_result(name, &r);
}

void print_result(const char *name, const struct result *r)
{
	if (r)
		printf("%s\t%llu\t%llu\n", name, (unsigned long long)r->median,
		       (unsigned long long)r->min);
	else
		printf("%s\t-\t-\n", name);
	if (fflush(stdout))
		die("stdout");
}

void bench(const char *name, op_fn *op, op_fn *ready)
{
	struct result r = measure(name, op, ready);

	print_result(name, &r);
}

void bench_absent(const char *name)
{
	print_result(name, NULL);
}

static long op_getppid(void)
{
	return syscall(SYS_getppid);
}

long op_getuid(void)
{
	return syscall(NR_getuid);
}

long op_stat(void)
{
	return syscall(NR_stat, FILE_NAME, &statbuf);
}

long op_open_close(void)
{
	return syscall(SYS_close, syscall(SYS_open, FILE_NAME, O_RDONLY));
}

static long op_access(void)
{
	return syscall(SYS_access, FILE_NAME, R_OK);
}

long op_kill(void)
{
	return syscall(SYS_kill, self, 0);
}

static long op_chown(void)
{
	return syscall(NR_chown, FILE_NAME, 0, 0);
}

static long op_setresuid(void)
{
	return syscall(NR_setresuid, 0, 0, 0);
}

static inline long wait_for(long pid)
{
	if (pid == 0)
		syscall(SYS_exit, 0);
	if (pid < 0)
		return pid;
	return syscall(SYS_wait4, pid, NULL, 0, NULL);
}

long op_fork(void)
{
	return wait_for(syscall(SYS_fork));
}

static long op_clone(void)
{
	return wait_for(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}

static long op_clone_newuser(void)
{
	return wait_for(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL,
				NULL, NULL));
}

/* whether the kernel lets root make user namespaces at all */
bool newuser;

static void find_newuser(void)
{
	newuser = op_clone_newuser() >= 0;
	if (!newuser && errno != EINVAL && errno != EPERM && errno != ENOSYS)
		die("clone(CLONE_NEWUSER)");
}

void write_all(int fd, const void *buf, size_t len)
{
	ssize_t ret = write(fd, buf, len);

	if (ret < 0 || (size_t)ret != len)
		die("pipe");
}

void start_member(struct member *m, void (*fn)(int back, long arg),
			 long arg)
{
	int go[2], back[2];
	char c;

	if (pipe(go) < 0 || pipe(back) < 0)
		die("pipe");
	m->pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL,
				NULL, NULL);
	if (m->pid < 0)
		die("clone(CLONE_NEWUSER)");
	if (m->pid == 0) {
		close(go[1]);
		/* at end of file the parent gave up */
		if (read(go[0], &c, 1) == 1 && fn)
			fn(back[1], arg);
		_exit(0);
	}
	close(go[0]);
	close(back[1]);
	m->go = go[1];
	m->back = back[0];
}

void end_member(struct member *m)
{
	int status;

	close(m->go);
	close(m->back);
	if (waitpid(m->pid, &status, 0) != m->pid)
		die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		errno = ECHILD;
		die("member of a namespace, status %d", status);
	}
}

static void (*nested_fn)(void);

static void nested(int back, long levels)
{
	(void)back;
	if (levels)
		in_depth((unsigned int)levels, nested_fn);
	else
		nested_fn();
}

void in_depth(unsigned int levels, void (*fn)(void))
{
	struct member m;

	if (!levels) {
		fn();
		return;
	}
	nested_fn = fn;
	start_member(&m, nested, levels - 1);
	make_identity();
	if (!write_map(m.pid, "uid_map") || !write_map(m.pid, "gid_map"))
		die("map of all ids");
	write_all(m.go, "", 1);
	end_member(&m);
}

/* room for every line at its longest */
char map_text[MAX_LINES * 16];
size_t map_len;

/* The same shuffle every time. */
static void shuffle(unsigned int *a, unsigned int n, uint32_t seed)
{
	for (unsigned int i = n - 1; i > 0; i--) {
		unsigned int j, t = a[i];

		seed = seed * 1103515245 + 12345;
		j = (seed >> 16) % (i + 1);
		a[i] = a[j];
		a[j] = t;
	}
}

/* Lines of one id each, none next to another in either column. */
void make_map(unsigned int lines, enum order order)
{
	unsigned int inside[MAX_LINES], outside[MAX_LINES];

	for (unsigned int i = 0; i < lines; i++)
		inside[i] = outside[i] = i;
	if (order == RANDOM) {
		shuffle(inside, lines, 1);
		shuffle(outside, lines, 2);
	}
	map_len = 0;
	for (unsigned int i = 0; i < lines; i++)
		map_len += (size_t)snprintf(map_text + map_len,
					    sizeof(map_text) - map_len,
					    "%u %u 1\n", inside[i] * STEP,
					    LOWER_BASE + outside[i] * STEP);
}

void make_identity(void)
{
	map_len = (size_t)sprintf(map_text, "0 0 4294967295\n");
}

static char map_path[64];

static int open_map(pid_t pid, const char *file)
{
	snprintf(map_path, sizeof(map_path), "/proc/%d/%s", (int)pid, file);
	return open(map_path, O_WRONLY | O_CLOEXEC);
}

/* Returns false where the kernel has no maps, or none as large as this. */
bool write_map(pid_t pid, const char *file)
{
	int fd = open_map(pid, file);
	ssize_t ret;

	if (fd < 0) {
		if (errno == ENOENT)
			return false;
		die("%s", map_path);
	}
	ret = write(fd, map_text, map_len);
	if (ret < 0 && errno != EINVAL && errno != EPERM)
		die("write of %s", map_path);
	close(fd);
	return ret == (ssize_t)map_len;
}

bool have_map(unsigned int lines)
{
	struct member m;
	bool ret;

	if (!newuser)
		return false;
	make_map(lines, ASCENDING);
	start_member(&m, NULL, 0);
	ret = write_map(m.pid, "uid_map");
	end_member(&m);
	return ret;
}

/* open, write, close of a uid_map, and the write alone */
void bench_map(unsigned int lines, enum order order, const char *whole,
		      const char *alone)
{
	if (!have_map(lines)) {
		print_result(whole, NULL);
		print_result(alone, NULL);
		return;
	}
	make_map(lines, order);
	time_map(whole, alone);
}

/* The same with the map that there is. */
void time_map(const char *whole, const char *alone)
{
	static uint64_t all_ticks[RUNS], write_ticks[RUNS];
	struct result r;

	for (int i = -WARM_UP; i < RUNS; i++) {
		uint64_t start, before, after, end;
		struct member m;
		long fd, ret;

		start_member(&m, NULL, 0);
		snprintf(map_path, sizeof(map_path), "/proc/%d/uid_map",
			 (int)m.pid);
		start = tsc();
		fd = syscall(SYS_open, map_path, O_WRONLY);
		before = tsc();
		ret = syscall(SYS_write, fd, map_text, map_len);
		after = tsc();
		syscall(SYS_close, fd);
		end = tsc();
		if (fd < 0 || ret != (long)map_len)
			die("%s", map_path);
		all_ticks[i < 0 ? 0 : i] = end - start;
		write_ticks[i < 0 ? 0 : i] = after - before;
		end_member(&m);
	}
	r = result_of(all_ticks, RUNS, nothing);
	if (whole)
		print_result(whole, &r);
	r = result_of(write_ticks, RUNS, nothing);
	print_result(alone, &r);
}

struct inside {
	const char *name;
	op_fn *op;
	unsigned int lines;
	bool last;	/* be the id of the last line, not of the first */
};

static const struct inside insides[] = {
	{ "getuid_in_ns_1", op_getuid, 1, false },
	{ "getuid_in_ns_5_first", op_getuid, 5, false },
	{ "getuid_in_ns_5_last", op_getuid, 5, true },
	{ "getuid_in_ns_340_first", op_getuid, 340, false },
	{ "getuid_in_ns_340_last", op_getuid, 340, true },
	{ "stat_in_ns_1", op_stat, 1, false },
	{ "stat_in_ns_5_last", op_stat, 5, true },
	{ "stat_in_ns_340_last", op_stat, 340, true },
};

/* In the member: become the id to be looked up, measure, tell. */
static void measure_inside(int back, long arg)
{
	const struct inside *in = &insides[arg];
	long id = in->last ? (in->lines - 1) * STEP : 0;
	struct result r;

	if (syscall(NR_setresuid, id, id, id) < 0)
		die("%s: setresuid", in->name);
	r = measure(in->name, in->op, NULL);
	if (syscall(NR_getuid) != id) {
		errno = ERANGE;
		die("%s: getuid", in->name);
	}
	write_all(back, &r, sizeof(r));
}

static void bench_inside(long n)
{
	const struct inside *in = &insides[n];
	unsigned int owner = LOWER_BASE + (in->last ? in->lines - 1 : 0) * STEP;
	struct result r;
	struct member m;

	if (!have_map(in->lines)) {
		print_result(in->name, NULL);
		return;
	}
	/* what stat looks up is who owns the file */
	if (chown(FILE_NAME, owner, owner) < 0)
		die("chown");
	start_member(&m, measure_inside, n);
	if (!write_map(m.pid, "uid_map") || !write_map(m.pid, "gid_map"))
		die("%s: map", in->name);
	write_all(m.go, "", 1);
	if (read(m.back, &r, sizeof(r)) != (ssize_t)sizeof(r))
		die("%s: no result", in->name);
	end_member(&m);
	print_result(in->name, &r);
}

int main(void)
{
	static uint64_t ticks[RUNS];
	struct result clone_only, with_ns, more;
	int fd;

	fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || chown(FILE_NAME, 0, 0) < 0)
		die(FILE_NAME);
	close(fd);
	self = getpid();

	run_op("nothing", op_nothing, NULL, ticks, RUNS);
	nothing = result_of(ticks, RUNS, 0).min;

	bench("getppid", op_getppid, NULL);
	bench("getuid", op_getuid, NULL);
	bench("stat", op_stat, NULL);
	bench("open_close", op_open_close, NULL);
	bench("access", op_access, NULL);
	bench("kill_self", op_kill, NULL);
	bench("chown", op_chown, NULL);
	bench("setresuid", op_setresuid, NULL);
	bench("fork_exit_wait", op_fork, NULL);

	clone_only = measure("clone_exit_wait", op_clone, NULL);
	print_result("clone_exit_wait", &clone_only);
	find_newuser();
	if (newuser) {
		with_ns = measure("clone_newuser", op_clone_newuser,
				  NULL);
		more.median = with_ns.median - clone_only.median;
		more.min = with_ns.min - clone_only.min;
	}
	print_result("clone_newuser_more", newuser ? &more : NULL);

	bench_files();
	bench_objects();
	bench_processes();

	bench_map(1, ASCENDING, "map_1", "map_1_write");
	bench_map(5, ASCENDING, "map_5", "map_5_write");
	bench_map(50, ASCENDING, "map_50", "map_50_write");
	bench_map(5, RANDOM, "map_5_random", "map_5_random_write");
	bench_map(50, RANDOM, "map_50_random", "map_50_random_write");
	bench_map(340, ASCENDING, "map_340", "map_340_write");
	bench_map(340, RANDOM, "map_340_random", "map_340_random_write");
	for (long i = 0; i < (long)(sizeof(insides) / sizeof(insides[0])); i++)
		bench_inside(i);
	if (chown(FILE_NAME, 0, 0) < 0)
		die("chown");

	bench_namespaces();
	bench_lookups();
	bench_many();

	if (unlink(FILE_NAME) < 0)
		die("unlink");
	return 0;
}
