// SPDX-License-Identifier: GPL-2.0
/* Each allocation fails once: mounts in a namespace, their copies, moves and ends (NEW-14). */
#define _GNU_SOURCE
#include "faults.h"
#include "mounts.h"

/* A root with mounts of his own, in which "m" is an empty folder. */
#define MEMBER (CLONE_NEWUSER | CLONE_NEWNS)

/* ---- filesystems ---- */

#define MOUNTER(type_, data_)					\
	static int mount_##type_(void)				\
	{							\
		return mount("none", "m", #type_, 0, data_);	\
	}
MOUNTER(proc, NULL)
MOUNTER(sysfs, NULL)
MOUNTER(tmpfs, "mode=0777")
MOUNTER(ramfs, NULL)
MOUNTER(devpts, "newinstance,ptmxmode=0666")
MOUNTER(mqueue, NULL)

static void with_tmpfs(void)
{
	EXPECT_OK(propagation("/", MS_REC | MS_PRIVATE));
	EXPECT_OK(tmpfs_on("m", 0));
}

static int run_remount(void)
{
	return mount(NULL, "m", NULL, MS_REMOUNT, "size=1m");
}

CASE_SECONDS(filesystems_without_memory_leave_nothing, "MNT-1 NEW-14", 3600)
{
	/* devpts takes an option that it cannot copy for a wrong one: as ever. */
	static const struct op ops[] = {
		{ .name = "mount proc", .flags = MEMBER | CLONE_NEWPID, .run = mount_proc },
		{ .name = "mount tmpfs", .flags = MEMBER, .run = mount_tmpfs },
		{ .name = "mount ramfs", .flags = MEMBER, .run = mount_ramfs },
		{ .name = "mount devpts", .flags = MEMBER, .run = mount_devpts,
		  .also = { EINVAL } },
		{ .name = "mount mqueue", .flags = MEMBER | CLONE_NEWIPC, .run = mount_mqueue },
		{ .name = "mount sysfs", .flags = MEMBER | CLONE_NEWNET, .run = mount_sysfs },
		{ .name = "remount tmpfs", .flags = MEMBER, .prepare = with_tmpfs,
		  .run = run_remount },
	};

	EXPECT_OK(mkdir("m", 0777));
	SWEEP(ops);
}

/* ---- mounts ---- */

/*
 * On "m" a tmpfs with "a", which has a mount in a mount, and empty folders; "a"
 * and its copies "b" and "c" are shared, but "c" is a slave.
 */
static void tree(void)
{
	with_tmpfs();
	new_tmpfs("m/a");
	new_tmpfs("m/a/x");
	new_tmpfs("m/a/x/y");
	new_dir("m/a/z");
	new_dir("m/b");
	new_dir("m/c");
	new_dir("m/d");
	new_tmpfs("m/f");
	new_tmpfs("m/f/g");
}

static void shared(void)
{
	tree();
	EXPECT_OK(propagation("m/a", MS_REC | MS_SHARED));
	EXPECT_OK(bind_mount("m/a", "m/b", MS_REC));
	EXPECT_OK(bind_mount("m/a", "m/c", MS_REC));
	EXPECT_OK(propagation("m/c", MS_REC | MS_SLAVE));
	EXPECT_OK(propagation("m/c", MS_REC | MS_SHARED));
}

static int run_bind(void)
{
	return bind_mount("m/a", "m/d", 0);
}

static int run_rbind(void)
{
	return bind_mount("m/a", "m/d", MS_REC);
}

static int run_into_shared(void)
{
	return bind_mount("m/f", "m/a/z", MS_REC);
}

static int run_mount_into_shared(void)
{
	return tmpfs_on("m/a/z", 0);
}

static int run_move(void)
{
	return move("m/f", "m/d");
}

static int run_move_into_shared(void)
{
	return move("m/f", "m/a/z");
}

static int run_share(void)
{
	return propagation("m/a", MS_REC | MS_SHARED);
}

static int run_slave(void)
{
	return propagation("m/b", MS_REC | MS_SLAVE);
}

static int run_private(void)
{
	return propagation("m/b", MS_REC | MS_PRIVATE);
}

static int run_umount(void)
{
	return umount2("m/a/x/y", 0);
}

static int run_detach(void)
{
	return umount2("m/a/x", MNT_DETACH);
}

static int run_readonly(void)
{
	return remount("m/a", MS_BIND | MS_RDONLY | MS_NOSUID);
}

static void new_root(void)
{
	tree();
	new_dir("m/f/old");
}

static int run_pivot(void)
{
	return pivot("m/f", "m/f/old");
}

static int run_copy(void)
{
	return sys_unshare(CLONE_NEWNS);
}

static int run_copy_below(void)
{
	return sys_unshare(CLONE_NEWUSER | CLONE_NEWNS);
}

/* Whoever is gone when its mounts are told to all others. */
static int run_rmdir(void)
{
	return rmdir("m/d");
}

static void covered(void)
{
	struct peer p;

	tree();
	/* A mount point in a namespace that is not ours: removal detaches it. */
	if (peer_start(&p, CLONE_NEWUSER | CLONE_NEWNS)) {
		EXPECT_OK(tmpfs_on("m/d", 0));
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
}

CASE_SECONDS(mounts_without_memory_stay_as_they_are, "MNT-1 NEW-14", 3600)
{
	static const struct op ops[] = {
		{ .name = "bind", .flags = MEMBER, .prepare = tree, .run = run_bind },
		{ .name = "rbind", .flags = MEMBER, .prepare = tree, .run = run_rbind },
		{ .name = "rbind of shared", .flags = MEMBER, .prepare = shared,
		  .run = run_rbind },
		{ .name = "rbind into shared", .flags = MEMBER, .prepare = shared,
		  .run = run_into_shared },
		{ .name = "mount into shared", .flags = MEMBER, .prepare = shared,
		  .run = run_mount_into_shared },
		{ .name = "move", .flags = MEMBER, .prepare = tree, .run = run_move },
		{ .name = "move into shared", .flags = MEMBER, .prepare = shared,
		  .run = run_move_into_shared },
		{ .name = "share", .flags = MEMBER, .prepare = tree, .run = run_share },
		{ .name = "slave", .flags = MEMBER, .prepare = shared, .run = run_slave },
		{ .name = "private", .flags = MEMBER, .prepare = shared, .run = run_private },
		{ .name = "umount", .flags = MEMBER, .prepare = shared, .run = run_umount },
		{ .name = "detach", .flags = MEMBER, .prepare = shared, .run = run_detach },
		{ .name = "readonly bind", .flags = MEMBER, .prepare = tree, .run = run_readonly },
		{ .name = "pivot_root", .flags = MEMBER, .prepare = new_root, .run = run_pivot },
		{ .name = "copy of mounts", .flags = MEMBER, .prepare = shared, .run = run_copy },
		{ .name = "copy of mounts below", .flags = MEMBER, .prepare = shared,
		  .run = run_copy_below },
		{ .name = "rmdir of a mount point", .flags = MEMBER, .prepare = covered,
		  .run = run_rmdir },
	};

	EXPECT_OK(mkdir("m", 0777));
	SWEEP(ops);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
