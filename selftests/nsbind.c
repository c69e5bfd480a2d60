// SPDX-License-Identifier: GPL-2.0
/* Mount namespaces that hold mount namespaces (MNT-12, NEW-15). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "userns.h"

static void own_mounts(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

static const char *fd_path(int fd)
{
	static char buf[40];

	snprintf(buf, sizeof(buf), "/proc/self/fd/%d", fd);
	return buf;
}

static int bind(const char *from, const char *to, unsigned long more)
{
	return mount(from, to, NULL, MS_BIND | more, NULL);
}

CASE(a_mount_namespace_cannot_hold_itself, "MNT-12")
{
	struct stat st;

	own_mounts();
	touch("f", 0, 0, 0600);
	EXPECT_ERR(bind("/proc/self/ns/mnt", "f", 0), EINVAL);
	EXPECT_ERR(bind("/proc/self/ns/mnt", "f", MS_REC), EINVAL);
	EXPECT_ERR(bind(fd_path(ns_fd(0, "mnt")), "f", 0), EINVAL);
	/* The other types it can. */
	EXPECT_OK(bind("/proc/self/ns/uts", "f", 0));
	EXPECT_OK(stat("f", &st));
	EXPECT_EQ(st.st_ino, ns_number(0, "uts"));
	EXPECT_OK(umount2("f", MNT_DETACH));
}

CASE(a_mount_namespace_holds_only_younger_ones, "MNT-12 NEW-15")
{
	int old = ns_fd(0, "mnt");
	struct stat st;
	struct peer p, q;
	ino_t ino;
	int fd;

	own_mounts();
	touch("f", 0, 0, 0600);
	EXPECT_ERR(bind(fd_path(old), "f", 0), EINVAL);
	EXPECT_ERR(bind(fd_path(old), "f", MS_REC), EINVAL);
	EXPECT_ERR(bind(proc_path(1, "ns/mnt"), "f", 0), EINVAL);
	if (peer_start(&p, CLONE_NEWNS)) {
		peer_await(&p);
		done();
	}
	ino = ns_number(p.pid, "mnt");
	EXPECT_OK(bind(proc_path(p.pid, "ns/mnt"), "f", 0));
	EXPECT_OK(stat("f", &st));
	EXPECT_EQ(st.st_ino, ino);
	if (peer_start(&q, CLONE_NEWNS)) {
		/* Nor does what is held above come along in a copy. */
		EXPECT_OK(stat("f", &st));
		EXPECT_NE(st.st_ino, ino);
		EXPECT_ERR(umount2("f", MNT_DETACH), EINVAL);
		EXPECT_ERR(bind(fd_path(old), "f", 0), EINVAL);
		done();
	}
	peer_join(&q);
	peer_end(&p);
	/* Nothing but the mount holds it. */
	fd = EXPECT_OK(open("f", O_RDONLY | O_CLOEXEC));
	EXPECT_OK(umount2("f", MNT_DETACH));
	EXPECT_OK(sys_setns(fd, CLONE_NEWNS));
	EXPECT_EQ(ns_number(0, "mnt"), ino);
}

CASE(a_mount_namespace_cannot_be_bound_where_it_propagates, "MNT-12")
{
	struct peer p;
	int fd;

	own_mounts();
	EXPECT_OK(mkdir("shared", 0755));
	EXPECT_OK(mkdir("private", 0755));
	EXPECT_OK(mount("none", "private", "tmpfs", 0, NULL));
	EXPECT_OK(mount("none", "shared", "tmpfs", 0, NULL));
	EXPECT_OK(mount(NULL, "shared", NULL, MS_SHARED, NULL));
	touch("shared/f", 0, 0, 0600);
	touch("private/f", 0, 0, 0600);
	if (peer_start(&p, CLONE_NEWNS)) {
		peer_await(&p);
		done();
	}
	fd = ns_fd(p.pid, "mnt");
	EXPECT_ERR(bind(fd_path(fd), "shared/f", 0), EINVAL);
	EXPECT_OK(bind("/proc/self/ns/uts", "shared/f", 0));
	EXPECT_OK(umount2("shared/f", MNT_DETACH));
	/* Nor by moving. */
	EXPECT_OK(bind(fd_path(fd), "private/f", 0));
	EXPECT_ERR(mount("private/f", "shared/f", NULL, MS_MOVE, NULL), EINVAL);
	EXPECT_OK(close(fd));
	EXPECT_OK(umount2("private/f", MNT_DETACH));
	peer_end(&p);
	EXPECT_OK(umount2("shared", MNT_DETACH));
	EXPECT_OK(umount2("private", MNT_DETACH));
}

/*
 * A file of a namespace may be bound from a mount of another mount namespace;
 * what is mounted over it there does not come along.
 */
CASE(what_covers_a_bound_file_elsewhere_stays_there, "MNT-12 NSF-1")
{
	struct stat st;
	struct peer p;
	int fd;

	own_mounts();
	touch("f", 0, 0, 0600);
	touch("g", 0, 0, 0600);
	EXPECT_OK(bind("/proc/self/ns/uts", "g", 0));
	fd = EXPECT_OK(open("g", O_RDONLY | O_CLOEXEC));
	if (peer_start(&p, CLONE_NEWNS)) {
		peer_await(&p);
		EXPECT_OK(bind(fd_path(fd), "f", MS_REC));
		EXPECT_OK(stat("f", &st));
		EXPECT_EQ(st.st_ino, ns_number(0, "uts"));
		done();
	}
	EXPECT_OK(bind(proc_path(p.pid, "ns/mnt"), "g", 0));
	peer_end(&p);
	EXPECT_OK(umount2("g", MNT_DETACH));
	EXPECT_OK(umount2("g", MNT_DETACH));
}

/* Each is held by the one before; the end of the first is the end of all. */
CASE_SECONDS(a_chain_of_mount_namespaces_ends_at_once, "NEW-15", 90)
{
	enum { LENGTH = 400 };
	char path[4096 + 2];
	struct slabs before;
	struct peer p;

	own_mounts();
	EXPECT(getcwd(path, 4096) != NULL);
	strcat(path, "/f");
	touch("f", 0, 0, 0600);
	slabs_read(&before);
	if (peer_start(&p, 0)) {
		for (int i = 0; i < LENGTH; i++) {
			int up = ns_fd(0, "mnt"), down;

			EXPECT_OK(sys_unshare(CLONE_NEWNS));
			down = ns_fd(0, "mnt");
			EXPECT_OK(sys_setns(up, CLONE_NEWNS));
			EXPECT_OK(bind(fd_path(down), path, 0));
			EXPECT_OK(sys_setns(down, CLONE_NEWNS));
			EXPECT_OK(close(up));
			EXPECT_OK(close(down));
		}
		done();
	}
	peer_join(&p);
	EXPECT_OK(umount2("f", MNT_DETACH));
	/* Each has several mounts. */
	slabs_expect_growth_below(&before, 3 * LENGTH);
}

CASE(a_bound_file_keeps_each_type, "NEW-15 NSF-1")
{
	struct peer p;

	own_mounts();
	for (const struct ns_type *t = ns_types; t->name; t++) {
		struct stat st;
		ino_t ino;
		int fd;

		if (t->flag == CLONE_NEWNS)
			continue;
		harness_context("%s", t->name);
		touch(t->name, 0, 0, 0600);
		if (peer_start(&p, CLONE_NEWUSER | t->flag)) {
			peer_await(&p);
			done();
		}
		ino = ns_number(p.pid, t->name);
		fd = ns_fd(p.pid, t->name);
		EXPECT_OK(bind(fd_path(fd), t->name, 0));
		EXPECT_OK(close(fd));
		peer_end(&p);
		EXPECT_OK(stat(t->name, &st));
		EXPECT_EQ(st.st_ino, ino);
		fd = EXPECT_OK(open(t->name, O_RDONLY | O_CLOEXEC));
		EXPECT_OK(umount2(t->name, MNT_DETACH));
		EXPECT_OK(sys_setns(fd, t->flag));
		if (t->flag == CLONE_NEWPID)
			EXPECT_ERR(sys_clone(0), ENOMEM);
		else
			EXPECT_EQ(ns_number(0, t->name), ino);
		EXPECT_OK(close(fd));
		/* So that there is a child for the next one. */
		fd = ns_fd(0, "pid");
		EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
		EXPECT_OK(close(fd));
	}
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
