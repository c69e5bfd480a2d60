// SPDX-License-Identifier: GPL-2.0
/* What was charged for a namespace is taken back, once, from whom it was taken (LIM-2, NEW-14). */
#define _GNU_SOURCE
#include "limits.h"

/* Nothing counts for this user: all of the limit can be used, and no more. */
static void expect_zero(const struct ns_type *t, uid_t id)
{
	limit_set(t->name, 1);
	expect_room(1, t, id);
	limit_set(t->name, INT_MAX);
}

/* ---- creation that fails ---- */

/* Of each type there is one by the time that a later one is refused. */
CASE_SECONDS(a_refused_creation_takes_nothing, "NEW-14 LIM-2 NEW-7", 60)
{
	const unsigned long all = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
				  CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
	struct peer p;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(last) {
			harness_context("%s", last->name);
			limit_set(last->name, 0);
			for (int i = 0; i < 5; i++) {
				EXPECT_ERR(clone_fn(all, return_at_once, NULL),
					   ENOSPC);
				EXPECT_ERR(sys_unshare(all), ENOSPC);
				if (last->flag != CLONE_NEWUSER)
					EXPECT_ERR(sys_unshare(all & ~CLONE_NEWUSER),
						   ENOSPC);
			}
			limit_set(last->name, INT_MAX);
		}
		for_each_type(t) {
			harness_context("%s", t->name);
			expect_zero(t, 0);
		}
		done();
	}
	peer_join(&p);
}

/* Other reasons, before and after the namespace is there. */
CASE_SECONDS(other_failures_take_nothing, "NEW-14 LIM-2", 60)
{
	struct peer p, q;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		if (peer_start(&q, 0)) {
			/* A pid namespace of children that is not one's own. */
			EXPECT_OK(sys_unshare(CLONE_NEWPID));
			for (int i = 0; i < 20; i++) {
				EXPECT_ERR(sys_clone(CLONE_NEWUSER | CLONE_NEWUTS |
						     CLONE_NEWPID), EINVAL);
				EXPECT_ERR(sys_unshare(CLONE_NEWUSER | CLONE_NEWNS |
						       CLONE_NEWIPC | CLONE_NEWPID),
					   EINVAL);
			}
			done();
		}
		peer_join(&q);
		if (peer_start(&q, CLONE_NEWNS)) {
			EXPECT_OK(chroot("/proc"));
			for (int i = 0; i < 20; i++)
				EXPECT_ERR(sys_unshare(CLONE_NEWUSER), EPERM);
			done();
		}
		peer_join(&q);
		for_each_type(t) {
			harness_context("%s", t->name);
			expect_zero(t, 0);
		}
		done();
	}
	peer_join(&p);
}

/* The limit comes before a chroot and before an id without a name. */
CASE(a_limit_is_seen_before_who_asks, "NEW-7 NEW-4 NEW-5")
{
	struct peer p, q;
	int fd;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		limit_set("user", 0);
		if (peer_start(&q, CLONE_NEWNS)) {
			EXPECT_OK(chroot("/proc"));
			expect_no_creation(ENOSPC);
			done();
		}
		peer_join(&q);
		peer_send_fd(&p, user_ns_fd(0));
		peer_await(&p);
		limit_set("user", 1);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	fd = peer_recv_fd(&p);
	if (peer_start(&q, 0)) {
		/* Neither id of it has a name in there. */
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_EQ(geteuid(), OVERFLOW_ID);
		expect_no_creation(ENOSPC);
		peer_tell(&q);
		peer_await(&q);
		expect_no_creation(EPERM);
		done();
	}
	peer_await(&q);
	peer_tell(&p);
	peer_await(&p);
	peer_end(&q);
	peer_end(&p);
}

/* ---- who is charged, and what happens to them ---- */

CASE(another_uid_later_changes_nothing, "LIM-2")
{
	struct peer p, q;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(t) {
			if (t->flag == CLONE_NEWUSER)
				continue;
			harness_context("%s", t->name);
			if (peer_start(&q, 0)) {
				member_ids(1, 1);
				EXPECT_OK(sys_unshare(t->flag));
				member_ids(2, 2);
				done();
			}
			peer_join(&q);
			expect_zero(t, 1);
			expect_zero(t, 2);
		}
		done();
	}
	peer_join(&p);
}

/* The effective user makes it and is charged, whatever the real one is. */
CASE(the_effective_user_is_charged, "LIM-2 NEW-9")
{
	struct peer p, q;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(t) {
			harness_context("%s", t->name);
			limit_set(t->name, 1);
			if (peer_start(&q, 0)) {
				struct peer held;

				become_res(3, 4, 3, 0, ALL_CAPS);
				hold(&held, t);
				expect_none(t);
				expect_room(1, t, 3);
				expect_room(0, t, 4);
				peer_end(&held);
				done();
			}
			peer_join(&q);
			expect_zero(t, 4);
		}
		done();
	}
	peer_join(&p);
}

CASE(entering_is_not_making, "LIM-2 NSF-2")
{
	struct peer p, q, m;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		limit_set("user", 1);
		limit_set("uts", 1);
		if (peer_start(&m, CLONE_NEWUSER | CLONE_NEWUTS)) {
			peer_await(&m);
			done();
		}
		for (int i = 0; i < 3; i++) {
			if (peer_start(&q, 0)) {
				int uts = ns_fd(m.pid, "uts");

				EXPECT_ERR(sys_unshare(CLONE_NEWUSER), ENOSPC);
				EXPECT_OK(sys_setns(user_ns_fd(m.pid), 0));
				EXPECT_OK(sys_setns(uts, 0));
				done();
			}
			peer_join(&q);
		}
		peer_end(&m);
		expect_zero(&all_types[0], 0);
		expect_zero(&all_types[5], 0);
		done();
	}
	peer_join(&p);
}

/* A file holds the namespace, and what it counts for. */
CASE(what_a_file_holds_counts, "LIM-2 NEW-15")
{
	struct peer p, q;

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(t) {
			int fd;

			harness_context("%s", t->name);
			limit_set(t->name, 1);
			if (peer_start(&q, t->flag)) {
				peer_await(&q);
				done();
			}
			fd = ns_fd(q.pid, t->name);
			peer_end(&q);
			expect_none(t);
			EXPECT_OK(close(fd));
			expect_zero(t, 0);
		}
		done();
	}
	peer_join(&p);
}

/* Ends of namespaces race each other and their makers; nothing is lost. */
CASE_SECONDS(a_storm_leaves_zero, "LIM-2 NEW-14", 120)
{
	enum { MAKERS = 4, ROUNDS = 150 };
	const unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
				    CLONE_NEWIPC | CLONE_NEWUTS;
	struct peer p, maker[MAKERS];

	require_limits();
	if (peer_start(&p, 0)) {
		enter_as(0);
		for_each_type(t)
			limit_set(t->name, 3);
		for (int m = 0; m < MAKERS; m++) {
			if (peer_start(&maker[m], 0)) {
				int made = 0;

				member_ids(m / 2, m / 2);
				while (made < ROUNDS) {
					pid_t pid = sys_clone(flags);

					if (!pid)
						_exit(0);
					if (pid < 0) {
						EXPECT_EQ(errno, ENOSPC);
						sched_yield();
						continue;
					}
					EXPECT_OK(waitpid(pid, NULL, 0));
					made++;
				}
				done();
			}
		}
		for (int m = 0; m < MAKERS; m++)
			peer_join(&maker[m]);
		for_each_type(t) {
			harness_context("%s", t->name);
			expect_zero(t, 0);
			expect_zero(t, 1);
		}
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
