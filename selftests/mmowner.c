// SPDX-License-Identifier: GPL-2.0
/* Which namespace an address space belongs to, and who may look at it (ACC-4). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define SELF "/proc/self/exe"
#define REPORT_FD 9

/* The same address in every process of this program, which is static. */
static char secret[16] = "not yet";

static void need_classic_ptrace(void)
{
	char buf[16];

	if (read_file("/proc/sys/kernel/yama/ptrace_scope", buf,
		      sizeof(buf)) > 0 && buf[0] != '0')
		SKIP("kernel.yama.ptrace_scope is %c", buf[0]);
}

/* What an executed copy of this program does: it waits to be looked at. */
static int wait_here(void)
{
	char c = 0;

	strcpy(secret, "secret");
	return write(REPORT_FD, &c, 1) != 1 || read(REPORT_FD, &c, 1) != 1;
}

static void exec_and_wait(struct peer *p, const char *path)
{
	EXPECT_OK(dup2(p->fd, REPORT_FD));
	EXPECT_OK(execl(path, path, "wait", NULL));
}

enum { NO, YES };

static void expect_access(pid_t pid, int may)
{
	char buf[sizeof(secret)] = "", text[256];
	struct iovec local = { buf, sizeof(buf) };
	struct iovec remote = { secret, sizeof(secret) };
	ssize_t n;
	size_t len;
	void *head;
	int status, fd;

	n = syscall(SYS_process_vm_readv, pid, &local, 1UL, &remote, 1UL, 0UL);
	if (n >= 0 || errno != ENOSYS) {
		EXPECT_EQ(n, may ? (ssize_t)sizeof(secret) : -1);
		EXPECT_STR(buf, may ? "secret" : "");
	}

	memset(buf, 0, sizeof(buf));
	fd = open(proc_path(pid, "mem"), O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, buf, sizeof(buf), (off_t)(uintptr_t)secret);
	if (fd >= 0)
		close(fd);
	/* Who may inspect it may still not be the owner of its files. */
	if (!may || file_uid(proc_path(pid, "mem")) == geteuid()) {
		EXPECT_EQ(n > 0, may);
		EXPECT_STR(buf, may ? "secret" : "");
	}

	if (may) {
		EXPECT_OK(readlink(proc_path(pid, "exe"), text, sizeof(text)));
		EXPECT_OK(syscall(SYS_get_robust_list, pid, &head, &len));
		EXPECT_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
		EXPECT_OK(waitpid(pid, &status, __WALL));
		EXPECT_EQ(ptrace(PTRACE_PEEKDATA, pid, secret, 0) & 0xff, 's');
		EXPECT_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	} else {
		EXPECT_ERR(readlink(proc_path(pid, "exe"), text, sizeof(text)),
			   EACCES);
		EXPECT_ERR(syscall(SYS_get_robust_list, pid, &head, &len),
			   EPERM);
		EXPECT_ERR(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
	}
}

/*
 * An observer that is the child of the caller, with these ids in a namespace
 * of OWNER at this level, and that looks at whom it is told.
 */
static void observer_start(struct peer *p, int level, uid_t id, uint64_t caps)
{
	struct {
		pid_t pid;
		int may;
	} order;

	if (peer_start(p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(0, 0);
		if (level == 2)
			enter_new(0, "0 0 100", "0 0 100");
		member_ids(id, id);
		caps_set(caps, caps, 0);
		for (;;) {
			peer_tell(p);
			peer_recv(p, &order, sizeof(order));
			if (!order.pid)
				done();
			harness_context("level %d, id %u", level, id);
			expect_access(order.pid, order.may);
		}
	}
	peer_await(p);
}

static void look(struct peer *observer, pid_t pid, int may)
{
	struct {
		pid_t pid;
		int may;
	} order = { pid, may };

	peer_send(observer, &order, sizeof(order));
	if (pid)
		peer_await(observer);
	else
		peer_join(observer);
}

/* ---- entering ---- */

/* CVE-2015-8709: root of init enters, and brings along what it has in memory. */
CASE(what_enters_keeps_its_memory_outside, "ACC-4 NEW-16")
{
	struct peer root, p;
	int fd;

	need_classic_ptrace();
	observer_start(&root, 1, 0, ALL_CAPS);
	fd = user_ns_fd(root.pid);
	if (peer_start(&p, 0)) {
		strcpy(secret, "secret");
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		peer_tell(&p);
		peer_await(&p);
		/* Its own decision. */
		EXPECT_OK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
		/* Ids of the namespace do not make it the namespace's. */
		EXPECT_OK(setresgid(3, 3, 3));
		EXPECT_OK(setresuid(3, 3, 3));
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	look(&root, p.pid, NO);
	peer_tell(&p);
	peer_await(&p);
	look(&root, p.pid, YES);
	peer_tell(&p);
	peer_await(&p);
	look(&root, p.pid, NO);
	expect_access(p.pid, YES);
	peer_end(&p);
	look(&root, 0, 0);
}

CASE(the_memory_of_a_fork_is_its_parents, "ACC-4")
{
	struct peer root, p;
	pid_t child;
	int fd;

	need_classic_ptrace();
	observer_start(&root, 1, 0, ALL_CAPS);
	fd = user_ns_fd(root.pid);
	if (peer_start(&p, 0)) {
		struct peer c;

		strcpy(secret, "secret");
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		if (peer_start(&c, 0)) {
			peer_await(&c);
			done();
		}
		peer_send(&p, &c.pid, sizeof(c.pid));
		peer_await(&p);
		peer_end(&c);
		done();
	}
	peer_recv(&p, &child, sizeof(child));
	look(&root, child, NO);
	peer_end(&p);
	look(&root, 0, 0);
}

CASE(what_is_executed_inside_belongs_inside, "ACC-4 NEW-16")
{
	struct peer root, p;
	int fd;

	need_classic_ptrace();
	observer_start(&root, 1, 0, ALL_CAPS);
	fd = user_ns_fd(root.pid);
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		exec_and_wait(&p, SELF);
	}
	peer_await(&p);
	look(&root, p.pid, YES);
	peer_end(&p);
	/* Likewise if it makes itself undumpable later. */
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_OK(setresgid(0, 0, 0));
		EXPECT_OK(setresuid(0, 0, 0));
		EXPECT_OK(dup2(p.fd, REPORT_FD));
		EXPECT_OK(execl(SELF, SELF, "undumpable", NULL));
	}
	peer_await(&p);
	look(&root, p.pid, YES);
	peer_end(&p);
	look(&root, 0, 0);
}

/* ---- unreadable programs ---- */

/* Member id of the observer's namespace executes ./prog; who may look at it? */
static void executed(struct peer *ns, uid_t id, struct peer *observers,
		     const int *may, size_t n)
{
	int fd = user_ns_fd(ns->pid);
	struct peer p;

	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(id, id);
		caps_set(0, 0, 0);
		exec_and_wait(&p, "./prog");
	}
	peer_await(&p);
	for (size_t i = 0; i < n; i++)
		look(&observers[i], p.pid, may[i]);
	expect_access(p.pid, YES);
	peer_end(&p);
	EXPECT_OK(close(fd));
}

CASE(an_unreadable_program_belongs_to_who_may_read_it, "ACC-4")
{
	static const struct {
		uid_t uid;
		gid_t gid;
		mode_t mode;
		int root_may;	/* of the namespace */
	} files[] = {
		{ BASE + 6, BASE + 6, 0755, YES },
		{ BASE + 6, BASE + 6, 0711, YES },
		{ 0, 0, 0755, YES },
		{ 0, 0, 0711, NO },
		{ UNMAPPED, UNMAPPED, 0111, NO },
		{ BASE + 6, UNMAPPED, 0711, NO },
		{ UNMAPPED, BASE + 6, 0711, NO },
		/* The number is mapped, the kernel id is not. */
		{ 6, 6, 0711, NO },
		/* Its owner may read it, this user not. */
		{ BASE + 6, 0, 0711, NO },
		/* Set-id bits do not count, and hide nothing of this. */
		{ 0, 0, 06711, NO },
		{ BASE + 6, BASE + 6, 06711, YES },
	};
	struct peer observer[2];

	need_classic_ptrace();
	observer_start(&observer[0], 1, 0, ALL_CAPS);
	for (size_t i = 0; i < N(files); i++) {
		harness_context("%u:%u %o", files[i].uid, files[i].gid,
				files[i].mode);
		copy_self("prog", files[i].uid, files[i].gid, files[i].mode);
		executed(&observer[0], 5, observer, &files[i].root_may, 1);
		EXPECT_OK(unlink("prog"));
	}
	look(&observer[0], 0, 0);
}

CASE(an_unreadable_program_goes_no_further_up_than_needed, "ACC-4")
{
	static const struct {
		uid_t owner;
		int may[2];	/* roots of levels 1 and 2 */
	} files[] = {
		{ BASE + 6, { YES, YES } },
		{ BASE + 500, { YES, NO } },
		{ UNMAPPED, { NO, NO } },
	};
	struct peer p;

	need_classic_ptrace();
	for (size_t i = 0; i < N(files); i++) {
		copy_self("prog", files[i].owner, files[i].owner, 0711);
		/* Level 1 and below it level 2, related. */
		if (peer_start(&p, 0)) {
			struct peer c, t;
			int fd;

			harness_context("owner %u", files[i].owner);
			enter_owned(0, BLOCK_MAP, BLOCK_MAP);
			EXPECT_OK(sys_setgroups(0, NULL));
			member_ids(0, 0);
			if (peer_start(&c, 0)) {
				pid_t pid;

				enter_new(0, "0 0 100", "0 0 100");
				member_ids(0, 0);
				peer_tell(&c);
				peer_recv(&c, &pid, sizeof(pid));
				expect_access(pid, files[i].may[1]);
				done();
			}
			peer_await(&c);
			fd = user_ns_fd(c.pid);
			if (peer_start(&t, 0)) {
				EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
				member_ids(5, 5);
				caps_set(0, 0, 0);
				exec_and_wait(&t, "./prog");
			}
			peer_await(&t);
			peer_send(&c, &t.pid, sizeof(t.pid));
			peer_join(&c);
			expect_access(t.pid, files[i].may[0]);
			peer_end(&t);
			done();
		}
		peer_join(&p);
		EXPECT_OK(unlink("prog"));
	}
}

CASE(files_of_an_undumpable_program_are_its_namespaces_roots, "ACC-4 IDS-2")
{
	int fd;
	struct peer root, p;

	copy_self("prog", BASE + 6, BASE + 6, 06755);
	observer_start(&root, 1, 0, ALL_CAPS);
	fd = user_ns_fd(root.pid);
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(5, 5);
		caps_set(0, 0, 0);
		exec_and_wait(&p, "./prog");
	}
	peer_await(&p);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), BASE + 6);
	EXPECT_EQ(file_uid(proc_path(p.pid, "environ")), BASE);
	EXPECT_EQ(file_gid(proc_path(p.pid, "environ")), BASE);
	EXPECT_EQ(file_uid(proc_path(p.pid, "fd")), BASE);
	peer_end(&p);
	look(&root, 0, 0);
}

/* Who traces across the exec does not see more than who attaches after it. */
CASE(a_tracer_loses_sight_of_an_unreadable_program, "ACC-4")
{
	static const struct {
		uid_t owner;
		int may;
	} files[] = {
		{ BASE + 6, YES }, { 0, NO }, { UNMAPPED, NO }
	};
	struct peer p, t;
	int status;

	need_classic_ptrace();
	for (size_t i = 0; i < N(files); i++) {
		copy_self("prog", files[i].owner, files[i].owner, 0711);
		if (peer_start(&p, 0)) {
			harness_context("owner %u", files[i].owner);
			enter_owned(0, BLOCK_MAP, BLOCK_MAP);
			EXPECT_OK(sys_setgroups(0, NULL));
			member_ids(0, 0);
			if (peer_start(&t, 0)) {
				member_ids(5, 5);
				caps_set(0, 0, 0);
				peer_tell(&t);
				peer_await(&t);
				exec_and_wait(&t, "./prog");
			}
			peer_await(&t);
			EXPECT_OK(ptrace(PTRACE_ATTACH, t.pid, 0, 0));
			EXPECT_OK(waitpid(t.pid, &status, __WALL));
			peer_tell(&t);
			EXPECT_OK(ptrace(PTRACE_CONT, t.pid, 0, 0));
			/* The stop at exec. */
			EXPECT_OK(waitpid(t.pid, &status, __WALL));
			EXPECT(WIFSTOPPED(status));
			if (files[i].may) {
				EXPECT_EQ(ptrace(PTRACE_PEEKDATA, t.pid,
						 secret, 0) & 0xff, 'n');
				EXPECT_OK(ptrace(PTRACE_POKEDATA, t.pid,
						 secret, 0));
			} else {
				EXPECT_ERR(ptrace(PTRACE_PEEKTEXT, t.pid,
						  secret, 0), EIO);
				EXPECT_ERR(ptrace(PTRACE_POKEDATA, t.pid,
						  secret, 0), EIO);
			}
			EXPECT_OK(ptrace(PTRACE_CONT, t.pid, 0, 0));
			peer_await(&t);
			peer_end(&t);
			done();
		}
		peer_join(&p);
		EXPECT_OK(unlink("prog"));
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "undumpable"))
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (argc == 2 && (!strcmp(argv[1], "wait") ||
			  !strcmp(argv[1], "undumpable")))
		return wait_here();
	return harness_main(argc, argv);
}
