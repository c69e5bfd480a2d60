// SPDX-License-Identifier: GPL-2.0
/* How many namespaces a user may make, here and above (LIM-2, NEW-7). */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <linux/securebits.h>

#include "limits.h"

CASE_SECONDS(each_type_has_a_limit, "LIM-2 NEW-7", 60)
{
	struct peer p;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(t) {
			harness_context("%s", t->name);
			limit_set(t->name, 2);
			expect_room(2, t, 0);
			/* Once they are gone there is room again. */
			expect_room(2, t, 0);
			limit_set(t->name, 0);
			expect_none(t);
			limit_set(t->name, 4);
			expect_room(4, t, 0);
		}
		done();
	}
	peer_join(&p);
}

CASE_SECONDS(each_user_has_a_count, "LIM-2 NEW-7", 60)
{
	struct peer p, held;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(t) {
			harness_context("%s", t->name);
			limit_set(t->name, 1);
			hold(&held, t);
			expect_none(t);
			expect_room(1, t, 1);
			expect_room(0, t, 0);
			peer_end(&held);
			expect_room(1, t, 0);
		}
		done();
	}
	peer_join(&p);
}

/* More users than the kernel's table of counts has chains. */
CASE_SECONDS(users_do_not_share_a_count, "LIM-2 NEW-7", 60)
{
	const int users = 300;
	int held[users];

	require_limits();
	enter_as(0);
	limit_set("uts", 1);
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
	for (int i = 0; i < users; i++) {
		harness_context("user %d", i);
		EXPECT_OK(setresuid(i, i, i));
		EXPECT_OK(sys_unshare(CLONE_NEWUTS));
		EXPECT_ERR(sys_unshare(CLONE_NEWUTS), ENOSPC);
		held[i] = ns_fd(0, "uts");
	}
	for (int i = 0; i < users; i++)
		EXPECT_OK(close(held[i]));
}

/* A refusal by a namespace above leaves no count below. */
CASE(what_is_refused_above_is_not_counted_below, "LIM-2 NEW-7")
{
	const struct ns_type *uts = &ns_types[4];
	struct peer low;

	require_limits();
	enter_as(0);
	if (peer_start(&low, 0)) {
		enter_new(0, "0 0 100", "0 0 100");
		member_ids(0, 0);
		peer_tell(&low);
		peer_await(&low);
		limit_set("uts", 3);
		for (int i = 0; i < 5; i++)
			expect_none(uts);
		peer_tell(&low);
		peer_await(&low);
		expect_room(3, uts, 0);
		done();
	}
	peer_await(&low);
	limit_set("uts", 0);
	peer_tell(&low);
	peer_await(&low);
	limit_set("uts", 10);
	peer_end(&low);
}

/* Three levels; what the lowest makes counts for the owners of all above. */
static void charge_from_below(const struct ns_type *t)
{
	/* The namespaces in between are two of their own type. */
	int more = t->flag == CLONE_NEWUSER ? 2 : 0;
	struct peer top, middle, low, held[2];

	if (peer_start(&top, 0)) {
		enter_as(0);
		limit_set(t->name, 2 + more);
		if (peer_start(&middle, 0)) {
			enter_new(0, "0 0 100", "0 0 100");
			member_ids(0, 0);
			EXPECT_EQ(limit_get(t->name), INT_MAX);
			if (peer_start(&low, 0)) {
				enter_new(0, "0 0 10", "0 0 10");
				member_ids(3, 3);
				limit_set(t->name, 1);
				hold(&held[0], t);
				expect_none(t);
				limit_set(t->name, INT_MAX);
				hold(&held[1], t);
				expect_none(t);
				peer_tell(&low);
				peer_await(&low);
				peer_end(&held[0]);
				peer_end(&held[1]);
				done();
			}
			peer_await(&low);
			/* It is the limit of the namespace above. */
			expect_none(t);
			peer_tell(&middle);
			peer_await(&middle);
			peer_end(&low);
			done();
		}
		peer_await(&middle);
		expect_none(t);
		/* Who owns nothing of this is not charged. */
		expect_room(2 + more, t, 5);
		peer_end(&middle);
		expect_room(2 + more, t, 0);
		done();
	}
	peer_join(&top);
}

CASE_SECONDS(owners_above_are_charged, "LIM-2 NEW-7", 60)
{
	require_limits();
	for_each_type(t) {
		harness_context("%s", t->name);
		charge_from_below(t);
	}
}

/* In init: for all that other users have in their namespaces. */
CASE_SECONDS(init_limits_what_an_owner_has_below, "LIM-2 NEW-7", 60)
{
	struct peer p, held;
	char old[32], c;

	require_limits();
	for_each_type(t) {
		int more = t->flag == CLONE_NEWUSER;

		harness_context("%s", t->name);
		snprintf(old, sizeof(old), "%d", limit_get(t->name));
		if (peer_start(&p, 0)) {
			enter_owned(0, BLOCK_MAP, BLOCK_MAP);
			member_ids(7, 7);
			peer_tell(&p);
			peer_await(&p);
			hold(&held, t);
			expect_none(t);
			peer_tell(&p);
			peer_await(&p);
			peer_end(&held);
			done();
		}
		peer_await(&p);
		limit_set(t->name, 1 + more);
		peer_tell(&p);
		/* Put back even if it has failed. */
		if (read(p.fd, &c, 1) != 1)
			NOTE("it has ended early");
		EXPECT_OK(write_text(limit_path(t->name), old));
		if (send(p.fd, "", 1, MSG_NOSIGNAL) < 0)
			NOTE("no answer: %s", errno_name(errno));
		peer_join(&p);
	}
}

CASE(defaults_are_half_of_threads_max_and_no_limit, "LIM-2")
{
	char text[32];
	struct peer p;

	require_limits();
	EXPECT_OK(read_file("/proc/sys/kernel/threads-max", text, sizeof(text)));
	for_each_type(t)
		EXPECT_EQ(limit_get(t->name), atoi(text) / 2);
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(t)
			EXPECT_EQ(limit_get(t->name), INT_MAX);
		done();
	}
	peer_join(&p);
}

CASE(values_are_of_no_sign_and_31_bits, "LIM-2")
{
	static const char *const bad[] = { "-1", "2147483648",
					   "x", "1x" };
	struct peer p;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		limit_set("uts", 5);
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			harness_context("%s", bad[i]);
			EXPECT_ERR(write_text(limit_path("uts"), bad[i]), EINVAL);
			EXPECT_EQ(limit_get("uts"), 5);
		}
		limit_set("uts", INT_MAX);
		EXPECT_EQ(limit_get("uts"), INT_MAX);
		done();
	}
	peer_join(&p);
}

/* ---- whose values a file has, and who may write them ---- */

CASE(files_are_of_the_openers_namespace, "LIM-2")
{
	int before, mine, theirs;
	struct peer p;

	require_limits();
	before = limit_get("net");
	mine = EXPECT_OK(limit_open("net", O_RDWR));
	if (peer_start(&p, 0)) {
		enter_as(0);
		limit_set("net", 17);
		peer_send_fd(&p, limit_open("net", O_RDWR));
		/* Inherited from before; and one of a member may not write it. */
		EXPECT_EQ(fd_number_at(mine), before);
		EXPECT_ERR(fd_write(mine, "3"), EPERM);
		peer_await(&p);
		EXPECT_EQ(limit_get("net"), 19);
		done();
	}
	theirs = peer_recv_fd(&p);
	EXPECT_EQ(fd_number_at(theirs), 17);
	EXPECT_EQ(fd_number_at(mine), before);
	EXPECT_EQ(limit_get("net"), before);
	/* Root of init has every capability below. */
	EXPECT_EQ(pwrite(theirs, "19", 2, 0), 2);
	EXPECT_EQ(fd_number_at(theirs), 19);
	EXPECT_EQ(limit_get("net"), before);
	peer_end(&p);
	/* The file keeps its namespace. */
	EXPECT_EQ(fd_number_at(theirs), 19);
}

static void expect_read_only(const char *type)
{
	int fd = EXPECT_OK(limit_open(type, O_RDONLY));

	EXPECT(fd_number_at(fd) > 0);
	EXPECT_ERR(limit_open(type, O_WRONLY), EACCES);
	EXPECT_ERR(limit_open(type, O_RDWR), EACCES);
	EXPECT_OK(close(fd));
}

CASE(writing_takes_cap_sys_resource, "LIM-2 CAP-6")
{
	struct peer p, q;

	require_limits();
	/* In init: by a user, and by root without the capability. */
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, 0);
		expect_read_only("user");
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(0, 0, ALL_CAPS & ~CAP_BIT(CAP_SYS_RESOURCE));
		expect_read_only("user");
		done();
	}
	peer_join(&p);
	/* Inside, whatever the user id, be it root of the machine's. */
	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 10", "0 0 10");
		set_dumpable();
		if (peer_start(&q, 0)) {
			caps_drop(CAP_BIT(CAP_SYS_RESOURCE));
			expect_read_only("user");
			done();
		}
		peer_join(&q);
		if (peer_start(&q, 0)) {
			become(4, 4, CAP_BIT(CAP_SYS_RESOURCE));
			limit_set("user", 9);
			done();
		}
		peer_join(&q);
		EXPECT_EQ(limit_get("user"), 9);
		done();
	}
	peer_join(&p);
}

/* Opener and writer both: else a privileged program could be lent the file. */
CASE(a_lent_file_takes_the_writers_capability, "LIM-2")
{
	struct peer p, q;
	int fd;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		peer_send_fd(&p, limit_open("pid", O_WRONLY));
		peer_await(&p);
		EXPECT_EQ(limit_get("pid"), 21);
		done();
	}
	fd = peer_recv_fd(&p);
	if (peer_start(&q, 0)) {
		become(OTHER, OTHER, ALL_CAPS & ~CAP_BIT(CAP_SYS_RESOURCE));
		EXPECT_ERR(fd_write(fd, "20"), EPERM);
		done();
	}
	peer_join(&q);
	/* A member of a namespace beside has it there only. */
	if (peer_start(&q, 0)) {
		enter_as(0);
		EXPECT_ERR(fd_write(fd, "20"), EPERM);
		done();
	}
	peer_join(&q);
	/* The owner has every capability. */
	if (peer_start(&q, 0)) {
		become(OWNER, OWNER, 0);
		EXPECT_OK(fd_write(fd, "21"));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* Linux shows those of init's root to all. */
CASE(the_files_belong_to_root_of_the_namespace, "LIM-2")
{
	struct peer p;

	require_limits();
	EXPECT_EQ(file_uid(limit_path("user")), 0);
	if (peer_start(&p, 0)) {
		enter_as(7);
		for_each_type(t) {
			EXPECT_EQ(file_uid(limit_path(t->name)), 0);
			EXPECT_EQ(file_gid(limit_path(t->name)), 0);
		}
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		enter_new(0, "5 0 1", "5 0 1");
		EXPECT_EQ(file_uid(limit_path("user")), 5);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
