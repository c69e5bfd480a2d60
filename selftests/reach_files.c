// SPDX-License-Identifier: GPL-2.0
/* Old holes in files: setgid programs, capabilities, control groups (OLD-3); in timers (OLD-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/timerfd.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "userns.h"
#include "mounts.h"

#define DIR_GROUP 5000

static void expect_made(const char *path, mode_t mode, mode_t want)
{
	struct stat st;
	int fd;

	harness_context("%s, mode %o", path, mode);
	fd = EXPECT_OK(open(path, O_CREAT | O_EXCL | O_WRONLY, mode));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, want);
	EXPECT_OK(close(fd));
	EXPECT_OK(unlink(path));
	EXPECT_OK(mknod(path, S_IFREG | mode, 0));
	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_mode & 07777, want);
	EXPECT_OK(unlink(path));
	harness_context("%s", "");
}

static void made_by(struct peer *p, mode_t program)
{
	umask(0);
	expect_made("dir/file", 02755, program);
	expect_made("dir/file", 02711, program & 02711);
	/* Mandatory locking, and an ordinary file. */
	expect_made("dir/file", 02644, 02644);
	expect_made("dir/file", 0755, 0755);
	EXPECT_OK(mkdir("dir/sub", 0755));
	EXPECT_EQ(file_gid("dir/sub"), file_gid("dir"));
	EXPECT_OK(rmdir("dir/sub"));
	if (p)
		done();
}

static void setgid_dir(uid_t uid, gid_t gid)
{
	EXPECT_OK(chown("dir", uid, gid));
	EXPECT_OK(chmod("dir", 02777));
}

CASE(a_setgid_program_is_made_by_members_of_the_group, "OLD-3")
{
	struct peer p;

	EXPECT_OK(mkdir("dir", 0755));
	setgid_dir(0, DIR_GROUP);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		made_by(&p, 0755);
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(OTHER, DIR_GROUP, 0);
		made_by(&p, 02755);
	}
	peer_join(&p);
	made_by(NULL, 02755);
	/* Root of a namespace: of his own, and in that of others. */
	for (int own = 0; own < 2; own++) {
		setgid_dir(BASE + 1, own ? BASE + 2 : DIR_GROUP);
		if (peer_start(&p, 0)) {
			enter_owned(0, BLOCK_MAP, BLOCK_MAP);
			member_ids(0, 0);
			made_by(&p, own ? 02755 : 0755);
		}
		peer_join(&p);
	}
	EXPECT_OK(rmdir("dir"));
}

/* As it is on disk: effective, version 2, CAP_NET_RAW. */
static const uint32_t file_caps[5] = { 0x02000001, 1 << CAP_NET_RAW };
#define CAPS "security.capability"

CASE(a_refused_chown_takes_no_capabilities, "OLD-3")
{
	uint32_t got[5];
	struct peer p;

	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount("", "/", "", MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_OK(mount("caps", "dir", "tmpfs", 0, "mode=0777"));
	touch("dir/file", 0, 0, 0755);
	if (setxattr("dir/file", CAPS, file_caps, sizeof(file_caps), 0) < 0)
		SKIP("no file capabilities: %s", errno_name(errno));
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_ERR(chown("dir/file", OTHER, OTHER), EPERM);
		EXPECT_ERR(chown("dir/file", -1, OTHER), EPERM);
		EXPECT_ERR(chmod("dir/file", 0700), EPERM);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(getxattr("dir/file", CAPS, got, sizeof(got)), sizeof(got));
	EXPECT_EQ(memcmp(got, file_caps, sizeof(got)), 0);
	/* One that is not refused does. */
	EXPECT_OK(chown("dir/file", OTHER, OTHER));
	EXPECT_ERR(getxattr("dir/file", CAPS, got, sizeof(got)), ENODATA);
	EXPECT_OK(umount("dir"));
	EXPECT_OK(rmdir("dir"));
}

/* ---- control groups ---- */

static int attach(int fd, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return fd_write(fd, text);
}

CASE(a_control_group_is_written_to_as_its_opener, "CAP-6")
{
	struct peer user, other;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount("", "/", "", MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("cg", 0755));
	if (mount("cg", "cg", "cgroup", 0, "none,name=userns") < 0)
		SKIP("no control groups: %s", errno_name(errno));
	EXPECT_OK(mkdir("cg/group", 0755));
	EXPECT_OK(chown("cg/group/tasks", OTHER, OTHER));
	if (peer_start(&other, 0)) {
		become(OWNER, OWNER, 0);
		peer_tell(&other);
		peer_await(&other);
		done();
	}
	peer_await(&other);
	if (peer_start(&user, 0)) {
		become(OTHER, OTHER, 0);
		fd = EXPECT_OK(open("cg/group/tasks", O_WRONLY));
		EXPECT_OK(attach(fd, getpid()));
		EXPECT_ERR(attach(fd, other.pid), EACCES);
		peer_send_fd(&user, fd);
		peer_await(&user);
		done();
	}
	fd = peer_recv_fd(&user);
	/* Root lends nothing to a file that it did not open. */
	EXPECT_ERR(attach(fd, other.pid), EACCES);
	EXPECT_ERR(attach(fd, getpid()), EACCES);
	EXPECT_OK(attach(fd, user.pid));
	EXPECT_OK(close(fd));
	fd = EXPECT_OK(open("cg/group/tasks", O_WRONLY | O_CLOEXEC));
	EXPECT_OK(attach(fd, other.pid));
	peer_end(&user);
	peer_end(&other);
	EXPECT_OK(close(fd));
	EXPECT_OK(rmdir("cg/group"));
	EXPECT_OK(umount("cg"));
	EXPECT_OK(rmdir("cg"));
}

/* ---- events ---- */

/* Names are renamed while events are made of them: what is told is one of the two. */
CASE(an_event_tells_a_whole_name, "IDS-6")
{
	char old[NAME_MAX + 1], new[8] = "dir/b", path[NAME_MAX + 8];
	union {
		struct inotify_event e;
		char buf[sizeof(struct inotify_event) + NAME_MAX + 1];
	} u;
	int watch, fd;

	memset(old, 'a', NAME_MAX);
	old[NAME_MAX] = 0;
	snprintf(path, sizeof(path), "dir/%s", old);
	EXPECT_OK(mkdir("dir", 0755));
	watch = EXPECT_OK(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	EXPECT_OK(inotify_add_watch(watch, "dir", IN_MODIFY));
	fd = EXPECT_OK(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	EXPECT_OK(fd_write(fd, "x"));
	EXPECT_OK(read(watch, &u, sizeof(u)));
	EXPECT_STR(u.e.name, old);
	EXPECT_OK(rename(path, new));
	EXPECT_OK(fd_write(fd, "y"));
	EXPECT_OK(read(watch, &u, sizeof(u)));
	EXPECT_STR(u.e.name, "b");
	EXPECT_OK(truncate(new, 0));
	EXPECT_OK(read(watch, &u, sizeof(u)));
	EXPECT_EQ(u.e.mask, IN_MODIFY);
	EXPECT_STR(u.e.name, "b");
	EXPECT_OK(unlink(new));
	EXPECT_OK(rmdir("dir"));
}

/*
 * As many mounts of removed directories as fill a page of mountinfo, with ever
 * more before them: one of them has next to no room for its path.
 */
CASE_SECONDS(a_path_without_room_keeps_no_lock, "OLD-3 MNT-1", 60)
{
	enum { LINES = 80, PADS = 100, STEP = 4 };
	static char text[65536];
	char pad[PADS + 1], name[16];

	own_mounts();
	new_dir("top");
	enter_new(CLONE_NEWNS, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	for (int n = 1; n <= PADS; n += STEP) {
		int fd, deleted = 0;
		ssize_t len, all = 0;

		memset(pad, 'x', n);
		pad[n] = 0;
		EXPECT_OK(mount(pad, "top", "tmpfs", 0, NULL));
		for (int i = 0; i < LINES; i++) {
			snprintf(name, sizeof(name), "top/to%d", i);
			EXPECT_OK(mkdir(name, 0700));
			EXPECT_OK(mkdir("top/gone", 0700));
			EXPECT_OK(mount("top/gone", name, NULL, MS_BIND, NULL));
			EXPECT_OK(rmdir("top/gone"));
		}
		fd = EXPECT_OK(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
		while ((len = read(fd, text + all, sizeof(text) - 1 - all)) > 0)
			all += len;
		close(fd);
		text[all] = 0;
		for (const char *at = text; (at = strstr(at, "/gone//deleted ")); at++)
			deleted++;
		EXPECT_EQ(deleted, LINES);
		EXPECT_OK(mkdir("top/old", 0700));
		EXPECT_OK(rename("top/old", "top/new"));
		EXPECT_OK(umount2("top", MNT_DETACH));
	}
}

/* ---- timers that end when the clock is set ---- */

#define SETTINGS 20000

struct setter {
	int timer;
	int flags[2];
};

static void *set_timer(void *arg)
{
	const struct setter *s = arg;
	const struct itimerspec later = { .it_value.tv_sec = 0x7fffffff };

	for (int i = 0; i < SETTINGS; i++)
		EXPECT_OK(timerfd_settime(s->timer, s->flags[i % 2], &later, NULL));
	return NULL;
}

/* Else one is on the list twice, and there still when it is freed. */
CASE(a_timer_that_two_set_ends_when_the_clock_is_set, "OLD-6")
{
	const int cancel = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	struct setter s = { .flags = { cancel, TFD_TIMER_ABSTIME } };
	struct timespec now;
	pthread_t other;
	uint64_t ticks;

	for (int i = 0; i < 4; i++) {
		s.timer = EXPECT_OK(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
		EXPECT_EQ(pthread_create(&other, NULL, set_timer, &s), 0);
		set_timer(&s);
		EXPECT_EQ(pthread_join(other, NULL), 0);
		EXPECT_OK(close(s.timer));
	}
	s.timer = EXPECT_OK(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
	s.flags[1] = cancel;
	set_timer(&s);
	/* Walks the list. */
	EXPECT_OK(clock_gettime(CLOCK_REALTIME, &now));
	now.tv_sec++;
	EXPECT_OK(clock_settime(CLOCK_REALTIME, &now));
	EXPECT_ERR(read(s.timer, &ticks, sizeof(ticks)), ECANCELED);
	now.tv_sec--;
	EXPECT_OK(clock_settime(CLOCK_REALTIME, &now));
	EXPECT_OK(close(s.timer));
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
