// SPDX-License-Identifier: GPL-2.0
/* The verdict leaves the guest over a serial line of its own: the console belongs to the kernel. */
#define _GNU_SOURCE
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int results_fd = -1;

static void write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		/* Nobody is left to be told: the host sees that the verdict is missing. */
		if (w <= 0)
			return;
		p += w;
		n -= w;
	}
}

void results_open(void)
{
	struct termios t;

	results_fd = open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (results_fd < 0)
		fatal("open /dev/ttyS1");
	if (tcgetattr(results_fd, &t) < 0)
		fatal("tcgetattr /dev/ttyS1");
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	t.c_cflag |= CLOCAL;
	if (tcsetattr(results_fd, TCSANOW, &t) < 0)
		fatal("tcsetattr /dev/ttyS1");
}

void results_flush(void)
{
	if (results_fd >= 0)
		tcdrain(results_fd);
}

void result(const char *fmt, ...)
{
	char line[2048];
	va_list ap;
	int n;

	line[0] = '@';
	va_start(ap, fmt);
	n = vsnprintf(line + 1, sizeof(line) - 2, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (n > (int)sizeof(line) - 3)
		n = sizeof(line) - 3;
	line[n + 1] = '\n';
	write_all(results_fd, line, n + 2);
}

/* One line of a program, without its newline: the mark in front keeps it from posing as a frame. */
void result_output(const char *line, int len)
{
	write_all(results_fd, "|", 1);
	write_all(results_fd, line, len);
	write_all(results_fd, "\n", 1);
}

static void to_kmsg(const char *line)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, line, strlen(line));
	close(fd);
}

/* The kernel's log says which test ran, so that a complaint on the console has an owner. */
void kmsg(const char *fmt, ...)
{
	char line[256] = "<5>";
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line + 3, sizeof(line) - 4, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	strcat(line, "\n");
	to_kmsg(line);
}

/*
 * Where this line is lost, so may be a complaint; hence an alert, that goes
 * wherever one goes. Another processor may be writing still: a restart would
 * stop it in mid-line.
 */
void console_end(void)
{
	to_kmsg("<1>init: end of the console\n");
	usleep(200000);
}

void fatal(const char *what)
{
	kmsg("init: %s: %s", what, strerror(errno));
	fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
	if (results_fd >= 0)
		result("fatal %s: %s", what, strerror(errno));
	leave();
}
