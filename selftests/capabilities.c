// SPDX-License-Identifier: GPL-2.0
/* Who has a capability in a user namespace, and who has not (CAP-1 to CAP-4). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/acct.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Nothing but a capability lets a caller signal these. */
static void expect_kill(pid_t pid, int err)
{
	if (err)
		EXPECT_ERR(kill(pid, 0), err);
	else
		EXPECT_OK(kill(pid, 0));
}

static void kill_as(pid_t pid, uid_t ruid, uid_t euid, uint64_t caps, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become_res(ruid, euid, ruid, OTHER, caps);
		expect_kill(pid, err);
		done();
	}
	peer_join(&p);
}

/* ---- CAP-1 ---- */

static pid_t victim;

static int do_hostname(void) { return sethostname("test", 4); }
static int do_setuid(void) { return setresuid(20, 21, 22); }
static int do_setgid(void) { return setresgid(20, 21, 22); }
static int do_setgroups(void)
{
	static const gid_t list[2] = { 30, 31 };

	return sys_setgroups(2, list);
}
static int do_kill(void) { return kill(victim, 0); }
static int do_chown(void) { return chown("theirs", 8, 8); }
static int do_chmod(void) { return chmod("theirs", 0611); }
static int do_open(void)
{
	int fd = open("theirs", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int cap;
	int (*run)(void);
	int err;
} operation[] = {
	{ "sethostname", CAP_SYS_ADMIN, do_hostname, EPERM },
	{ "setresuid", CAP_SETUID, do_setuid, EPERM },
	{ "setresgid", CAP_SETGID, do_setgid, EPERM },
	{ "setgroups", CAP_SETGID, do_setgroups, EPERM },
	{ "kill", CAP_KILL, do_kill, EPERM },
	{ "chown", CAP_CHOWN, do_chown, EPERM },
	{ "chmod", CAP_FOWNER, do_chmod, EPERM },
	{ "open", CAP_DAC_OVERRIDE, do_open, EACCES },
};

CASE(a_member_has_what_is_in_its_effective_set, "CAP-1")
{
	struct peer p;

	touch("theirs", BASE + 6, BASE + 6, 0600);
	if (peer_start(&p, 0)) {
		struct peer v;

		enter_owned(CLONE_NEWUTS, BLOCK_MAP, BLOCK_MAP);
		member_ids(6, 6);
		if (peer_start(&v, 0)) {
			peer_await(&v);
			done();
		}
		victim = v.pid;
		for (size_t i = 0; i < N(operation); i++) {
			uint64_t cap = CAP_BIT(operation[i].cap);
			struct peer q;

			harness_context("%s", operation[i].name);
			if (peer_start(&q, 0)) {
				member_ids(5, 5);
				/* Permitted is not enough. */
				caps_set(ALL_CAPS & ~cap, ALL_CAPS, 0);
				EXPECT_ERR(operation[i].run(),
					   operation[i].err);
				/* Nothing else is needed. */
				caps_set(cap, cap, 0);
				EXPECT_OK(operation[i].run());
				done();
			}
			peer_join(&q);
		}
		peer_end(&v);
		done();
	}
	peer_join(&p);
}

/* ---- CAP-2, CAP-3 ---- */

/*
 * A member of a namespace at `levels` below init, each made by the id 7 of
 * the one above, with an id that no sender has.
 */
static void nested_victim(struct peer *p, int levels)
{
	if (peer_start(p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		for (int i = 1; i < levels; i++) {
			member_ids(7, 7);
			enter_new(0, "0 0 1000", "0 0 1000");
		}
		member_ids(50, 50);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
	EXPECT_EQ(file_uid(proc_path(p->pid, "")), BASE + 50);
}

CASE(a_holder_in_an_ancestor_has_it_below, "CAP-2 ACC-3")
{
	for (int levels = 1; levels <= 3; levels++) {
		struct peer p;

		harness_context("%d levels down", levels);
		nested_victim(&p, levels);
		kill_as(p.pid, OTHER, OTHER, CAP_BIT(CAP_KILL), 0);
		kill_as(p.pid, OTHER, OTHER, ALL_CAPS & ~CAP_BIT(CAP_KILL),
			EPERM);
		kill_as(p.pid, OTHER, OTHER, 0, EPERM);
		peer_end(&p);
	}
}

CASE(a_holder_in_a_namespace_has_it_below, "CAP-2 CAP-4")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		struct peer l;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(7, 7);
		if (peer_start(&l, 0)) {
			enter_new(0, "0 0 1000", "0 0 1000");
			enter_new(0, "0 0 1000", "0 0 1000");
			member_ids(50, 50);
			peer_tell(&l);
			peer_await(&l);
			done();
		}
		peer_await(&l);
		/* Not the owner (7), so only the capability helps. */
		member_ids(8, 8);
		caps_set(CAP_BIT(CAP_KILL), ALL_CAPS, 0);
		expect_kill(l.pid, 0);
		caps_set(ALL_CAPS & ~CAP_BIT(CAP_KILL), ALL_CAPS, 0);
		expect_kill(l.pid, EPERM);
		caps_set(ALL_CAPS, ALL_CAPS, 0);
		peer_end(&l);
		done();
	}
	peer_join(&p);
}

CASE(the_owner_has_them_all_there_and_below, "CAP-3 ACC-3")
{
	for (int levels = 1; levels <= 3; levels++) {
		struct peer p;

		harness_context("%d levels down", levels);
		nested_victim(&p, levels);
		kill_as(p.pid, OWNER, OWNER, 0, 0);
		kill_as(p.pid, OTHER, OWNER, 0, 0);
		/* The effective id it is. */
		kill_as(p.pid, OWNER, OTHER, 0, EPERM);
		peer_end(&p);
	}
}

CASE(every_capability_is_the_owners, "CAP-3")
{
	struct peer p, q;

	owned_target_start(&p);
	if (peer_start(&q, 0)) {
		become(OWNER, OTHER, 0);
		/* CAP_SYS_ADMIN, CAP_SYS_PTRACE and with setns all others. */
		EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
		EXPECT_OK(proc_write(p.pid, "uid_map", "0 1000 1"));
		EXPECT_OK(sys_setns(user_ns_fd(p.pid), CLONE_NEWUSER));
		EXPECT(has_effective(CAP_CHOWN));
		EXPECT_EQ(getuid(), 0);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* Of a namespace further down, made by the same kernel id, it is not. */
CASE(an_owner_has_nothing_over_a_grandchild, "CAP-3 CAP-4")
{
	static const char map[] = "0 100000 100\n1000 1000 1";
	struct peer p, q;
	pid_t lower;
	int fd;

	if (peer_start(&p, 0)) {
		struct peer l;

		/* Made by root of init, not by OWNER. */
		enter_new(0, map, map);
		member_ids(1000, 1000);
		if (peer_start(&l, 0)) {
			enter_new(0, "0 0 100", "0 0 100");
			member_ids(50, 50);
			peer_tell(&l);
			peer_await(&l);
			done();
		}
		peer_await(&l);
		peer_send(&p, &l.pid, sizeof(l.pid));
		peer_send_fd(&p, user_ns_fd(l.pid));
		peer_await(&p);
		/* In the parent namespace the same id has. */
		caps_set(0, 0, 0);
		expect_kill(l.pid, 0);
		peer_end(&l);
		done();
	}
	peer_recv(&p, &lower, sizeof(lower));
	fd = peer_recv_fd(&p);
	kill_as(lower, OWNER, OWNER, 0, EPERM);
	if (peer_start(&q, 0)) {
		become(OWNER, OWNER, 0);
		EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EPERM);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* The owner's id inside is a member's like any other. */
CASE(the_owner_inside_has_nothing_by_its_id, "CAP-3 CAP-4")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		struct peer l;

		enter_owned(CLONE_NEWUTS, "0 1000 1\n5 100000 100",
			    "0 1000 1\n5 100000 100");
		if (peer_start(&l, 0)) {
			member_ids(50, 50);
			peer_tell(&l);
			peer_await(&l);
			done();
		}
		peer_await(&l);
		EXPECT_EQ(getuid(), 0);
		expect_kill(l.pid, 0);
		EXPECT_OK(sethostname("test", 4));
		caps_set(0, 0, 0);
		EXPECT_EQ(geteuid(), 0);
		expect_kill(l.pid, EPERM);
		EXPECT_ERR(sethostname("test", 4), EPERM);
		peer_end(&l);
		done();
	}
	peer_join(&p);
}

/* ---- CAP-4 ---- */

CASE(a_capability_says_nothing_about_relatives, "CAP-4 ACC-3")
{
	static const char a_map[] = "0 1000 1\n5 100000 100";
	static const char b_map[] = "5 200000 100";
	struct peer parent, b, b_child, a;

	/* Targets: in the parent (init), in a sibling, below a sibling. */
	if (peer_start(&parent, 0)) {
		become(OTHER, OTHER, 0);
		peer_tell(&parent);
		peer_await(&parent);
		done();
	}
	peer_await(&parent);
	member_start(&b, b_map, b_map, 10, 10);
	if (peer_start(&b_child, 0)) {
		enter_owned(0, b_map, b_map);
		member_ids(5, 5);
		enter_new(0, "0 5 50", "0 5 50");
		member_ids(10, 10);
		peer_tell(&b_child);
		peer_await(&b_child);
		done();
	}
	peer_await(&b_child);
	if (peer_start(&a, 0)) {
		pid_t targets[] = { parent.pid, b.pid, b_child.pid };

		enter_owned(0, a_map, a_map);
		/* As the owner's kernel id, and as another. */
		for (int id = 0; id <= 5; id += 5) {
			member_ids(id, id);
			for (size_t i = 0; i < N(targets); i++) {
				harness_context("id %d, target %zu", id, i);
				expect_kill(targets[i], EPERM);
			}
		}
		harness_context("%s", "");
		/* The same from one level further down. */
		member_ids(0, 0);
		enter_new(0, "0 0 1", "0 0 1");
		for (size_t i = 0; i < N(targets); i++)
			expect_kill(targets[i], EPERM);
		done();
	}
	peer_join(&a);
	peer_end(&parent);
	peer_end(&b);
	peer_end(&b_child);
}

CASE(a_child_has_nothing_over_its_parent, "CAP-4")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		struct peer m, l;

		enter_owned(CLONE_NEWUTS, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&m, 0)) {
			member_ids(9, 9);
			peer_tell(&m);
			peer_await(&m);
			done();
		}
		peer_await(&m);
		if (peer_start(&l, 0)) {
			enter_new(0, "0 0 9", "0 0 9");
			expect_kill(m.pid, EPERM);
			EXPECT_ERR(sethostname("test", 4), EPERM);
			done();
		}
		peer_join(&l);
		expect_kill(m.pid, 0);
		EXPECT_OK(sethostname("test", 4));
		peer_end(&m);
		done();
	}
	peer_join(&p);
}

/* A refusal, or a kernel built without the call. */
#define EXPECT_REFUSED(call)						\
	do {								\
		errno = 0;						\
		EXPECT_EQ((call), -1);					\
		if (errno != ENOSYS)					\
			EXPECT_EQ(errno, EPERM);			\
	} while (0)

static struct timeval now;

static void expect_no_power_over_the_machine(void)
{
	struct rlimit limit;

	/* None of them would do harm if it worked. */
	EXPECT_REFUSED(settimeofday(&now, NULL));
	EXPECT_REFUSED(reboot(RB_DISABLE_CAD));
	EXPECT_REFUSED(swapoff("no such file"));
	EXPECT_REFUSED(acct(NULL));
	EXPECT_REFUSED(syscall(SYS_init_module, NULL, 0UL, ""));
#ifdef SYS_iopl
	EXPECT_REFUSED(syscall(SYS_iopl, 3));
#endif
	EXPECT_ERR(setpriority(PRIO_PROCESS, 0, -5), EACCES);
	EXPECT_OK(getrlimit(RLIMIT_CORE, &limit));
	limit.rlim_max++;
	EXPECT_REFUSED(setrlimit(RLIMIT_CORE, &limit));
}

/* What belongs to the machine asks init, so a member is refused. */
CASE(the_machine_belongs_to_init, "CAP-4")
{
	struct rlimit limit = { 10, 10 };
	struct peer p;

	EXPECT_OK(gettimeofday(&now, NULL));
	EXPECT_OK(setrlimit(RLIMIT_CORE, &limit));
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		expect_no_power_over_the_machine();
		done();
	}
	peer_join(&p);
	/* Kernel id 0 makes no difference. */
	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		expect_no_power_over_the_machine();
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
