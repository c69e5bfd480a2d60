// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/setgroups and the system call it governs (SGR-*). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

CASE(a_namespace_allows_setgroups_at_first, "SGR-1")
{
	struct stat st;
	struct peer p;

	EXPECT_STR(proc_read(0, "setgroups"), "allow\n");
	EXPECT_STR(proc_read(1, "setgroups"), "allow\n");
	target_start(&p);
	EXPECT_STR(proc_read(p.pid, "setgroups"), "allow\n");
	EXPECT_OK(stat(proc_path(p.pid, "setgroups"), &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0644);
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	EXPECT_STR(proc_read(p.pid, "setgroups"), "deny\n");
	/* One namespace's word says nothing about another's. */
	EXPECT_STR(proc_read(0, "setgroups"), "allow\n");
	peer_end(&p);
}

CASE(anyone_may_read_the_state, "SGR-1")
{
	struct peer p, q;

	target_start(&p);
	if (peer_start(&q, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_STR(proc_read(p.pid, "setgroups"), "allow\n");
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(deny_is_for_good, "SGR-2")
{
	struct peer p;

	target_start(&p);
	EXPECT_OK(proc_write(p.pid, "setgroups", "allow"));
	EXPECT_OK(proc_write(p.pid, "setgroups", "allow"));
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	EXPECT_ERR(proc_write(p.pid, "setgroups", "allow"), EPERM);
	EXPECT_STR(proc_read(p.pid, "setgroups"), "deny\n");
	EXPECT_OK(proc_write(p.pid, "gid_map", "0 0 1"));
	EXPECT_ERR(proc_write(p.pid, "setgroups", "allow"), EPERM);
	EXPECT_ERR(proc_write(p.pid, "setgroups", "deny"), EPERM);
	EXPECT_STR(proc_read(p.pid, "setgroups"), "deny\n");
	peer_end(&p);
}

CASE(deny_comes_before_gid_map, "SGR-2")
{
	struct peer p;

	target_start(&p);
	/* The other maps do not matter. */
	EXPECT_OK(proc_write(p.pid, "uid_map", "0 0 1"));
	EXPECT_OK(proc_write(p.pid, "projid_map", "0 0 1"));
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	peer_end(&p);

	target_start(&p);
	EXPECT_OK(proc_write(p.pid, "gid_map", "0 0 1"));
	EXPECT_ERR(proc_write(p.pid, "setgroups", "deny"), EPERM);
	EXPECT_STR(proc_read(p.pid, "setgroups"), "allow\n");
	EXPECT_OK(proc_write(p.pid, "setgroups", "allow"));
	peer_end(&p);
	/* init has its gid_map from the start. */
	EXPECT_ERR(proc_write(0, "setgroups", "deny"), EPERM);
	EXPECT_STR(proc_read(0, "setgroups"), "allow\n");
}

CASE(a_child_inherits_deny, "SGR-2")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_new(0, BLOCK_MAP, NULL);
		EXPECT_OK(proc_write(0, "setgroups", "deny"));
		done();
	}
	peer_join(&p);
	/* Written before the child is made ... */
	if (peer_start(&p, CLONE_NEWUSER)) {
		struct peer q;

		peer_await(&p);
		member_ids(0, 0);
		EXPECT_STR(proc_read(0, "setgroups"), "deny\n");
		target_start(&q);
		EXPECT_STR(proc_read(q.pid, "setgroups"), "deny\n");
		EXPECT_ERR(proc_write(q.pid, "setgroups", "allow"), EPERM);
		EXPECT_OK(proc_write(q.pid, "setgroups", "deny"));
		EXPECT_OK(proc_write(q.pid, "gid_map", "0 0 10"));
		EXPECT_ERR(proc_write(q.pid, "setgroups", "allow"), EPERM);
		peer_end(&q);
		/* ... and the child's child. */
		enter_new(0, "0 0 10", "0 0 10");
		member_ids(0, 0);
		enter_new(0, "0 0 10", "0 0 10");
		EXPECT_STR(proc_read(0, "setgroups"), "deny\n");
		EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
		done();
	}
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	write_maps(p.pid, BLOCK_MAP, BLOCK_MAP);
	peer_end(&p);
}

/* A sibling that was there before goes on as it was. */
CASE(deny_is_not_inherited_sideways, "SGR-2")
{
	struct peer p, q;

	target_start(&p);
	target_start(&q);
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	EXPECT_STR(proc_read(q.pid, "setgroups"), "allow\n");
	peer_end(&p);
	peer_end(&q);
}

/* ---- the system call ---- */

static const gid_t one[1] = { 3 };

CASE(setgroups_waits_for_gid_map, "SGR-3")
{
	static gid_t many[65537];
	struct peer p;

	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
		EXPECT_ERR(sys_setgroups(1, one), EPERM);
		/* Before any other test: size, memory, mapping. */
		EXPECT_ERR(sys_setgroups(65537, many), EPERM);
		EXPECT_ERR(sys_setgroups(1, (gid_t *)8), EPERM);
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(sys_setgroups(1, one));
		EXPECT_OK(sys_setgroups(0, NULL));
		EXPECT_ERR(sys_setgroups(65537, many), EINVAL);
		EXPECT_ERR(sys_setgroups(1, (gid_t *)8), EFAULT);
		done();
	}
	EXPECT_OK(proc_write(p.pid, "uid_map", BLOCK_MAP));
	peer_tell(&p);
	peer_await(&p);
	EXPECT_OK(proc_write(p.pid, "gid_map", BLOCK_MAP));
	peer_end(&p);
}

CASE(setgroups_is_refused_when_denied, "SGR-3")
{
	static gid_t many[65537];
	struct peer p;

	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		EXPECT(has_effective(CAP_SETGID));
		EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
		EXPECT_ERR(sys_setgroups(1, one), EPERM);
		EXPECT_ERR(sys_setgroups(65537, many), EPERM);
		EXPECT_ERR(sys_setgroups(1, (gid_t *)8), EPERM);
		done();
	}
	EXPECT_OK(proc_write(p.pid, "setgroups", "deny"));
	write_maps(p.pid, BLOCK_MAP, BLOCK_MAP);
	peer_end(&p);
}

CASE(setgroups_needs_the_capability, "SGR-3 CAP-1")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sys_setgroups(1, one));
		caps_set(ALL_CAPS & ~CAP_BIT(CAP_SETGID), ALL_CAPS, 0);
		EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
		done();
	}
	peer_join(&p);
}

/* CVE-2014-8989: a group that a mode shuts out must not be got rid of. */
CASE(a_denied_group_cannot_be_dropped, "SGR-3 MAP-8")
{
	static const gid_t group[1] = { OTHER };
	struct peer p;

	touch("shut", 0, OTHER, 0707);
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_setgroups(1, group));
		EXPECT_ERR(open("shut", O_RDONLY), EACCES);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
		EXPECT_OK(proc_write(0, "uid_map", "0 1000 1"));
		EXPECT_ERR(proc_write(0, "gid_map", "0 1000 1"), EPERM);
		EXPECT_OK(proc_write(0, "setgroups", "deny"));
		EXPECT_OK(proc_write(0, "gid_map", "0 1000 1"));
		EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
		EXPECT_OK(setgid(0));
		EXPECT_ERR(open("shut", O_RDONLY), EACCES);
		done();
	}
	peer_join(&p);
}

/* ---- opening and syntax ---- */

static int open_by(pid_t target, uid_t uid, uint64_t caps)
{
	struct peer p;
	int err;

	if (peer_start(&p, 0)) {
		become(uid, uid, caps);
		err = proc_open(target, "setgroups", O_WRONLY) < 0 ? errno : 0;
		peer_send(&p, &err, sizeof(err));
		done();
	}
	peer_recv(&p, &err, sizeof(err));
	peer_join(&p);
	return err;
}

CASE(opening_for_write_needs_cap_sys_admin, "SGR-4")
{
	const uint64_t open_any = CAP_BIT(CAP_DAC_OVERRIDE);
	struct peer p;

	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		peer_tell(&p);
		peer_await(&p);
		caps_set(ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN), ALL_CAPS, 0);
		EXPECT_ERR(proc_open(0, "setgroups", O_WRONLY), EACCES);
		EXPECT_ERR(proc_open(0, "setgroups", O_RDWR), EACCES);
		EXPECT_OK(proc_open(0, "setgroups", O_RDONLY));
		done();
	}
	peer_await(&p);
	EXPECT_EQ(open_by(p.pid, OTHER, ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN)),
		  EACCES);
	EXPECT_EQ(open_by(p.pid, 0, open_any), EACCES);
	EXPECT_EQ(open_by(p.pid, OTHER, open_any | CAP_BIT(CAP_SYS_ADMIN)), 0);
	/* CAP-3: the owner, with no capability. */
	EXPECT_EQ(open_by(p.pid, OWNER, 0), 0);
	/* init's own. */
	EXPECT_EQ(open_by(getpid(), 0, 0), EACCES);
	EXPECT_EQ(open_by(getpid(), 0, CAP_BIT(CAP_SYS_ADMIN)), 0);
	peer_end(&p);
}

CASE(a_member_cannot_open_its_parents_for_write, "SGR-4 CAP-4")
{
	struct peer p;
	pid_t self = getpid();

	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		EXPECT_ERR(proc_open(self, "setgroups", O_WRONLY), EACCES);
		EXPECT_STR(proc_read(self, "setgroups"), "allow\n");
		done();
	}
	peer_join(&p);
}

static const char *const refused[] = {
	"", "\n", " ", "x", "d", "den", "denyx", "deny x", "deny deny",
	"denydeny", "DENY", "Deny", " deny", "allowx", "allow x", "allo", "a",
	"ALLOW", " allow", "0", "1", "yes", "no", "deny\nx", "allow\ndeny",
	"deny                            ",
};

CASE(other_strings_are_refused, "SGR-4")
{
	struct peer p;
	int fd;

	target_start(&p);
	fd = EXPECT_OK(proc_open(p.pid, "setgroups", O_RDWR));
	for (size_t i = 0; i < N(refused); i++) {
		harness_context("\"%s\"", refused[i]);
		EXPECT_ERR(fd_write(fd, refused[i]), EINVAL);
		EXPECT_STR(proc_read(p.pid, "setgroups"), "allow\n");
	}
	harness_context("%s", "");
	EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
	EXPECT_ERR(fd_write(fd, "deny"), EINVAL);
	EXPECT_STR(proc_read(p.pid, "setgroups"), "allow\n");
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_OK(fd_write(fd, "deny"));
	EXPECT_STR(proc_read(p.pid, "setgroups"), "deny\n");
	peer_end(&p);
}

CASE(a_line_end_is_accepted, "SGR-4")
{
	static const char *const t[] = { "deny\n", "deny ", "deny \n", "deny" };

	for (size_t i = 0; i < N(t); i++) {
		struct peer p;

		harness_context("\"%s\"", t[i]);
		target_start(&p);
		EXPECT_OK(proc_write(p.pid, "setgroups", "allow\n"));
		EXPECT_OK(proc_write(p.pid, "setgroups", t[i]));
		EXPECT_STR(proc_read(p.pid, "setgroups"), "deny\n");
		peer_end(&p);
	}
}

CASE(what_cannot_be_read_is_not_written, "SGR-1")
{
	void *volatile nowhere = (void *)8;
	struct peer p;
	int fd;

	owned_target_start(&p);
	fd = EXPECT_OK(proc_open(p.pid, "setgroups", O_WRONLY));
	EXPECT_ERR(write(fd, nowhere, 4), EFAULT);
	EXPECT_STR(proc_read(p.pid, "setgroups"), "allow\n");
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
