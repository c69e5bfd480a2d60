// SPDX-License-Identifier: GPL-2.0
/* On which mounts set-id bits and file capabilities count: MNT-5. */
#define _GNU_SOURCE
#include "mounts.h"
#include "program.h"

#define SOME (CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_SYS_ADMIN))

/* t/setid and t/caps, whose owners are ids of the namespace that has `first` as 0. */
static void programs(uid_t first)
{
	copy_self("t/setid", first + 6, first + 8, 06755);
	copy_self("t/caps", first, first, 0755);
}

static void run_ordinary(const char *dir, const char *name, struct report *rep)
{
	char path[300];
	struct peer p;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	harness_context("%s", path);
	if (peer_start(&p, 0)) {
		EXPECT_OK(setresgid(5, 5, 5));
		EXPECT_OK(setresuid(5, 5, 5));
		caps_set(0, 0, 0);
		run(path, rep);
		peer_send(&p, rep, sizeof(*rep));
		done();
	}
	peer_recv(&p, rep, sizeof(*rep));
	peer_join(&p);
}

/* For an ordinary user here, who knows the owner of both by first, first + 6. */
static void expect_counts(const char *dir, uid_t first)
{
	struct report rep;

	run_ordinary(dir, "setid", &rep);
	expect_ids(&rep, 5, first + 6, 5, first + 8);
	expect_caps(&rep, 0, 0);
	EXPECT_EQ(rep.secure, 1);
	run_ordinary(dir, "caps", &rep);
	expect_ids(&rep, 5, 5, 5, 5);
	expect_caps(&rep, SOME, SOME);
	EXPECT_EQ(rep.secure, 1);
	harness_context("%s", "");
}

static void expect_ignored(const char *dir)
{
	struct report rep;

	run_ordinary(dir, "setid", &rep);
	expect_unchanged(&rep, 5, 5);
	run_ordinary(dir, "caps", &rep);
	expect_unchanged(&rep, 5, 5);
	harness_context("%s", "");
}

/* As root of init: both on a tmpfs of init. */
static void programs_of_init(void)
{
	own_mounts();
	EXPECT_OK(sys_setgroups(0, NULL));
	EXPECT_OK(chmod(".", 0777));
	new_tmpfs("t");
	programs(BASE);
	set_file_caps("t/caps", SOME, 0);
}

/*
 * As root of init: a child that is root of a namespace with its own mounts,
 * and both on a tmpfs that it mounted.  1 in the child.  The parent goes on by
 * peer_tell().
 */
static int root_with_programs(struct peer *p)
{
	EXPECT_OK(chmod(".", 0777));
	if (peer_start(p, 0)) {
		EXPECT_OK(sys_setgroups(0, NULL));
		enter_as_root(0);
		new_tmpfs("t");
		programs(0);
		peer_tell(p);
		peer_await(p);
		return 1;
	}
	peer_await(p);
	set_file_caps(proc_path(p->pid, "cwd/t/caps"), SOME, 0);
	return 0;
}

/* The descriptor of a directory as a path. */
static int dir_fd(const char *path)
{
	return EXPECT_OK(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* ---- whose superblock ---- */

CASE(on_ones_own_superblock_they_count, "MNT-5 CAP-5")
{
	struct peer p;

	if (root_with_programs(&p)) {
		expect_counts("t", 0);
		done();
	}
	peer_end(&p);
}

CASE(on_a_superblock_from_above_they_count, "MNT-5 CAP-5")
{
	struct peer p;

	programs_of_init();
	expect_counts("t", BASE);
	if (root_start(&p, 0)) {
		expect_counts("t", 0);
		for (int level = 2; level <= 4; level++) {
			enter_below(0);
			expect_counts("t", 0);
		}
		done();
	}
	peer_join(&p);
	/* The mount namespace need not be the user namespace's own. */
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		expect_counts("t", 0);
		done();
	}
	peer_join(&p);
}

CASE(those_of_a_namespace_count_below_it, "MNT-5 CAP-5")
{
	struct peer p;

	if (root_with_programs(&p)) {
		for (int level = 2; level <= 4; level++) {
			enter_below(0);
			expect_counts("t", 0);
		}
		done();
	}
	peer_end(&p);
}

/* Who goes there finds what he may not trust. */
CASE(above_its_owner_they_count_for_nobody, "MNT-5")
{
	struct peer p, q;
	char dir[256];
	int fd;

	EXPECT(getcwd(dir, sizeof(dir)) != NULL);
	if (root_with_programs(&p))
		done();
	fd = ns_fd(p.pid, "mnt");
	if (peer_start(&q, 0)) {
		EXPECT_OK(sys_setgroups(0, NULL));
		EXPECT_OK(sys_setns(fd, CLONE_NEWNS));
		EXPECT_OK(chdir(dir));
		expect_ignored("t");
		/* Beside it, too, though the ids are mapped alike. */
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		expect_ignored("t");
		done();
	}
	peer_join(&q);
	/* In the namespace, they do. */
	if (peer_start(&q, 0)) {
		int user = user_ns_fd(p.pid);

		EXPECT_OK(sys_setgroups(0, NULL));
		EXPECT_OK(sys_setns(user, CLONE_NEWUSER));
		EXPECT_OK(sys_setns(fd, CLONE_NEWNS));
		EXPECT_OK(chdir(dir));
		member_ids(0, 0);
		expect_counts("t", 0);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(those_of_a_child_count_not_for_its_parent, "MNT-5")
{
	struct peer p, child;
	char dir[256];
	int fd;

	EXPECT(getcwd(dir, sizeof(dir)) != NULL);
	EXPECT_OK(chmod(".", 0777));
	/* Three levels: init sets the file capabilities. */
	if (root_start(&p, 0)) {
		if (peer_start(&child, 0)) {
			enter_below(0);
			new_tmpfs("t");
			programs(0);
			peer_tell(&child);
			peer_await(&child);
			expect_counts("t", 0);
			done();
		}
		peer_await(&child);
		peer_send(&p, &child.pid, sizeof(child.pid));
		peer_await(&p);
		fd = ns_fd(child.pid, "mnt");
		peer_end(&child);
		EXPECT_OK(sys_setns(fd, CLONE_NEWNS));
		EXPECT_OK(chdir(dir));
		expect_ignored("t");
		done();
	}
	peer_recv(&p, &child.pid, sizeof(child.pid));
	set_file_caps(proc_path(child.pid, "cwd/t/caps"), SOME, 0);
	peer_end(&p);
}

/* ---- whose mount ---- */

CASE(on_a_mount_of_another_mount_namespace_they_do_not, "MNT-5")
{
	struct peer p;
	int fd;

	programs_of_init();
	fd = dir_fd("t");
	expect_counts(fd_path(fd), BASE);
	/* Another mount namespace of init. */
	if (peer_start(&p, CLONE_NEWNS)) {
		expect_ignored(fd_path(fd));
		expect_counts("t", BASE);
		EXPECT_OK(fchdir(fd));
		expect_ignored(".");
		done();
	}
	peer_join(&p);
	/* One of a namespace. */
	if (root_start(&p, 0)) {
		expect_ignored(fd_path(fd));
		expect_counts("t", 0);
		enter_below(0);
		expect_ignored(fd_path(fd));
		expect_counts("t", 0);
		done();
	}
	peer_join(&p);
	expect_counts("t", BASE);
}

CASE(an_open_file_of_another_mount_namespace_neither, "MNT-5")
{
	struct report rep;
	struct peer p;
	char path[64];

	programs_of_init();
	snprintf(path, sizeof(path), "%s",
		 fd_path(EXPECT_OK(open("t/setid", O_RDONLY))));
	for (int i = 0; i < 2; i++) {
		if (peer_start(&p, i ? CLONE_NEWNS : 0)) {
			become(5, 5, 0);
			run(path, &rep);
			expect_ids(&rep, 5, i ? 5 : BASE + 6,
				   5, i ? 5 : BASE + 8);
			EXPECT_EQ(rep.secure, !i);
			done();
		}
		peer_join(&p);
	}
}

CASE(from_below_neither, "MNT-5")
{
	struct peer p;

	programs_of_init();
	/* A superblock of init, in the mount namespace of a namespace. */
	if (root_start(&p, 0)) {
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	expect_ignored(fd_path(dir_fd(proc_path(p.pid, "cwd/t"))));
	peer_end(&p);
}

CASE(on_a_detached_mount_they_do_not, "MNT-5")
{
	struct peer p;
	int fd;

	programs_of_init();
	fd = dir_fd("t");
	if (peer_start(&p, CLONE_NEWNS)) {
		fd = dir_fd("t");
		expect_counts(fd_path(fd), BASE);
		EXPECT_OK(umount2("t", MNT_DETACH));
		expect_ignored(fd_path(fd));
		EXPECT_OK(fchdir(fd));
		expect_ignored(".");
		done();
	}
	peer_join(&p);
	expect_counts(fd_path(fd), BASE);
}

CASE(on_a_detached_mount_of_a_namespace_neither, "MNT-5")
{
	struct peer p;

	if (root_with_programs(&p)) {
		int fd = dir_fd("t");

		expect_counts(fd_path(fd), 0);
		EXPECT_OK(umount2("t", MNT_DETACH));
		expect_ignored(fd_path(fd));
		done();
	}
	peer_end(&p);
}

CASE(a_mount_that_comes_later_counts, "MNT-5 MNT-3")
{
	struct peer p;

	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(sys_setgroups(0, NULL));
	EXPECT_OK(chmod(".", 0777));
	EXPECT_OK(propagation("/", MS_REC | MS_SHARED));
	new_dir("t");
	if (root_start(&p, 0)) {
		peer_tell(&p);
		peer_await(&p);
		expect_counts("t", 0);
		done();
	}
	peer_await(&p);
	EXPECT_OK(tmpfs_on("t", 0));
	programs(BASE);
	set_file_caps("t/caps", SOME, 0);
	peer_end(&p);
}

CASE(nosuid_counts_as_ever, "MNT-5")
{
	struct peer p;

	programs_of_init();
	new_dir("u");
	EXPECT_OK(bind_mount("t", "u", 0));
	EXPECT_OK(remount("u", MS_BIND | MS_NOSUID));
	expect_ignored("u");
	expect_counts("t", BASE);
	if (root_start(&p, 0)) {
		expect_ignored("u");
		expect_counts("t", 0);
		EXPECT_OK(remount("t", MS_BIND | MS_NOSUID));
		expect_ignored("t");
		done();
	}
	peer_join(&p);
	expect_counts("t", BASE);
}

/* What id 0 has is not the file's. */
CASE(id_0_is_root_on_any_mount, "MNT-5 CAP-5")
{
	char path[64];
	struct report rep;
	struct peer p;
	int fd;

	programs_of_init();
	fd = dir_fd("t");
	snprintf(path, sizeof(path), "%s/caps", fd_path(fd));
	if (peer_start(&p, CLONE_NEWNS)) {
		run(path, &rep);
		expect_caps(&rep, ALL_CAPS, ALL_CAPS);
		enter_as_root(0);
		run(path, &rep);
		expect_caps(&rep, ALL_CAPS, ALL_CAPS);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "report"))
		return report();
	return harness_main(argc, argv);
}
