// SPDX-License-Identifier: GPL-2.0
/* File capabilities in a namespace (CAP-5), and a member's own sets and securebits (CAP-7). */
#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <linux/securebits.h>
#include <unistd.h>

#include "program.h"

/* A copy of this program with these capabilities, as the kernel stores them. */
static void capable_copy(uid_t uid, gid_t gid, uint64_t permitted,
			 uint64_t inheritable, int effective)
{
	struct vfs_cap_data data;

	copy_self("prog", uid, gid, 0755);
	data.magic_etc = htole32(VFS_CAP_REVISION_2 |
				 (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0));
	for (int i = 0; i < 2; i++) {
		data.data[i].permitted = htole32(permitted >> (32 * i));
		data.data[i].inheritable = htole32(inheritable >> (32 * i));
	}
	if (setxattr("prog", "security.capability", &data, sizeof(data), 0)) {
		int err = errno;

		EXPECT_OK(unlink("prog"));
		if (err == EOPNOTSUPP)
			SKIP("no file capabilities in the working directory");
		FAIL("setxattr: %s", errno_name(err));
	}
}

static void ordinary_member(uid_t id)
{
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	EXPECT_OK(sys_setgroups(0, NULL));
	member_ids(id, id);
	caps_set(0, 0, 0);
}

#define SOME (CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_SYS_ADMIN))

CASE(file_capabilities_count_for_a_member, "CAP-5")
{
	static const uid_t owners[] = { 0, BASE + 5, UNMAPPED };
	struct report rep;
	struct peer p;

	for (size_t i = 0; i < N(owners); i++) {
		harness_context("owner %u", owners[i]);
		capable_copy(owners[i], owners[i], SOME, 0, 1);
		if (peer_start(&p, 0)) {
			ordinary_member(6);
			run("./prog", &rep);
			EXPECT_EQ(rep.e, 6);
			EXPECT(rep.secure);
			expect_caps(&rep, SOME, SOME);
			done();
		}
		peer_join(&p);
		EXPECT_OK(unlink("prog"));
	}
}

CASE(file_capabilities_count_three_levels_down, "CAP-5")
{
	struct report rep;

	capable_copy(0, 0, SOME, 0, 1);
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	EXPECT_OK(sys_setgroups(0, NULL));
	member_ids(3, 3);
	enter_new(0, "0 3 20", "0 3 20");
	member_ids(3, 3);
	enter_new(0, "0 3 10", "0 3 10");
	member_ids(4, 4);
	caps_set(0, 0, 0);
	run("./prog", &rep);
	EXPECT_EQ(rep.e, 4);
	expect_caps(&rep, SOME, SOME);
}

/* What they give is of the namespace: outside they open nothing. */
CASE(file_capabilities_give_nothing_outside, "CAP-5 CAP-4")
{
	struct peer p;
	char c = 0;

	capable_copy(0, 0, CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_CHOWN), 0, 1);
	touch("private", OTHER, OTHER, 0600);
	touch("mapped", BASE + 7, BASE + 7, 0600);
	if (peer_start(&p, 0)) {
		ordinary_member(6);
		EXPECT_OK(dup2(p.fd, REPORT_FD));
		EXPECT_OK(execl("./prog", "./prog", "reach", NULL));
	}
	peer_recv(&p, &c, 1);
	/* The file of a member opens, the other does not. */
	EXPECT_EQ(c, 'm');
	peer_join(&p);
	EXPECT_EQ(file_uid("private"), OTHER);
}

static int reach(void)
{
	char c = '-';

	if (open("private", O_RDONLY) >= 0 || !chown("private", 6, 6))
		c = 'p';
	else if (open("mapped", O_RDONLY) >= 0)
		c = 'm';
	return write(REPORT_FD, &c, 1) != 1;
}

CASE(inheritable_file_capabilities_work_inside, "CAP-5")
{
	struct report rep;

	capable_copy(0, 0, 0, SOME, 1);
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	EXPECT_OK(sys_setgroups(0, NULL));
	member_ids(6, 6);
	run("./prog", &rep);
	expect_caps(&rep, 0, 0);
	caps_set(0, SOME, CAP_BIT(CAP_CHOWN));
	run("./prog", &rep);
	expect_caps(&rep, CAP_BIT(CAP_CHOWN), CAP_BIT(CAP_CHOWN));
}

CASE(file_capabilities_beat_a_set_user_id_root, "CAP-5")
{
	struct report rep;

	capable_copy(BASE, BASE, CAP_BIT(CAP_CHOWN), 0, 1);
	EXPECT_OK(chmod("prog", 04755));
	ordinary_member(6);
	run("./prog", &rep);
	EXPECT_EQ(rep.e, 0);
	expect_caps(&rep, CAP_BIT(CAP_CHOWN), CAP_BIT(CAP_CHOWN));
}

static void traced(int by_root)
{
	struct report rep;
	struct peer p, t;
	int status;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(6, 6);
		if (peer_start(&t, 0)) {
			caps_set(0, 0, 0);
			peer_tell(&t);
			peer_await(&t);
			EXPECT_OK(dup2(t.fd, REPORT_FD));
			EXPECT_OK(execl("./prog", "prog", "report", NULL));
		}
		peer_await(&t);
		if (!by_root)
			caps_set(0, 0, 0);
		EXPECT_OK(ptrace(PTRACE_ATTACH, t.pid, 0, 0));
		EXPECT_OK(waitpid(t.pid, &status, __WALL));
		peer_tell(&t);
		EXPECT_OK(ptrace(PTRACE_CONT, t.pid, 0, 0));
		/* The stop at exec. */
		EXPECT_OK(waitpid(t.pid, &status, __WALL));
		EXPECT(WIFSTOPPED(status));
		EXPECT_OK(ptrace(PTRACE_CONT, t.pid, 0, 0));
		peer_recv(&t, &rep, sizeof(rep));
		peer_join(&t);
		expect_caps(&rep, by_root ? SOME : 0, by_root ? SOME : 0);
		done();
	}
	peer_join(&p);
}

CASE(a_tracer_needs_cap_sys_ptrace_in_the_namespace, "CAP-5 ACC-4")
{
	char buf[16];

	if (read_file("/proc/sys/kernel/yama/ptrace_scope", buf,
		      sizeof(buf)) > 0 && buf[0] != '0')
		SKIP("kernel.yama.ptrace_scope is %c", buf[0]);
	capable_copy(0, 0, SOME, 0, 1);
	traced(0);
	traced(1);
}

/* ---- own sets (CAP-7) ---- */

CASE(the_bounding_set_is_the_members_own, "CAP-7 CAP-5")
{
	struct report rep;
	struct peer p;

	capable_copy(0, 0, SOME, 0, 0);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(6, 6);
		EXPECT_OK(prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0));
		EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0), 0);
		run("./prog", &rep);
		expect_caps(&rep, 0, CAP_BIT(CAP_CHOWN));
		/* Not without the capability. */
		caps_drop(CAP_BIT(CAP_SETPCAP));
		EXPECT_ERR(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0), EPERM);
		EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0), 1);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0), 1);
}

/* Asking for what the bounding set forbids fails as in init. */
CASE(effective_file_capabilities_outside_the_bounding_set, "CAP-7 CAP-5")
{
	struct peer p;

	capable_copy(0, 0, SOME, 0, 1);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(6, 6);
		EXPECT_OK(prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0));
		EXPECT_ERR(execl("./prog", "./prog", "report", NULL), EPERM);
		done();
	}
	peer_join(&p);
}

CASE(securebits_ask_the_members_own_namespace, "CAP-7")
{
	const int bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED;
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_OK(prctl(PR_SET_SECUREBITS, bits, 0, 0, 0));
		EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), bits);
		/* A lock holds, though not in a namespace below. */
		EXPECT_ERR(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), EPERM);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), 0);
		caps_drop(CAP_BIT(CAP_SETPCAP));
		EXPECT_ERR(prctl(PR_SET_SECUREBITS, bits, 0, 0, 0), EPERM);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), 0);
}

CASE(capset_is_for_oneself, "CAP-7")
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	struct peer p, t;
	struct caps caps;

	memset(data, 0, sizeof(data));
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		if (peer_start(&t, 0)) {
			peer_await(&t);
			EXPECT(has_effective(CAP_CHOWN));
			done();
		}
		header.pid = t.pid;
		EXPECT_ERR(syscall(SYS_capset, &header, data), EPERM);
		peer_end(&t);

		/* Inheritable beyond permitted takes CAP_SETPCAP, here. */
		caps_set(ALL_CAPS & ~CAP_BIT(CAP_CHOWN),
			 ALL_CAPS & ~CAP_BIT(CAP_CHOWN), CAP_BIT(CAP_CHOWN));
		caps_get(&caps);
		EXPECT_EQ(caps.inheritable, CAP_BIT(CAP_CHOWN));
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "report"))
		return report();
	if (argc == 2 && !strcmp(argv[1], "reach"))
		return reach();
	return harness_main(argc, argv);
}
