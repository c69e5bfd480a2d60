// SPDX-License-Identifier: GPL-2.0
/* The ioctls of the files of namespaces (NSF-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <linux/nsfs.h>
#include <unistd.h>

#include "userns.h"

#define ALL_TYPES (CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | \
		   CLONE_NEWUTS)

/* A member of a namespace that owns one of each type, made by uid; waits. */
static void all_start(struct peer *p, uid_t uid)
{
	if (peer_start(p, 0)) {
		struct peer l;

		become(uid, uid, CREATOR_CAPS);
		if (peer_start(&l, CLONE_NEWUSER | ALL_TYPES)) {
			peer_await(&l);
			done();
		}
		for (const struct ns_type *t = ns_types; t->name; t++)
			peer_send_fd(p, ns_fd(l.pid, t->name));
		peer_send_fd(p, user_ns_fd(l.pid));
		peer_await(p);
		peer_end(&l);
		done();
	}
}

struct files {
	int fd[sizeof(ns_types) / sizeof(ns_types[0])];
	int user;
};

static void all_recv(struct peer *p, struct files *f)
{
	for (const struct ns_type *t = ns_types; t->name; t++)
		f->fd[t - ns_types] = peer_recv_fd(p);
	f->user = peer_recv_fd(p);
}

static void files_of_self(struct files *f)
{
	for (const struct ns_type *t = ns_types; t->name; t++)
		f->fd[t - ns_types] = ns_fd(0, t->name);
	f->user = user_ns_fd(0);
}

CASE(the_type_is_the_clone_flag, "NSF-6")
{
	struct files f, init;
	struct peer p;

	all_start(&p, OWNER);
	all_recv(&p, &f);
	files_of_self(&init);
	for (const struct ns_type *t = ns_types; t->name; t++) {
		EXPECT_EQ(ioctl(f.fd[t - ns_types], NS_GET_NSTYPE), t->flag);
		EXPECT_EQ(ioctl(init.fd[t - ns_types], NS_GET_NSTYPE), t->flag);
	}
	EXPECT_EQ(ioctl(f.user, NS_GET_NSTYPE), CLONE_NEWUSER);
	EXPECT_EQ(ioctl(init.user, NS_GET_NSTYPE), CLONE_NEWUSER);
	peer_end(&p);
}

CASE(the_owner_of_each_type_is_told, "NSF-6")
{
	struct files f, init;
	struct peer p;
	int fd;

	all_start(&p, OWNER);
	all_recv(&p, &f);
	files_of_self(&init);
	for (const struct ns_type *t = ns_types; t->name; t++) {
		harness_context("%s", t->name);
		fd = EXPECT_OK(ioctl(f.fd[t - ns_types], NS_GET_USERNS));
		EXPECT_EQ(fd_number(fd), fd_number(f.user));
		EXPECT_EQ(ioctl(fd, NS_GET_NSTYPE), CLONE_NEWUSER);
		fd = EXPECT_OK(ioctl(init.fd[t - ns_types], NS_GET_USERNS));
		EXPECT_EQ(fd_number(fd), fd_number(init.user));
	}
	harness_context("%s", "");
	/* That of a user namespace is its parent; init has none. */
	fd = EXPECT_OK(ioctl(f.user, NS_GET_USERNS));
	EXPECT_EQ(fd_number(fd), fd_number(init.user));
	EXPECT_ERR(ioctl(init.user, NS_GET_USERNS), EPERM);
	peer_end(&p);
}

CASE(only_user_and_pid_namespaces_have_parents, "NSF-6")
{
	struct files f, init;
	struct peer p;
	int fd;

	all_start(&p, OWNER);
	all_recv(&p, &f);
	files_of_self(&init);
	fd = EXPECT_OK(ioctl(f.user, NS_GET_PARENT));
	EXPECT_EQ(fd_number(fd), fd_number(init.user));
	EXPECT_ERR(ioctl(init.user, NS_GET_PARENT), EPERM);
	for (const struct ns_type *t = ns_types; t->name; t++) {
		int i = t - ns_types;

		harness_context("%s", t->name);
		if (t->flag == CLONE_NEWPID) {
			fd = EXPECT_OK(ioctl(f.fd[i], NS_GET_PARENT));
			EXPECT_EQ(fd_number(fd), fd_number(init.fd[i]));
			EXPECT_EQ(ioctl(fd, NS_GET_NSTYPE), CLONE_NEWPID);
			EXPECT_ERR(ioctl(init.fd[i], NS_GET_PARENT), EPERM);
		} else {
			EXPECT_ERR(ioctl(f.fd[i], NS_GET_PARENT), EINVAL);
			EXPECT_ERR(ioctl(init.fd[i], NS_GET_PARENT), EINVAL);
		}
	}
	peer_end(&p);
}

CASE(nothing_outside_ones_own_subtree_is_told, "NSF-6")
{
	struct files init, sibling, own;
	struct peer p, q, r;
	int fd;

	files_of_self(&init);
	all_start(&p, OTHER);
	all_recv(&p, &sibling);
	if (peer_start(&q, 0)) {
		enter_owned(ALL_TYPES, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		/* In a child, for the pid namespace. */
		if (peer_start(&r, 0)) {
			files_of_self(&own);
			for (const struct ns_type *t = ns_types; t->name; t++) {
				int i = t - ns_types;

				harness_context("%s", t->name);
				EXPECT_ERR(ioctl(init.fd[i], NS_GET_USERNS),
					   EPERM);
				EXPECT_ERR(ioctl(sibling.fd[i], NS_GET_USERNS),
					   EPERM);
				fd = EXPECT_OK(ioctl(own.fd[i], NS_GET_USERNS));
				EXPECT_EQ(fd_number(fd), fd_number(own.user));
				if (t->flag != CLONE_NEWPID)
					continue;
				EXPECT_ERR(ioctl(own.fd[i], NS_GET_PARENT),
					   EPERM);
				EXPECT_ERR(ioctl(init.fd[i], NS_GET_PARENT),
					   EPERM);
				EXPECT_ERR(ioctl(sibling.fd[i], NS_GET_PARENT),
					   EPERM);
			}
			harness_context("%s", "");
			EXPECT_ERR(ioctl(own.user, NS_GET_USERNS), EPERM);
			EXPECT_ERR(ioctl(own.user, NS_GET_PARENT), EPERM);
			EXPECT_ERR(ioctl(sibling.user, NS_GET_PARENT), EPERM);
			EXPECT_ERR(ioctl(init.user, NS_GET_PARENT), EPERM);
			done();
		}
		peer_join(&r);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* Three levels: the middle one sees what lies below, not itself from above. */
CASE(what_lies_below_is_told, "NSF-6")
{
	struct peer p, q, r;
	int fd, up;

	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWPID, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&q, 0)) {
			if (peer_start(&r, CLONE_NEWUSER | CLONE_NEWPID)) {
				peer_send_fd(&r, user_ns_fd(0));
				peer_send_fd(&r, ns_fd(0, "pid"));
				peer_await(&r);
				done();
			}
			fd = peer_recv_fd(&r);
			up = EXPECT_OK(ioctl(fd, NS_GET_PARENT));
			EXPECT_EQ(fd_number(up), user_ns_number(0));
			EXPECT_ERR(ioctl(up, NS_GET_PARENT), EPERM);
			fd = peer_recv_fd(&r);
			up = EXPECT_OK(ioctl(fd, NS_GET_PARENT));
			EXPECT_EQ(fd_number(up), ns_number(0, "pid"));
			EXPECT_ERR(ioctl(up, NS_GET_PARENT), EPERM);
			peer_end(&r);
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
}

CASE(the_owner_uid_is_that_of_the_callers_namespace, "NSF-6 IDS-2")
{
	struct files f;
	struct peer p, q;
	uid_t uid;

	all_start(&p, OWNER);
	all_recv(&p, &f);
	EXPECT_OK(ioctl(f.user, NS_GET_OWNER_UID, &uid));
	EXPECT_EQ(uid, OWNER);
	EXPECT_OK(ioctl(user_ns_fd(0), NS_GET_OWNER_UID, &uid));
	EXPECT_EQ(uid, 0);
	for (const struct ns_type *t = ns_types; t->name; t++) {
		uid = 77;
		EXPECT_ERR(ioctl(f.fd[t - ns_types], NS_GET_OWNER_UID, &uid),
			   EINVAL);
		EXPECT_EQ(uid, 77);
	}
	EXPECT_ERR(ioctl(f.user, NS_GET_OWNER_UID, NULL), EFAULT);
	/* 1000 of init is 5 there, or nobody. */
	if (peer_start(&q, 0)) {
		enter_new(0, "5 1000 1", "5 1000 1");
		EXPECT_OK(ioctl(f.user, NS_GET_OWNER_UID, &uid));
		EXPECT_EQ(uid, 5);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(ioctl(f.user, NS_GET_OWNER_UID, &uid));
		EXPECT_EQ(uid, OVERFLOW_ID);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(the_descriptor_is_closed_by_exec_and_usable, "NSF-6 NSF-2")
{
	struct rlimit few;
	struct files f;
	struct peer p;
	int fd, parent;

	all_start(&p, OWNER);
	all_recv(&p, &f);
	fd = EXPECT_OK(ioctl(f.fd[0], NS_GET_USERNS));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	parent = EXPECT_OK(ioctl(f.user, NS_GET_PARENT));
	EXPECT_EQ(fcntl(parent, F_GETFD), FD_CLOEXEC);
	EXPECT_OK(getrlimit(RLIMIT_NOFILE, &few));
	few.rlim_cur = parent + 1;
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &few));
	for (int i = 0; i < 100; i++)
		EXPECT_ERR(ioctl(f.fd[0], NS_GET_USERNS), EMFILE);
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	EXPECT_EQ(user_ns_number(0), fd_number(f.user));
	peer_end(&p);
}

CASE(other_files_and_commands_are_enotty, "NSF-6")
{
	static const unsigned long cmds[] = {
		NS_GET_USERNS, NS_GET_PARENT, NS_GET_NSTYPE, NS_GET_OWNER_UID,
	};
	int fds[2], plain, proc, dir;
	uid_t uid;

	EXPECT_EQ(ioctl(user_ns_fd(0), NS_GET_NSTYPE), CLONE_NEWUSER);
	touch("plain", 0, 0, 0600);
	plain = EXPECT_OK(open("plain", O_RDWR | O_CLOEXEC));
	proc = EXPECT_OK(proc_open(0, "status", O_RDONLY));
	dir = EXPECT_OK(proc_open(0, "ns", O_RDONLY));
	EXPECT_OK(pipe(fds));
	for (int i = 0; i < 4; i++) {
		EXPECT_ERR(ioctl(plain, cmds[i], &uid), ENOTTY);
		EXPECT_ERR(ioctl(proc, cmds[i], &uid), ENOTTY);
		EXPECT_ERR(ioctl(dir, cmds[i], &uid), ENOTTY);
		EXPECT_ERR(ioctl(-1, cmds[i], &uid), EBADF);
	}
	EXPECT_ERR(ioctl(user_ns_fd(0), _IO(NSIO, 0x50)), ENOTTY);
	EXPECT_ERR(ioctl(ns_fd(0, "uts"), _IO(NSIO, 0)), ENOTTY);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
