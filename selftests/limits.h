/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/sys/user, and making as many namespaces as it allows. */
#ifndef LIMITS_H
#define LIMITS_H

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

static const struct ns_type all_types[] = {
	{ "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID }, { "net", CLONE_NEWNET },
	{ "ipc", CLONE_NEWIPC }, { "uts", CLONE_NEWUTS }, { 0 }
};

#define for_each_type(t) \
	for (const struct ns_type *t = all_types; t->name; t++)

static inline const char *limit_path(const char *type)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", type);
	return path;
}

static inline int limit_open(const char *type, int flags)
{
	return open(limit_path(type), flags | O_CLOEXEC);
}

static inline void require_limits(void)
{
	if (access(limit_path("user"), F_OK))
		SKIP("no /proc/sys/user");
}

static inline void limit_set(const char *type, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	EXPECT_OK(write_text(limit_path(type), text));
}

static inline int fd_number_at(int fd)
{
	char text[32] = "";

	EXPECT_OK(pread(fd, text, sizeof(text) - 1, 0));
	return atoi(text);
}

static inline int limit_get(const char *type)
{
	int fd = EXPECT_OK(limit_open(type, O_RDONLY));
	int value = fd_number_at(fd);

	EXPECT_OK(close(fd));
	return value;
}

/* In a new namespace of 1,000 ids, as this one of them, with all capabilities. */
static inline void enter_as(uid_t id)
{
	enter_new(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(id, id);
}

static inline void expect_none(const struct ns_type *t)
{
	EXPECT_ERR(clone_fn(t->flag, return_at_once, NULL), ENOSPC);
	EXPECT_ERR(sys_unshare(t->flag), ENOSPC);
}

/*
 * A process in a namespace of its own of that type, that waits.  What is gone
 * may count for a while, for namespaces end after their last user.
 */
static inline void hold(struct peer *p, const struct ns_type *t)
{
	int fds[2];
	pid_t pid = -1;

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	for (int tries = 0; pid < 0 && tries < 10000; tries++) {
		pid = sys_clone(t->flag);
		if (pid < 0) {
			EXPECT_EQ(errno, ENOSPC);
			usleep(1000);
		}
	}
	if (pid < 0)
		FAIL("%s: what is gone still counts", t->name);
	p->pid = pid;
	p->fd = fds[!pid];
	EXPECT_OK(close(fds[!!pid]));
	if (!pid) {
		peer_await(p);
		done();
	}
}

/* This many can be made, by this user of the caller's namespace, and no more. */
static inline void expect_room(int n, const struct ns_type *t, uid_t id)
{
	struct peer p, held[4];

	if (peer_start(&p, 0)) {
		member_ids(id, id);
		for (int i = 0; i < n; i++)
			hold(&held[i], t);
		expect_none(t);
		for (int i = 0; i < n; i++)
			peer_end(&held[i]);
		done();
	}
	peer_join(&p);
}

#endif
