/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>

/* one component, so that a path costs the same wherever this is started */
#define FILE_NAME	"/userns-bench.file"

#define RUNS	200
#define WARM_UP	20
#define FEW	20	/* runs of what takes long */

/* the calls with 32-bit ids and the same structure on every architecture */
#ifdef __i386__
#define NR_getuid	SYS_getuid32
#define NR_setresuid	SYS_setresuid32
#define NR_chown	SYS_chown32
#define NR_stat		SYS_stat64
#define NR_lstat	SYS_lstat64
#define NR_getgid	SYS_getgid32
#define NR_setresgid	SYS_setresgid32
#else
#define NR_getuid	SYS_getuid
#define NR_setresuid	SYS_setresuid
#define NR_chown	SYS_chown
#define NR_stat		SYS_stat
#define NR_lstat	SYS_lstat
#define NR_getgid	SYS_getgid
#define NR_setresgid	SYS_setresgid
#endif

#define MAX_LINES	340
#define STEP		2	/* ids from one line of a map to the next */
#define LOWER_BASE	1000	/* outside id of the first line */

enum order { ASCENDING, RANDOM };

struct result {
	uint64_t median;
	uint64_t min;
};

/* An operation returns a negative number if it failed. */
typedef long op_fn(void);

__attribute__((noreturn, format(printf, 1, 2)))
void die(const char *fmt, ...);

/* Measure an operation and print its line; ready, if any, runs before each and is not counted. */
void bench(const char *name, op_fn *op, op_fn *ready);

/* the line of what this kernel does not have */
void bench_absent(const char *name);

/* the counter of instructions */
static inline uint64_t tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* what measuring nothing takes */
extern uint64_t nothing;

struct result measure(const char *name, op_fn *op, op_fn *ready);
/* of n measurements, which it sorts; less what nothing takes */
struct result result_of(uint64_t *ticks, unsigned int n, uint64_t nothing);
/* bench() for what takes long */
void bench_few(const char *name, op_fn *op);
/* NULL: the kernel has no such thing */
void print_result(const char *name, const struct result *r);

/* whether the kernel lets root make user namespaces at all */
extern bool newuser;
extern pid_t self;

/* A process in a namespace of its own, which waits until it is told to go. */
struct member {
	pid_t pid;
	int go;		/* written to by us: go */
	int back;	/* read by us: what it has found out */
};

void start_member(struct member *m, void (*fn)(int back, long arg), long arg);
void end_member(struct member *m);
void write_all(int fd, const void *buf, size_t len);

/* Do it below as many namespaces, each with the map of all ids. */
void in_depth(unsigned int levels, void (*fn)(void));

/* The map that is written next. */
extern char map_text[];
extern size_t map_len;
void make_map(unsigned int lines, enum order order);
void make_identity(void);
/* Returns false where the kernel has no maps, or none as large as this. */
bool write_map(pid_t pid, const char *file);
bool have_map(unsigned int lines);
/* Write it RUNS times, each to a new namespace: all of it, and the write. */
void time_map(const char *whole, const char *alone);

long op_getuid(void);
long op_stat(void);
long op_open_close(void);
long op_kill(void);
long op_fork(void);
long op_fork_exec(void);
long op_read_status(void);
void open_status(void);

void bench_namespaces(void);
void bench_lookups(void);
void bench_many(void);
void bench_files(void);
void bench_objects(void);
void bench_processes(void);

#endif
