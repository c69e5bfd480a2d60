// SPDX-License-Identifier: GPL-2.0
/* Who may look into whom: ptrace, /proc/PID, process_vm_readv, robust lists (ACC-4). */
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

/* The Yama module, where it restricts attaching, asks more than the contract. */
static void need_classic_ptrace(void)
{
	char buf[16];

	if (read_file("/proc/sys/kernel/yama/ptrace_scope", buf,
		      sizeof(buf)) > 0 && buf[0] != '0')
		SKIP("kernel.yama.ptrace_scope is %c", buf[0]);
}

static char secret[16] = "not yet";

/* A target tells when `secret` is set; its address is the caller's own. */
static void reveal(void)
{
	strcpy(secret, "secret");
}

enum { NO, YES };

static void expect_attach(pid_t pid, int may)
{
	int status;

	if (!may) {
		EXPECT_ERR(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
		return;
	}
	EXPECT_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_OK(waitpid(pid, &status, __WALL));
	EXPECT(WIFSTOPPED(status));
	errno = 0;
	EXPECT_EQ(ptrace(PTRACE_PEEKDATA, pid, secret, 0) & 0xff, 's');
	EXPECT_EQ(errno, 0);
	EXPECT_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
}

static void expect_vm_read(pid_t pid, int may)
{
	char buf[sizeof(secret)] = "";
	struct iovec local = { buf, sizeof(buf) };
	struct iovec remote = { secret, sizeof(secret) };
	ssize_t n = syscall(SYS_process_vm_readv, pid, &local, 1UL, &remote,
			    1UL, 0UL);

	if (n < 0 && errno == ENOSYS)
		return;	/* built without it */
	if (may) {
		EXPECT_EQ(n, sizeof(secret));
		EXPECT_STR(buf, "secret");
	} else {
		EXPECT_EQ(n, -1);
		EXPECT_EQ(errno, EPERM);
	}
}

static void expect_robust_list(pid_t pid, int may)
{
	void *head;
	size_t len;
	int ret = syscall(SYS_get_robust_list, pid, &head, &len);

	if (ret < 0 && errno == ENOSYS)
		return;
	EXPECT_EQ(ret, may ? 0 : -1);
	if (!may)
		EXPECT_EQ(errno, EPERM);
}

static void expect_links(pid_t pid, int may)
{
	static const char *const links[] = { "exe", "cwd", "root", "ns/user" };
	char text[256];

	for (size_t i = 0; i < N(links); i++) {
		const char *path = proc_path(pid, links[i]);

		if (may)
			EXPECT_OK(readlink(path, text, sizeof(text)));
		else
			EXPECT_ERR(readlink(path, text, sizeof(text)), EACCES);
	}
}

/* Files with a mode of their own: only asked where that would let the caller. */
static void expect_private_files(pid_t pid, int may)
{
	static const char *const files[] = { "environ", "mem" };
	char text[256];

	if (may)
		EXPECT_OK(readlink(proc_path(pid, "fd/0"), text, sizeof(text)));
	else
		EXPECT_ERR(readlink(proc_path(pid, "fd/0"), text,
				    sizeof(text)), EACCES);

	for (size_t i = 0; i < N(files); i++) {
		const char *path = proc_path(pid, files[i]);
		char buf[sizeof(secret)] = "";
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = -1;

		/* Some releases refuse the open, others the read. */
		if (fd >= 0)
			n = pread(fd, buf, sizeof(buf),
				  i ? (off_t)(uintptr_t)secret : 0);
		if (may) {
			EXPECT_OK(fd);
			EXPECT_OK(n);
			if (i)
				EXPECT_STR(buf, "secret");
		} else {
			EXPECT(fd < 0 || n <= 0);
		}
		if (fd >= 0)
			EXPECT_OK(close(fd));
	}
}

static void expect_access(pid_t pid, int may)
{
	struct stat st;

	expect_links(pid, may);
	expect_vm_read(pid, may);
	expect_robust_list(pid, may);
	expect_attach(pid, may);
	EXPECT_OK(stat(proc_path(pid, "environ"), &st));
	if (st.st_uid == geteuid() || !may)
		expect_private_files(pid, may);
}

/* A waiting child of init with these ids and capabilities. */
static void outsider_start(struct peer *p, uid_t r, uid_t e, uid_t s,
			   uint64_t caps)
{
	if (peer_start(p, 0)) {
		reveal();
		become_res(r, e, s, OTHER, caps);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

/* A waiting member of a namespace made by the caller or by OWNER. */
static void target_member(struct peer *p, int owned, const char *map, uid_t id,
			  uint64_t caps)
{
	const char hidden[sizeof(secret)] = "not yet";

	reveal();
	member_waits(p, owned, map, id, caps);
	memcpy(secret, hidden, sizeof(secret));
}

/* The same with one more level, "0 0 100" of the first. */
static void target_below(struct peer *p, int owned, const char *map, uid_t id)
{
	if (peer_start(p, 0)) {
		reveal();
		if (owned)
			enter_owned(0, map, map);
		else
			enter_new(0, map, map);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(7, 7);
		enter_new(0, "0 0 100", "0 0 100");
		member_ids(id, id);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

static void access_from_init(pid_t pid, uid_t ruid, uid_t euid, uint64_t caps,
			     int may)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become_res(ruid, euid, ruid, OTHER, caps);
		expect_access(pid, may);
		done();
	}
	peer_join(&p);
}

/* In all maps here 5 is the kernel id OTHER, as uid and gid. */
#define WITH_OTHER "0 100000 5\n5 2000 1\n6 100006 500"

CASE(equal_ids_reach_within_a_namespace, "ACC-4")
{
	struct peer p;

	need_classic_ptrace();
	if (peer_start(&p, 0)) {
		struct peer t;

		enter_owned(0, WITH_OTHER, WITH_OTHER);
		EXPECT_OK(sys_setgroups(0, NULL));
		if (peer_start(&t, 0)) {
			reveal();
			member_ids(6, 6);
			caps_set(0, 0, 0);
			peer_tell(&t);
			peer_await(&t);
			done();
		}
		peer_await(&t);
		member_ids(6, 6);
		caps_set(0, 0, 0);
		expect_access(t.pid, YES);
		peer_end(&t);
		done();
	}
	peer_join(&p);
}

static void within(uid_t id, uint64_t caps, uid_t target_r, uid_t target_s,
		   uint64_t target_caps, int dumpable, int may)
{
	struct peer p;

	harness_context("caller %u caps %jx, target %u/%u caps %jx", id,
			(uintmax_t)caps, target_r, target_s,
			(uintmax_t)target_caps);
	if (peer_start(&p, 0)) {
		struct peer t;

		enter_owned(0, WITH_OTHER, WITH_OTHER);
		EXPECT_OK(sys_setgroups(0, NULL));
		if (peer_start(&t, 0)) {
			reveal();
			member_ids(6, 6);
			EXPECT_OK(setresuid(target_r, target_r, target_s));
			caps_set(target_caps, target_caps, 0);
			EXPECT_OK(prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0));
			peer_tell(&t);
			peer_await(&t);
			done();
		}
		peer_await(&t);
		member_ids(id, 6);
		caps_set(caps, caps, 0);
		expect_access(t.pid, may);
		peer_end(&t);
		done();
	}
	peer_join(&p);
}

CASE(within_a_namespace_the_old_rules_hold, "ACC-4")
{
	const uint64_t trace = CAP_BIT(CAP_SYS_PTRACE);
	const uint64_t chown = CAP_BIT(CAP_CHOWN);

	need_classic_ptrace();
	/* All of the target's ids are compared. */
	within(6, 0, 6, 6, 0, 1, YES);
	within(6, 0, 8, 6, 0, 1, NO);
	within(6, 0, 6, 8, 0, 1, NO);
	within(8, 0, 6, 6, 0, 1, NO);
	within(0, 0, 6, 6, 0, 1, NO);
	/* Its permitted set must lie inside the caller's. */
	within(6, 0, 6, 6, chown, 1, NO);
	within(6, chown, 6, 6, chown, 1, YES);
	within(6, ALL_CAPS & ~trace, 6, 6, trace, 1, NO);
	/* An undumpable one needs the capability. */
	within(6, 0, 6, 6, 0, 0, NO);
	within(6, ALL_CAPS & ~trace, 6, 6, 0, 0, NO);
}

/* Real, effective and saved user, the same of the group; the last is none. */
CASE(each_id_of_the_target_is_compared, "ACC-4")
{
	need_classic_ptrace();
	for (int odd = 0; odd <= 6; odd++) {
		struct peer p;

		harness_context("id %d", odd);
		if (peer_start(&p, 0)) {
			struct peer t;
			uid_t id[6];

			for (int i = 0; i < 6; i++)
				id[i] = i == odd ? 8 : 6;
			enter_owned(0, WITH_OTHER, WITH_OTHER);
			EXPECT_OK(sys_setgroups(0, NULL));
			if (peer_start(&t, 0)) {
				reveal();
				member_ids(6, 6);
				EXPECT_OK(setresgid(id[3], id[4], id[5]));
				EXPECT_OK(setresuid(id[0], id[1], id[2]));
				caps_set(0, 0, 0);
				set_dumpable();
				peer_tell(&t);
				peer_await(&t);
				done();
			}
			peer_await(&t);
			member_ids(6, 6);
			caps_set(0, 0, 0);
			expect_access(t.pid, odd == 6 ? YES : NO);
			peer_end(&t);
			done();
		}
		peer_join(&p);
	}
}

CASE(cap_sys_ptrace_reaches_members, "ACC-4 CAP-1")
{
	const uint64_t trace = CAP_BIT(CAP_SYS_PTRACE);

	need_classic_ptrace();
	within(8, trace, 6, 6, 0, 1, YES);
	within(8, trace, 6, 9, ALL_CAPS, 1, YES);
	within(8, ALL_CAPS & ~trace, 6, 6, 0, 1, NO);
}

CASE(cap_sys_ptrace_reaches_below, "ACC-4 CAP-2")
{
	struct peer p;

	need_classic_ptrace();
	for (int below = 0; below < 2; below++) {
		const uint64_t trace = CAP_BIT(CAP_SYS_PTRACE);

		harness_context("%d more levels", below);
		if (below)
			target_below(&p, 1, BLOCK_MAP, 9);
		else
			target_member(&p, 1, BLOCK_MAP, 9, ALL_CAPS);
		access_from_init(p.pid, OTHER, OTHER, trace, YES);
		access_from_init(p.pid, OTHER, OTHER, ALL_CAPS & ~trace, NO);
		access_from_init(p.pid, OTHER, OTHER, 0, NO);
		peer_end(&p);
	}
}

CASE(the_owner_reaches_everyone_below, "ACC-4 CAP-3")
{
	struct peer p;

	need_classic_ptrace();
	target_member(&p, 1, BLOCK_MAP, 9, ALL_CAPS);
	access_from_init(p.pid, OWNER, OWNER, 0, YES);
	access_from_init(p.pid, OWNER, OTHER, 0, NO);
	peer_end(&p);
	target_below(&p, 1, BLOCK_MAP, 9);
	access_from_init(p.pid, OWNER, OWNER, 0, YES);
	peer_end(&p);
}

CASE(equal_ids_do_not_reach_into_a_child, "ACC-4")
{
	struct peer p;

	need_classic_ptrace();
	/* The namespace is root's, so that OTHER has nothing but its id. */
	target_member(&p, 0, WITH_OTHER, 5, 0);
	access_from_init(p.pid, OTHER, OTHER, 0, NO);
	access_from_init(p.pid, OTHER, OTHER, CAP_BIT(CAP_SYS_PTRACE), YES);
	peer_end(&p);
	target_below(&p, 0, "0 1990 100", 10);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), OTHER);
	access_from_init(p.pid, OTHER, OTHER, 0, NO);
	peer_end(&p);
}

CASE(equal_ids_do_not_reach_the_parent, "ACC-4 CAP-4")
{
	struct peer outside, p;

	need_classic_ptrace();
	outsider_start(&outside, OTHER, OTHER, OTHER, 0);
	for (int owned = 0; owned < 2; owned++) {
		if (peer_start(&p, 0)) {
			if (owned)
				enter_owned(0, WITH_OTHER, WITH_OTHER);
			else
				enter_new(0, WITH_OTHER, WITH_OTHER);
			EXPECT_OK(sys_setgroups(0, NULL));
			member_ids(5, 5);
			expect_access(outside.pid, NO);
			/* The runner, which is root. */
			expect_links(1, NO);
			member_ids(0, 0);
			expect_access(outside.pid, NO);
			done();
		}
		peer_join(&p);
	}
	peer_end(&outside);
}

/* By the creator of a namespace itself, who has the ids and was dumpable. */
CASE(a_new_member_does_not_reach_what_it_left, "ACC-4 NEW-10")
{
	struct peer outside, p;

	need_classic_ptrace();
	outsider_start(&outside, OTHER, OTHER, OTHER, 0);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, CREATOR_CAPS);
		/* Ids equal, and more capabilities than the target. */
		expect_access(outside.pid, YES);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT(has_effective(CAP_SYS_PTRACE));
		expect_access(outside.pid, NO);
		done();
	}
	peer_join(&p);
	peer_end(&outside);
}

CASE(siblings_do_not_reach_each_other, "ACC-4 CAP-4")
{
	struct peer t, p;

	need_classic_ptrace();
	/* Same owner, same kernel ids, other namespace. */
	target_member(&t, 1, WITH_OTHER, 5, 0);
	if (peer_start(&p, 0)) {
		enter_owned(0, WITH_OTHER, WITH_OTHER);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(5, 5);
		expect_access(t.pid, NO);
		done();
	}
	peer_join(&p);
	/* And with the kernel id of the owner of both. */
	if (peer_start(&p, 0)) {
		enter_owned(0, "0 1000 1", "0 1000 1");
		member_ids(0, 0);
		expect_access(t.pid, NO);
		done();
	}
	peer_join(&p);
	peer_end(&t);
}

CASE(traceme_asks_about_the_parent, "ACC-4")
{
	struct peer p, holder;
	int fd;

	need_classic_ptrace();
	target_start(&holder);
	fd = user_ns_fd(holder.pid);
	if (peer_start(&p, 0)) {
		struct peer c;

		/* A child that goes where this process has nothing. */
		if (peer_start(&c, 0)) {
			become(OTHER, OTHER, CAP_BIT(CAP_SYS_ADMIN));
			EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
			peer_tell(&c);
			peer_await(&c);
			EXPECT_ERR(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM);
			done();
		}
		peer_await(&c);
		become(OTHER, OTHER, 0);
		peer_end(&c);
		done();
	}
	peer_join(&p);
	peer_end(&holder);
	/* A parent of the same id that has gone to a namespace below. */
	if (peer_start(&p, 0)) {
		struct peer c;

		become(OTHER, OTHER, CREATOR_CAPS);
		if (peer_start(&c, 0)) {
			caps_drop(ALL_CAPS);
			peer_await(&c);
			EXPECT_ERR(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM);
			done();
		}
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		peer_end(&c);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
