// SPDX-License-Identifier: GPL-2.0
/* Ask kmemleak for what nobody points to any more. */
#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char file[] = "/sys/kernel/debug/kmemleak";

static void scan(void)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "scan", 4) != 4)
		fatal(file);
	close(fd);
}

void report_leaks(void)
{
	char line[512];
	FILE *f;

	if (access(file, F_OK) < 0) {
		result("fatal kmemleak was asked for and is not there");
		return;
	}
	/*
	 * kmemleak speaks only of objects older than five seconds, and only when two scans
	 * in a row saw the same contents.
	 */
	for (int i = 0; i < 2; i++) {
		sleep(6);
		scan();
	}
	f = fopen(file, "re");
	if (!f)
		fatal(file);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		result("leak %s", line);
	}
	fclose(f);
	result("leaks end");
}
