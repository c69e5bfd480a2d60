/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the guest's init share. */
#ifndef INIT_H
#define INIT_H

#include <stdarg.h>
#include <stdbool.h>

struct options {
	char mode[16];		/* test, none, shell, demo, bench, selfcheck */
	char run[1024];		/* names, comma between; empty: all */
	int timeout;		/* seconds for one program */
	bool kmemleak;		/* look for leaks before leaving */
};

/* results.c: the second serial line, one frame a line; '@' ours, '|' a program's output */
void results_open(void);
void result(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void result_output(const char *line, int len);
void console_end(void);
void kmsg(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void results_flush(void);
void fatal(const char *what) __attribute__((noreturn));

/* setup.c */
void enter_root(void);
void mount_all(void);
void load_modules(void);
void read_options(struct options *o);
void record_environment(void);

/* run.c: true when the program passed or skipped everything */
bool run_program(const char *path, const char *name, int timeout);
int run_folder(const char *folder, const char *names, int timeout, bool *passed);
void run_shell(void);

/* leaks.c */
void report_leaks(void);

/* init.c */
void leave(void) __attribute__((noreturn));

#endif
