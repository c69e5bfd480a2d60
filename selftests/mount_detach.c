// SPDX-License-Identifier: GPL-2.0
/* Mountpoints that are removed, and mounts that are taken off: MNT-6, MNT-7, MNT-8. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "mounts.h"

/* A directory w that everybody may write, with a file and a directory of BASE. */
static void work(void)
{
	new_tmpfs("w");
	new_dir("w/d");
	EXPECT_OK(chown("w/d", BASE, BASE));
	touch("w/f", BASE, BASE, 0666);
	touch("w/g", BASE, BASE, 0666);
	touch("w/other", BASE, BASE, 0666);
}

static void mount_on_both(void)
{
	EXPECT_OK(tmpfs_on("w/d", 0));
	touch("w/d/inner", 0, 0, 0600);
	EXPECT_OK(bind_mount("w/other", "w/f", 0));
}

static int mounted_at(const char *end)
{
	return strstr(proc_read(0, "mountinfo"), end) != NULL;
}

static void all_are_busy(void)
{
	EXPECT_ERR(rmdir("w/d"), EBUSY);
	EXPECT_ERR(unlink("w/f"), EBUSY);
	EXPECT_ERR(rename("w/d", "w/d2"), EBUSY);
	EXPECT_ERR(rename("w/f", "w/f2"), EBUSY);
	EXPECT_ERR(rename("w/g", "w/f"), EBUSY);
}

CASE(a_mountpoint_of_a_namespace_can_be_removed, "MNT-6")
{
	struct peer p;

	own_mounts();
	work();
	if (root_start(&p, 0)) {
		int dir, file;

		mount_on_both();
		all_are_busy();
		dir = EXPECT_OK(open("w/d", O_RDONLY | O_DIRECTORY));
		file = EXPECT_OK(open("w/f", O_RDWR));
		peer_tell(&p);
		peer_await(&p);
		/* Renamed: the mounts went along. */
		EXPECT(exists("w/d2/inner"));
		EXPECT(mounted_at("/w/d2 "));
		EXPECT(mounted_at("/w/f2 "));
		peer_tell(&p);
		peer_await(&p);
		/* Removed: detached, and what is open stays usable. */
		EXPECT(!exists("w/d2"));
		EXPECT(!exists("w/f2"));
		EXPECT(!mounted_at("/w/d2"));
		EXPECT(!mounted_at("/w/f2"));
		EXPECT_OK(faccessat(dir, "inner", F_OK, 0));
		EXPECT_OK(fd_write(file, "x"));
		EXPECT_OK(bind_mount("w/other", "w/g", 0));
		peer_tell(&p);
		peer_await(&p);
		/* Replaced. */
		EXPECT(!mounted_at("/w/g "));
		EXPECT_EQ(file_uid("w/g"), OVERFLOW_ID);
		done();
	}
	peer_await(&p);
	EXPECT_OK(rename("w/d", "w/d2"));
	EXPECT_OK(rename("w/f", "w/f2"));
	peer_tell(&p);
	peer_await(&p);
	EXPECT_OK(rmdir("w/d2"));
	EXPECT_OK(unlink("w/f2"));
	peer_tell(&p);
	peer_await(&p);
	touch("w/new", 0, 0, 0600);
	EXPECT_OK(rename("w/new", "w/g"));
	peer_end(&p);
}

/* Two on one directory, by two ways to it: the first or the second goes first. */
CASE(a_mountpoint_is_one_until_the_last_mount_goes, "MNT-6")
{
	own_mounts();
	work();
	new_dir("v");
	EXPECT_OK(bind_mount("w", "v", 0));
	for (int first = 0; first < 2; first++) {
		EXPECT_OK(tmpfs_on("w/d", 0));
		EXPECT_OK(tmpfs_on("v/d", 0));
		EXPECT_ERR(rmdir("w/d"), EBUSY);
		EXPECT_OK(umount2(first ? "w/d" : "v/d", 0));
		EXPECT_ERR(rmdir("w/d"), EBUSY);
		EXPECT_ERR(rmdir("v/d"), EBUSY);
		EXPECT_OK(umount2(first ? "v/d" : "w/d", 0));
	}
	EXPECT_OK(rmdir("w/d"));
}

/* More than are taken off at a time, some of them below others. */
CASE(a_mountpoint_of_very_many_mounts_can_be_removed, "MNT-6")
{
	struct peer p;

	own_mounts();
	work();
	EXPECT_OK(chmod(".", 0777));
	if (root_start(&p, 0)) {
		for (int i = 0; i < 20; i++)
			EXPECT_OK(bind_mount("w/other", "w/f", 0));
		for (int i = 0; i < 70; i++) {
			char name[16];

			snprintf(name, sizeof(name), "v%d", i);
			new_dir(name);
			EXPECT_OK(bind_mount("w", name, 0));
			strcat(name, "/d");
			EXPECT_OK(tmpfs_on(name, 0));
		}
		peer_tell(&p);
		peer_await(&p);
		EXPECT(!mounted_at("/d "));
		EXPECT(!mounted_at("/w/f "));
		EXPECT(!exists("v0/d"));
		done();
	}
	peer_await(&p);
	EXPECT_OK(unlink("w/f"));
	EXPECT_OK(rmdir("w/d"));
	peer_end(&p);
}

CASE(a_directory_is_replaced_under_a_mount, "MNT-6")
{
	struct peer p;

	own_mounts();
	work();
	if (root_start(&p, 0)) {
		mount_on_both();
		/* Several, one of them seen by nobody. */
		EXPECT_OK(tmpfs_on("w/d", 0));
		peer_tell(&p);
		peer_await(&p);
		EXPECT(!mounted_at("/w/d "));
		EXPECT(exists("w/d/fresh"));
		done();
	}
	peer_await(&p);
	new_dir("w/e");
	EXPECT_OK(rename("w/e", "w/d"));
	touch("w/d/fresh", 0, 0, 0644);
	peer_end(&p);
}

/* Of a namespace above, beside and of the same owner. */
CASE(a_mountpoint_of_any_other_namespace_can_be_removed, "MNT-6")
{
	struct peer p, q;

	own_mounts();
	work();
	if (root_start(&p, 0)) {
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(rmdir("w/d"));
		EXPECT_OK(rename("w/g", "w/f"));
		done();
	}
	peer_await(&p);
	if (peer_start(&q, CLONE_NEWNS)) {
		mount_on_both();
		peer_tell(&q);
		peer_await(&q);
		EXPECT(!mounted_at("/w/d "));
		EXPECT(!mounted_at("/w/f "));
		done();
	}
	peer_await(&q);
	mount_on_both();
	all_are_busy();
	peer_end(&p);
	EXPECT(!mounted_at("/w/d "));
	EXPECT(!mounted_at("/w/f "));
	peer_end(&q);
}

static void is_covered(int dir)
{
	EXPECT_OK(faccessat(dir, "c/cover", F_OK, 0));
	EXPECT_ERR(faccessat(dir, "c/secret", F_OK, 0), ENOENT);
	EXPECT_ERR(openat(dir, "c/secret", O_RDONLY), ENOENT);
}

CASE(a_lazy_umount_uncovers_nothing, "MNT-7")
{
	int dir, cover_fd, i;

	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	cover();
	new_dir("b");
	new_dir("e");
	enter_as_root(0);
	EXPECT_OK(bind_mount("p", "b", MS_REC));
	dir = EXPECT_OK(open("b", O_RDONLY | O_DIRECTORY));
	cover_fd = EXPECT_OK(open("b/c", O_RDONLY | O_DIRECTORY));
	EXPECT_OK(umount2("b", MNT_DETACH));
	is_covered(dir);
	EXPECT_OK(fchdir(dir));
	EXPECT(exists("c/cover"));
	/* It is in no namespace: nothing can be done with it. */
	EXPECT_ERR(umount2("c", MNT_DETACH), EINVAL);
	EXPECT_ERR(tmpfs_on("c", 0), EINVAL);
	EXPECT_ERR(bind_mount(".", "/tmp", MS_REC), EINVAL);
	EXPECT_ERR(bind_mount("c", "/tmp", 0), EINVAL);
	EXPECT_ERR(move("c", "/tmp"), EINVAL);
	EXPECT_ERR(remount("c", MS_BIND | MS_RDONLY), EINVAL);
	/* Up from the mount on top, as long as what it is on is held, and after. */
	EXPECT_OK(fchdir(cover_fd));
	EXPECT(exists("../c/cover"));
	EXPECT(!exists("../c/secret"));
	EXPECT_OK(close(dir));
	for (i = 0; i < 3; i++)
		EXPECT(exists("cover"));
	EXPECT(!exists("../c/secret"));
	EXPECT(!exists("../secret"));
}

CASE(what_came_by_propagation_uncovers_nothing, "MNT-7")
{
	struct peer p;

	own_mounts();
	cover();
	new_tmpfs("s");
	new_dir("s/x");
	EXPECT_OK(propagation("s", MS_SHARED));
	if (root_start(&p, 0)) {
		int dir;

		peer_tell(&p);
		peer_await(&p);
		dir = EXPECT_OK(open("s/x", O_RDONLY | O_DIRECTORY));
		EXPECT_OK(umount2("s/x", MNT_DETACH));
		is_covered(dir);
		done();
	}
	peer_await(&p);
	EXPECT_OK(bind_mount("p", "s/x", MS_REC));
	peer_end(&p);
}

CASE(the_end_of_a_namespace_uncovers_nothing, "MNT-7")
{
	struct peer p;
	int dir;

	own_mounts();
	cover();
	if (root_start(&p, 0)) {
		dir = EXPECT_OK(open("p", O_RDONLY | O_DIRECTORY));
		peer_send_fd(&p, dir);
		peer_await(&p);
		done();
	}
	dir = peer_recv_fd(&p);
	peer_end(&p);
	is_covered(dir);
	/* Here it can be taken off, and there it then goes with its directory. */
	EXPECT_OK(umount2("p/c", 0));
	is_covered(dir);
	EXPECT_OK(unlink("p/c/secret"));
	EXPECT_OK(rmdir("p/c"));
	EXPECT_ERR(faccessat(dir, "c", F_OK, 0), ENOENT);
	EXPECT_OK(faccessat(dir, "free", F_OK, 0));
	EXPECT_OK(close(dir));
	EXPECT_OK(umount2("p", 0));
}

CASE_SECONDS(what_stays_on_a_detached_mount_is_freed, "MNT-7", 60)
{
	enum { ROUNDS = 150 };
	struct slabs before;
	struct peer p;

	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	cover();
	/* Deeply stacked, all locked in the copies. */
	for (int i = 0; i < 20; i++)
		EXPECT_OK(tmpfs_on("p/c", 0));
	new_dir("b");
	slabs_read(&before);
	if (root_start(&p, 0)) {
		for (int i = 0; i < ROUNDS; i++) {
			int dir, top;

			EXPECT_OK(bind_mount("p", "b", MS_REC));
			dir = EXPECT_OK(open("b", O_RDONLY));
			top = EXPECT_OK(open("b/c", O_RDONLY));
			EXPECT_OK(umount2("b", MNT_DETACH));
			EXPECT_OK(close(i % 2 ? dir : top));
			EXPECT_OK(close(i % 2 ? top : dir));
		}
		done();
	}
	peer_join(&p);
	slabs_expect_growth_below(&before, ROUNDS * 10);
	EXPECT_OK(umount2("p", MNT_DETACH));
}

CASE(force_asks_the_owner_of_the_superblock, "MNT-7")
{
	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	new_tmpfs("p");
	new_dir("b");
	enter_as_root(0);
	EXPECT_OK(bind_mount("p", "b", 0));
	EXPECT_ERR(umount2("b", MNT_FORCE), EPERM);
	EXPECT_ERR(umount2("b", MNT_FORCE | MNT_DETACH), EPERM);
	EXPECT_OK(umount2("b", 0));
}

CASE(the_owner_of_a_superblock_may_use_force, "MNT-7")
{
	new_dir("b");
	enter_as_root(0);
	EXPECT_OK(tmpfs_on("b", 0));
	EXPECT_OK(umount2("b", MNT_FORCE));
	EXPECT_OK(tmpfs_on("b", 0));
	enter_below(0);
	EXPECT_OK(bind_mount("b", "b", 0));
	EXPECT_ERR(umount2("b", MNT_FORCE), EPERM);
}

CASE(umount_of_the_root_asks_the_owner_of_the_superblock, "MNT-7")
{
	struct peer p;

	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	new_tmpfs("p");
	new_dir("p/b");
	new_dir("own");
	if (root_start(&p, 0)) {
		EXPECT_ERR(umount2("/", 0), EINVAL);
		/* In a mount that is not locked. */
		EXPECT_OK(bind_mount("p/b", "p/b", 0));
		EXPECT_OK(tmpfs_on("own", 0));
		EXPECT_OK(chroot("p/b"));
		EXPECT_ERR(umount2("/", 0), EPERM);
		EXPECT_ERR(umount2("/", MNT_FORCE), EPERM);
		EXPECT_OK(chroot("own"));
		EXPECT_OK(mkdir("/before", 0755));
		EXPECT_OK(umount2("/", 0));
		EXPECT_ERR(mkdir("/after", 0755), EROFS);
		done();
	}
	peer_join(&p);
	touch("p/b/writable", 0, 0, 0600);
	touch("writable", 0, 0, 0600);
}

CASE(a_rename_is_no_way_out_of_a_bind_mount, "MNT-8")
{
	char buf[4096];
	struct peer p;

	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	new_dir("a");
	new_dir("a/b");
	new_dir("a/b/c");
	new_dir("a/b/c/d");
	touch("a/outside", 0, 0, 0644);
	touch("a/b/inside", 0, 0, 0644);
	new_dir("m");
	if (root_start(&p, 0)) {
		int inner;

		EXPECT_OK(bind_mount("a/b", "m", 0));
		inner = EXPECT_OK(open("m/c/d", O_RDONLY | O_DIRECTORY));
		EXPECT_OK(chroot("m"));
		EXPECT_OK(fchdir(inner));
		EXPECT(exists("../../inside"));
		EXPECT(!exists("../../../outside"));
		peer_tell(&p);
		peer_await(&p);
		/* c is beside m's root now. */
		EXPECT(!exists("../../outside"));
		EXPECT(!exists("../../b/inside"));
		EXPECT_ERR(chdir("../.."), ENOENT);
		EXPECT_OK(syscall(SYS_getcwd, buf, sizeof(buf)));
		EXPECT(buf[0] != '/');
		done();
	}
	peer_await(&p);
	EXPECT_OK(rename("a/b/c", "a/c"));
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
