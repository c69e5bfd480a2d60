// SPDX-License-Identifier: GPL-2.0
/* Each allocation fails once: creation, maps, files of namespaces, setns (NEW-14). */
#define _GNU_SOURCE
#include <sys/ioctl.h>

#include "faults_ops.h"

#ifndef NS_GET_USERNS
#define NS_GET_USERNS _IO(0xb7, 0x1)
#endif

static unsigned long made;	/* flags of what is made */

/* ---- creation ---- */

static int run_unshare(void)
{
	return sys_unshare(made);
}

static int run_clone(void)
{
	int status;
	pid_t pid = sys_clone(made);

	if (!pid)
		_exit(0);
	if (pid < 0)
		return -1;
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	return 0;
}

#define MAKER(name_, flags_)					\
	static void name_(void)					\
	{							\
		made = CLONE_NEWUSER | (flags_);		\
	}
MAKER(user, 0)
MAKER(user_ipc, CLONE_NEWIPC)
MAKER(user_mnt, CLONE_NEWNS)
MAKER(user_net, CLONE_NEWNET)
MAKER(user_pid, CLONE_NEWPID)
MAKER(user_uts, CLONE_NEWUTS)
MAKER(user_all, SPACES)

CASE_SECONDS(creation_without_memory_leaves_nothing, "NEW-14", 3600)
{
	static const struct op ops[] = {
		{ .name = "clone user", .prepare = user, .run = run_clone },
		{ .name = "clone user,ipc", .prepare = user_ipc, .run = run_clone },
		{ .name = "clone user,mnt", .prepare = user_mnt, .run = run_clone },
		{ .name = "clone user,pid", .prepare = user_pid, .run = run_clone },
		{ .name = "clone user,uts", .prepare = user_uts, .run = run_clone },
		{ .name = "clone user in user", .flags = CLONE_NEWUSER, .prepare = user,
		  .run = run_clone },
		{ .name = "unshare user", .prepare = user, .run = run_unshare },
		{ .name = "unshare user,ipc", .prepare = user_ipc, .run = run_unshare },
		{ .name = "unshare user,mnt", .prepare = user_mnt, .run = run_unshare },
		{ .name = "unshare user,pid", .prepare = user_pid, .run = run_unshare },
		{ .name = "unshare user,uts", .prepare = user_uts, .run = run_unshare },
		{ .name = "unshare user in user", .flags = CLONE_NEWUSER, .prepare = user,
		  .run = run_unshare },
	};

	SWEEP(ops);
}

/* ---- maps ---- */

#define MAPPER(name_, file_, n_)				\
	static void name_(void)					\
	{							\
		map_of(file_, n_);				\
	}
MAPPER(uid_1, "uid_map", 1)
MAPPER(uid_5, "uid_map", 5)
MAPPER(uid_6, "uid_map", 6)
MAPPER(uid_340, "uid_map", 340)
MAPPER(gid_1, "gid_map", 1)
MAPPER(gid_6, "gid_map", 6)
MAPPER(gid_340, "gid_map", 340)
MAPPER(projid_1, "projid_map", 1)
MAPPER(projid_6, "projid_map", 6)

/* One line over 300 of the parent. */
static void split(void)
{
	lines(300);
	enter_new(0, text, text);
	member_ids(0, 0);
	map_of("uid_map", 1);
	strcpy(text, "0 0 300");
}

static void deny(void)
{
	map_of("setgroups", 1);
	strcpy(text, "deny");
}

CASE_SECONDS(maps_without_memory_stay_unset, "MAP-2 MAP-6 NEW-14", 3600)
{
	static const struct op ops[] = {
		{ .name = "uid_map 1", .prepare = uid_1, .run = run_write },
		{ .name = "uid_map 5", .prepare = uid_5, .run = run_write },
		{ .name = "uid_map 6", .prepare = uid_6, .run = run_write },
		{ .name = "uid_map 340", .prepare = uid_340, .run = run_write },
		{ .name = "gid_map 1", .prepare = gid_1, .run = run_write },
		{ .name = "gid_map 6", .prepare = gid_6, .run = run_write },
		{ .name = "gid_map 340", .prepare = gid_340, .run = run_write },
		{ .name = "projid_map 1", .prepare = projid_1, .run = run_write },
		{ .name = "projid_map 6", .prepare = projid_6, .run = run_write },
		{ .name = "uid_map split", .prepare = split, .run = run_write },
		{ .name = "setgroups", .prepare = deny, .run = run_write },
	};

	SWEEP(ops);
}

/* ---- files of namespaces, setns ---- */

static void others(void)
{
	if (peer_start(&target, CLONE_NEWUSER)) {
		peer_await(&target);
		done();
	}
}

static int try_open(const char *path, int flags)
{
	int ret = open(path, flags | O_CLOEXEC);

	if (ret >= 0)
		close(ret);
	return ret;
}

static int run_open_ns(void)
{
	static const char *const name[] = {
		"ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/uts", "ns/user",
	};

	for (int i = 0; i < 6; i++)
		if (try_open(proc_path(target.pid, name[i]), O_RDONLY) < 0)
			return -1;
	return 0;
}

static int run_open_maps(void)
{
	static const char *const name[] = {
		"uid_map", "gid_map", "projid_map", "setgroups",
	};

	for (int i = 0; i < 4; i++)
		if (try_open(proc_path(target.pid, name[i]), O_RDWR) < 0)
			return -1;
	return 0;
}

static int run_read_map(void)
{
	char buf[4096];

	return pread(fd, buf, sizeof(buf), 0);
}

static void full_map(void)
{
	map_of("uid_map", 340);
	EXPECT_OK(fd_write(fd, text));
}

static int run_owner(void)
{
	int ret = ioctl(fds[4], NS_GET_USERNS);

	if (ret >= 0)
		close(ret);
	return ret;
}

CASE_SECONDS(files_of_namespaces_without_memory, "NSF-1 NEW-14", 3600)
{
	/* As ever: a name in /proc without an inode is not there, a file is one too many. */
	static const struct op ops[] = {
		{ .name = "open ns files", .prepare = others,
		  .run = run_open_ns, .also = { ENOENT, ENFILE } },
		{ .name = "open map files", .prepare = others,
		  .run = run_open_maps, .also = { ENOENT, ENFILE } },
		{ .name = "read uid_map", .prepare = full_map, .run = run_read_map },
		{ .name = "owner of uts", .prepare = spaces, .run = run_owner,
		  .also = { ENFILE } },
		{ .name = "setns user", .prepare = to_user, .run = run_setns },
		{ .name = "setns ipc", .prepare = to_ipc, .run = run_setns },
		{ .name = "setns mnt", .prepare = to_mnt, .run = run_setns },
		{ .name = "setns pid", .prepare = to_pid, .run = run_setns },
		{ .name = "setns uts", .prepare = to_uts, .run = run_setns },
	};

	SWEEP(ops);
}

/* ---- networks ---- */

/*
 * Last, for they take long.  As ever, a protocol that could not begin has a word of
 * its own for that: ENOBUFS, ENFILE, EAFNOSUPPORT, EINVAL, even EPERM.
 */
CASE_SECONDS(a_network_without_memory_leaves_nothing, "NEW-14", 3600)
{
	static const struct op ops[] = {
		{ .name = "clone user,net", .prepare = user_net, .run = run_clone, .any = 1 },
		{ .name = "clone all", .prepare = user_all, .run = run_clone, .any = 1 },
		{ .name = "unshare user,net", .prepare = user_net, .run = run_unshare, .any = 1 },
		{ .name = "unshare all", .prepare = user_all, .run = run_unshare, .any = 1 },
	};

	SWEEP(ops);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
