// SPDX-License-Identifier: GPL-2.0
/* What execve() makes of id 0 and of set-id files in a namespace (CAP-5). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <linux/securebits.h>
#include <unistd.h>

#include "program.h"

static void expect_all_caps(const struct report *rep)
{
	EXPECT_EQ(rep->caps.effective, caps_known());
	EXPECT_EQ(rep->caps.permitted, caps_known());
}

static void expect_no_caps(const struct report *rep)
{
	EXPECT_EQ(rep->caps.effective, 0);
	EXPECT_EQ(rep->caps.permitted, 0);
}

/* ---- id 0 ---- */

CASE(id_0_inside_gets_everything, "CAP-5")
{
	struct report rep;

	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	run(SELF, &rep);
	expect_all_caps(&rep);
	/* Also without any before: that is what root means. */
	caps_set(0, 0, 0);
	run(SELF, &rep);
	expect_all_caps(&rep);
	EXPECT_EQ(rep.e, 0);
	EXPECT_EQ(rep.auxv_euid, 0);
}

CASE(another_id_inside_loses_everything, "CAP-5")
{
	struct report rep;

	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(5, 5);
	EXPECT(has_effective(CAP_CHOWN));
	run(SELF, &rep);
	expect_no_caps(&rep);
	EXPECT_EQ(rep.e, 5);
	EXPECT_EQ(rep.auxv_euid, 5);
}

CASE(kernel_id_0_is_not_root_inside, "CAP-5")
{
	struct report rep;

	enter_new(0, "7 0 1\n0 100000 5", "7 0 1\n0 100000 5");
	EXPECT_EQ(getuid(), 7);
	run(SELF, &rep);
	expect_no_caps(&rep);
	EXPECT_EQ(rep.e, 7);
	member_ids(0, 0);
	run(SELF, &rep);
	expect_all_caps(&rep);
}

CASE(without_a_map_nobody_is_root, "CAP-5 NEW-11")
{
	struct report rep;
	struct peer p;

	/* Kernel id 0, and an ordinary one. */
	for (int i = 0; i < 2; i++)
		if (peer_start(&p, 0)) {
			if (i)
				become(OWNER, OWNER, CREATOR_CAPS);
			EXPECT_OK(sys_unshare(CLONE_NEWUSER));
			EXPECT(has_effective(CAP_CHOWN));
			run(SELF, &rep);
			expect_no_caps(&rep);
			EXPECT_EQ(rep.e, OVERFLOW_ID);
			EXPECT_EQ(rep.auxv_euid, OVERFLOW_ID);
			done();
		} else {
			peer_join(&p);
		}
}

CASE(a_map_without_0_has_no_root, "CAP-5")
{
	struct report rep;

	enter_new(0, "1 0 10", "1 0 10");
	run(SELF, &rep);
	expect_no_caps(&rep);
	EXPECT_EQ(rep.e, 1);
}

CASE(real_and_effective_0_differ_as_ever, "CAP-5")
{
	struct report rep;

	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(setresuid(0, 5, 5));
	run(SELF, &rep);
	EXPECT_EQ(rep.caps.permitted, caps_known());
	EXPECT_EQ(rep.caps.effective, 0);
	EXPECT_OK(setresuid(5, 0, 0));
	run(SELF, &rep);
	expect_all_caps(&rep);
}

CASE(secure_noroot_makes_0_ordinary, "CAP-5")
{
	struct report rep;

	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0));
	run(SELF, &rep);
	expect_no_caps(&rep);
	EXPECT_EQ(rep.e, 0);
}

CASE(id_0_of_every_level_is_root_there, "CAP-5")
{
	struct report rep;

	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	for (int level = 2; level <= 4; level++) {
		char map[32];

		member_ids(3, 3);
		snprintf(map, sizeof(map), "0 3 %d", 50 - 10 * level);
		enter_new(0, map, map);
		EXPECT_EQ(getuid(), 0);
		run(SELF, &rep);
		expect_all_caps(&rep);
	}
	member_ids(3, 3);
	run(SELF, &rep);
	expect_no_caps(&rep);
}

/* ---- set-id files ---- */

/* Owner, group: where mapped, 6 and 8 inside. */
static const struct {
	uid_t uid;
	gid_t gid;
	int honoured;
} owners[] = {
	{ BASE + 6, BASE + 8, 1 },
	{ BASE + 6, UNMAPPED, 0 },
	{ UNMAPPED, BASE + 8, 0 },
	{ UNMAPPED, UNMAPPED, 0 },
	{ 0, 0, 0 },
	{ BASE + 6, 0, 0 },
	{ 0, BASE + 8, 0 },
	/* The number is a good one inside, the kernel id is not. */
	{ 6, 8, 0 },
	{ BASE + 6, 8, 0 },
};

static void set_id(mode_t mode)
{
	for (size_t i = 0; i < N(owners); i++) {
		int setuid_on = owners[i].honoured && (mode & S_ISUID);
		int setgid_on = owners[i].honoured && (mode & S_ISGID);
		struct report rep;
		struct peer p;

		harness_context("mode %o, owner %u, group %u", mode,
				owners[i].uid, owners[i].gid);
		copy_self("prog", owners[i].uid, owners[i].gid, mode);
		if (peer_start(&p, 0)) {
			enter_owned(0, BLOCK_MAP, BLOCK_MAP);
			EXPECT_OK(sys_setgroups(0, NULL));
			member_ids(5, 5);
			run("./prog", &rep);
			EXPECT_EQ(rep.r, 5);
			EXPECT_EQ(rep.e, setuid_on ? 6 : 5);
			EXPECT_EQ(rep.s, setuid_on ? 6 : 5);
			EXPECT_EQ(rep.rg, 5);
			EXPECT_EQ(rep.eg, setgid_on ? 8 : 5);
			EXPECT_EQ(rep.sg, setgid_on ? 8 : 5);
			EXPECT_EQ(!!rep.secure, setuid_on || setgid_on);
			expect_no_caps(&rep);
			done();
		}
		peer_join(&p);
		EXPECT_OK(unlink("prog"));
	}
}

CASE(set_user_id_needs_ids_of_owner_and_group, "CAP-5")
{
	set_id(04755);
}

CASE(set_group_id_needs_ids_of_owner_and_group, "CAP-5")
{
	set_id(02755);
}

CASE(both_set_id_bits_need_ids_of_owner_and_group, "CAP-5")
{
	set_id(06755);
}

CASE(set_user_id_of_0_inside_gives_everything, "CAP-5")
{
	struct report rep;

	copy_self("prog", BASE, BASE, 04755);
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(5, 5);
	caps_set(0, 0, 0);
	run("./prog", &rep);
	EXPECT_EQ(rep.r, 5);
	EXPECT_EQ(rep.e, 0);
	EXPECT_EQ(rep.auxv_euid, 0);
	EXPECT(rep.secure);
	expect_all_caps(&rep);
}

CASE(set_user_id_of_kernel_0_under_another_name, "CAP-5")
{
	struct report rep;

	copy_self("prog", 0, 0, 04755);
	enter_new(0, "7 0 1\n8 100000 10", "7 0 1\n8 100000 10");
	member_ids(9, 9);
	run("./prog", &rep);
	EXPECT_EQ(rep.e, 7);
	expect_no_caps(&rep);
}

CASE(set_user_id_without_a_map_changes_nothing, "CAP-5 NEW-11")
{
	struct report rep;

	copy_self("root", 0, 0, 06755);
	copy_self("own", OWNER, OWNER, 06755);
	become(OWNER, OTHER, CREATOR_CAPS);
	EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	run("./root", &rep);
	EXPECT_EQ(rep.e, OVERFLOW_ID);
	expect_no_caps(&rep);
	EXPECT(!rep.secure);
	run("./own", &rep);
	EXPECT_EQ(rep.e, OVERFLOW_ID);
	EXPECT(!rep.secure);
}

CASE(set_user_id_needs_ids_at_the_callers_level, "CAP-5")
{
	struct report rep;

	copy_self("level1", BASE + 500, BASE + 500, 06755);
	copy_self("level2", BASE + 20, BASE + 20, 06755);
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	run("./level1", &rep);
	EXPECT_EQ(rep.e, 500);
	EXPECT_EQ(rep.eg, 500);
	enter_new(0, "0 0 100", "0 0 100");
	run("./level1", &rep);
	EXPECT_EQ(rep.e, 0);
	EXPECT_EQ(rep.eg, 0);
	EXPECT(!rep.secure);
	run("./level2", &rep);
	EXPECT_EQ(rep.e, 20);
	EXPECT_EQ(rep.eg, 20);
}

/* A tracer gets no hold of what the file would have given. */
CASE(a_traced_exec_gains_nothing, "CAP-5")
{
	struct report rep;
	struct peer p;
	int status;

	copy_self("prog", BASE, BASE, 06755);
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(5, 5);
	caps_set(0, 0, 0);
	if (peer_start(&p, 0)) {
		EXPECT_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
		EXPECT_OK(dup2(p.fd, REPORT_FD));
		EXPECT_OK(execl("./prog", "prog", "report", NULL));
	}
	EXPECT_OK(waitpid(p.pid, &status, 0));
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGTRAP);
	EXPECT_OK(ptrace(PTRACE_CONT, p.pid, 0, 0));
	peer_recv(&p, &rep, sizeof(rep));
	peer_join(&p);
	EXPECT_EQ(rep.e, 5);
	EXPECT_EQ(rep.eg, 5);
	EXPECT_EQ(rep.caps.effective & caps_known(), 0);
	EXPECT_EQ(rep.caps.permitted & caps_known(), 0);
}

CASE(set_id_in_init_is_as_it_was, "CAP-5 IDS-6")
{
	struct report rep;

	require_namespaces();
	copy_self("root", 0, 0, 06755);
	copy_self("other", OTHER, OTHER, 06755);
	become(OWNER, OWNER, 0);
	run("./root", &rep);
	EXPECT_EQ(rep.r, OWNER);
	EXPECT_EQ(rep.e, 0);
	EXPECT_EQ(rep.eg, 0);
	EXPECT(rep.secure);
	expect_all_caps(&rep);
	run("./other", &rep);
	EXPECT_EQ(rep.e, OTHER);
	EXPECT_EQ(rep.eg, OTHER);
	expect_no_caps(&rep);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "report"))
		return report();
	return harness_main(argc, argv);
}
