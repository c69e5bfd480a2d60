// SPDX-License-Identifier: GPL-2.0
/* setns() into what user namespaces own (NSF-5). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define ALL_TYPES (CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | \
		   CLONE_NEWUTS)
#define SYS_ADMIN CAP_BIT(CAP_SYS_ADMIN)
#define CHROOT CAP_BIT(CAP_SYS_CHROOT)

/* OWNER's namespace and what it owns: one of each type, with one process. */
struct target {
	struct peer p;
	int fd[sizeof(ns_types) / sizeof(ns_types[0])];
	int user;
};

static void target_all_start(struct target *t, uid_t uid)
{
	if (peer_start(&t->p, 0)) {
		struct peer l;

		become(uid, uid, CREATOR_CAPS);
		if (peer_start(&l, CLONE_NEWUSER | ALL_TYPES)) {
			peer_await(&l);
			done();
		}
		peer_send(&t->p, &l.pid, sizeof(l.pid));
		peer_await(&t->p);
		peer_end(&l);
		done();
	}
	pid_t pid;

	peer_recv(&t->p, &pid, sizeof(pid));
	for (const struct ns_type *n = ns_types; n->name; n++)
		t->fd[n - ns_types] = ns_fd(pid, n->name);
	t->user = user_ns_fd(pid);
}

static int fd_of(const struct target *t, const struct ns_type *n)
{
	return t->fd[n - ns_types];
}

/* One attempt, with the flag or 0, in a process of its own. */
static void expect_entry(const struct target *t, const struct ns_type *n,
			 int type, int err)
{
	struct peer p, child;

	if (!peer_start(&p, 0)) {
		peer_join(&p);
		return;
	}
	if (err) {
		EXPECT_ERR(sys_setns(fd_of(t, n), type), err);
		done();
	}
	EXPECT_OK(sys_setns(fd_of(t, n), type));
	if (n->flag != CLONE_NEWPID) {
		/* Its old proc, where the mount namespace has another. */
		EXPECT_EQ(ns_number(0, n->name), fd_number(fd_of(t, n)));
	} else {
		EXPECT_NE(ns_number(0, n->name), fd_number(fd_of(t, n)));
		if (peer_start(&child, 0)) {
			EXPECT_EQ(ns_number(0, n->name),
				  fd_number(fd_of(t, n)));
			done();
		}
		peer_join(&child);
	}
	done();
}

static void expect_entries(const struct target *t, int err)
{
	for (const struct ns_type *n = ns_types; n->name; n++) {
		harness_context("%s", n->name);
		expect_entry(t, n, n->flag, err);
		expect_entry(t, n, 0, err);
	}
	harness_context("%s", "");
}

CASE_SECONDS(root_of_init_enters_each_type, "NSF-5 CAP-2", 60)
{
	struct target t;

	target_all_start(&t, OWNER);
	expect_entries(&t, 0);
	peer_end(&t.p);
}

CASE_SECONDS(entering_takes_capabilities_in_ones_own_namespace, "NSF-5 CAP-3", 60)
{
	struct target t;
	struct peer p;

	target_all_start(&t, OWNER);
	/* The owner has them all there, and none here. */
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, 0);
		expect_entries(&t, EPERM);
		/* It must become a member first. */
		EXPECT_OK(sys_setns(t.user, CLONE_NEWUSER));
		expect_entries(&t, 0);
		caps_drop(SYS_ADMIN);
		expect_entries(&t, EPERM);
		done();
	}
	peer_join(&p);
	/* Neither uid nor another capability is enough, nor both. */
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, ALL_CAPS & ~SYS_ADMIN);
		expect_entries(&t, EPERM);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, ALL_CAPS & ~SYS_ADMIN);
		expect_entries(&t, EPERM);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, SYS_ADMIN | CHROOT);
		expect_entries(&t, 0);
		done();
	}
	peer_join(&p);
	peer_end(&t.p);
}

CASE(entering_a_mount_namespace_takes_chroot_as_well, "NSF-5")
{
	struct target t;
	struct peer p;

	target_all_start(&t, OWNER);
	for (int member = 0; member < 2; member++) {
		if (peer_start(&p, 0)) {
			if (member) {
				EXPECT_OK(sys_setns(t.user, CLONE_NEWUSER));
				caps_drop(CHROOT);
			} else {
				become(OTHER, OTHER, SYS_ADMIN);
			}
			for (const struct ns_type *n = ns_types; n->name; n++) {
				int mnt = n->flag == CLONE_NEWNS;

				harness_context("%s %d", n->name, member);
				expect_entry(&t, n, n->flag, mnt ? EPERM : 0);
			}
			done();
		}
		peer_join(&p);
	}
	peer_end(&t.p);
}

CASE_SECONDS(nobody_enters_what_is_above_or_beside, "NSF-5 CAP-4", 60)
{
	struct target init, sibling;
	struct peer p;

	for (const struct ns_type *n = ns_types; n->name; n++)
		init.fd[n - ns_types] = ns_fd(0, n->name);
	target_all_start(&sibling, OTHER);
	if (peer_start(&p, 0)) {
		enter_owned(ALL_TYPES & ~CLONE_NEWPID, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		expect_entries(&init, EPERM);
		expect_entries(&sibling, EPERM);
		done();
	}
	peer_join(&p);
	peer_end(&sibling.p);
}

CASE(another_type_is_refused_for_each, "NSF-5 NSF-2")
{
	struct target t;

	target_all_start(&t, OWNER);
	for (const struct ns_type *n = ns_types; n->name; n++) {
		for (const struct ns_type *o = ns_types; o->name; o++)
			if (o != n)
				EXPECT_ERR(sys_setns(fd_of(&t, n), o->flag),
					   EINVAL);
		EXPECT_ERR(sys_setns(fd_of(&t, n), CLONE_NEWUSER), EINVAL);
		EXPECT_ERR(sys_setns(t.user, n->flag), EINVAL);
	}
	EXPECT_OK(sys_setns(fd_of(&t, ns_types), 0));
	peer_end(&t.p);
}

/* ---- mnt ---- */

CASE(a_shared_fs_struct_keeps_out_of_a_mount_namespace, "NSF-5")
{
	struct target t;
	struct peer p;
	int pipe_fds[2], status;
	pid_t pid;
	char c;

	target_all_start(&t, OWNER);
	if (peer_start(&p, 0)) {
		int fd = -1;

		for (const struct ns_type *n = ns_types; n->name; n++)
			if (n->flag == CLONE_NEWNS)
				fd = fd_of(&t, n);
		EXPECT_OK(pipe(pipe_fds));
		pid = EXPECT_OK(sys_clone(CLONE_FS));
		if (!pid) {
			close(pipe_fds[1]);
			_exit(read(pipe_fds[0], &c, 1) != 0);
		}
		EXPECT_ERR(sys_setns(fd, CLONE_NEWNS), EINVAL);
		EXPECT_ERR(sys_setns(fd, 0), EINVAL);
		/* That is what it says before anything is asked about it. */
		for (const struct ns_type *n = ns_types; n->name; n++)
			if (n->flag == CLONE_NEWUTS)
				EXPECT_OK(sys_setns(fd_of(&t, n), n->flag));
		EXPECT_OK(close(pipe_fds[1]));
		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT_EQ(status, 0);
		EXPECT_OK(sys_setns(fd, CLONE_NEWNS));
		done();
	}
	peer_join(&p);
	peer_end(&t.p);
}

CASE(root_and_directory_are_those_of_the_mount_namespace, "NSF-5")
{
	struct peer p, q;
	struct stat st, root;
	char here[4096], path[5000], text[64];
	int fd, jail;

	EXPECT(getcwd(here, sizeof(here)) != NULL);
	EXPECT_OK(mkdir("m", 0755));
	EXPECT_OK(mkdir("jail", 0755));
	EXPECT_OK(stat("/", &root));
	jail = EXPECT_OK(open("jail", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (peer_start(&p, CLONE_NEWNS)) {
		EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("none", "m", "tmpfs", 0, NULL));
		touch("m/inside", 0, 0, 0600);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	fd = ns_fd(p.pid, "mnt");
	EXPECT_ERR(stat("m/inside", &st), ENOENT);
	for (int jailed = 0; jailed < 2; jailed++) {
		if (peer_start(&q, 0)) {
			ssize_t n;

			if (jailed) {
				EXPECT_OK(fchdir(jail));
				EXPECT_OK(chroot("."));
				EXPECT_ERR(stat("/proc", &st), ENOENT);
			}
			EXPECT_OK(sys_setns(fd, CLONE_NEWNS));
			EXPECT(getcwd(path, sizeof(path)) != NULL);
			EXPECT_STR(path, "/");
			EXPECT_OK(stat(".", &st));
			EXPECT_EQ(st.st_ino, root.st_ino);
			EXPECT_EQ(st.st_dev, root.st_dev);
			n = EXPECT_OK(readlink("/proc/self/root", text, 63));
			text[n] = 0;
			EXPECT_STR(text, "/");
			strcpy(path, here);
			strcat(path, "/m/inside");
			EXPECT_OK(stat(path, &st));
			done();
		}
		peer_join(&q);
	}
	peer_end(&p);
	EXPECT_ERR(stat("m/inside", &st), ENOENT);
}

/* ---- pid ---- */

CASE(only_pid_namespaces_below_can_be_entered, "NSF-5 PID-1")
{
	int init = ns_fd(0, "pid");
	struct peer p, q;
	int fd;

	if (peer_start(&p, CLONE_NEWPID)) {
		peer_await(&p);
		done();
	}
	fd = ns_fd(p.pid, "pid");
	if (peer_start(&q, CLONE_NEWPID)) {
		struct peer l;

		EXPECT_ERR(sys_setns(init, CLONE_NEWPID), EINVAL);
		EXPECT_ERR(sys_setns(init, 0), EINVAL);
		EXPECT_ERR(sys_setns(fd, CLONE_NEWPID), EINVAL);
		/* Its own is no change, below is one. */
		EXPECT_OK(sys_setns(ns_fd(0, "pid"), CLONE_NEWPID));
		if (peer_start(&l, CLONE_NEWPID)) {
			peer_send_fd(&l, ns_fd(0, "pid"));
			peer_await(&l);
			done();
		}
		EXPECT_OK(sys_setns(peer_recv_fd(&l), CLONE_NEWPID));
		EXPECT_ERR(sys_setns(init, CLONE_NEWPID), EINVAL);
		peer_end(&l);
		done();
	}
	peer_join(&q);
	EXPECT_OK(sys_setns(fd, CLONE_NEWPID));
	EXPECT_OK(sys_setns(init, CLONE_NEWPID));
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
