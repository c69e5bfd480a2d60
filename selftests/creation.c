// SPDX-License-Identifier: GPL-2.0
/* Making a user namespace: flags, refusals, owner (NEW-1 to NEW-6, NEW-9). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

/* ---- flags ---- */

CASE(unshare_moves_the_caller, "NEW-1")
{
	ino_t before = user_ns_number(0);

	EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	EXPECT_NE(user_ns_number(0), before);
	EXPECT_STR(proc_read(0, "uid_map"), "");
	EXPECT_STR(proc_read(0, "gid_map"), "");
}

CASE(clone_puts_the_child_in_a_new_namespace, "NEW-1")
{
	ino_t here = user_ns_number(0);
	struct peer p;

	if (peer_start(&p, CLONE_NEWUSER)) {
		EXPECT_NE(user_ns_number(0), here);
		EXPECT_STR(proc_read(0, "uid_map"), "");
		peer_tell(&p);
		peer_await(&p);
		EXPECT_STR(proc_read(0, "uid_map"), shown(0, BASE, COUNT));
		EXPECT_STR(proc_read(0, "gid_map"), shown(0, BASE, COUNT));
		done();
	}
	peer_await(&p);
	EXPECT_EQ(user_ns_number(0), here);
	EXPECT_NE(user_ns_number(p.pid), here);
	write_maps(p.pid, BLOCK_MAP, BLOCK_MAP);
	peer_end(&p);
}

CASE(every_creation_is_a_namespace_of_its_own, "NEW-1")
{
	ino_t seen[5] = { user_ns_number(0) };
	struct peer p[5];

	for (int i = 1; i < 5; i++) {
		if (peer_start(&p[i], CLONE_NEWUSER)) {
			peer_await(&p[i]);
			done();
		}
		seen[i] = user_ns_number(p[i].pid);
		for (int j = 0; j < i; j++)
			EXPECT_NE(seen[i], seen[j]);
	}
	for (int i = 1; i < 5; i++) {
		peer_tell(&p[i]);
		peer_join(&p[i]);
	}
}

CASE(clone_thread_and_fs_are_refused, "NEW-2")
{
	static const struct {
		unsigned long flags;
		const char *name;
	} t[] = {
		{ CLONE_FS, "CLONE_FS" },
		{ CLONE_FS | CLONE_VM, "CLONE_FS|VM" },
		{ CLONE_FS | CLONE_VM | CLONE_SIGHAND, "CLONE_FS|VM|SIGHAND" },
		{ CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
		  "CLONE_THREAD|SIGHAND|VM" },
		{ CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_FS,
		  "CLONE_THREAD|SIGHAND|VM|FS" },
		{ CLONE_FS | CLONE_NEWUTS, "CLONE_FS|NEWUTS" },
	};

	require_namespaces();
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		harness_context("CLONE_NEWUSER|%s", t[i].name);
		EXPECT_ERR(clone_fn(CLONE_NEWUSER | t[i].flags, return_at_once,
				    NULL), EINVAL);
	}
}

CASE(clone_parent_is_allowed, "NEW-2")
{
	ino_t here = user_ns_number(0);
	struct peer middle;
	pid_t pid;
	int status;

	if (peer_start(&middle, 0)) {
		pid = EXPECT_OK(sys_clone(CLONE_NEWUSER | CLONE_PARENT));
		if (!pid) {
			EXPECT_NE(user_ns_number(0), here);
			done();
		}
		peer_send(&middle, &pid, sizeof(pid));
		done();
	}
	peer_recv(&middle, &pid, sizeof(pid));
	peer_join(&middle);
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT_EQ(status, 0);
}

static int differs_from(void *arg)
{
	EXPECT_NE(user_ns_number(0), *(ino_t *)arg);
	return 0;
}

CASE(clone_sighand_is_allowed, "NEW-2")
{
	ino_t here = user_ns_number(0);
	int status;
	pid_t pid;

	pid = EXPECT_OK(clone_fn(CLONE_NEWUSER | CLONE_SIGHAND | CLONE_VM,
				 differs_from, &here));
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT_EQ(status, 0);
	EXPECT_EQ(user_ns_number(0), here);
}

/* ---- unshare and what the process shares ---- */

CASE(unshare_with_a_second_thread_is_refused, "NEW-3")
{
	pthread_t thread;
	int fds[2];

	require_namespaces();
	EXPECT_OK(pipe(fds));
	EXPECT_EQ(pthread_create(&thread, NULL, block_on, &fds[0]), 0);
	EXPECT_ERR(sys_unshare(CLONE_NEWUSER), EINVAL);
}

struct sibling {
	int fd;
	ino_t ns;
};

static int see_own_ns(void *arg)
{
	struct sibling *s = arg;

	if (block_on(&s->fd))
		return 1;
	s->ns = user_ns_number(0);
	return 0;
}

CASE(unshare_with_a_process_in_the_same_memory_works, "NEW-3")
{
	ino_t here = user_ns_number(0);
	struct sibling s = { 0 };
	int fds[2], status;
	pid_t pid;

	EXPECT_OK(pipe(fds));
	s.fd = fds[0];
	pid = EXPECT_OK(clone_fn(CLONE_VM, see_own_ns, &s));
	EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	EXPECT_NE(user_ns_number(0), here);
	EXPECT_EQ(write(fds[1], "", 1), 1);
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT_EQ(status, 0);
	EXPECT_EQ(s.ns, here);
}

CASE(unshare_with_a_reader_of_proc_works, "NEW-3")
{
	struct peer reader;
	pid_t self = getpid();

	if (peer_start(&reader, 0)) {
		char buf[4096];
		int fd = EXPECT_OK(proc_open(self, "mem", O_RDONLY));

		peer_tell(&reader);
		for (;;) {
			if (read_file(proc_path(self, "maps"), buf,
				      sizeof(buf)) < 0 ||
			    read_file(proc_path(self, "environ"), buf,
				      sizeof(buf)) < 0 ||
			    lseek(fd, 0, SEEK_SET) < 0)
				done();
		}
	}
	peer_await(&reader);
	/* Each call may or may not meet a read; none may be refused for it. */
	for (int i = 0; i < 31; i++) {
		enter_new(0, "0 0 1", "0 0 1");
		EXPECT_STR(proc_read(0, "uid_map"), shown(0, 0, 1));
	}
	peer_kill(&reader);
}

CASE(unshare_copies_a_shared_fs_struct, "NEW-3")
{
	struct peer p;
	struct stat a, b, cwd;

	EXPECT_OK(mkdir("a", 0755));
	EXPECT_OK(mkdir("a/b", 0755));
	EXPECT_OK(stat("a", &a));
	EXPECT_OK(stat("a/b", &b));
	if (peer_start(&p, CLONE_FS)) {
		EXPECT_OK(chdir("a"));
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_OK(chdir("b"));
		EXPECT_OK(stat(".", &cwd));
		EXPECT_EQ(cwd.st_ino, b.st_ino);
		done();
	}
	peer_await(&p);
	EXPECT_OK(stat(".", &cwd));
	/* Shared until then, or the rest would prove nothing. */
	EXPECT_EQ(cwd.st_ino, a.st_ino);
	peer_end(&p);
	EXPECT_OK(stat(".", &cwd));
	EXPECT_EQ(cwd.st_ino, a.st_ino);
}

/* ---- refusals ---- */

/* In a child that is thrown away: both ways of creation work. */
static void expect_creation(void)
{
	struct peer p;
	int status;
	pid_t pid;

	if (peer_start(&p, 0)) {
		pid = EXPECT_OK(clone_fn(CLONE_NEWUSER, return_at_once, NULL));
		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT_EQ(status, 0);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		done();
	}
	peer_join(&p);
}

CASE(chrooted_caller_is_refused, "NEW-4")
{
	EXPECT_OK(mkdir("jail", 0755));
	EXPECT_OK(chroot("/"));
	expect_creation();
	EXPECT_OK(chroot("jail"));
	expect_no_creation(EPERM);
}

/* The root of a mount is not enough: it must be that of the mount namespace. */
CASE(caller_chrooted_to_a_mount_is_refused, "NEW-4")
{
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("jail", 0755));
	EXPECT_OK(mount("none", "jail", "tmpfs", 0, NULL));
	expect_creation();
	EXPECT_OK(chroot("jail"));
	expect_no_creation(EPERM);
}

CASE(chrooted_member_is_refused, "NEW-4")
{
	struct peer p;
	int fd;

	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		done();
	}
	write_maps(p.pid, "0 0 10", "0 0 10");
	fd = user_ns_fd(p.pid);
	EXPECT_OK(mkdir("jail", 0755));
	EXPECT_OK(chroot("jail"));
	/* Entering is allowed to a chrooted process, creating is not. */
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	expect_no_creation(EPERM);
	peer_end(&p);
}

CASE(caller_without_mapped_ids_is_refused, "NEW-5")
{
	static const struct {
		const char *uids, *gids;
		int works;
	} t[] = {
		{ NULL, NULL, 0 },
		{ "0 0 1", NULL, 0 },
		{ NULL, "0 0 1", 0 },
		/* Maps that lack the caller's own ids. */
		{ "0 100000 10", "0 0 1", 0 },
		{ "0 0 1", "0 100000 10", 0 },
		{ "5 0 1", "7 0 1", 1 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct peer p;

		harness_context("uids %s, gids %s", t[i].uids, t[i].gids);
		if (peer_start(&p, 0)) {
			enter_new(0, t[i].uids, t[i].gids);
			if (t[i].works)
				expect_creation();
			else
				expect_no_creation(EPERM);
			done();
		}
		peer_join(&p);
	}
}

CASE(effective_ids_are_the_ones_that_must_be_mapped, "NEW-5")
{
	struct peer p;

	/* ruid, suid 0 not mapped, euid 5 mapped: allowed. */
	if (peer_start(&p, 0)) {
		EXPECT_OK(setresgid(0, 5, 0));
		EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		EXPECT_OK(setresuid(0, 5, 0));
		caps_set(ALL_CAPS, ALL_CAPS, 0);
		set_dumpable();
		enter_new(0, "5 5 1", "5 5 1");
		expect_creation();
		done();
	}
	peer_join(&p);
	/* The other way round: refused. */
	if (peer_start(&p, 0)) {
		EXPECT_OK(setresgid(5, 0, 5));
		EXPECT_OK(setresuid(5, 0, 5));
		set_dumpable();
		enter_new(0, "5 5 1", "5 5 1");
		expect_no_creation(EPERM);
		done();
	}
	peer_join(&p);
}

/* ---- owner ---- */

/* From the parent, with these ids and no capability: may it enter? */
static void expect_entry(int fd, uid_t ruid, uid_t euid, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become_res(ruid, euid, ruid, OTHER, 0);
		if (err)
			EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), err);
		else
			EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		done();
	}
	peer_join(&p);
}

CASE(owner_is_the_effective_uid_of_the_creator, "NEW-9 CAP-3")
{
	struct peer p;
	int fd;

	if (peer_start(&p, 0)) {
		become_res(OTHER, OWNER, OTHER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	fd = user_ns_fd(p.pid);
	expect_entry(fd, OTHER, OWNER, 0);
	expect_entry(fd, OWNER, OWNER, 0);
	expect_entry(fd, OWNER, OTHER, EPERM);
	expect_entry(fd, OTHER, OTHER, EPERM);
	peer_end(&p);
}

CASE(owner_does_not_change_with_the_member, "NEW-9")
{
	struct peer p;
	int fd;

	if (peer_start(&p, 0)) {
		enter_owned(0, "0 1000 1\n1 2000 1", "0 1000 1\n1 2000 1");
		member_ids(1, 1);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), OTHER);
	fd = user_ns_fd(p.pid);
	expect_entry(fd, OWNER, OWNER, 0);
	expect_entry(fd, OTHER, OTHER, EPERM);
	peer_end(&p);
}

CASE(owner_does_not_change_when_the_creator_does, "NEW-9")
{
	struct peer creator;
	pid_t member;
	int fd;

	if (peer_start(&creator, 0)) {
		struct peer m;

		become(OWNER, OWNER, CREATOR_CAPS);
		if (peer_start(&m, CLONE_NEWUSER)) {
			peer_await(&m);
			done();
		}
		EXPECT_OK(setresuid(OTHER, OTHER, OTHER));
		peer_send(&creator, &m.pid, sizeof(m.pid));
		peer_await(&creator);
		peer_end(&m);
		done();
	}
	peer_recv(&creator, &member, sizeof(member));
	fd = user_ns_fd(member);
	expect_entry(fd, OWNER, OWNER, 0);
	expect_entry(fd, OTHER, OTHER, EPERM);
	peer_end(&creator);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
