// SPDX-License-Identifier: GPL-2.0
/* Mounts and superblocks of somebody else: MNT-1, MNT-2, MNT-4, MNT-9. */
#define _GNU_SOURCE
#include "mounts.h"

/* A descriptor leads to a mount of the mount namespace above. */
CASE(mounts_of_another_namespace_stay, "MNT-1")
{
	struct peer p;
	int fd, empty;

	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	new_tmpfs("host");
	new_dir("host/d");
	new_dir("b");
	fd = EXPECT_OK(open("host", O_RDONLY | O_DIRECTORY));
	if (root_start(&p, 0)) {
		char there[64];

		empty = EXPECT_OK(open("b", O_RDONLY | O_DIRECTORY));
		EXPECT_OK(fchdir(fd));
		snprintf(there, sizeof(there), "%s/d", fd_path(fd));
		EXPECT_ERR(umount2(fd_path(fd), MNT_DETACH), EINVAL);
		EXPECT_ERR(umount2(fd_path(fd), 0), EINVAL);
		EXPECT_ERR(tmpfs_on(there, 0), EINVAL);
		EXPECT_ERR(bind_mount(fd_path(empty), there, 0), EINVAL);
		EXPECT_ERR(bind_mount(there, "/tmp", 0), EINVAL);
		EXPECT_ERR(bind_mount(there, "/tmp", MS_REC), EINVAL);
		EXPECT_ERR(move(fd_path(fd), "/tmp"), EINVAL);
		EXPECT_ERR(remount(fd_path(fd), MS_BIND | MS_RDONLY), EINVAL);
		EXPECT_ERR(pivot(fd_path(fd), there), EINVAL);
		/* Nor is one of its own brought there. */
		EXPECT_OK(tmpfs_on("/tmp", 0));
		EXPECT_ERR(move("/tmp", there), EINVAL);
		done();
	}
	peer_join(&p);
	touch("host/d/writable", 0, 0, 0644);
	EXPECT_EQ(device("host/d"), device("host"));
	EXPECT_OK(close(fd));
	EXPECT_OK(umount2("host", 0));
}

/* CVE-2014-7970: a circle of mounts, which could not be unmounted. */
CASE(a_new_root_lies_below_the_old_one, "MNT-1")
{
	struct peer p;
	int top;

	own_mounts();
	new_dir("x");
	if (root_start(&p, 0)) {
		/* A mount that is not locked, to be the root. */
		EXPECT_OK(tmpfs_on("x", 0));
		new_dir("x/y");
		new_dir("x/old");
		EXPECT_OK(tmpfs_on("x/y", 0));
		top = EXPECT_OK(open("x", O_RDONLY | O_DIRECTORY));
		EXPECT_OK(chroot("x/y"));
		EXPECT_OK(fchdir(top));
		EXPECT_ERR(pivot(".", "."), EINVAL);
		EXPECT_ERR(pivot(".", "old"), EINVAL);
		done();
	}
	peer_join(&p);
}

/* Its pid namespace, and the proc of that, are made from outside. */
CASE(proc_belongs_to_the_owner_of_the_pid_namespace, "MNT-9 MNT-2")
{
	struct peer p;

	new_dir("m");
	if (peer_start(&p, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)) {
		peer_await(&p);
		member_ids(0, 0);
		EXPECT_OK(mount("none", "m", "proc", 0, NULL));
		EXPECT_OK(mount(NULL, "m", NULL, MS_REMOUNT, "hidepid=1"));
		done();
	}
	write_maps(p.pid, BLOCK_MAP, BLOCK_MAP);
	peer_end(&p);
}

/* Root of init mounts what the namespaces of a member show, there. */
static void mounted_from_outside(const char *type)
{
	char dir[256];
	struct peer p, q;

	own_mounts();
	new_dir("m");
	EXPECT(getcwd(dir, sizeof(dir)) != NULL);
	if (root_start(&p, CLONE_NEWNET | CLONE_NEWIPC)) {
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(remount("m", MS_RDONLY));
		done();
	}
	peer_await(&p);
	if (peer_start(&q, 0)) {
		int mnt = ns_fd(p.pid, "mnt");

		EXPECT_OK(sys_setns(ns_fd(p.pid, "net"), 0));
		EXPECT_OK(sys_setns(ns_fd(p.pid, "ipc"), 0));
		EXPECT_OK(sys_setns(mnt, 0));
		EXPECT_OK(chdir(dir));
		EXPECT_OK(mount("none", "m", type, 0, NULL));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(mqueue_belongs_to_the_owner_of_the_ipc_namespace, "MNT-9 MNT-2")
{
	mounted_from_outside("mqueue");
}

/* Of Linux it belongs to init. */
CASE(sysfs_belongs_to_the_owner_of_the_network_namespace, "MNT-9 MNT-2")
{
	mounted_from_outside("sysfs");
}

CASE(a_file_of_sysfs_stays_roots_when_its_mode_is_set, "IDS-2 IDS-3")
{
	struct stat before, after;

	new_dir("m");
	EXPECT_OK(unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mount("none", "m", "sysfs", 0, NULL));
	EXPECT_OK(chdir("m/kernel"));
	EXPECT_OK(stat("uevent_seqnum", &before));
	/* The same mode: what it sets is the machine's. */
	EXPECT_OK(chmod("uevent_seqnum", before.st_mode & 07777));
	EXPECT_OK(stat("uevent_seqnum", &after));
	EXPECT_EQ(after.st_mode, before.st_mode);
	EXPECT_EQ(after.st_uid, 0);
	EXPECT_EQ(after.st_gid, 0);
}

/* An instance of one's own would not be read-only by itself. */
CASE(a_read_only_sysfs_stays_read_only_below, "MNT-4")
{
	struct peer p;

	new_dir("m");
	if (root_start(&p, CLONE_NEWNET)) {
		EXPECT_OK(mount("none", "/sys", "sysfs", 0, NULL));
		EXPECT_OK(remount("/sys", MS_RDONLY));
		/* Just the superblock. */
		EXPECT_OK(remount("/sys", MS_BIND));
		enter_below(CLONE_NEWNET);
		EXPECT_ERR(mount("none", "m", "sysfs", 0, NULL), EPERM);
		EXPECT_OK(mount("none", "m", "sysfs", MS_RDONLY, NULL));
		EXPECT_ERR(remount("m", MS_BIND), EPERM);
		done();
	}
	peer_join(&p);
}

/* Who owns the mount namespace from outside, and has no capability there. */
CASE(an_owner_outside_without_capability_mounts_nothing, "MNT-2 CAP-3")
{
	struct peer p, q;

	require_namespaces();
	if (root_start(&p, 0)) {
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	if (peer_start(&q, 0)) {
		EXPECT_OK(sys_setns(ns_fd(p.pid, "mnt"), CLONE_NEWNS));
		become(OWNER, OWNER, 0);
		EXPECT_ERR(tmpfs_on("/tmp", 0), EPERM);
		EXPECT_ERR(mount("none", "/tmp", "ramfs", 0, NULL), EPERM);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
