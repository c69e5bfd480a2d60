// SPDX-License-Identifier: GPL-2.0
/* Tests that end as their name says: the harness must notice each. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		perror(path);
		return 1;
	}
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc ? argv[0] : "";

	/* As the kernel's first program it is called by its path. */
	if (strrchr(name, '/'))
		name = strrchr(name, '/') + 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	if (!strcmp(name, "pass")) {
		printf("1..2\nok 1 - first\nok 2 - second # SKIP on purpose\n");
		return 0;
	}
	if (!strcmp(name, "skip")) {
		printf("1..1\nok 1 - only # SKIP on purpose\n");
		return 4;
	}
	if (!strcmp(name, "fail")) {
		printf("1..2\nok 1 - first\nnot ok 2 - second\n# a reason\n");
		return 1;
	}
	if (!strcmp(name, "crash")) {
		printf("1..2\nok 1 - first\n");
		return raise(SIGSEGV);
	}
	if (!strcmp(name, "hang")) {
		printf("1..2\nok 1 - first\n");
		for (;;)
			pause();
	}
	if (!strcmp(name, "silent"))	/* ends well, but half its plan is missing */
		return printf("1..2\nok 1 - first\n") < 0;
	if (!strcmp(name, "leftover")) {
		printf("1..1\nok 1 - first\n");
		if (fork() == 0)
			for (;;)
				pause();
		return 0;
	}
	if (!strcmp(name, "warn")) {	/* as a kernel that is not well would write it */
		if (put("/dev/kmsg", "<4>WARNING: at kernel/harness.c:1 self_test+0x1/0x2()\n"))
			return 1;
		printf("1..1\nok 1 - first\n");
		return 0;
	}
	if (!strcmp(name, "panic")) {
		printf("1..2\nok 1 - first\n");
		fflush(stdout);
		/* Until init has passed the line on. */
		usleep(300000);
		return put("/proc/sysrq-trigger", "c");
	}
	fprintf(stderr, "no fake test is called '%s'\n", name);
	return 2;
}
