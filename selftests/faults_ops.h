/* SPDX-License-Identifier: GPL-2.0 */
/* Operations that fail, or are interrupted: a map is written, a namespace entered. */
#ifndef FAULTS_OPS_H
#define FAULTS_OPS_H

#include "faults.h"

#define SPACES (CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS)

static int fd, fds[6];
static struct peer target;

static char text[MAP_TEXT_MAX];

static void lines(unsigned int n)
{
	static struct extent e[340];

	for (unsigned int i = 0; i < n; i++)
		e[i] = (struct extent){ i, 1000 + 2 * i, 1 };
	map_text(text, e, n);
}

static void map_of(const char *file, unsigned int n)
{
	lines(n);
	target_start(&target);
	fd = EXPECT_OK(proc_open(target.pid, file, O_RDWR));
}

static int run_write(void)
{
	return fd_write(fd, text);
}

static int type;	/* index of fds[] */

static void spaces(void)
{
	if (peer_start(&target, CLONE_NEWUSER | (SPACES & ~CLONE_NEWNET))) {
		peer_await(&target);
		done();
	}
	for (int i = 0; i < 5; i++)
		fds[i] = ns_fd(target.pid, ns_types[i].name);
	fds[5] = user_ns_fd(target.pid);
}

static int run_setns(void)
{
	return sys_setns(fds[type], 0);
}

/* In the order of ns_types[]. */
#define ENTERER(name_, n_)					\
	static void name_(void)					\
	{							\
		spaces();					\
		type = n_;					\
	}
ENTERER(to_ipc, 0)
ENTERER(to_mnt, 1)
ENTERER(to_pid, 3)
ENTERER(to_uts, 4)
ENTERER(to_user, 5)

#endif
