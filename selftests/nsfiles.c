// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/ns/{ipc,mnt,net,pid,user,uts}: one file for each namespace (NSF-1). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define ALL_TYPES (CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | \
		   CLONE_NEWUTS)

static const char *const names[] = { "ipc", "mnt", "net", "pid", "user", "uts" };
#define NAMES (sizeof(names) / sizeof(names[0]))

static const char *link_path(const char *proc, pid_t pid, const char *name)
{
	static char bufs[4][64];
	static unsigned int next;
	char *buf = bufs[next++ % 4];

	if (pid)
		snprintf(buf, sizeof(bufs[0]), "%s/%d/ns/%s", proc, pid, name);
	else
		snprintf(buf, sizeof(bufs[0]), "%s/self/ns/%s", proc, name);
	return buf;
}

static void expect_same(const char *path, const struct stat *want)
{
	struct stat st;

	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_dev, want->st_dev);
	EXPECT_EQ(st.st_ino, want->st_ino);
}

/* A process with a namespace of its own of each type. */
static void all_start(struct peer *p)
{
	if (peer_start(p, CLONE_NEWUSER | ALL_TYPES)) {
		peer_await(p);
		done();
	}
}

CASE(each_link_names_type_and_number, "NSF-1")
{
	char text[64], want[64];
	struct stat link, st;
	struct peer p;
	ssize_t n;

	all_start(&p);
	for (size_t i = 0; i < 2 * NAMES; i++) {
		const char *name = names[i / 2];
		const char *path = link_path("/proc", i % 2 ? p.pid : 0, name);

		harness_context("%s", path);
		EXPECT_OK(lstat(path, &link));
		EXPECT(S_ISLNK(link.st_mode));
		EXPECT_OK(stat(path, &st));
		EXPECT(S_ISREG(st.st_mode));
		n = EXPECT_OK(readlink(path, text, sizeof(text) - 1));
		text[n] = 0;
		snprintf(want, sizeof(want), "%s:[%ju]", name,
			 (uintmax_t)st.st_ino);
		EXPECT_STR(text, want);
	}
	peer_end(&p);
}

CASE(no_two_namespaces_share_a_number, "NSF-1")
{
	struct stat st[2 * NAMES];
	struct peer p;

	all_start(&p);
	for (size_t i = 0; i < 2 * NAMES; i++) {
		EXPECT_OK(stat(link_path("/proc", i % 2 ? p.pid : 0,
					 names[i / 2]), &st[i]));
		EXPECT_EQ(st[i].st_dev, st[0].st_dev);
		for (size_t j = 0; j < i; j++)
			EXPECT_NE(st[i].st_ino, st[j].st_ino);
	}
	peer_end(&p);
}

CASE(a_namespace_is_one_file_by_every_way, "NSF-1")
{
	struct peer p, young;

	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("proc", 0755));
	EXPECT_OK(mount("none", "proc", "proc", 0, NULL));
	/* A mount namespace holds younger ones only. */
	if (peer_start(&young, CLONE_NEWNS)) {
		peer_await(&young);
		done();
	}
	for (size_t i = 0; i < NAMES; i++) {
		const char *path = link_path("/proc", young.pid, names[i]);
		char by_fd[40], file[16];
		struct stat st, held;
		int fd;

		harness_context("%s", names[i]);
		EXPECT_OK(stat(path, &st));
		expect_same(link_path("proc", young.pid, names[i]), &st);
		fd = EXPECT_OK(open(path, O_RDONLY | O_CLOEXEC));
		EXPECT_OK(fstat(fd, &held));
		EXPECT_EQ(held.st_dev, st.st_dev);
		EXPECT_EQ(held.st_ino, st.st_ino);
		snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", fd);
		expect_same(by_fd, &st);
		snprintf(file, sizeof(file), "bound_%s", names[i]);
		touch(file, 0, 0, 0600);
		EXPECT_OK(mount(path, file, NULL, MS_BIND, NULL));
		expect_same(file, &st);
		if (peer_start(&p, 0)) {
			/* What is not of the case alone is shared by it. */
			if (strcmp(names[i], "mnt"))
				expect_same(link_path("/proc", 0, names[i]),
					    &st);
			done();
		}
		peer_join(&p);
		EXPECT_OK(umount2(file, MNT_DETACH));
		expect_same(by_fd, &st);
		EXPECT_OK(close(fd));
	}
	peer_end(&young);
}

/* A proc of another pid namespace is another superblock. */
CASE(a_proc_of_another_pid_namespace_shows_the_same_files, "NSF-1")
{
	struct stat st[NAMES];
	struct peer p;

	EXPECT_OK(mkdir("proc", 0755));
	if (peer_start(&p, CLONE_NEWPID | CLONE_NEWNS)) {
		EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("none", "proc", "proc", 0, NULL));
		for (size_t i = 0; i < NAMES; i++) {
			EXPECT_OK(stat(link_path("proc", 0, names[i]), &st[i]));
			/* By the number that it has outside. */
			expect_same(link_path("/proc", 0, names[i]), &st[i]);
		}
		peer_send(&p, st, sizeof(st));
		peer_await(&p);
		done();
	}
	peer_recv(&p, st, sizeof(st));
	for (size_t i = 0; i < NAMES; i++)
		expect_same(link_path("/proc", p.pid, names[i]), &st[i]);
	peer_end(&p);
}

CASE(the_files_of_a_stranger_are_refused, "NSF-1 ACC-4")
{
	struct peer p, q;
	struct stat st;
	char text[64];

	all_start(&p);
	if (peer_start(&q, 0)) {
		const pid_t of[] = { 1, p.pid };

		become(OTHER, OTHER, 0);
		for (size_t i = 0; i < 2 * NAMES; i++) {
			const char *name = names[i / 2];
			const char *path = link_path("/proc", of[i % 2], name);

			harness_context("%s", path);
			EXPECT_ERR(readlink(path, text, sizeof(text)), EACCES);
			EXPECT_ERR(open(path, O_RDONLY), EACCES);
			EXPECT_ERR(stat(path, &st), EACCES);
			EXPECT_OK(stat(link_path("/proc", 0, name), &st));
		}
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* The same kernel ids do not open a parent's files to a member. */
CASE(the_files_of_a_parent_process_are_refused_inside, "NSF-1 ACC-4")
{
	pid_t outside = getpid();
	struct peer p;
	struct stat st;

	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		for (size_t i = 0; i < NAMES; i++) {
			const char *path = link_path("/proc", outside,
						     names[i]);

			EXPECT_ERR(stat(path, &st), EACCES);
			EXPECT_ERR(open(path, O_RDONLY), EACCES);
		}
		done();
	}
	peer_join(&p);
}

CASE(a_zombie_has_left_what_it_shared, "NSF-1")
{
	struct peer p;
	struct stat st;
	siginfo_t info;

	all_start(&p);
	peer_tell(&p);
	EXPECT_OK(waitid(P_PID, p.pid, &info, WEXITED | WNOWAIT));
	for (size_t i = 0; i < NAMES; i++) {
		const char *path = link_path("/proc", p.pid, names[i]);

		harness_context("%s", path);
		/* Its credentials and its pid it has until it is reaped. */
		if (!strcmp(names[i], "user") || !strcmp(names[i], "pid"))
			EXPECT_OK(stat(path, &st));
		else
			EXPECT_ERR(stat(path, &st), ENOENT);
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
