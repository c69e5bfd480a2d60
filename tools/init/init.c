// SPDX-License-Identifier: GPL-2.0
/* The guest's init: sets the stage, runs the tests, says the verdict on the second serial line, leaves. */
#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* QEMU runs with -no-reboot: a restart is how this machine is switched off. */
void leave(void)
{
	results_flush();
	sync();
	if (getpid() == 1)
		reboot(RB_AUTOBOOT);
	_exit(1);
}

/* With QEMU's -icount this counts instructions since power on. */
static unsigned long long tsc(void)
{
	unsigned int lo, hi;

	__asm__ volatile("rdtsc" : "=a" (lo), "=d" (hi));
	return (unsigned long long)hi << 32 | lo;
}

int main(void)
{
	struct options o;
	bool passed = true;
	int ran = 0;

	if (getpid() != 1) {
		fprintf(stderr, "init: not for this machine\n");
		return 2;
	}
	enter_root();
	mount_all();
	results_open();
	/* A crash from here on must find this verdict standing. */
	result("verdict failed");
	load_modules();
	read_options(&o);
	record_environment();
	result("ready %s", o.mode);

	if (!strcmp(o.mode, "test")) {
		ran = run_folder("/tests", o.run, o.timeout, &passed);
	} else if (!strcmp(o.mode, "selfcheck")) {
		ran = run_folder("/selfcheck", o.run, o.timeout, &passed);
	} else if (!strcmp(o.mode, "bench")) {
		ran = run_folder("/bench", "", o.timeout, &passed);
	} else if (!strcmp(o.mode, "demo")) {
		passed = run_program("/demo/demo", "demo", o.timeout);
		ran = 1;
	} else if (!strcmp(o.mode, "shell")) {
		run_shell();
		ran = 1;
	} else if (!strcmp(o.mode, "none")) {
		ran = 1;
	} else {
		result("fatal unknown mode '%s'", o.mode);
		leave();
	}
	result("tsc %llu", tsc());
	/* Which of them are old acquaintances the host knows. */
	if (o.kmemleak)
		report_leaks();
	if (!ran)
		result("fatal no test is called '%s'", o.run);
	if (ran && passed)
		result("verdict passed");
	console_end();
	result("bye");
	leave();
}
