// SPDX-License-Identifier: GPL-2.0
/* Who may write which map (MAP-4 to MAP-9). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char *const map_files[] = { "uid_map", "gid_map", "projid_map" };

/* ---- MAP-4: where the opener is ---- */

CASE(an_opener_further_up_is_refused, "MAP-4")
{
	struct peer upper;
	pid_t lower;

	if (peer_start(&upper, 0)) {
		struct peer l;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		target_start(&l);
		peer_send(&upper, &l.pid, sizeof(l.pid));
		peer_await(&upper);
		/* The parent may, with the same text. */
		for (size_t f = 0; f < N(map_files) - 1; f++)
			EXPECT_OK(proc_write(l.pid, map_files[f], "0 5 1"));
		EXPECT_STR(proc_read(l.pid, "uid_map"), shown(0, 5, 1));
		peer_end(&l);
		done();
	}
	peer_recv(&upper, &lower, sizeof(lower));
	for (size_t f = 0; f < N(map_files); f++) {
		EXPECT_ERR(proc_write(lower, map_files[f], "0 5 1"), EPERM);
		EXPECT_STR(proc_read(lower, map_files[f]), "");
	}
	peer_end(&upper);
}

CASE(an_opener_in_a_sibling_is_refused, "MAP-4")
{
	struct peer p, q;

	target_start(&p);
	/* Kernel id 0 in the sibling: may open the file, not write it. */
	if (peer_start(&q, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		for (size_t f = 0; f < N(map_files); f++) {
			int fd = EXPECT_OK(proc_open(p.pid, map_files[f], O_RDWR));

			EXPECT_ERR(fd_write(fd, "0 0 1"), EPERM);
			/* Before what is written, and where, is looked at. */
			EXPECT_ERR(fd_write(fd, "junk"), EPERM);
			EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
			EXPECT_ERR(fd_write(fd, "0 0 1"), EPERM);
			EXPECT_OK(close(fd));
		}
		done();
	}
	peer_join(&q);
	EXPECT_STR(proc_read(p.pid, "uid_map"), "");
	EXPECT_OK(proc_write(p.pid, "uid_map", "0 0 1"));
	peer_end(&p);
}

CASE(an_opener_below_is_refused, "MAP-4")
{
	struct peer upper;

	if (peer_start(&upper, 0)) {
		struct peer l;
		pid_t self = getpid();

		/* Mapped uids only, so that projid_map is still to be had. */
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&l, CLONE_NEWUSER)) {
			EXPECT_ERR(proc_write(self, "projid_map", "0 0 1"),
				   EPERM);
			done();
		}
		peer_join(&l);
		EXPECT_OK(proc_write(0, "projid_map", "0 0 1"));
		done();
	}
	peer_join(&upper);
}

CASE(where_the_writer_is_does_not_matter, "MAP-4 MAP-8")
{
	struct peer target, opener, writer;
	int fd;

	/* Opened by the owner in the parent, written from inside the target. */
	if (peer_start(&target, 0)) {
		int uid_fd;

		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		peer_tell(&target);
		uid_fd = peer_recv_fd(&target);
		EXPECT_OK(fd_write(uid_fd, "4 1000 1"));
		EXPECT_EQ(getuid(), 4);
		done();
	}
	peer_await(&target);
	if (peer_start(&opener, 0)) {
		become(OWNER, OWNER, 0);
		peer_send_fd(&opener,
			     EXPECT_OK(proc_open(target.pid, "uid_map",
						 O_WRONLY)));
		done();
	}
	fd = peer_recv_fd(&opener);
	peer_join(&opener);
	peer_send_fd(&target, fd);
	peer_join(&target);
	EXPECT_OK(close(fd));

	/* Written from a namespace that has nothing to do with either. */
	owned_target_start(&target);
	if (peer_start(&opener, 0)) {
		become(OWNER, OWNER, 0);
		peer_send_fd(&opener,
			     EXPECT_OK(proc_open(target.pid, "uid_map",
						 O_WRONLY)));
		done();
	}
	fd = peer_recv_fd(&opener);
	peer_join(&opener);
	if (peer_start(&writer, 0)) {
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_OK(fd_write(fd, "4 1000 1"));
		done();
	}
	peer_join(&writer);
	EXPECT_STR(proc_read(target.pid, "uid_map"), shown(4, OWNER, 1));
	peer_end(&target);
}

/* ---- MAP-5: CAP_SYS_ADMIN of the opener ---- */

/* A descriptor opened by a process with these credentials in init. */
static int opened_by(pid_t target, const char *file, uid_t ruid, uid_t euid,
		     gid_t gid, uint64_t caps)
{
	struct peer p;
	int fd;

	if (peer_start(&p, 0)) {
		become_res(ruid, euid, ruid, gid, caps);
		peer_send_fd(&p, EXPECT_OK(proc_open(target, file, O_WRONLY)));
		done();
	}
	fd = peer_recv_fd(&p);
	peer_join(&p);
	return fd;
}

CASE(the_opener_needs_cap_sys_admin, "MAP-5 MAP-8")
{
	struct peer p;
	int fd;

	owned_target_start(&p);
	/* Every capability but this one; root, who has it, writes. */
	for (size_t f = 0; f < 2; f++) {
		fd = opened_by(p.pid, map_files[f], OTHER, OTHER, OTHER,
			       ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN));
		EXPECT_ERR(fd_write(fd, BLOCK_MAP), EPERM);
		EXPECT_ERR(fd_write(fd, "0 2000 1"), EPERM);
		/* Before what is written is looked at, but not where. */
		EXPECT_ERR(fd_write(fd, "junk"), EPERM);
		EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
		EXPECT_ERR(fd_write(fd, "0 0 1"), EINVAL);
		EXPECT_OK(close(fd));
	}
	/* MAP-8: projid_map asks for none. */
	fd = opened_by(p.pid, "projid_map", OTHER, OTHER, OTHER,
		       CAP_BIT(CAP_DAC_OVERRIDE));
	EXPECT_OK(fd_write(fd, BLOCK_MAP));
	EXPECT_OK(close(fd));
	EXPECT_STR(proc_read(p.pid, "projid_map"), shown(0, BASE, COUNT));
	/* With it, and what MAP-7 asks. */
	for (size_t f = 0; f < 2; f++) {
		fd = opened_by(p.pid, map_files[f], OTHER, OTHER, OTHER,
			       CREATOR_CAPS | CAP_BIT(CAP_DAC_OVERRIDE));
		EXPECT_OK(fd_write(fd, BLOCK_MAP));
		EXPECT_OK(close(fd));
	}
	peer_end(&p);
}

CASE(a_member_without_cap_sys_admin_is_refused, "MAP-5")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		int fd;

		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_OK(proc_write(0, "setgroups", "deny"));
		caps_set(ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN), ALL_CAPS, 0);
		EXPECT_ERR(proc_write(0, "uid_map", "0 1000 1"), EPERM);
		EXPECT_ERR(proc_write(0, "gid_map", "0 1000 1"), EPERM);
		/* What counts is what the opener had when it opened. */
		fd = EXPECT_OK(proc_open(0, "uid_map", O_WRONLY));
		caps_set(ALL_CAPS, ALL_CAPS, 0);
		EXPECT_ERR(fd_write(fd, "0 1000 1"), EPERM);
		EXPECT_OK(close(fd));
		fd = EXPECT_OK(proc_open(0, "uid_map", O_WRONLY));
		caps_set(0, 0, 0);
		EXPECT_OK(fd_write(fd, "0 1000 1"));
		done();
	}
	peer_join(&p);
}

/* ---- MAP-6: outside ids must exist in the parent ---- */

CASE(outside_ids_must_have_an_id_in_the_parent, "MAP-6")
{
	static const struct {
		const char *text;
		int ok;
	} t[] = {
		{ "0 0 11", 0 }, { "0 10 1", 0 }, { "0 9 2", 0 },
		{ "0 100000 1", 0 }, { "0 5 20", 0 }, { "0 19 1", 0 },
		{ "0 19 2", 0 }, { "0 29 2", 0 }, { "0 30 1", 0 },
		{ "0 0 1\n1 10 1", 0 }, { "0 10 1\n1 0 1", 0 },
		{ "0 0 4294967295", 0 }, { "0 4294967294 1", 0 },
		{ "0 9 10\n10 20 1", 0 },
		{ "0 0 10", 1 }, { "0 9 1", 1 }, { "0 20 10", 1 },
		{ "0 29 1", 1 }, { "5 0 10\n20 20 10", 1 },
	};
	struct peer upper;

	if (peer_start(&upper, 0)) {
		static const char map[] = "0 100000 10\n20 200000 10";

		enter_owned(0, map, map);
		member_ids(0, 0);
		for (size_t i = 0; i < N(t); i++)
			for (size_t f = 0; f < 2; f++) {
				struct peer p;

				harness_context("\"%s\" into %s", t[i].text,
						map_files[f]);
				target_start(&p);
				if (t[i].ok)
					EXPECT_OK(proc_write(p.pid,
							     map_files[f],
							     t[i].text));
				else
					EXPECT_ERR(proc_write(p.pid,
							      map_files[f],
							      t[i].text),
						   EPERM);
				peer_end(&p);
			}
		done();
	}
	peer_join(&upper);
}

CASE(projid_map_needs_ids_of_the_parent, "MAP-6 MAP-8")
{
	struct peer p, q;

	/* A parent whose own projid_map is empty has none to give. */
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		target_start(&q);
		EXPECT_ERR(proc_write(q.pid, "projid_map", "0 0 1"), EPERM);
		EXPECT_OK(proc_write(0, "projid_map", "0 0 10"));
		EXPECT_ERR(proc_write(q.pid, "projid_map", "0 0 11"), EPERM);
		EXPECT_OK(proc_write(q.pid, "projid_map", "0 5 5"));
		EXPECT_STR(proc_read(q.pid, "projid_map"), shown(0, 5, 5));
		peer_end(&q);
		done();
	}
	peer_join(&p);
}

/* ---- MAP-7: any ids with CAP_SETUID, CAP_SETGID in the parent ---- */

static const int set_cap[] = { CAP_SETUID, CAP_SETGID };

static void expect_write(int f, uint64_t opener, uint64_t writer, int err)
{
	struct peer p, w;
	int fd;

	harness_context("%s, opener %jx, writer %jx", map_files[f],
			(uintmax_t)opener, (uintmax_t)writer);
	owned_target_start(&p);
	fd = opened_by(p.pid, map_files[f], OTHER, OTHER, OTHER,
		       opener | CAP_BIT(CAP_DAC_OVERRIDE));
	if (peer_start(&w, 0)) {
		become(OTHER, OTHER, writer);
		if (err)
			EXPECT_ERR(fd_write(fd, BLOCK_MAP), err);
		else
			EXPECT_OK(fd_write(fd, BLOCK_MAP));
		done();
	}
	peer_join(&w);
	EXPECT_STR(proc_read(p.pid, map_files[f]),
		   err ? "" : shown(0, BASE, COUNT));
	EXPECT_OK(close(fd));
	peer_end(&p);
}

CASE(opener_and_writer_need_the_capability, "MAP-7")
{
	const uint64_t admin = CAP_BIT(CAP_SYS_ADMIN);

	for (int f = 0; f < 2; f++) {
		uint64_t cap = CAP_BIT(set_cap[f]);
		uint64_t wrong = CAP_BIT(set_cap[!f]);

		expect_write(f, admin | cap, cap, 0);
		expect_write(f, admin | cap, 0, EPERM);
		expect_write(f, admin, cap, EPERM);
		expect_write(f, admin, ALL_CAPS, EPERM);
		expect_write(f, admin | cap, ALL_CAPS & ~cap, EPERM);
		expect_write(f, ALL_CAPS & ~cap, ALL_CAPS, EPERM);
		expect_write(f, admin | wrong, wrong, EPERM);
		expect_write(f, admin | wrong, ALL_CAPS, EPERM);
	}
}

/* CVE-2013-1959: a privileged process is handed the file as its output. */
CASE(a_privileged_writer_does_not_help_the_owner, "MAP-7 MAP-8")
{
	static const char *const t[] = {
		"0 0 1", "0 0 4294967295", "0 2000 1", "0 1000 2",
		"0 1000 1\n1 2000 1", BLOCK_MAP,
	};
	struct peer p;

	for (int f = 0; f < 2; f++) {
		int fd;

		owned_target_start(&p);
		EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
		fd = opened_by(p.pid, map_files[f], OWNER, OWNER, OWNER, 0);
		for (size_t i = 0; i < N(t); i++) {
			harness_context("\"%s\" into %s", t[i], map_files[f]);
			EXPECT_ERR(fd_write(fd, t[i]), EPERM);
			EXPECT_STR(proc_read(p.pid, map_files[f]), "");
		}
		EXPECT_OK(fd_write(fd, "0 1000 1"));
		EXPECT_OK(close(fd));
		peer_end(&p);
	}
}

CASE(a_writer_inside_has_no_capability_in_the_parent, "MAP-7")
{
	struct peer p;
	int fd;

	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		fd = EXPECT_OK(proc_open(0, "uid_map", O_WRONLY));
		EXPECT_OK(close(fd));
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		peer_tell(&p);
		fd = peer_recv_fd(&p);
		EXPECT_ERR(fd_write(fd, BLOCK_MAP), EPERM);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_WRONLY));
	peer_send_fd(&p, fd);
	peer_await(&p);
	/* The same descriptor, by one who has it. */
	EXPECT_OK(fd_write(fd, BLOCK_MAP));
	peer_end(&p);
}

CASE(a_writer_above_the_parent_has_the_capability, "MAP-7 CAP-2")
{
	struct peer upper;
	pid_t lower;
	int fd;

	if (peer_start(&upper, 0)) {
		struct peer p;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		target_start(&p);
		peer_send(&upper, &p.pid, sizeof(p.pid));
		peer_send_fd(&upper, EXPECT_OK(proc_open(p.pid, "uid_map",
							 O_WRONLY)));
		peer_await(&upper);
		EXPECT_STR(proc_read(p.pid, "uid_map"), shown(0, 10, 20));
		peer_end(&p);
		done();
	}
	peer_recv(&upper, &lower, sizeof(lower));
	fd = peer_recv_fd(&upper);
	EXPECT_OK(fd_write(fd, "0 10 20"));
	peer_end(&upper);
}

/* ---- MAP-8: without the capability ---- */

static void expect_single(const char *file, const char *text, uid_t ruid,
			  uid_t euid, gid_t gid, uint64_t caps, int err)
{
	struct peer p, w;
	int fd;

	harness_context("\"%s\" into %s, opened by %u/%u/%u", text, file, ruid,
			euid, gid);
	owned_target_start(&p);
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	fd = opened_by(p.pid, file, ruid, euid, gid, caps);
	/* A writer that is nobody in particular. */
	if (peer_start(&w, 0)) {
		become(OTHER, OTHER, 0);
		if (err)
			EXPECT_ERR(fd_write(fd, text), err);
		else
			EXPECT_OK(fd_write(fd, text));
		done();
	}
	peer_join(&w);
	if (err)
		EXPECT_STR(proc_read(p.pid, file), "");
	else
		EXPECT_NE(strlen(proc_read(p.pid, file)), 0);
	EXPECT_OK(close(fd));
	peer_end(&p);
}

CASE(the_owner_maps_its_own_uid, "MAP-8")
{
	const uint64_t other_caps = CAP_BIT(CAP_SYS_ADMIN) |
		CAP_BIT(CAP_DAC_OVERRIDE);

	expect_single("uid_map", "0 1000 1", OWNER, OWNER, OWNER, 0, 0);
	expect_single("uid_map", "77 1000 1", OWNER, OWNER, OTHER, 0, 0);
	expect_single("uid_map", "4294967294 1000 1", OTHER, OWNER, 5, 0, 0);
	expect_single("uid_map", "0 1001 1", OWNER, OWNER, OWNER, 0, EPERM);
	expect_single("uid_map", "0 2000 1", OWNER, OWNER, OTHER, 0, EPERM);
	expect_single("uid_map", "0 0 1", OWNER, OWNER, OWNER, 0, EPERM);
	expect_single("uid_map", "0 1000 2", OWNER, OWNER, OWNER, 0, EPERM);
	expect_single("uid_map", "0 999 2", OWNER, OWNER, OWNER, 0, EPERM);
	expect_single("uid_map", "0 1000 1\n1 1001 1", OWNER, OWNER, OWNER, 0,
		      EPERM);
	expect_single("uid_map", "0 1000 1\n1 1000 1", OWNER, OWNER, OWNER, 0,
		      EINVAL);
	/* The real id is not the one. */
	expect_single("uid_map", "0 2000 1", OTHER, OWNER, OWNER, 0, EPERM);
	/* An opener who has CAP_SYS_ADMIN, but is not the owner. */
	expect_single("uid_map", "0 2000 1", OTHER, OTHER, OTHER, other_caps,
		      EPERM);
	expect_single("uid_map", "0 1000 1", OTHER, OTHER, OTHER, other_caps,
		      EPERM);
	expect_single("uid_map", "0 1000 1", OWNER, OTHER, OTHER, other_caps,
		      EPERM);
}

CASE(the_owner_maps_its_own_gid, "MAP-8")
{
	const uint64_t other_caps = CAP_BIT(CAP_SYS_ADMIN) |
		CAP_BIT(CAP_DAC_OVERRIDE);

	expect_single("gid_map", "0 1000 1", OWNER, OWNER, OWNER, 0, 0);
	expect_single("gid_map", "9 2000 1", OWNER, OWNER, OTHER, 0, 0);
	expect_single("gid_map", "0 1000 1", OWNER, OWNER, OTHER, 0, EPERM);
	expect_single("gid_map", "0 2000 1", OWNER, OWNER, OWNER, 0, EPERM);
	expect_single("gid_map", "0 1000 2", OWNER, OWNER, OWNER, 0, EPERM);
	expect_single("gid_map", "0 1000 1\n1 1001 1", OWNER, OWNER, OWNER, 0,
		      EPERM);
	expect_single("gid_map", "0 1000 1", OTHER, OTHER, OWNER, other_caps,
		      EPERM);
}

/* 1000 is its effective user and group; each other id of it is another number. */
static void be_many(void)
{
	static const gid_t group = 5;

	EXPECT_OK(sys_setgroups(1, &group));
	EXPECT_OK(setresgid(6, OWNER, 7));
	setfsgid(8);
	EXPECT_EQ(setfsgid(-1), 8);
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	EXPECT_OK(setresuid(16, OWNER, 17));
	setfsuid(16);
	EXPECT_EQ(setfsuid(-1), 16);
	/* The file is the owner's by the id for files. */
	caps_set(CAP_BIT(CAP_DAC_OVERRIDE), CAP_BIT(CAP_DAC_OVERRIDE), 0);
	set_dumpable();
}

CASE(the_single_id_is_the_effective_one, "MAP-8")
{
	static const struct {
		const char *file, *text;
		int err;
	} t[] = {
		{ "uid_map", "0 1000 1", 0 }, { "uid_map", "0 16 1", EPERM },
		{ "uid_map", "0 17 1", EPERM }, { "gid_map", "0 1000 1", 0 },
		{ "gid_map", "0 5 1", EPERM }, { "gid_map", "0 6 1", EPERM },
		{ "gid_map", "0 7 1", EPERM }, { "gid_map", "0 8 1", EPERM },
	};

	for (size_t i = 0; i < N(t); i++) {
		struct peer p, q;
		int fd;

		harness_context("\"%s\" into %s", t[i].text, t[i].file);
		owned_target_start(&p);
		EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
		if (peer_start(&q, 0)) {
			be_many();
			peer_send_fd(&q, EXPECT_OK(proc_open(p.pid, t[i].file, O_WRONLY)));
			done();
		}
		fd = peer_recv_fd(&q);
		peer_join(&q);
		if (t[i].err)
			EXPECT_ERR(fd_write(fd, t[i].text), t[i].err);
		else
			EXPECT_OK(fd_write(fd, t[i].text));
		EXPECT_OK(close(fd));
		peer_end(&p);
	}
}

CASE(an_owner_who_only_writes_does_not_count, "MAP-8")
{
	const uint64_t other_caps = CAP_BIT(CAP_SYS_ADMIN) |
		CAP_BIT(CAP_DAC_OVERRIDE);

	for (size_t f = 0; f < N(map_files) - 1; f++) {
		struct peer p, w;
		int fd;

		owned_target_start(&p);
		EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
		fd = opened_by(p.pid, map_files[f], OTHER, OTHER, OTHER, other_caps);
		if (peer_start(&w, 0)) {
			become(OWNER, OWNER, 0);
			EXPECT_ERR(fd_write(fd, "0 1000 1"), EPERM);
			EXPECT_ERR(fd_write(fd, "0 2000 1"), EPERM);
			done();
		}
		peer_join(&w);
		EXPECT_STR(proc_read(p.pid, map_files[f]), "");
		EXPECT_OK(close(fd));
		peer_end(&p);
	}
}

CASE(the_owner_may_open_from_inside, "MAP-8")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(OWNER, OTHER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_ERR(proc_write(0, "uid_map", "0 1000 2"), EPERM);
		EXPECT_ERR(proc_write(0, "uid_map", "0 2000 1"), EPERM);
		EXPECT_OK(proc_write(0, "uid_map", "0 1000 1"));
		/* The group only after setgroups is gone. */
		EXPECT_ERR(proc_write(0, "gid_map", "0 2000 1"), EPERM);
		EXPECT_OK(proc_write(0, "setgroups", "deny"));
		EXPECT_ERR(proc_write(0, "gid_map", "0 1000 1"), EPERM);
		EXPECT_OK(proc_write(0, "gid_map", "0 2000 1"));
		EXPECT_EQ(getuid(), 0);
		EXPECT_EQ(getgid(), 0);
		done();
	}
	peer_join(&p);
}

CASE(a_member_who_is_not_the_owner_is_refused, "MAP-8")
{
	struct peer p;
	int fd;

	owned_target_start(&p);
	fd = user_ns_fd(p.pid);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, CREATOR_CAPS);
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		set_dumpable();
		EXPECT_OK(proc_write(0, "setgroups", "deny"));
		EXPECT_ERR(proc_write(0, "uid_map", "0 2000 1"), EPERM);
		EXPECT_ERR(proc_write(0, "gid_map", "0 2000 1"), EPERM);
		EXPECT_ERR(proc_write(0, "uid_map", "0 1000 1"), EPERM);
		done();
	}
	peer_join(&p);
}

CASE(the_single_gid_needs_setgroups_denied, "MAP-8 SGR-2")
{
	struct peer p;
	int fd;

	owned_target_start(&p);
	fd = opened_by(p.pid, "gid_map", OWNER, OWNER, OWNER, 0);
	EXPECT_ERR(fd_write(fd, "0 1000 1"), EPERM);
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	EXPECT_OK(fd_write(fd, "0 1000 1"));
	peer_end(&p);
	/* With CAP_SETGID it does not. */
	owned_target_start(&p);
	EXPECT_OK(proc_write(p.pid, "gid_map", "0 1000 1"));
	EXPECT_STR(proc_read(p.pid, "setgroups"), "allow\n");
	peer_end(&p);
}

/* The outside id is one of the parent, not of init. */
CASE(the_single_id_is_seen_from_the_parent, "MAP-8")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 6);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_ERR(proc_write(0, "uid_map", "0 100005 1"), EPERM);
		EXPECT_ERR(proc_write(0, "uid_map", "0 1000 1"), EPERM);
		EXPECT_ERR(proc_write(0, "uid_map", "0 6 1"), EPERM);
		EXPECT_OK(proc_write(0, "uid_map", "0 5 1"));
		EXPECT_OK(proc_write(0, "setgroups", "deny"));
		EXPECT_ERR(proc_write(0, "gid_map", "0 5 1"), EPERM);
		EXPECT_OK(proc_write(0, "gid_map", "0 6 1"));
		done();
	}
	peer_join(&p);
}

/* ---- MAP-9: the outside id 0 ---- */

CASE(outside_0_needs_cap_setfcap_of_the_opener, "MAP-9")
{
	static const char *const t[] = {
		"0 0 1", "5 0 1", "0 0 4294967295", "0 1 1\n1 0 1",
		"0 5 1\n1 6 1\n2 7 1\n3 8 1\n4 9 1\n5 10 1\n6 11 1\n7 0 2",
	};
	const uint64_t without = ALL_CAPS & ~CAP_BIT(CAP_SETFCAP);
	struct peer p;
	int fd;

	target_start(&p);
	fd = opened_by(p.pid, "uid_map", 0, 0, 0, without);
	for (size_t i = 0; i < N(t); i++) {
		harness_context("\"%s\"", t[i]);
		EXPECT_ERR(fd_write(fd, t[i]), EPERM);
	}
	EXPECT_STR(proc_read(p.pid, "uid_map"), "");
	/* Groups and other ids ask for nothing of it. */
	EXPECT_OK(fd_write(opened_by(p.pid, "gid_map", 0, 0, 0, without),
			   "0 0 1"));
	EXPECT_OK(fd_write(fd, "0 1 10"));
	peer_end(&p);

	/* The opener's counts, not the writer's. */
	target_start(&p);
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_WRONLY));
	caps_set(without, ALL_CAPS, 0);
	EXPECT_OK(fd_write(fd, "0 0 1"));
	caps_set(ALL_CAPS, ALL_CAPS, 0);
	peer_end(&p);
}

CASE(outside_0_from_inside_needs_the_creators_cap_setfcap, "MAP-9")
{
	struct peer p;

	for (int had = 0; had < 2; had++) {
		harness_context("creator %s CAP_SETFCAP",
				had ? "with" : "without");
		if (peer_start(&p, 0)) {
			/* Permitted is not enough: the effective set counts. */
			caps_set(had ? ALL_CAPS :
				 ALL_CAPS & ~CAP_BIT(CAP_SETFCAP), ALL_CAPS, 0);
			EXPECT_OK(sys_unshare(CLONE_NEWUSER));
			if (had)
				EXPECT_OK(proc_write(0, "uid_map", "0 0 1"));
			else
				EXPECT_ERR(proc_write(0, "uid_map", "0 0 1"),
					   EPERM);
			done();
		}
		peer_join(&p);
	}
}

/* 0 of the parent, whatever its kernel id. */
CASE(outside_0_is_that_of_the_parent, "MAP-9")
{
	struct peer p, q;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		caps_set(ALL_CAPS & ~CAP_BIT(CAP_SETFCAP), ALL_CAPS, 0);
		target_start(&q);
		EXPECT_ERR(proc_write(q.pid, "uid_map", "0 0 10"), EPERM);
		EXPECT_OK(proc_write(q.pid, "uid_map", "0 1 10"));
		peer_end(&q);
		caps_set(ALL_CAPS, ALL_CAPS, 0);
		target_start(&q);
		EXPECT_OK(proc_write(q.pid, "uid_map", "0 0 10"));
		peer_end(&q);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
