// SPDX-License-Identifier: GPL-2.0
/* The off switch: kernel.unprivileged_userns_clone (LIM-1, NEW-8). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userns.h"

#define SWITCH "/proc/sys/kernel/unprivileged_userns_clone"

static int switch_get(void)
{
	char text[16];

	EXPECT_OK(read_file(SWITCH, text, sizeof(text)));
	EXPECT(text[0] == '0' || text[0] == '1');
	EXPECT_EQ(text[1], '\n');
	return text[0] - '0';
}

static void switch_set(int on)
{
	EXPECT_OK(write_text(SWITCH, on ? "1" : "0"));
}

/*
 * Runs fn in a process while the switch is so, and puts it back, also when fn
 * fails.  fn says when it has prepared what takes the switch on.
 */
static void with_switch(int on, void (*fn)(struct peer *))
{
	struct peer p;
	int before;
	char c;

	if (access(SWITCH, F_OK))
		SKIP("no " SWITCH);
	before = switch_get();
	switch_set(1);
	if (peer_start(&p, 0)) {
		fn(&p);
		done();
	}
	if (read(p.fd, &c, 1) == 1) {
		switch_set(on);
		peer_tell(&p);
		if (read(p.fd, &c, 1) < 0)
			NOTE("no answer: %s", errno_name(errno));
	}
	switch_set(before);
	if (send(p.fd, "", 1, MSG_NOSIGNAL) < 0)
		NOTE("it has ended early");
	peer_join(&p);
}

/* Of fn: the switch is as asked for from the first to the second. */
static void switched(struct peer *p)
{
	peer_tell(p);
	peer_await(p);
}

static void finished(struct peer *p)
{
	peer_tell(p);
	peer_await(p);
}

/* The default is 0; scripts/boot gives the parameter. */
CASE(it_is_as_booted, "LIM-1")
{
	char line[2048];
	const char *option;

	if (access(SWITCH, F_OK))
		SKIP("no " SWITCH);
	EXPECT_OK(read_file("/proc/cmdline", line, sizeof(line)));
	for (option = line; strstr(option + 1, "unprivileged_userns_clone="); )
		option = strstr(option + 1, "unprivileged_userns_clone=");
	EXPECT_EQ(switch_get(), option == line ? 0 : option[26] - '0');
}

static void expect_creation_as(uid_t uid, uint64_t caps, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, uid, caps);
		if (err) {
			expect_no_creation(err);
		} else {
			EXPECT_OK(clone_fn(CLONE_NEWUSER, return_at_once, NULL));
			EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		}
		done();
	}
	peer_join(&p);
}

static void by_capability(struct peer *p)
{
	uint64_t admin = CAP_BIT(CAP_SYS_ADMIN);

	switched(p);
	expect_creation_as(OWNER, 0, EPERM);
	expect_creation_as(OWNER, ALL_CAPS & ~admin, EPERM);
	expect_creation_as(0, ALL_CAPS & ~admin, EPERM);
	expect_creation_as(OWNER, admin, 0);
	expect_creation_as(0, ALL_CAPS, 0);
	finished(p);
}

CASE(off_leaves_it_to_cap_sys_admin, "NEW-8")
{
	with_switch(0, by_capability);
}

static void by_anybody(struct peer *p)
{
	switched(p);
	expect_creation_as(OWNER, 0, 0);
	expect_creation_as(0, 0, 0);
	finished(p);
}

CASE(on_takes_no_capability, "NEW-8 LIM-1")
{
	with_switch(1, by_anybody);
}

/* Capabilities inside are none in init, be it root's own namespace. */
static void inside(struct peer *p)
{
	struct peer q;

	if (peer_start(&q, 0)) {
		enter_new(0, "0 0 1000", "0 0 1000");
		member_ids(0, 0);
		peer_tell(&q);
		peer_await(&q);
		expect_no_creation(EPERM);
		/* All else that a member may goes on. */
		EXPECT_OK(sys_unshare(CLONE_NEWUTS | CLONE_NEWIPC));
		done();
	}
	peer_await(&q);
	switched(p);
	peer_end(&q);
	finished(p);
}

CASE(off_ends_nesting, "NEW-8")
{
	with_switch(0, inside);
}

static void entered(struct peer *p)
{
	struct peer m, q;

	member_start(&m, BLOCK_MAP, BLOCK_MAP, 0, 0);
	switched(p);
	if (peer_start(&q, 0)) {
		int fd = user_ns_fd(m.pid);

		become(OWNER, OWNER, 0);
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		expect_no_creation(EPERM);
		done();
	}
	peer_join(&q);
	finished(p);
	peer_end(&m);
}

CASE(off_leaves_setns_alone, "NEW-8")
{
	with_switch(0, entered);
}

/* ---- before every other reason ---- */

static void in_threads(struct peer *p)
{
	pthread_t thread;
	int fds[2];

	EXPECT_OK(pipe(fds));
	switched(p);
	become(OWNER, OWNER, 0);
	EXPECT_EQ(pthread_create(&thread, NULL, block_on, &fds[0]), 0);
	EXPECT_ERR(sys_unshare(CLONE_NEWUSER), EPERM);
	/* No such flag. */
	EXPECT_ERR(sys_unshare(CLONE_NEWUSER | 1), EPERM);
	EXPECT_ERR(sys_unshare(1), EINVAL);
	EXPECT_OK(write(fds[1], "", 1));
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	/* But these two never go together. */
	EXPECT_ERR(clone_fn(CLONE_NEWUSER | CLONE_FS, return_at_once, NULL),
		   EINVAL);
	/* Nor do these, which clone looks at later. */
	EXPECT_ERR(clone_fn(CLONE_NEWUSER | CLONE_SIGHAND, return_at_once, NULL),
		   EPERM);
	EXPECT_ERR(clone_fn(CLONE_SIGHAND, return_at_once, NULL), EINVAL);
	finished(p);
}

CASE(off_comes_before_wrong_arguments, "NEW-8 NEW-2")
{
	with_switch(0, in_threads);
}

static void too_deep(struct peer *p)
{
	struct peer q;

	if (peer_start(&q, 0)) {
		for (int level = 1; level <= 32; level++) {
			EXPECT_OK(sys_unshare(CLONE_NEWUSER));
			EXPECT_OK(proc_write(0, "uid_map", "0 0 1"));
			EXPECT_OK(proc_write(0, "setgroups", "deny"));
			EXPECT_OK(proc_write(0, "gid_map", "0 0 1"));
		}
		peer_tell(&q);
		peer_await(&q);
		expect_no_creation(EPERM);
		done();
	}
	peer_await(&q);
	switched(p);
	peer_end(&q);
	finished(p);
}

CASE(off_comes_before_the_nesting, "NEW-8 NEW-6")
{
	with_switch(0, too_deep);
}

static void at_a_limit(struct peer *p)
{
	struct peer q;

	if (access("/proc/sys/user", F_OK))
		SKIP("no /proc/sys/user");
	if (peer_start(&q, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_OK(write_text("/proc/sys/user/max_user_namespaces", "0"));
		expect_no_creation(ENOSPC);
		peer_tell(&q);
		peer_await(&q);
		expect_no_creation(EPERM);
		done();
	}
	peer_await(&q);
	switched(p);
	peer_end(&q);
	finished(p);
}

CASE(off_comes_before_a_limit, "NEW-8 NEW-7")
{
	with_switch(0, at_a_limit);
}

/* ---- who may turn it ---- */

static void everybody(struct peer *p)
{
	struct peer q;

	switched(p);
	if (peer_start(&q, 0)) {
		become(OWNER, OWNER, 0);
		EXPECT_EQ(switch_get(), 1);
		EXPECT_ERR(open(SWITCH, O_WRONLY | O_CLOEXEC), EACCES);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_EQ(switch_get(), 1);
		EXPECT_ERR(open(SWITCH, O_WRONLY | O_CLOEXEC), EACCES);
		done();
	}
	peer_join(&q);
	finished(p);
}

CASE(everybody_reads_it_and_only_root_writes, "LIM-1")
{
	with_switch(1, everybody);
}

static void expect_refusal(int fd)
{
	EXPECT_ERR(fd_write(fd, "1"), EPERM);
	EXPECT_ERR(write_text(SWITCH, "1"), EPERM);
}

/* Linux, as Debian has it, asks for user id 0 and nothing else. */
static void by_id_0_only(struct peer *p)
{
	int fd = EXPECT_OK(open(SWITCH, O_WRONLY | O_CLOEXEC));
	struct peer q, m;

	/* A member that is kernel id 0, with every capability there. */
	if (peer_start(&m, 0)) {
		enter_new(0, "0 0 1000", "0 0 1000");
		member_ids(0, 0);
		peer_tell(&m);
		peer_await(&m);
		expect_refusal(fd);
		done();
	}
	peer_await(&m);
	switched(p);
	peer_end(&m);
	if (peer_start(&q, 0)) {
		become(0, 0, ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN));
		expect_refusal(fd);
		done();
	}
	peer_join(&q);
	EXPECT_EQ(switch_get(), 0);
	finished(p);
}

CASE(writing_takes_cap_sys_admin_in_init, "LIM-1 CAP-6")
{
	with_switch(0, by_id_0_only);
}

/* Linux, as Debian has it, takes any number. */
static void other_values(struct peer *p)
{
	static const char *const bad[] = { "2", "-1", "x", "10" };

	switched(p);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		harness_context("%s", bad[i]);
		EXPECT_ERR(write_text(SWITCH, bad[i]), EINVAL);
		EXPECT_EQ(switch_get(), 1);
	}
	finished(p);
}

CASE(it_is_0_or_1, "LIM-1")
{
	with_switch(1, other_values);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
