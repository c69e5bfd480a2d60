// SPDX-License-Identifier: GPL-2.0
/* Who may mount, and how much: MNT-1, MNT-9, MNT-10, MNT-11. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "mounts.h"

/* Directories for the operations below, by whoever may make them. */
static void places(void)
{
	EXPECT_OK(chmod(".", 0777));
	new_dir("a");
	new_dir("b");
	new_dir("c");
}

static int op_mount(void) { return tmpfs_on("b", 0); }
static int op_bind(void) { return bind_mount("a", "b", 0); }
static int op_rbind(void) { return bind_mount("a", "b", MS_REC); }
static int op_move(void) { return move("a", "c"); }
static int op_remount(void) { return remount("a", MS_NOSUID); }
static int op_bind_remount(void) { return remount("a", MS_BIND | MS_NOSUID); }
static int op_shared(void) { return propagation("a", MS_SHARED); }
static int op_private(void) { return propagation("a", MS_PRIVATE); }
static int op_slave(void) { return propagation("a", MS_SLAVE); }
static int op_unbindable(void) { return propagation("a", MS_UNBINDABLE); }
static int op_umount(void) { return umount2("a", 0); }
static int op_detach(void) { return umount2("a", MNT_DETACH); }
static int op_pivot(void) { return pivot("a", "a/old"); }

static const struct operation {
	const char *name;
	int (*run)(void);
} operations[] = {
	{ "mount", op_mount }, { "bind", op_bind }, { "rbind", op_rbind },
	{ "move", op_move }, { "remount", op_remount },
	{ "remount of a bind", op_bind_remount }, { "shared", op_shared },
	{ "private", op_private }, { "slave", op_slave },
	{ "unbindable", op_unbindable }, { "umount", op_umount },
	{ "lazy umount", op_detach }, { "pivot_root", op_pivot },
	{ NULL, NULL },
};

static void all_are_refused(void)
{
	for (const struct operation *o = operations; o->name; o++) {
		harness_context("%s", o->name);
		EXPECT_ERR(o->run(), EPERM);
	}
	harness_context("%s", "");
}

/* Each in a copy of the mounts, so that none sees what another did. */
CASE(the_owner_may_do_all, "MNT-1")
{
	places();
	enter_as_root(0);
	EXPECT_OK(tmpfs_on("a", 0));
	new_dir("a/old");
	for (const struct operation *o = operations; o->name; o++) {
		struct peer p;

		harness_context("%s", o->name);
		if (peer_start(&p, CLONE_NEWNS)) {
			EXPECT_OK(o->run());
			done();
		}
		peer_join(&p);
	}
	EXPECT_OK(chroot("a"));
	EXPECT(exists("/old"));
}

CASE(without_the_capability_all_are_refused, "MNT-1")
{
	places();
	enter_as_root(0);
	EXPECT_OK(tmpfs_on("a", 0));
	new_dir("a/old");
	caps_drop(CAP_BIT(CAP_SYS_ADMIN));
	all_are_refused();
	EXPECT_OK(chroot("a"));
	caps_drop(CAP_BIT(CAP_SYS_CHROOT));
	EXPECT_ERR(chroot("/"), EPERM);
}

/* All capabilities in a namespace, in the mount namespace of another. */
CASE(the_capability_must_be_in_the_owner, "MNT-1")
{
	struct peer p;

	own_mounts();
	places();
	EXPECT_OK(tmpfs_on("a", 0));
	new_dir("a/old");
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		all_are_refused();
		/* chroot is no change of a mount. */
		EXPECT_OK(chroot("a"));
		done();
	}
	peer_join(&p);
	/* The same one level down. */
	enter_as_root(0);
	EXPECT_OK(tmpfs_on("b", 0));
	new_dir("b/old");
	EXPECT_OK(move("b", "a"));
	enter_new(0, "0 0 100", "0 0 100");
	member_ids(0, 0);
	all_are_refused();
}

CASE(who_is_above_the_owner_may_mount, "MNT-1 NSF-5")
{
	char dir[256], path[300];
	struct peer p;
	int fd;

	places();
	EXPECT(getcwd(dir, sizeof(dir)) != NULL);
	if (root_start(&p, 0)) {
		dev_t before = device("a");

		peer_tell(&p);
		peer_await(&p);
		EXPECT_NE(device("a"), before);
		/* It belongs to who mounted it. */
		EXPECT_ERR(remount("a", MS_RDONLY), EPERM);
		EXPECT_OK(umount2("a", 0));
		done();
	}
	peer_await(&p);
	fd = EXPECT_OK(proc_open(p.pid, "ns/mnt", O_RDONLY));
	EXPECT_OK(sys_setns(fd, CLONE_NEWNS));
	snprintf(path, sizeof(path), "%s/a", dir);
	EXPECT_OK(tmpfs_on(path, 0));
	peer_end(&p);
}

CASE(remounting_a_superblock_asks_its_owner, "MNT-9")
{
	struct statvfs st;
	struct peer p;

	own_mounts();
	places();
	EXPECT_OK(tmpfs_on("a", 0));
	if (root_start(&p, 0)) {
		EXPECT_ERR(remount("a", 0), EPERM);
		EXPECT_ERR(remount("a", MS_RDONLY), EPERM);
		EXPECT_ERR(remount("/proc", 0), EPERM);
		EXPECT_ERR(remount("/sys", MS_RDONLY), EPERM);
		EXPECT_ERR(mount(NULL, "/dev/pts", NULL, MS_REMOUNT,
				 "mode=0666"), EPERM);
		EXPECT_OK(remount("a", MS_BIND | MS_RDONLY));
		/* One's own. */
		EXPECT_OK(tmpfs_on("b", 0));
		EXPECT_OK(mount(NULL, "b", NULL, MS_REMOUNT, "size=8192"));
		EXPECT_OK(statvfs("b", &st));
		EXPECT_EQ(st.f_blocks * st.f_frsize, 8192);
		EXPECT_OK(remount("b", MS_RDONLY));
		EXPECT_OK(remount("b", 0));
		/* Not that of the namespace above. */
		enter_below(0);
		EXPECT_ERR(remount("b", 0), EPERM);
		EXPECT_ERR(remount("b", MS_RDONLY), EPERM);
		EXPECT_OK(remount("b", MS_BIND | MS_RDONLY));
		done();
	}
	peer_join(&p);
	touch("a/writable", 0, 0, 0600);
}

/* Does /proc/self/mountinfo show the last mount at such a path as shared? */
static int is_shared(const char *name)
{
	char *line, *next, *text = strdup(proc_read(0, "mountinfo"));
	int shared = -1;

	for (line = strtok_r(text, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next))
		if (strstr(line, name))
			shared = strstr(line, " shared:") != NULL;
	free(text);
	EXPECT_NE(shared, -1);
	return shared;
}

/* Linux says EPERM where the owner is another, to the same effect. */
CASE(propagation_of_what_is_not_ones_own_stays, "MNT-10")
{
	struct peer p;
	int fd;

	own_mounts();
	new_tmpfs("shared");
	EXPECT_OK(propagation("shared", MS_SHARED));
	fd = EXPECT_OK(open("shared", O_RDONLY | O_DIRECTORY));
	if (root_start(&p, 0)) {
		static const unsigned long kinds[] = {
			MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE, MS_SHARED,
			MS_PRIVATE | MS_REC,
		};

		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			EXPECT_EQ(propagation(fd_path(fd), kinds[i]), -1);
			EXPECT(errno == EINVAL || errno == EPERM);
		}
		/* Its own copy it may change. */
		EXPECT_OK(propagation("shared", MS_PRIVATE));
		done();
	}
	peer_join(&p);
	EXPECT(is_shared("/shared "));
}

CASE(propagation_of_what_is_in_no_namespace_stays, "MNT-10")
{
	int fd;

	enter_as_root(0);
	EXPECT_OK(tmpfs_on("/tmp", 0));
	fd = EXPECT_OK(open("/tmp", O_RDONLY | O_DIRECTORY));
	EXPECT_OK(umount2("/tmp", MNT_DETACH));
	EXPECT_ERR(propagation(fd_path(fd), MS_SHARED), EINVAL);
	EXPECT_ERR(propagation(fd_path(fd), MS_PRIVATE), EINVAL);
}

CASE(propagation_in_another_namespace_of_ones_own_stays, "MNT-10")
{
	struct peer p;
	int fd;

	enter_as_root(0);
	EXPECT_OK(tmpfs_on("/tmp", 0));
	EXPECT_OK(propagation("/tmp", MS_SHARED));
	fd = EXPECT_OK(open("/tmp", O_RDONLY | O_DIRECTORY));
	if (peer_start(&p, CLONE_NEWNS)) {
		EXPECT_ERR(propagation(fd_path(fd), MS_PRIVATE), EINVAL);
		done();
	}
	peer_join(&p);
	EXPECT(is_shared(" /tmp "));
}

#define MOUNT_MAX "/proc/sys/fs/mount-max"

/* Runs in a child, and takes the limit back whatever became of it. */
static void with_limit(const char *limit, void (*run)(void))
{
	char before[32];
	int status;
	pid_t pid;

	EXPECT_OK(read_file(MOUNT_MAX, before, sizeof(before)));
	EXPECT_OK(write_text(MOUNT_MAX, limit));
	pid = sys_clone(0);
	if (!pid) {
		run();
		done();
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	EXPECT_OK(write_text(MOUNT_MAX, before));
	EXPECT_OK(pid);
	EXPECT_EQ(status, 0);
}

/* Mounts on b until there is no room; how many there were. */
static int fill(const char *at)
{
	int n = 0;

	while (tmpfs_on(at, 0) == 0)
		EXPECT(++n <= 64);
	EXPECT_EQ(errno, ENOSPC);
	EXPECT(n > 0);
	return n;
}

static void to_the_limit(void)
{
	int n;

	enter_as_root(0);
	n = fill("b");
	EXPECT_ERR(bind_mount("a", "c", 0), ENOSPC);
	EXPECT_ERR(bind_mount("/", "c", MS_REC), ENOSPC);
	/* To move takes no room. */
	EXPECT_OK(move("b", "c"));
	EXPECT_OK(umount2("c", MNT_DETACH));
	EXPECT_OK(tmpfs_on("c", 0));
	EXPECT_ERR(tmpfs_on("c", 0), ENOSPC);
	EXPECT_OK(umount2("c", 0));
	/* Nobody may raise it but root of init. */
	EXPECT_ERR(write_text(MOUNT_MAX, "1000"), EACCES);
	while (umount2("b", MNT_DETACH) == 0)
		n--;
	EXPECT(n <= 1);
	EXPECT(fill("b") > 1);
}

CASE(a_namespace_holds_no_more_mounts_than_mount_max, "MNT-11")
{
	places();
	with_limit("64", to_the_limit);
}

static void by_propagation(void)
{
	struct peer p;

	enter_as_root(0);
	new_tmpfs("s");
	new_dir("s/x");
	EXPECT_OK(propagation("s", MS_SHARED));
	if (peer_start(&p, 0)) {
		enter_below(0);
		fill("b");
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(umount2("b", 0));
		peer_tell(&p);
		peer_await(&p);
		EXPECT_EQ(exists("s/x/seen"), 1);
		done();
	}
	peer_await(&p);
	/* The other namespace is full: here there is room, and nothing stays. */
	EXPECT_ERR(tmpfs_on("s/x", 0), ENOSPC);
	EXPECT_ERR(tmpfs_on("s/x", 0), ENOSPC);
	EXPECT_OK(tmpfs_on("b", 0));
	peer_tell(&p);
	peer_await(&p);
	/* What came and went takes no room there. */
	for (int i = 0; i < 100; i++) {
		EXPECT_OK(tmpfs_on("s/x", 0));
		EXPECT_OK(umount2("s/x", 0));
	}
	EXPECT_OK(tmpfs_on("s/x", 0));
	touch("s/x/seen", 0, 0, 0644);
	peer_end(&p);
}

CASE(mounts_that_propagate_count_where_they_arrive, "MNT-11")
{
	places();
	with_limit("64", by_propagation);
}

static void by_the_machine(void)
{
	struct peer p;

	own_mounts();
	new_tmpfs("s");
	new_dir("s/x");
	EXPECT_OK(propagation("s", MS_SHARED));
	if (root_start(&p, 0)) {
		fill("b");
		peer_tell(&p);
		peer_await(&p);
		EXPECT_EQ(exists("s/x/seen"), 1);
		EXPECT_ERR(tmpfs_on("b", 0), ENOSPC);
		done();
	}
	peer_await(&p);
	EXPECT_OK(tmpfs_on("s/x", 0));
	touch("s/x/seen", 0, 0, 0644);
	peer_end(&p);
}

CASE(a_full_namespace_does_not_stop_the_mounts_of_the_machine, "MNT-11")
{
	places();
	with_limit("64", by_the_machine);
}

static void doubling(void)
{
	int i;

	enter_as_root(0);
	EXPECT_OK(tmpfs_on("a", 0));
	EXPECT_OK(propagation("a", MS_SHARED));
	new_dir("a/x");
	for (i = 0; i < 64; i++)
		if (bind_mount("a", "a/x", MS_REC))
			break;
	EXPECT_EQ(errno, ENOSPC);
	EXPECT(i > 1 && i < 20);
	EXPECT_OK(umount2("a", MNT_DETACH));
}

CASE(a_shared_tree_bound_into_itself_ends_at_the_limit, "MNT-11")
{
	places();
	with_limit("1000", doubling);
}

#define MASTERS	64

static const char *link_of(int n)
{
	static char path[2][16];
	char *p = path[n % 2];

	sprintf(p, "d%d", n);
	return p;
}

CASE(a_chain_of_masters_has_an_end, "MNT-11")
{
	char seen[32];
	struct stat st;
	struct peer p;
	int n;

	own_mounts();
	for (n = 0; n <= MASTERS + 1; n++)
		new_dir(link_of(n));
	EXPECT_OK(tmpfs_on("d0", 0));
	EXPECT_OK(propagation("d0", MS_SHARED));
	for (n = 0; n <= MASTERS; n++) {
		EXPECT_OK(bind_mount(link_of(n), link_of(n + 1), 0));
		if (propagation(link_of(n + 1), MS_SLAVE) < 0)
			break;
		EXPECT_OK(propagation(link_of(n + 1), MS_SHARED));
	}
	EXPECT_EQ(errno, ENOSPC);
	EXPECT_EQ(n, MASTERS);
	/* One that is alone has nobody to be a slave of. */
	EXPECT_OK(umount2(link_of(MASTERS + 1), 0));
	/* A mount comes and goes along the whole of it. */
	new_dir("d0/x");
	EXPECT_OK(tmpfs_on("d0/x", 0));
	touch("d0/x/seen", 0, 0, 0644);
	sprintf(seen, "d%d/x/seen", MASTERS);
	EXPECT_OK(stat(seen, &st));
	EXPECT_OK(umount2("d0/x", 0));
	EXPECT_ERR(stat(seen, &st), ENOENT);
	/* The copy for another owner would be one more. */
	if (peer_start(&p, 0)) {
		EXPECT_ERR(sys_unshare(CLONE_NEWUSER | CLONE_NEWNS), ENOMEM);
		EXPECT_OK(sys_unshare(CLONE_NEWNS));
		done();
	}
	peer_join(&p);
	/* Whoever leaves takes its place out. */
	EXPECT_OK(umount2(link_of(MASTERS / 2), 0));
	EXPECT_OK(bind_mount(link_of(MASTERS), link_of(MASTERS + 1), 0));
	EXPECT_OK(propagation(link_of(MASTERS + 1), MS_SLAVE));
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
