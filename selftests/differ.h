/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of `differ': one call each, and what it returned as one word. */
#ifndef DIFFER_H
#define DIFFER_H

#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "userns.h"

#define ACTORS	8
#define WORDS	8
#define SLOTS	4	/* descriptors that an actor keeps, by kind */
/* What both kernels know: those of 3.4. */
#define CAPS_KNOWN	((UINT64_C(1) << 36) - 1)

static struct shared {
	volatile pid_t pid[ACTORS];	/* as the program's own pid namespace has them */
	pid_t inner[ACTORS];	/* as the pid namespace below it has them */
	int home[ACTORS];	/* which one that is: of which actor; 0: the program's */
	unsigned int inos;
	ino_t ino[256];		/* of namespaces, in the order in which they were seen */
	int key[SLOTS];
} *shared;
static int me;
static int proc_fd;	/* /proc of the program's pid namespace */
static int file_slot[SLOTS], sock_slot[SLOTS];
static char program[32];
static char answer[1024];
static int spawn(int actor, unsigned long flags);

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
	size_t n = strlen(answer);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(answer + n, sizeof(answer) - n, fmt, ap);
	va_end(ap);
}

static void say_result(intmax_t got)
{
	if (got < 0)
		say("%s", errno_name(errno));
	else
		say("ok");
}

/* Blanks of any kind become one comma. */
static void say_words(const char *text, size_t len)
{
	int gap = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n' && i + 1 < len)
			say(";"), gap = 0;
		else if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n')
			gap = 1;
		else
			say("%s%c", gap ? "," : "", text[i]), gap = 0;
	}
}

static unsigned long number(const char *s)
{
	return !strcmp(s, "-1") ? 0xffffffffUL : strtoul(s, NULL, 0);
}

static unsigned long octal(const char *s)
{
	return strtoul(s, NULL, 8);
}

static int actor_of(const char *s)
{
	int i = s[0] == 'a' ? atoi(s + 1) : -1;

	return i >= 0 && i < ACTORS ? i : -1;
}

/* The number that an actor has for this one; 0: not made, or not seen. */
static pid_t number_of(int i)
{
	if (i < 0)
		return 0;
	if (!shared->home[me])
		return shared->pid[i];
	return shared->home[i] == shared->home[me] ? shared->inner[i] : 0;
}

#define NOBODY	30000	/* a number that no process has got so soon */

static pid_t pid_of(const char *s)
{
	pid_t pid = number_of(actor_of(s));

	return pid ? pid : NOBODY;
}

static const char *name_of(pid_t pid)
{
	static char name[16];

	for (int i = 0; i < ACTORS; i++)
		if (pid && number_of(i) == pid) {
			sprintf(name, "a%d", i);
			return name;
		}
	return pid ? "other" : "none";
}

static const char *file_of(const char *actor, const char *file)
{
	static char path[80];
	int i = actor_of(actor);

	if (!strcmp(actor, "self"))
		snprintf(path, sizeof(path), "/proc/self/%s", file);
	else
		snprintf(path, sizeof(path), "/proc/%d/%s", i < 0 ? 0 : shared->pid[i], file);
	return path;
}

/* A comma stands for a blank, a semicolon for the end of a line, @ for nothing. */
static size_t text_of(const char *word, char *buf, size_t size)
{
	size_t n = 0;

	if (!strcmp(word, "@"))
		return 0;
	for (; *word && n < size; word++)
		buf[n++] = *word == ',' ? ' ' : *word == ';' ? '\n' : *word;
	return n;
}

static unsigned long flags_of(const char *word)
{
	unsigned long flags = 0;

	if (strstr(word, "user"))
		flags |= CLONE_NEWUSER;
	for (int i = 0; ns_types[i].name; i++)
		if (strstr(word, ns_types[i].name))
			flags |= ns_types[i].flag;
	return flags;
}

static int slot_of(const char *word)
{
	return atoi(word) % SLOTS;
}

static int keep(int *slot, int fd)
{
	if (fd < 0)
		return -1;
	if (*slot > 0)
		close(*slot);
	*slot = fd;
	return 0;
}

/*
 * A map is told with lines joined that continue each other, for a line that was
 * split for 6.1 (see `span') is shown as it was written by 3.4.
 */
static int say_map(char *text)
{
	struct extent e, last = { 0, 0, 0 };
	int n, some = 0;

	for (; *text; text += n, some = 1) {
		if (sscanf(text, " %u %u %u\n%n", &e.inside, &e.outside, &e.count, &n) != 3)
			return -1;
		if (some && e.inside == last.inside + last.count &&
		    e.outside == last.outside + last.count) {
			last.count += e.count;
			continue;
		}
		if (some)
			say("%u,%u,%u;", last.inside, last.outside, last.count);
		last = e;
	}
	say("%u,%u,%u", last.inside, last.outside, last.count);
	return 0;
}

static void say_contents(int fd)
{
	char text[4096];
	ssize_t n = fd > 0 ? pread(fd, text, sizeof(text) - 1, 0) : (errno = EBADF, -1);

	if (n < 0) {
		say_result(n);
		return;
	}
	text[n] = 0;
	if (!n)
		say("empty");
	else if (say_map(text) < 0)
		say_words(text, n);
}

#endif
