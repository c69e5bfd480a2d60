// SPDX-License-Identifier: GPL-2.0
/*
 * Without a capability a process takes ids that it has, and no others, by
 * whichever call (IDS-1).
 */
#define _GNU_SOURCE
#include <sys/fsuid.h>
#include <unistd.h>

#include "userns.h"

/* Real, effective and saved id of the process, and one that is mapped too. */
enum { REAL = 10, EFFECTIVE, SAVED, STRANGE };

static void start(void)
{
	become_res(REAL, EFFECTIVE, SAVED, REAL, 0);
}

/* For groups become_res() has one for all; so make them differ first. */
static void start_groups(void)
{
	EXPECT_OK(setresgid(REAL, EFFECTIVE, SAVED));
	caps_set(0, 0, 0);
}

static void users_in_turn(void)
{
	start();
	EXPECT_ERR(setresuid(STRANGE, -1, -1), EPERM);
	EXPECT_ERR(setresuid(-1, STRANGE, -1), EPERM);
	EXPECT_ERR(setresuid(-1, -1, STRANGE), EPERM);
	EXPECT_ERR(setreuid(STRANGE, -1), EPERM);
	EXPECT_ERR(setreuid(-1, STRANGE), EPERM);
	/* The saved id cannot become the real one by this. */
	EXPECT_ERR(setreuid(SAVED, -1), EPERM);
	EXPECT_ERR(setuid(STRANGE), EPERM);
	EXPECT_ERR(setuid(EFFECTIVE), EPERM);
	EXPECT_EQ(setfsuid(STRANGE), EFFECTIVE);
	EXPECT_EQ(setfsuid(SAVED), EFFECTIVE);
	EXPECT_EQ(setfsuid(REAL), SAVED);
	EXPECT_EQ(setfsuid(EFFECTIVE), REAL);
	EXPECT_OK(setresuid(-1, SAVED, -1));
	EXPECT_OK(setuid(REAL));
	EXPECT_EQ(geteuid(), REAL);
	EXPECT_OK(setreuid(-1, SAVED));
	EXPECT_EQ(geteuid(), SAVED);
	EXPECT_OK(setresuid(SAVED, SAVED, SAVED));
	EXPECT_ERR(setresuid(-1, REAL, -1), EPERM);
}

static void groups_in_turn(void)
{
	start_groups();
	EXPECT_ERR(setresgid(STRANGE, -1, -1), EPERM);
	EXPECT_ERR(setresgid(-1, STRANGE, -1), EPERM);
	EXPECT_ERR(setresgid(-1, -1, STRANGE), EPERM);
	EXPECT_ERR(setregid(STRANGE, -1), EPERM);
	EXPECT_ERR(setregid(-1, STRANGE), EPERM);
	EXPECT_ERR(setregid(SAVED, -1), EPERM);
	EXPECT_ERR(setgid(STRANGE), EPERM);
	EXPECT_ERR(setgid(EFFECTIVE), EPERM);
	EXPECT_EQ(setfsgid(STRANGE), EFFECTIVE);
	EXPECT_EQ(setfsgid(SAVED), EFFECTIVE);
	EXPECT_EQ(setfsgid(REAL), SAVED);
	EXPECT_EQ(setfsgid(EFFECTIVE), REAL);
	EXPECT_OK(setresgid(-1, SAVED, -1));
	EXPECT_OK(setgid(REAL));
	EXPECT_EQ(getegid(), REAL);
	EXPECT_OK(setregid(-1, SAVED));
	EXPECT_EQ(getegid(), SAVED);
	EXPECT_OK(setresgid(SAVED, SAVED, SAVED));
	EXPECT_ERR(setresgid(-1, REAL, -1), EPERM);
}

static void everywhere(void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		harness_context("in init: ");
		fn();
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		harness_context("in a namespace: ");
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		fn();
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		harness_context("two levels down: ");
		enter_owned(0, "0 99900 2000", "0 99900 2000");
		member_ids(0, 0);
		enter_new(0, "0 100 1000", "0 100 1000");
		member_ids(0, 0);
		fn();
		done();
	}
	peer_join(&p);
}

CASE(users_are_taken_by_who_has_them, "IDS-1 IDS-6")
{
	everywhere(users_in_turn);
}

CASE(groups_are_taken_by_who_has_them, "IDS-1 IDS-6")
{
	everywhere(groups_in_turn);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
