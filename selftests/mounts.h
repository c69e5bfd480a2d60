/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of mounts share. Every case begins with own_mounts() or enters a namespace. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "userns.h"

/* As root of init: a mount namespace of init for this case, all private. */
static inline void own_mounts(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* As root of init: become root of a namespace of OWNER, which owns the mounts. */
static inline void enter_as_root(unsigned long more_flags)
{
	enter_owned(CLONE_NEWNS | more_flags, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
}

/* A child that is such a root: 1 there, before anything is told. */
static inline int root_start(struct peer *p, unsigned long more_flags)
{
	if (!peer_start(p, 0))
		return 0;
	enter_as_root(more_flags);
	return 1;
}

/* As root of a namespace: one below, that owns a copy of the mounts. */
static inline void enter_below(unsigned long more_flags)
{
	enter_new(CLONE_NEWNS | more_flags, "0 0 100", "0 0 100");
	member_ids(0, 0);
}

static inline int bind_mount(const char *from, const char *to, unsigned long more)
{
	return mount(from, to, NULL, MS_BIND | more, NULL);
}

static inline int remount(const char *at, unsigned long flags)
{
	return mount(NULL, at, NULL, MS_REMOUNT | flags, NULL);
}

static inline int propagation(const char *at, unsigned long flags)
{
	return mount(NULL, at, NULL, flags, NULL);
}

static inline int move(const char *from, const char *to)
{
	return mount(from, to, NULL, MS_MOVE, NULL);
}

static inline int pivot(const char *new_root, const char *put_old)
{
	return syscall(SYS_pivot_root, new_root, put_old);
}

static inline void new_dir(const char *path)
{
	EXPECT_OK(mkdir(path, 0755));
}

static inline int tmpfs_on(const char *path, unsigned long flags)
{
	return mount("none", path, "tmpfs", flags, "mode=0777");
}

/* A new directory with a tmpfs on it. */
static inline void new_tmpfs(const char *path)
{
	new_dir(path);
	EXPECT_OK(tmpfs_on(path, 0));
}

static inline int exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static inline dev_t device(const char *path)
{
	struct stat st;

	EXPECT_OK(stat(path, &st));
	return st.st_dev;
}

static inline const char *fd_path(int fd)
{
	static char buf[40];

	snprintf(buf, sizeof(buf), "/proc/self/fd/%d", fd);
	return buf;
}

/* What is below p/c is hidden by a mount: p/c/secret by p/c/cover. */
static inline void cover(void)
{
	new_tmpfs("p");
	new_dir("p/c");
	new_dir("p/free");
	touch("p/c/secret", 0, 0, 0644);
	EXPECT_OK(tmpfs_on("p/c", 0));
	touch("p/c/cover", 0, 0, 0644);
}

#endif
