// SPDX-License-Identifier: GPL-2.0
/* What comes with the mounts of another owner stays as it came: MNT-3. */
#define _GNU_SOURCE
#include <sys/statvfs.h>

#include "mounts.h"

#ifndef ST_RELATIME
#define ST_RELATIME 4096
#endif
#define ATIMES (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME)

static const struct lock {
	const char *name;
	unsigned long flags, shown;
	unsigned long clear[4];	/* attempts, the first 0 ends them */
} locks[] = {
	{ "ro", MS_RDONLY, ST_RDONLY, { MS_NODEV, MS_NOSUID | MS_NOEXEC } },
	{ "nodev", MS_NODEV, ST_NODEV, { MS_RDONLY, MS_NOSUID | MS_NOEXEC } },
	{ "nosuid", MS_NOSUID, ST_NOSUID, { MS_RDONLY, MS_NODEV | MS_NOEXEC } },
	{ "noexec", MS_NOEXEC, ST_NOEXEC, { MS_RDONLY, MS_NODEV | MS_NOSUID } },
	{ "all", MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC,
	  ST_RDONLY | ST_NODEV | ST_NOSUID | ST_NOEXEC,
	  { MS_NODEV | MS_NOSUID | MS_NOEXEC, MS_RDONLY | MS_NOSUID | MS_NOEXEC,
	    MS_RDONLY | MS_NODEV | MS_NOSUID } },
	{ "noatime", MS_NOATIME, ST_NOATIME,
	  { MS_RELATIME, MS_STRICTATIME, MS_NODIRATIME } },
	{ "nodiratime", MS_NODIRATIME, ST_NODIRATIME | ST_RELATIME,
	  { MS_NOATIME, MS_RELATIME, MS_STRICTATIME } },
	{ "relatime", MS_RELATIME, ST_RELATIME,
	  { MS_NOATIME, MS_STRICTATIME, MS_NODIRATIME } },
	{ "strictatime", MS_STRICTATIME, 0,
	  { MS_NOATIME, MS_RELATIME, MS_NODIRATIME | MS_NOATIME } },
	{ .name = NULL },
};

#define SHOWN (ST_RDONLY | ST_NODEV | ST_NOSUID | ST_NOEXEC | ST_NOATIME | \
	       ST_NODIRATIME | ST_RELATIME)

static unsigned long flags_of(const char *path)
{
	struct statvfs st;

	EXPECT_OK(statvfs(path, &st));
	return st.f_flag & SHOWN;
}

static void is_locked(const struct lock *l, const char *path)
{
	unsigned long before = flags_of(path);

	EXPECT_EQ(before & l->shown, l->shown);
	for (int i = 0; i < 4 && l->clear[i]; i++) {
		EXPECT_ERR(remount(path, MS_BIND | l->clear[i]), EPERM);
		EXPECT_ERR(remount(path, l->clear[i]), EPERM);
	}
	/* Those of atime stay if none is named, others do not. */
	if (l->flags & ATIMES)
		EXPECT_OK(remount(path, MS_BIND));
	else
		EXPECT_ERR(remount(path, MS_BIND), EPERM);
	EXPECT_EQ(flags_of(path), before);
	/* The same and more is allowed, and more may go again. */
	EXPECT_OK(remount(path, MS_BIND | l->flags | MS_NOEXEC));
	EXPECT_OK(remount(path, MS_BIND | l->flags));
	EXPECT_EQ(flags_of(path), before);
	/* That took back no lock. */
	EXPECT_ERR(remount(path, MS_BIND | l->clear[0]), EPERM);
}

static const char *in(const char *dir, const struct lock *l)
{
	static char bufs[4][64];
	static unsigned int next;
	char *buf = bufs[next++ % 4];

	snprintf(buf, sizeof(bufs[0]), "%s/%s", dir, l->name);
	return buf;
}

/* A mount with each set of flags, in a directory. */
static void locks_in(const char *dir)
{
	for (const struct lock *l = locks; l->name; l++) {
		new_dir(in(dir, l));
		EXPECT_OK(tmpfs_on(in(dir, l), l->flags));
	}
}

static void all_locked_in(const char *dir)
{
	for (const struct lock *l = locks; l->name; l++) {
		harness_context("%s in %s", l->name, dir);
		is_locked(l, in(dir, l));
	}
	harness_context("%s", "");
}

CASE(flags_that_were_copied_are_locked, "MNT-3")
{
	own_mounts();
	new_tmpfs("m");
	locks_in("m");
	enter_as_root(0);
	all_locked_in("m");
}

CASE(flags_of_what_is_bound_inside_are_locked, "MNT-3")
{
	own_mounts();
	new_tmpfs("m");
	new_tmpfs("copy");
	new_dir("copy/tree");
	locks_in("m");
	enter_as_root(0);
	for (const struct lock *l = locks; l->name; l++) {
		new_dir(in("copy", l));
		EXPECT_OK(bind_mount(in("m", l), in("copy", l), 0));
	}
	all_locked_in("copy");
	EXPECT_OK(bind_mount("m", "copy/tree", MS_REC));
	all_locked_in("copy/tree");
	/* And of what is bound from a directory of such a mount. */
	EXPECT_OK(umount2("copy/ro", 0));
	EXPECT_OK(bind_mount("m/ro/.", "copy/ro", 0));
	EXPECT_ERR(remount("copy/ro", MS_BIND), EPERM);
}

CASE(flags_of_what_propagates_are_locked, "MNT-3")
{
	struct peer p;

	own_mounts();
	new_tmpfs("s");
	EXPECT_OK(propagation("s", MS_SHARED));
	if (root_start(&p, 0)) {
		peer_tell(&p);
		peer_await(&p);
		all_locked_in("s");
		done();
	}
	peer_await(&p);
	locks_in("s");
	peer_end(&p);
	/* Nothing of it here. */
	EXPECT_OK(remount("s/all", MS_BIND));
}

CASE(flags_that_propagate_twice_are_locked, "MNT-3")
{
	struct peer p;

	own_mounts();
	new_tmpfs("s");
	EXPECT_OK(propagation("s", MS_SHARED));
	if (root_start(&p, 0)) {
		EXPECT_OK(propagation("s", MS_SHARED));
		enter_below(0);
		peer_tell(&p);
		peer_await(&p);
		all_locked_in("s");
		done();
	}
	peer_await(&p);
	locks_in("s");
	peer_end(&p);
}

CASE(flags_are_locked_again_one_level_down, "MNT-3")
{
	own_mounts();
	new_tmpfs("m");
	new_tmpfs("own");
	locks_in("m");
	enter_as_root(0);
	/* Of its own mounts it may change all; whoever comes next may not. */
	EXPECT_OK(tmpfs_on("own", 0));
	locks_in("own");
	EXPECT_OK(remount("own/all", MS_BIND));
	EXPECT_OK(remount("own/all", MS_BIND | MS_RDONLY | MS_NODEV |
			  MS_NOSUID | MS_NOEXEC));
	EXPECT_OK(remount("own/noatime", MS_BIND | MS_STRICTATIME));
	EXPECT_OK(remount("own/noatime", MS_BIND | MS_NOATIME));
	enter_below(0);
	all_locked_in("m");
	all_locked_in("own");
}

CASE(a_copy_of_the_same_owner_locks_nothing, "MNT-3")
{
	require_namespaces();
	own_mounts();
	new_tmpfs("m");
	locks_in("m");
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	for (const struct lock *l = locks; l->name; l++)
		EXPECT_OK(remount(in("m", l), MS_BIND));
	EXPECT_OK(umount2("m", MNT_DETACH));
}

CASE(mounts_that_came_together_stay_together, "MNT-3")
{
	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	cover();
	new_dir("b");
	new_dir("d");
	enter_as_root(0);
	EXPECT_ERR(umount2("p/c", 0), EINVAL);
	EXPECT_ERR(umount2("p/c", MNT_DETACH), EINVAL);
	EXPECT_ERR(umount2("p/c", MNT_FORCE), EINVAL);
	EXPECT_ERR(umount2("p/c", MNT_EXPIRE), EINVAL);
	EXPECT_ERR(umount2("p", MNT_DETACH), EINVAL);
	EXPECT_ERR(umount2("/", MNT_DETACH), EINVAL);
	EXPECT_ERR(umount2("/proc", MNT_DETACH), EINVAL);
	EXPECT_ERR(move("p/c", "d"), EINVAL);
	EXPECT_ERR(move("p", "d"), EINVAL);
	EXPECT_ERR(bind_mount("p", "b", 0), EINVAL);
	EXPECT_ERR(bind_mount("/", "b", 0), EINVAL);
	EXPECT_ERR(pivot("p", "p/free"), EINVAL);
	EXPECT(exists("p/c/cover"));
	/* Parts that hide nothing, and the whole. */
	EXPECT_OK(bind_mount("p/free", "b", 0));
	EXPECT_OK(umount2("b", 0));
	EXPECT_OK(bind_mount("p/c", "b", 0));
	EXPECT(exists("b/cover"));
	EXPECT_OK(umount2("b", 0));
	EXPECT_OK(bind_mount("p", "b", MS_REC));
	EXPECT(exists("b/c/cover"));
	EXPECT_ERR(umount2("b/c", MNT_DETACH), EINVAL);
	EXPECT_ERR(move("b/c", "d"), EINVAL);
	EXPECT_ERR(bind_mount("b", "d", 0), EINVAL);
	EXPECT_OK(move("b", "d"));
	EXPECT(exists("d/c/cover"));
	EXPECT_ERR(umount2("d/c", MNT_DETACH), EINVAL);
	EXPECT_OK(umount2("d", MNT_DETACH));
}

/* A copy of a tree leaves out what is unbindable. Linux says EPERM. */
CASE(an_unbindable_mount_hides_on, "MNT-3")
{
	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	cover();
	new_dir("b");
	enter_as_root(0);
	EXPECT_OK(propagation("p/c", MS_UNBINDABLE));
	EXPECT_EQ(bind_mount("p", "b", MS_REC), -1);
	EXPECT(errno == EINVAL || errno == EPERM);
	EXPECT_OK(propagation("p/c", MS_PRIVATE));
	EXPECT_OK(bind_mount("p", "b", MS_REC));
	EXPECT(!exists("b/c/secret"));
	EXPECT_OK(umount2("b", MNT_DETACH));
	/* Its own hides nothing. */
	EXPECT_OK(tmpfs_on("p/free", 0));
	EXPECT_OK(propagation("p/free", MS_UNBINDABLE));
	EXPECT_OK(bind_mount("p", "b", MS_REC));
	EXPECT_EQ(device("b/free"), device("p"));
}

CASE(what_lies_over_a_locked_mount_is_free, "MNT-3")
{
	own_mounts();
	cover();
	enter_as_root(0);
	EXPECT_OK(tmpfs_on("p/c", 0));
	EXPECT(!exists("p/c/cover"));
	EXPECT_OK(umount2("p/c", 0));
	EXPECT(exists("p/c/cover"));
	EXPECT_ERR(umount2("p/c", 0), EINVAL);
	/* But locked for the next. */
	EXPECT_OK(tmpfs_on("p/c", 0));
	enter_below(0);
	EXPECT_ERR(umount2("p/c", MNT_DETACH), EINVAL);
	EXPECT_ERR(bind_mount("p", "p/free", 0), EINVAL);
}

CASE(pivot_root_passes_the_lock_on, "MNT-3")
{
	own_mounts();
	new_dir("new");
	enter_as_root(0);
	EXPECT_OK(tmpfs_on("new", 0));
	new_dir("new/old");
	new_dir("new/to");
	EXPECT_OK(pivot("new", "new/old"));
	EXPECT_OK(chdir("/"));
	EXPECT_ERR(umount2("/", MNT_DETACH), EINVAL);
	EXPECT_ERR(umount2("/old/proc", MNT_DETACH), EINVAL);
	EXPECT_ERR(bind_mount("/old", "/to", 0), EINVAL);
	/* The old root, which hides nothing any more, may go as a whole. */
	EXPECT_OK(move("/old", "/to"));
	EXPECT_OK(umount2("/to", MNT_DETACH));
	EXPECT_ERR(umount2("/", MNT_DETACH), EINVAL);
}

CASE(shared_mounts_become_slaves, "MNT-3")
{
	struct peer p;

	own_mounts();
	EXPECT_OK(chmod(".", 0777));
	new_tmpfs("s");
	new_dir("s/in");
	new_dir("s/out");
	new_dir("s/tree");
	EXPECT_OK(propagation("s", MS_SHARED));
	cover();
	if (root_start(&p, 0)) {
		dev_t s = device("s");

		EXPECT_OK(tmpfs_on("s/in", 0));
		peer_tell(&p);
		peer_await(&p);
		EXPECT(exists("s/out/seen"));
		/* Before that was there, all was to be seen. */
		EXPECT_OK(umount2("s/out", 0));
		EXPECT_EQ(device("s/out"), s);
		/* A tree comes as one. */
		EXPECT(exists("s/tree/c/cover"));
		EXPECT_ERR(umount2("s/tree/c", MNT_DETACH), EINVAL);
		EXPECT_ERR(move("s/tree/c", "s/out"), EINVAL);
		EXPECT_ERR(bind_mount("s/tree", "s/out", 0), EINVAL);
		EXPECT_OK(umount2("s/tree", MNT_DETACH));
		peer_tell(&p);
		peer_await(&p);
		/* That nobody undid it here. */
		EXPECT_NE(device("s/in"), s);
		done();
	}
	peer_await(&p);
	EXPECT_EQ(device("s/in"), device("s"));
	EXPECT_OK(tmpfs_on("s/out", 0));
	touch("s/out/seen", 0, 0, 0644);
	EXPECT_OK(bind_mount("p", "s/tree", MS_REC));
	peer_tell(&p);
	peer_await(&p);
	EXPECT(exists("s/out/seen"));
	EXPECT(exists("s/tree/c/cover"));
	peer_end(&p);
}

/* Linux takes it off inside as well. */
CASE(unmounting_outside_uncovers_nothing_inside, "MNT-3")
{
	struct peer p;

	own_mounts();
	cover();
	EXPECT_OK(propagation("p", MS_SHARED));
	if (root_start(&p, 0)) {
		peer_tell(&p);
		peer_await(&p);
		EXPECT(exists("p/c/cover"));
		EXPECT(!exists("p/c/secret"));
		EXPECT(!exists("p/free/late"));
		/* It is still a mount of this namespace. */
		EXPECT(strstr(proc_read(0, "mountinfo"), "/p/c ") != NULL);
		done();
	}
	peer_await(&p);
	EXPECT_OK(umount2("p/c", 0));
	EXPECT(exists("p/c/secret"));
	/* What came later goes again. */
	EXPECT_OK(tmpfs_on("p/free", 0));
	touch("p/free/late", 0, 0, 0644);
	EXPECT_OK(umount2("p/free", 0));
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
