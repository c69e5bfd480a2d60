// SPDX-License-Identifier: GPL-2.0
/* Everybody makes namespaces, and gains nothing outside (NEW-1, NEW-12, CAP-4). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define ALL_TYPES (CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | \
		   CLONE_NEWUTS)

/* An ordinary user, without any capability. */
static void be_nobody_special(void)
{
	become(OTHER, OTHER, 0);
}

static void unshare_or_skip(unsigned long flags)
{
	if (!sys_unshare(CLONE_NEWUSER | flags))
		return;
	EXPECT_EQ(errno, EPERM);
	SKIP("namespaces are for the privileged");
}

/* Root inside, by its own hand. */
static void map_myself(uid_t inside, uid_t outside)
{
	char text[32];

	snprintf(text, sizeof(text), "%u %u 1", inside, outside);
	EXPECT_OK(proc_write(0, "uid_map", text));
	EXPECT_OK(proc_write(0, "setgroups", "deny"));
	EXPECT_OK(proc_write(0, "gid_map", text));
}

CASE(a_user_makes_one_and_maps_itself, "NEW-1 NEW-10 NEW-11 MAP-8")
{
	struct peer p;

	EXPECT_OK(chmod(".", 0777));
	if (peer_start(&p, 0)) {
		struct caps c;

		be_nobody_special();
		unshare_or_skip(0);
		EXPECT_EQ(getuid(), OVERFLOW_ID);
		caps_get(&c);
		EXPECT_EQ(c.effective & caps_known(), caps_known());
		EXPECT_EQ(c.inheritable, 0);
		map_myself(0, OTHER);
		EXPECT_EQ(getuid(), 0);
		EXPECT_EQ(getgid(), 0);
		touch("mine", 0, 0, 0644);
		EXPECT_EQ(file_uid("mine"), 0);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(file_uid("mine"), OTHER);
	EXPECT_EQ(file_gid("mine"), OTHER);
}

CASE_SECONDS(every_other_type_may_be_combined, "NEW-12", 60)
{
	struct peer p, q;

	for (const struct ns_type *t = ns_types; t->name; t++) {
		harness_context("%s", t->name);
		if (peer_start(&p, 0)) {
			be_nobody_special();
			EXPECT_ERR(sys_unshare(t->flag), EPERM);
			EXPECT_ERR(clone_fn(t->flag, return_at_once, NULL), EPERM);
			unshare_or_skip(t->flag);
			/* And later, by who has made the namespace. */
			if (t->flag != CLONE_NEWPID)
				EXPECT_OK(sys_unshare(t->flag));
			done();
		}
		peer_join(&p);
		if (peer_start(&p, 0)) {
			be_nobody_special();
			if (peer_start(&q, CLONE_NEWUSER | t->flag))
				done();
			peer_join(&q);
			done();
		}
		peer_join(&p);
	}
	if (peer_start(&p, 0)) {
		be_nobody_special();
		if (peer_start(&q, CLONE_NEWUSER | ALL_TYPES)) {
			EXPECT_EQ(getpid(), 1);
			EXPECT_OK(sethostname("inside", 6));
			EXPECT_OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE,
					NULL));
			EXPECT_OK(mount("none", "/tmp", "tmpfs", 0, NULL));
			done();
		}
		peer_join(&q);
		unshare_or_skip(ALL_TYPES);
		done();
	}
	peer_join(&p);
}

/* No capability where it was made, none of one's own. */
CASE(levels_are_made_without_capabilities, "NEW-1 CAP-1 NEW-5")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		be_nobody_special();
		unshare_or_skip(0);
		/* Nobody in particular cannot own anything. */
		expect_no_creation(EPERM);
		map_myself(7, OTHER);
		for (int level = 2; level <= 5; level++) {
			caps_drop(ALL_CAPS);
			EXPECT(!has_effective(CAP_SYS_ADMIN));
			set_dumpable();
			EXPECT_OK(sys_unshare(CLONE_NEWUSER));
			EXPECT(has_effective(CAP_SYS_ADMIN));
			map_myself(7, 7);
			EXPECT_EQ(getuid(), 7);
		}
		done();
	}
	peer_join(&p);
}

/* ---- outside all is as it was ---- */

static void attack_files(void)
{
	EXPECT_ERR(open("secret", O_RDONLY | O_CLOEXEC), EACCES);
	EXPECT_ERR(open("readable", O_WRONLY | O_CLOEXEC), EACCES);
	EXPECT_ERR(chmod("readable", 0666), EPERM);
	EXPECT_ERR(chown("mine", 1, -1), EINVAL);
	EXPECT_ERR(chown("readable", 0, 0), EPERM);
	EXPECT_ERR(unlink("kept/file"), EACCES);
	EXPECT_ERR(mknod("null", S_IFCHR | 0666, 0x103), EPERM);
	EXPECT_ERR(chmod("foreign_group", 0600), EPERM);
}

static void attack_machine(void)
{
	struct rlimit l;
	struct timeval now;

	EXPECT_OK(gettimeofday(&now, NULL));
	EXPECT_ERR(settimeofday(&now, NULL), EPERM);
	EXPECT_ERR(sethostname("mine", 4), EPERM);
	EXPECT_ERR(mount("none", "/tmp", "tmpfs", 0, NULL), EPERM);
	EXPECT_ERR(umount("/proc"), EPERM);
	EXPECT_ERR(socket(AF_INET, SOCK_RAW, 1), EPERM);
	EXPECT_OK(getrlimit(RLIMIT_CORE, &l));
	l.rlim_max++;
	EXPECT_ERR(setrlimit(RLIMIT_CORE, &l), EPERM);
	EXPECT(write_text("/proc/sys/kernel/threads-max", "100000") < 0);
	EXPECT(write_text("/proc/sys/user/max_uts_namespaces", "5") == 0 ||
	       errno == ENOENT);
}

static void attack_processes(pid_t root, pid_t friend)
{
	static const char *const types[] = { "user", "uts", "ipc", "net", "mnt",
					     "pid" };

	EXPECT_ERR(kill(root, 0), EPERM);
	EXPECT_ERR(kill(1, 0), EPERM);
	EXPECT_ERR(setpriority(PRIO_PROCESS, root, 5), EPERM);
	EXPECT_ERR(proc_open(root, "mem", O_RDONLY), EACCES);
	EXPECT_ERR(proc_open(root, "ns/user", O_RDONLY), EACCES);
	/* Its own user's outside may get signals, and keeps its secrets. */
	EXPECT_OK(kill(friend, 0));
	EXPECT_ERR(proc_open(friend, "mem", O_RDONLY), EACCES);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		char path[32];

		snprintf(path, sizeof(path), "ns/%s", types[i]);
		EXPECT_ERR(proc_open(friend, path, O_RDONLY), EACCES);
	}
}

static void attack_identity(void)
{
	gid_t none = 0;

	EXPECT_ERR(setuid(1), EINVAL);
	EXPECT_ERR(setgid(1), EINVAL);
	EXPECT_ERR(sys_setgroups(0, NULL), EPERM);
	EXPECT_ERR(sys_setgroups(1, &none), EPERM);
}

CASE(nothing_is_gained_outside, "NEW-10 NEW-12 CAP-4 CAP-6")
{
	struct peer p, friend;
	struct utsname before, after;
	int init_ns = user_ns_fd(0);
	pid_t self = getpid();

	EXPECT_OK(chmod(".", 0777));
	EXPECT_OK(mkdir("kept", 0755));
	touch("kept/file", OTHER, OTHER, 0666);
	touch("secret", 0, 0, 0600);
	touch("readable", 0, 0, 0644);
	touch("foreign_group", 0, OTHER, 0644);
	EXPECT_OK(uname(&before));
	if (peer_start(&friend, 0)) {
		be_nobody_special();
		peer_tell(&friend);
		peer_await(&friend);
		done();
	}
	peer_await(&friend);
	if (peer_start(&p, 0)) {
		be_nobody_special();
		unshare_or_skip(0);
		map_myself(0, OTHER);
		touch("mine", 0, 0, 0644);
		attack_files();
		attack_machine();
		attack_processes(self, friend.pid);
		attack_identity();
		EXPECT_ERR(sys_setns(init_ns, CLONE_NEWUSER), EPERM);
		done();
	}
	peer_join(&p);
	peer_end(&friend);
	EXPECT_OK(uname(&after));
	EXPECT_STR(after.nodename, before.nodename);
	EXPECT_EQ(file_uid("readable"), 0);
}

/* A stranger's namespace is out of reach, one's own is not. */
CASE(only_the_owner_may_enter, "NEW-9 CAP-3 NSF-3")
{
	struct peer p, q;

	if (peer_start(&p, 0)) {
		be_nobody_special();
		unshare_or_skip(0);
		map_myself(0, OTHER);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	for (int i = 0; i < 2; i++) {
		int fd = user_ns_fd(p.pid);

		if (peer_start(&q, 0)) {
			uid_t id = i ? OTHER : OWNER;

			become(id, id, 0);
			if (i) {
				EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
				EXPECT_EQ(getuid(), 0);
			} else {
				EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EPERM);
				unshare_or_skip(0);
				map_myself(0, OWNER);
				EXPECT_ERR(sys_setns(fd, CLONE_NEWUSER), EPERM);
			}
			done();
		}
		peer_join(&q);
		EXPECT_OK(close(fd));
	}
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
