// SPDX-License-Identifier: GPL-2.0
/* What set*id does to capabilities, id by id: 0 is that of the namespace (CAP-5, IDS-1) */
#define _GNU_SOURCE
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "userns.h"

/* Of those that go with the fsuid, and one that does not. */
#define FILE_CAPS (CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | \
		   CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID))
#define OTHER_CAPS (CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_KILL))

static void expect_caps(uint64_t effective, uint64_t permitted)
{
	struct caps c;

	caps_get(&c);
	EXPECT_EQ(c.effective & caps_known(), effective & caps_known());
	EXPECT_EQ(c.permitted & caps_known(), permitted & caps_known());
}

/* capset(), which caps_set() expects to succeed. */
static int try_caps(uint32_t effective, uint32_t permitted, uint32_t inheritable)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[2] = {
		{ effective, permitted, inheritable },
	};

	return syscall(SYS_capset, &h, d);
}

/* From these three ids, one of them 0, to none that is. */
static void leave(uid_t r, uid_t e, uid_t s)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		harness_context("from %u %u %u", r, e, s);
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(setresuid(0, 0, 0));
		EXPECT_OK(setresuid(r, e, s));
		expect_caps(e ? 0 : ALL_CAPS, ALL_CAPS);
		EXPECT_OK(setresuid(5, 5, 5));
		expect_caps(0, 0);
		done();
	}
	peer_join(&p);
}

CASE(the_last_id_that_leaves_0_takes_the_capabilities_along, "CAP-5 IDS-1")
{
	leave(0, 5, 5);
	leave(5, 0, 5);
	leave(5, 5, 0);
	leave(0, 0, 0);
}

CASE(while_an_id_is_0_the_permitted_stay, "CAP-5 IDS-1")
{
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	EXPECT_OK(setresuid(0, 0, 0));
	EXPECT_OK(setresuid(5, 0, 5));
	expect_caps(ALL_CAPS, ALL_CAPS);
	EXPECT_OK(setresuid(0, 5, 5));
	expect_caps(0, ALL_CAPS);
	EXPECT_OK(setresuid(5, 0, 5));
	expect_caps(ALL_CAPS, ALL_CAPS);
	EXPECT_OK(setresuid(5, 5, 0));
	expect_caps(0, ALL_CAPS);
}

/* To become another than 0 from another than 0 moves no capability. */
static void between_others(void)
{
	EXPECT_OK(setresuid(6, 6, 6));
	expect_caps(OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
	EXPECT_EQ(setfsuid(7), 6);
	EXPECT_EQ(setfsuid(7), 7);
	expect_caps(OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
	EXPECT_EQ(setfsuid(6), 7);
	expect_caps(OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
}

CASE(ids_beside_0_move_no_capability, "CAP-5 IDS-1")
{
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(5, 5);
	caps_set(OTHER_CAPS, FILE_CAPS | OTHER_CAPS, 0);
	between_others();
}

CASE(the_fsuid_moves_those_of_files, "CAP-5 IDS-1")
{
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(5, 5);
	caps_set(OTHER_CAPS, FILE_CAPS | OTHER_CAPS, 0);
	EXPECT_EQ(setfsuid(0), 5);
	expect_caps(FILE_CAPS | OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
	EXPECT_EQ(setfsuid(0), 0);
	expect_caps(FILE_CAPS | OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
	EXPECT_EQ(setfsuid(6), 0);
	expect_caps(OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
}

/* The kernel's 0 is 7 here, and 0 is nobody: no id brings any, or takes any. */
CASE(without_an_id_0_the_fsuid_moves_nothing, "CAP-5 IDS-1")
{
	enter_new(0, "7 0 1\n5 100005 2", "7 0 1\n5 100005 2");
	member_ids(5, 5);
	caps_set(OTHER_CAPS, FILE_CAPS | OTHER_CAPS, 0);
	EXPECT_EQ(setfsuid(0), 5);
	EXPECT_EQ(setfsuid(7), 5);
	EXPECT_EQ(setfsuid(7), 7);
	expect_caps(OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
	caps_set(FILE_CAPS | OTHER_CAPS, FILE_CAPS | OTHER_CAPS, 0);
	EXPECT_EQ(setfsuid(5), 7);
	expect_caps(FILE_CAPS | OTHER_CAPS, FILE_CAPS | OTHER_CAPS);
}

/* What a program may pass on beyond what it has takes CAP_SETPCAP. */
static void raise_inheritable(void)
{
	const uint64_t kill = CAP_BIT(CAP_KILL), chown = CAP_BIT(CAP_CHOWN);
	const uint64_t setpcap = CAP_BIT(CAP_SETPCAP);
	struct caps c;

	caps_set(setpcap | chown, setpcap | chown, 0);
	caps_set(setpcap | chown, setpcap | chown, kill);
	caps_set(chown, setpcap | chown, kill);
	EXPECT_ERR(try_caps(chown, chown, kill | CAP_BIT(CAP_SETUID)), EPERM);
	caps_get(&c);
	EXPECT_EQ(c.inheritable, kill);
	EXPECT_OK(try_caps(chown, chown, kill | chown));
}

CASE(to_pass_on_more_takes_the_capability, "CAP-1 CAP-6")
{
	as_member(5, ALL_CAPS, raise_inheritable);
	as_member(0, ALL_CAPS, raise_inheritable);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
