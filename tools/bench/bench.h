/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdbool.h>

/* one component, so that a path costs the same wherever this is started */
#define FILE_NAME	"/userns-bench.file"

/* An operation returns a negative number if it failed. */
typedef long op_fn(void);

__attribute__((noreturn, format(printf, 1, 2)))
void die(const char *fmt, ...);

/* Measure an operation and print its line; ready, if any, runs before each and is not counted. */
void bench(const char *name, op_fn *op, op_fn *ready);

/* the line of what this kernel does not have */
void bench_absent(const char *name);

void bench_files(void);
void bench_objects(void);
void bench_processes(void);

#endif
