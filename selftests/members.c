// SPDX-License-Identifier: GPL-2.0
/* What the first member of a namespace is and owns (NEW-10 to NEW-12, NEW-16). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <linux/securebits.h>
#include <unistd.h>

#include "userns.h"

/* ---- the credentials of the first member ---- */

static void spoil_credentials(void)
{
	EXPECT_OK(prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0));
	EXPECT_OK(prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0));
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT |
			SECBIT_NO_SETUID_FIXUP |
			SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0, 0));
	caps_set(CREATOR_CAPS, CREATOR_CAPS, CAP_BIT(CAP_SETUID));
}

static void expect_fresh_credentials(void)
{
	uint64_t all = caps_known();
	struct caps c;

	caps_get(&c);
	EXPECT_EQ(c.effective & all, all);
	EXPECT_EQ(c.permitted & all, all);
	EXPECT_EQ(c.inheritable, 0);
	EXPECT_EQ(caps_bounding(), all);
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), 0);
}

CASE(unshare_gives_every_capability, "NEW-10")
{
	spoil_credentials();
	EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	expect_fresh_credentials();
}

CASE(clone_gives_every_capability, "NEW-10")
{
	struct caps before, after;
	struct peer p;

	spoil_credentials();
	caps_get(&before);
	if (peer_start(&p, CLONE_NEWUSER)) {
		expect_fresh_credentials();
		done();
	}
	peer_join(&p);
	/* The creator's own are as they were. */
	caps_get(&after);
	EXPECT_EQ(after.effective, before.effective);
	EXPECT_EQ(after.inheritable, before.inheritable);
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_MKNOD, 0, 0, 0), 0);
}

/* Power over init, which no member has, whoever made the namespace. */
static void expect_powerless_outside(int init_fd, int file)
{
	char name[65];

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_ERR(sethostname(name, strlen(name)), EPERM);
	EXPECT_ERR(fchown(file, 0, 0), EPERM);
	EXPECT_ERR(fchmod(file, 0644), EPERM);
	EXPECT_ERR(mknod("node", S_IFCHR | 0600, 0x103), EPERM);
	EXPECT_ERR(sys_setns(init_fd, CLONE_NEWUSER), EPERM);
}

CASE(member_has_no_capability_in_the_old_namespace, "NEW-10 CAP-4")
{
	int init_fd, file;
	struct peer p;

	EXPECT_OK(chmod(".", 0777));
	touch("file", OTHER, OTHER, 0600);
	file = EXPECT_OK(open("file", O_RDWR | O_CLOEXEC));
	init_fd = user_ns_fd(0);
	/* Made by root, whose kernel id stays 0, by unshare and by clone. */
	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		expect_powerless_outside(init_fd, file);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		expect_powerless_outside(init_fd, file);
		done();
	}
	write_maps(p.pid, "0 0 1", "0 0 1");
	peer_end(&p);
	/* Made by an ordinary user. */
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		expect_powerless_outside(init_fd, file);
		done();
	}
	peer_join(&p);
}

/* ---- ids ---- */

static void expect_ids(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	EXPECT_OK(getresuid(&r, &e, &s));
	EXPECT_OK(getresgid(&rg, &eg, &sg));
	EXPECT_EQ(r, uid);
	EXPECT_EQ(e, uid);
	EXPECT_EQ(s, uid);
	EXPECT_EQ(rg, gid);
	EXPECT_EQ(eg, gid);
	EXPECT_EQ(sg, gid);
	EXPECT_EQ(getuid(), uid);
	EXPECT_EQ(geteuid(), uid);
	EXPECT_EQ(getgid(), gid);
	EXPECT_EQ(getegid(), gid);
}

CASE(ids_show_as_overflow_until_a_map_is_written, "NEW-11")
{
	static const gid_t groups[3] = { OWNER, 0, OTHER };
	gid_t got[3];
	struct peer p;

	EXPECT_OK(sys_setgroups(3, groups));
	touch("file", 0, 0, 0644);
	if (peer_start(&p, CLONE_NEWUSER)) {
		expect_ids(OVERFLOW_ID, OVERFLOW_ID);
		EXPECT_EQ(getgroups(3, got), 3);
		for (int i = 0; i < 3; i++)
			EXPECT_EQ(got[i], OVERFLOW_ID);
		EXPECT_EQ(file_uid("file"), OVERFLOW_ID);
		EXPECT_EQ(file_gid("file"), OVERFLOW_ID);
		peer_tell(&p);
		peer_await(&p);
		expect_ids(7, OVERFLOW_ID);
		EXPECT_EQ(file_uid("file"), 7);
		EXPECT_EQ(file_gid("file"), OVERFLOW_ID);
		peer_tell(&p);
		peer_await(&p);
		expect_ids(7, 9);
		EXPECT_EQ(file_gid("file"), 9);
		EXPECT_EQ(getgroups(3, got), 3);
		/* The kernel keeps the list sorted by kernel id: 0, 1000, 2000. */
		EXPECT_EQ(got[0], 9);
		EXPECT_EQ(got[1], OVERFLOW_ID);
		EXPECT_EQ(got[2], 11);
		done();
	}
	peer_await(&p);
	EXPECT_OK(proc_write(p.pid, "uid_map", "7 0 1"));
	peer_tell(&p);
	peer_await(&p);
	EXPECT_OK(proc_write(p.pid, "gid_map", "9 0 1\n11 2000 1"));
	peer_end(&p);
}

CASE(kernel_ids_do_not_change, "NEW-11")
{
	static const gid_t groups[1] = { OTHER };
	struct peer p;

	EXPECT_OK(chmod(".", 0777));
	touch("own", OWNER, 0, 0600);
	touch("group", 0, OTHER, 0060);
	touch("foreign", 0, 0, 0600);
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_setgroups(1, groups));
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		/* No id has a name here, yet all of them count. */
		EXPECT_OK(open("own", O_RDWR));
		EXPECT_OK(open("group", O_RDWR));
		EXPECT_ERR(open("foreign", O_RDWR), EACCES);
		EXPECT_OK(open("made", O_CREAT | O_WRONLY, 0644));
		EXPECT_EQ(file_uid("made"), OVERFLOW_ID);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	EXPECT_EQ(file_uid("made"), OWNER);
	EXPECT_EQ(file_gid("made"), OWNER);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), OWNER);
	EXPECT_EQ(file_gid(proc_path(p.pid, "")), OWNER);
	peer_end(&p);
}

/* ---- other namespaces in the same call ---- */

/* In a namespace whose maps are written: is its uts namespace its own? */
static void expect_own_uts(const char *outer)
{
	char name[65];

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, outer);
	EXPECT_OK(sethostname("inside", 6));
	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, "inside");
	caps_set(ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN), ALL_CAPS, 0);
	EXPECT_ERR(sethostname("nobody", 6), EPERM);
	caps_set(ALL_CAPS, ALL_CAPS, 0);
}

static void expect_own_ipc(int outer)
{
	struct msqid_ds ds;
	int id;

	EXPECT_ERR(msgctl(outer, IPC_STAT, &ds), EINVAL);
	member_ids(1, 1);
	id = EXPECT_OK(msgget(IPC_PRIVATE, 0600));
	member_ids(2, 2);
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	caps_set(ALL_CAPS & ~CAP_BIT(CAP_IPC_OWNER), ALL_CAPS, 0);
	EXPECT_ERR(msgctl(id, IPC_STAT, &ds), EACCES);
}

static void combined(int by_clone)
{
	char outer[65], after[65];
	struct msqid_ds ds;
	struct peer p;
	int queue;

	/* The uts and ipc namespaces around belong to init, and go with the case. */
	EXPECT_OK(sys_unshare(CLONE_NEWUTS | CLONE_NEWIPC));
	EXPECT_OK(gethostname(outer, sizeof(outer)));
	queue = EXPECT_OK(msgget(IPC_PRIVATE, 0600));
	if (by_clone) {
		if (peer_start(&p, CLONE_NEWUSER | CLONE_NEWUTS |
			       CLONE_NEWIPC)) {
			peer_await(&p);
			member_ids(0, 0);
			expect_own_uts(outer);
			expect_own_ipc(queue);
			done();
		}
		write_maps(p.pid, BLOCK_MAP, BLOCK_MAP);
		peer_tell(&p);
	} else if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWUTS | CLONE_NEWIPC, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		expect_own_uts(outer);
		expect_own_ipc(queue);
		done();
	}
	peer_join(&p);
	EXPECT_OK(gethostname(after, sizeof(after)));
	EXPECT_STR(after, outer);
	/* Without the other flags the member has no power over the two. */
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_ERR(sethostname(outer, strlen(outer)), EPERM);
		EXPECT_ERR(msgctl(queue, IPC_STAT, &ds), EACCES);
		EXPECT_ERR(msgctl(queue, IPC_RMID, NULL), EPERM);
		done();
	}
	peer_join(&p);
}

CASE(unshare_with_uts_and_ipc_owns_them, "NEW-12 CAP-1")
{
	combined(0);
}

CASE(clone_with_uts_and_ipc_owns_them, "NEW-12 CAP-1")
{
	combined(1);
}

/* ---- dumpability ---- */

static int death_signal(void)
{
	int sig = -1;

	EXPECT_OK(prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0));
	return sig;
}

CASE(unshare_keeps_the_creator_dumpable, "NEW-16")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(OWNER, OTHER, CREATOR_CAPS);
		EXPECT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
		EXPECT_EQ(death_signal(), SIGUSR1);
		/* Its own files stay its own: this is how it maps itself. */
		EXPECT_OK(proc_write(0, "uid_map", "0 1000 1"));
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	EXPECT_EQ(file_uid(proc_path(p.pid, "status")), OWNER);
	EXPECT_EQ(file_gid(proc_path(p.pid, "status")), OTHER);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), OWNER);
	peer_end(&p);
}

/* A namespace owned by OWNER, and one below it made by its member. */
static int owned_fd, below_fd;

static void owned_pair(struct peer *p)
{
	if (peer_start(p, 0)) {
		struct peer l;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		peer_send_fd(p, user_ns_fd(0));
		if (peer_start(&l, CLONE_NEWUSER)) {
			peer_await(&l);
			done();
		}
		peer_send_fd(p, user_ns_fd(l.pid));
		peer_await(p);
		peer_end(&l);
		done();
	}
	owned_fd = peer_recv_fd(p);
	below_fd = peer_recv_fd(p);
}

static void enter_and_report(int fd, uid_t uid, uint64_t caps, int dumpable)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, uid, caps);
		EXPECT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), dumpable);
		EXPECT_EQ(death_signal(), dumpable ? SIGUSR1 : 0);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), uid);
	EXPECT_EQ(file_gid(proc_path(p.pid, "")), uid);
	if (dumpable)
		EXPECT_EQ(file_uid(proc_path(p.pid, "status")), uid);
	else
		EXPECT_NE(file_uid(proc_path(p.pid, "status")), uid);
	peer_end(&p);
}

CASE(setns_by_the_owner_keeps_dumpable, "NEW-16")
{
	struct peer p;

	owned_pair(&p);
	enter_and_report(owned_fd, OWNER, 0, 1);
	peer_end(&p);
}

CASE(setns_by_the_owner_below_keeps_dumpable, "NEW-16 CAP-3")
{
	struct peer p;

	owned_pair(&p);
	enter_and_report(below_fd, OWNER, 0, 1);
	peer_end(&p);
}

CASE(setns_by_another_clears_dumpable, "NEW-16")
{
	struct peer p;

	owned_pair(&p);
	enter_and_report(owned_fd, OTHER, CREATOR_CAPS, 0);
	enter_and_report(below_fd, OTHER, CREATOR_CAPS, 0);
	/* Who owns the lower one, but not the child that it is below. */
	enter_and_report(below_fd, BASE, CREATOR_CAPS, 0);
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
