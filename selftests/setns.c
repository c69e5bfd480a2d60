// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/ns/user and setns() into a user namespace (NSF-*). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <linux/securebits.h>
#include <unistd.h>

#include "userns.h"

/* ---- NSF-1: the file ---- */

static void expect_same_file(const struct stat *a, const struct stat *b)
{
	EXPECT_EQ(a->st_dev, b->st_dev);
	EXPECT_EQ(a->st_ino, b->st_ino);
}

CASE(the_link_names_the_namespace, "NSF-1")
{
	char text[64], want[64];
	struct stat link, target;
	struct peer p;
	ssize_t n;

	target_start(&p);
	for (int i = 0; i < 2; i++) {
		const char *path = proc_path(i ? p.pid : 0, "ns/user");

		EXPECT_OK(lstat(path, &link));
		EXPECT(S_ISLNK(link.st_mode));
		EXPECT_OK(stat(path, &target));
		n = EXPECT_OK(readlink(path, text, sizeof(text) - 1));
		text[n] = 0;
		snprintf(want, sizeof(want), "user:[%ju]",
			 (uintmax_t)target.st_ino);
		EXPECT_STR(text, want);
	}
	peer_end(&p);
}

CASE(one_namespace_is_one_file, "NSF-1")
{
	struct stat path, fd_stat, twin, other, again;
	struct peer p, q;
	int fd, fd2;

	target_start(&p);
	EXPECT_OK(stat(proc_path(p.pid, "ns/user"), &path));
	fd = user_ns_fd(p.pid);
	EXPECT_OK(fstat(fd, &fd_stat));
	expect_same_file(&path, &fd_stat);
	/* Through another member. */
	if (peer_start(&q, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		peer_tell(&q);
		peer_await(&q);
		done();
	}
	peer_await(&q);
	EXPECT_OK(stat(proc_path(q.pid, "ns/user"), &twin));
	expect_same_file(&path, &twin);
	/* Opened again, after the first descriptor is gone. */
	EXPECT_OK(close(fd));
	fd2 = user_ns_fd(q.pid);
	EXPECT_OK(fstat(fd2, &again));
	expect_same_file(&path, &again);
	/* Through the descriptor's own link. */
	{
		char name[40];

		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd2);
		EXPECT_OK(stat(name, &again));
		expect_same_file(&path, &again);
	}
	EXPECT_OK(stat("/proc/self/ns/user", &other));
	EXPECT_EQ(other.st_dev, path.st_dev);
	EXPECT_NE(other.st_ino, path.st_ino);
	peer_end(&q);
	peer_end(&p);
}

CASE(another_proc_and_a_bind_mount_show_the_same_file, "NSF-1")
{
	struct stat path, mounted, bound, held;
	char name[64];
	struct peer p;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("proc", 0755));
	touch("bound", 0, 0, 0600);
	target_start(&p);
	EXPECT_OK(stat(proc_path(p.pid, "ns/user"), &path));
	EXPECT_OK(mount("none", "proc", "proc", 0, NULL));
	snprintf(name, sizeof(name), "proc/%d/ns/user", p.pid);
	EXPECT_OK(stat(name, &mounted));
	expect_same_file(&path, &mounted);
	EXPECT_OK(mount(name, "bound", NULL, MS_BIND, NULL));
	EXPECT_OK(stat("bound", &bound));
	expect_same_file(&path, &bound);
	fd = EXPECT_OK(open("bound", O_RDONLY | O_CLOEXEC));
	EXPECT_OK(fstat(fd, &held));
	expect_same_file(&path, &held);
	peer_end(&p);
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	EXPECT_EQ(user_ns_number(0), path.st_ino);
}

/* A proc of another pid namespace is another superblock. */
CASE(a_proc_of_another_pid_namespace_shows_the_same_file, "NSF-1")
{
	struct stat path, seen;
	struct peer p;

	EXPECT_OK(mkdir("proc", 0755));
	EXPECT_OK(stat("/proc/self/ns/user", &path));
	if (peer_start(&p, CLONE_NEWPID | CLONE_NEWNS)) {
		EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("none", "proc", "proc", 0, NULL));
		EXPECT_OK(stat("proc/self/ns/user", &seen));
		expect_same_file(&path, &seen);
		done();
	}
	peer_join(&p);
}

CASE(the_file_of_a_stranger_is_refused, "NSF-1 ACC-4")
{
	struct peer p, q;
	char text[64];
	struct stat st;

	member_start(&p, BLOCK_MAP, BLOCK_MAP, 0, 0);
	if (peer_start(&q, 0)) {
		static const pid_t root[] = { 1, 0 };
		pid_t of[2] = { root[0], p.pid };

		become(OTHER, OTHER, 0);
		for (int i = 0; i < 2; i++) {
			const char *path = proc_path(of[i], "ns/user");

			EXPECT_ERR(readlink(path, text, sizeof(text)), EACCES);
			EXPECT_ERR(open(path, O_RDONLY), EACCES);
			EXPECT_ERR(stat(path, &st), EACCES);
		}
		/* Its own it may. */
		EXPECT_OK(stat(proc_path(0, "ns/user"), &st));
		EXPECT_OK(readlink(proc_path(0, "ns/user"), text,
				   sizeof(text)));
		done();
	}
	peer_join(&q);
	/* CAP_SYS_PTRACE over it is enough. */
	if (peer_start(&q, 0)) {
		become(OTHER, OTHER, CAP_BIT(CAP_SYS_PTRACE));
		EXPECT_OK(open(proc_path(p.pid, "ns/user"), O_RDONLY));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(the_file_of_a_parent_process_is_refused_inside, "NSF-1 ACC-4")
{
	pid_t outside = getpid();
	struct peer p;
	struct stat st;
	char text[64];

	/* The same kernel ids, but capabilities the member does not have. */
	if (peer_start(&p, 0)) {
		const char *path;

		enter_new(0, "0 0 1", "0 0 1");
		path = proc_path(outside, "ns/user");
		EXPECT_ERR(readlink(path, text, sizeof(text)), EACCES);
		EXPECT_ERR(open(path, O_RDONLY), EACCES);
		EXPECT_ERR(stat(path, &st), EACCES);
		done();
	}
	peer_join(&p);
}

/* ---- NSF-2 ---- */

CASE(ones_own_namespace_is_einval, "NSF-2")
{
	struct peer p;
	int fd = user_ns_fd(0);

	EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EINVAL);
	EXPECT_ERR(sys_setns(fd, 0), EINVAL);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EINVAL);
		EXPECT_ERR(sys_setns(fd, 0), EINVAL);
		EXPECT_ERR(sys_setns(user_ns_fd(0), CLONE_NEWUSER), EINVAL);
		done();
	}
	peer_join(&p);
	/* So that a member cannot regain what it gave up. */
	if (peer_start(&p, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_ERR(sys_setns(user_ns_fd(0), CLONE_NEWUSER), EINVAL);
		caps_set(0, 0, 0);
		EXPECT_ERR(sys_setns(user_ns_fd(0), CLONE_NEWUSER), EINVAL);
		EXPECT(!has_effective(CAP_SYS_ADMIN));
		done();
	}
	peer_join(&p);
}

CASE(setns_takes_0_or_the_type, "NSF-2")
{
	static const int types[] = { 0, CLONE_NEWUSER };
	struct peer p, q;
	ino_t want;
	int fd;

	target_start(&p);
	fd = user_ns_fd(p.pid);
	want = user_ns_number(p.pid);
	for (int i = 0; i < 2; i++) {
		if (peer_start(&q, 0)) {
			EXPECT_OK(sys_setns(fd, types[i]));
			EXPECT_EQ(user_ns_number(0), want);
			done();
		}
		peer_join(&q);
	}
	peer_end(&p);
}

CASE(another_type_is_einval, "NSF-2")
{
	static const int types[] = {
		CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS,
		CLONE_NEWPID, 1, CLONE_VM, -1,
	};
	struct peer p;
	int fd, uts, plain, pipe_fds[2];

	target_start(&p);
	fd = user_ns_fd(p.pid);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		harness_context("type %x", types[i]);
		EXPECT_ERR(sys_setns(fd, types[i]), EINVAL);
	}
	harness_context("%s", "");
	uts = EXPECT_OK(proc_open(p.pid, "ns/uts", O_RDONLY));
	EXPECT_ERR(sys_setns(uts, CLONE_NEWUSER), EINVAL);
	/* Not a namespace at all. */
	touch("plain", 0, 0, 0600);
	plain = EXPECT_OK(open("plain", O_RDONLY | O_CLOEXEC));
	EXPECT_ERR(sys_setns(plain, CLONE_NEWUSER), EINVAL);
	EXPECT_ERR(sys_setns(plain, 0), EINVAL);
	EXPECT_OK(pipe(pipe_fds));
	EXPECT_ERR(sys_setns(pipe_fds[0], CLONE_NEWUSER), EINVAL);
	plain = EXPECT_OK(proc_open(0, "status", O_RDONLY));
	EXPECT_ERR(sys_setns(plain, CLONE_NEWUSER), EINVAL);
	EXPECT_ERR(sys_setns(-1, CLONE_NEWUSER), EBADF);
	/* And then the right one works. */
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	peer_end(&p);
}

/* A thread that shares no fs_struct: that is refused for itself. */
static void *block_apart(void *fds)
{
	int *fd = fds;

	EXPECT_OK(sys_unshare(CLONE_FS));
	EXPECT_EQ(write(fd[3], "", 1), 1);
	return block_on(&fd[0]);
}

CASE(a_second_thread_is_einval, "NSF-2")
{
	pthread_t thread;
	int fds[4], fd;
	struct peer p, q;
	char c;

	target_start(&p);
	fd = user_ns_fd(p.pid);
	EXPECT_OK(pipe(fds));
	EXPECT_OK(pipe(fds + 2));
	if (peer_start(&q, 0)) {
		EXPECT_EQ(pthread_create(&thread, NULL, block_apart, fds), 0);
		EXPECT_EQ(read(fds[2], &c, 1), 1);
		EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EINVAL);
		EXPECT_ERR(sys_setns(fd, 0), EINVAL);
		done();
	}
	peer_join(&q);
	/* Alone it may. */
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	peer_end(&p);
}

/* CVE-2013-1858: a chroot by a member would move a process outside. */
CASE(a_shared_fs_struct_is_einval, "NSF-2")
{
	struct peer p, q;
	int fd;

	target_start(&p);
	fd = user_ns_fd(p.pid);
	if (peer_start(&q, CLONE_FS)) {
		EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EINVAL);
		EXPECT_OK(sys_unshare(CLONE_FS));
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* Memory that another process shares is no obstacle. */
static int wait_on(void *arg)
{
	return block_on(arg) != NULL;
}

CASE(a_process_in_the_same_memory_is_no_obstacle, "NSF-2")
{
	int fds[2], status;
	struct peer p;
	pid_t pid;

	target_start(&p);
	EXPECT_OK(pipe(fds));
	pid = EXPECT_OK(clone_fn(CLONE_VM, wait_on, &fds[0]));
	EXPECT_OK(sys_setns(user_ns_fd(p.pid), CLONE_NEWUSER));
	EXPECT_EQ(write(fds[1], "", 1), 1);
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT_EQ(status, 0);
	peer_end(&p);
}

/* ---- NSF-3 ---- */

CASE(nobody_goes_upwards, "NSF-3 CAP-4")
{
	int init_fd = user_ns_fd(0);
	struct peer p;

	if (peer_start(&p, 0)) {
		int upper_fd;

		enter_new(0, "0 0 10", "0 0 10");
		EXPECT_ERR(sys_setns(init_fd, CLONE_NEWUSER), EPERM);
		EXPECT_ERR(sys_setns(init_fd, 0), EPERM);
		upper_fd = user_ns_fd(0);
		enter_new(0, "0 0 10", "0 0 10");
		EXPECT_ERR(sys_setns(init_fd, CLONE_NEWUSER), EPERM);
		EXPECT_ERR(sys_setns(upper_fd, CLONE_NEWUSER), EPERM);
		done();
	}
	peer_join(&p);
}

CASE(nobody_goes_sideways, "NSF-3 CAP-4")
{
	struct peer p, q;
	int fd;

	/* Two namespaces of one owner, whose id both members have. */
	target_start(&p);
	fd = user_ns_fd(p.pid);
	if (peer_start(&q, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EPERM);
		done();
	}
	peer_join(&q);
	/* Nor from further below. */
	if (peer_start(&q, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		enter_new(0, "0 0 1", "0 0 1");
		EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EPERM);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(going_down_needs_cap_sys_admin, "NSF-3 CAP-2 CAP-3")
{
	static const struct {
		uid_t ruid, euid;
		uint64_t caps;
		int err;
	} t[] = {
		{ OTHER, OTHER, 0, EPERM },
		{ OTHER, OTHER, ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN), EPERM },
		{ 0, 0, 0, EPERM },
		{ OWNER, OTHER, 0, EPERM },
		{ OTHER, OTHER, CAP_BIT(CAP_SYS_ADMIN), 0 },
		{ OWNER, OWNER, 0, 0 },
		{ OTHER, OWNER, 0, 0 },
	};
	struct peer p, q;
	int fd;

	member_start(&p, BLOCK_MAP, BLOCK_MAP, 0, 0);
	fd = user_ns_fd(p.pid);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		harness_context("ruid %u, euid %u, caps %jx", t[i].ruid,
				t[i].euid, (uintmax_t)t[i].caps);
		if (peer_start(&q, 0)) {
			become_res(t[i].ruid, t[i].euid, t[i].ruid, OTHER,
				   t[i].caps);
			if (t[i].err)
				EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER),
					   t[i].err);
			else
				EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
			done();
		}
		peer_join(&q);
	}
	peer_end(&p);
}

CASE(a_grandchild_can_be_entered, "NSF-3 CAP-2 CAP-3")
{
	struct peer p, q;
	ino_t want;
	int fd;

	if (peer_start(&p, 0)) {
		struct peer l;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(7, 7);
		target_start(&l);
		peer_send_fd(&p, user_ns_fd(l.pid));
		want = user_ns_number(l.pid);
		peer_send(&p, &want, sizeof(want));
		peer_await(&p);
		peer_end(&l);
		done();
	}
	fd = peer_recv_fd(&p);
	peer_recv(&p, &want, sizeof(want));
	/* By a capability in init, and by the owner of what lies between. */
	for (int i = 0; i < 3; i++) {
		harness_context("try %d", i);
		if (peer_start(&q, 0)) {
			if (i == 0)
				become(OTHER, OTHER, CAP_BIT(CAP_SYS_ADMIN));
			else
				become(i == 1 ? OWNER : OTHER, OTHER, 0);
			if (i == 2) {
				EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EPERM);
				done();
			}
			EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
			EXPECT_EQ(user_ns_number(0), want);
			done();
		}
		peer_join(&q);
	}
	peer_end(&p);
}

/*
 * The rules for the other types come later; what must hold until then is
 * that a capability in a namespace opens nothing of init.
 */
CASE(other_namespaces_of_init_stay_closed, "CAP-4")
{
	static const char *const files[] = { "ns/uts", "ns/ipc", "ns/net" };
	int fds[3] = { -1, -1, -1 };
	struct peer p;

	for (int i = 0; i < 3; i++)
		fds[i] = proc_open(0, files[i], O_RDONLY);
	/* At least the one that every configuration here has. */
	EXPECT_OK(fds[0]);
	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWUTS, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		for (int i = 0; i < 3; i++)
			if (fds[i] >= 0)
				EXPECT_ERR(sys_setns(fds[i], 0), EPERM);
		done();
	}
	peer_join(&p);
	/* Nor to an ordinary user, nor by root's kernel id. */
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, ALL_CAPS & ~CAP_BIT(CAP_SYS_ADMIN));
		EXPECT_ERR(sys_setns(fds[0], 0), EPERM);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		EXPECT_ERR(sys_setns(fds[0], 0), EPERM);
		done();
	}
	peer_join(&p);
	EXPECT_OK(sys_setns(fds[0], 0));
}

/* ---- NSF-4 ---- */

CASE(entering_gives_every_capability, "NSF-4")
{
	uint64_t all = caps_known();
	struct caps c;
	struct peer p;
	int fd;

	target_start(&p);
	fd = user_ns_fd(p.pid);
	EXPECT_OK(prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0));
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT |
			SECBIT_NO_SETUID_FIXUP |
			SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0, 0));
	caps_set(CAP_BIT(CAP_SYS_ADMIN), CAP_BIT(CAP_SYS_ADMIN),
		 CAP_BIT(CAP_SYS_ADMIN));
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	caps_get(&c);
	EXPECT_EQ(c.effective & all, all);
	EXPECT_EQ(c.permitted & all, all);
	EXPECT_EQ(c.inheritable, 0);
	EXPECT_EQ(caps_bounding(), all);
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), 0);
	peer_end(&p);
}

CASE(entering_takes_every_capability_outside, "NSF-4 CAP-4")
{
	int init_fd = user_ns_fd(0), file;
	struct peer p, q;
	char name[65];

	touch("file", OTHER, OTHER, 0600);
	file = EXPECT_OK(open("file", O_RDWR | O_CLOEXEC));
	EXPECT_OK(gethostname(name, sizeof(name)));
	member_start(&p, BLOCK_MAP, BLOCK_MAP, 0, 0);
	if (peer_start(&q, 0)) {
		EXPECT_OK(sys_setns(user_ns_fd(p.pid), CLONE_NEWUSER));
		EXPECT_ERR(sethostname(name, strlen(name)), EPERM);
		EXPECT_ERR(fchmod(file, 0644), EPERM);
		EXPECT_ERR(sys_setns(init_fd, CLONE_NEWUSER), EPERM);
		/* And no way back, even by a descriptor of its own. */
		EXPECT_ERR(sys_setns(init_fd, 0), EPERM);
		EXPECT(has_effective(CAP_SYS_ADMIN));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(entering_changes_no_id, "NSF-4 NEW-11")
{
	struct peer p, q;
	int fd;

	member_start(&p, BLOCK_MAP, BLOCK_MAP, 0, 0);
	fd = user_ns_fd(p.pid);
	if (peer_start(&q, 0)) {
		become(BASE + 7, OTHER, CAP_BIT(CAP_SYS_ADMIN));
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_EQ(getuid(), 7);
		EXPECT_EQ(geteuid(), 7);
		EXPECT_EQ(getgid(), OVERFLOW_ID);
		peer_tell(&q);
		peer_await(&q);
		done();
	}
	peer_await(&q);
	EXPECT_EQ(file_uid(proc_path(q.pid, "")), BASE + 7);
	EXPECT_EQ(file_gid(proc_path(q.pid, "")), OTHER);
	peer_end(&q);
	peer_end(&p);
}

CASE(one_may_go_down_step_by_step, "NSF-4 NSF-3")
{
	struct peer p, q;
	int fds[2];

	if (peer_start(&p, 0)) {
		struct peer l;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(7, 7);
		target_start(&l);
		peer_send_fd(&p, user_ns_fd(0));
		peer_send_fd(&p, user_ns_fd(l.pid));
		peer_await(&p);
		peer_end(&l);
		done();
	}
	fds[0] = peer_recv_fd(&p);
	fds[1] = peer_recv_fd(&p);
	if (peer_start(&q, 0)) {
		EXPECT_OK(sys_setns(fds[0], CLONE_NEWUSER));
		EXPECT_OK(sys_setns(fds[1], CLONE_NEWUSER));
		EXPECT_ERR(sys_setns(fds[0], CLONE_NEWUSER), EPERM);
		EXPECT_ERR(sys_setns(fds[1], CLONE_NEWUSER), EINVAL);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
