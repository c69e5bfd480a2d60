// SPDX-License-Identifier: GPL-2.0
/* Ids that /proc shows of other processes, and who owns their files (IDS-2). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct ids {
	unsigned int r, e, s, fs;
};

/* Position after the label of a line of a status text. */
static const char *line(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	if (!at)
		FAIL("no line \"%s\" in \"%s\"", label, text);
	return at + strlen(label);
}

static void expect_ids(const char *text, const char *label, struct ids want)
{
	struct ids got;

	if (sscanf(line(text, label), "%u %u %u %u", &got.r, &got.e, &got.s,
		   &got.fs) != 4)
		FAIL("no ids after \"%s\"", label);
	EXPECT_EQ(got.r, want.r);
	EXPECT_EQ(got.e, want.e);
	EXPECT_EQ(got.s, want.s);
	EXPECT_EQ(got.fs, want.fs);
}

/* "\nGroups:\t1 2 3 \n", in any order of the kernel's own, as a sum. */
static void expect_groups(const char *text, const unsigned int *want, size_t n)
{
	const char *at = line(text, "\nGroups:\t");
	unsigned long got_sum = 0, sum = 0;
	size_t got = 0;

	for (size_t i = 0; i < n; i++)
		sum += want[i];
	while (*at && *at != '\n') {
		char *end;

		got_sum += strtoul(at, &end, 10);
		got += end != at;
		at = end + strspn(end, " ");
		if (end == at)
			break;
	}
	EXPECT_EQ(got, n);
	EXPECT_EQ(got_sum, sum);
}

static void text_shows(const char *text, struct ids uid, struct ids gid,
		       const unsigned int *groups, size_t n)
{
	expect_ids(text, "\nUid:\t", uid);
	expect_ids(text, "\nGid:\t", gid);
	expect_groups(text, groups, n);
}

static void status_shows(pid_t pid, struct ids uid, struct ids gid,
			 const unsigned int *groups, size_t n)
{
	char task[64];
	struct stat st;

	text_shows(proc_read(pid, "status"), uid, gid, groups, n);
	snprintf(task, sizeof(task), "task/%d/status", pid);
	text_shows(proc_read(pid, task), uid, gid, groups, n);
	EXPECT_OK(stat(proc_path(pid, ""), &st));
	EXPECT_EQ(st.st_uid, uid.e);
	EXPECT_EQ(st.st_gid, gid.e);
	snprintf(task, sizeof(task), "task/%d", pid);
	EXPECT_OK(stat(proc_path(pid, task), &st));
	EXPECT_EQ(st.st_uid, uid.e);
	EXPECT_EQ(st.st_gid, gid.e);
}

static struct ids add(struct ids ids, unsigned int n)
{
	return (struct ids) { ids.r + n, ids.e + n, ids.s + n, ids.fs + n };
}

static const struct ids UID = { 5, 6, 7, 8 }, GID = { 15, 16, 17, 18 };
static const gid_t GROUPS[] = { 21, 22, 23 };

static const struct ids NONE = {
	OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID
};
static const unsigned int NO_GROUPS[] = {
	OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID
};

static void take_ids(void)
{
	struct caps caps;

	caps_get(&caps);
	EXPECT_OK(sys_setgroups(3, GROUPS));
	EXPECT_OK(setresgid(GID.r, GID.e, GID.s));
	setfsgid(GID.fs);
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	EXPECT_OK(setresuid(UID.r, UID.e, UID.s));
	caps_set(caps.permitted, caps.permitted, 0);
	setfsuid(UID.fs);
	set_dumpable();
}

/* A waiting member at this level; each maps the first 1000, 900, 800 above. */
static void levels_start(struct peer *p, int level)
{
	if (peer_start(p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		for (int i = 2; i <= level; i++) {
			char map[32];

			member_ids(50, 50);
			snprintf(map, sizeof(map), "0 50 %d", 1100 - 100 * i);
			enter_new(0, map, map);
		}
		take_ids();
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

CASE(status_shows_a_member_to_init_and_to_itself, "IDS-2")
{
	unsigned int groups[3];
	struct peer p, t;

	for (size_t i = 0; i < 3; i++)
		groups[i] = GROUPS[i] + BASE;
	levels_start(&p, 1);
	status_shows(p.pid, add(UID, BASE), add(GID, BASE), groups, 3);
	peer_end(&p);

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		take_ids();
		status_shows(getpid(), UID, GID, GROUPS, 3);
		/* And to another member. */
		if (peer_start(&t, 0)) {
			peer_await(&t);
			done();
		}
		member_ids(0, 0);
		status_shows(t.pid, UID, GID, GROUPS, 3);
		peer_end(&t);
		done();
	}
	peer_join(&p);
}

CASE(status_shows_the_parent_to_a_child_as_nobody, "IDS-2")
{
	struct peer target, p;

	if (peer_start(&target, 0)) {
		take_ids();
		peer_tell(&target);
		peer_await(&target);
		done();
	}
	peer_await(&target);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		status_shows(target.pid, NONE, NONE, NO_GROUPS, 3);
		done();
	}
	peer_join(&p);
	/* Where the child has an id for some of them, it sees those. */
	if (peer_start(&p, 0)) {
		const unsigned int one[] = { OVERFLOW_ID, 101, OVERFLOW_ID };
		struct ids uid = { 1, OVERFLOW_ID, OVERFLOW_ID, 0 };

		enter_owned(0, "0 8 1\n1 5 1", "101 22 1");
		status_shows(target.pid, uid, NONE, one, 3);
		done();
	}
	peer_join(&p);
	status_shows(target.pid, UID, GID, GROUPS, 3);
	peer_end(&target);
}

CASE(status_shows_siblings_what_both_map, "IDS-2")
{
	const unsigned int groups[] = { 4, OVERFLOW_ID, OVERFLOW_ID };
	struct ids uid = { 0, 1, OVERFLOW_ID, OVERFLOW_ID };
	struct peer target, p;

	levels_start(&target, 1);
	if (peer_start(&p, 0)) {
		enter_owned(0, "0 100005 2", "4 100021 1");
		status_shows(target.pid, uid, NONE, groups, 3);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		enter_owned(0, "0 200000 10", "0 200000 10");
		status_shows(target.pid, NONE, NONE, NO_GROUPS, 3);
		done();
	}
	peer_join(&p);
	peer_end(&target);
}

/* Each of three levels looks at each. */
CASE(status_crosses_three_levels, "IDS-2")
{
	struct peer p[3], reader;

	for (int level = 1; level <= 3; level++)
		levels_start(&p[level - 1], level);
	for (int of = 1; of <= 3; of++) {
		unsigned int groups[3];
		unsigned int up = BASE + 50 * (of - 1);

		for (size_t i = 0; i < 3; i++)
			groups[i] = GROUPS[i] + up;
		harness_context("level %d from init", of);
		status_shows(p[of - 1].pid, add(UID, up), add(GID, up),
			     groups, 3);
		for (int from = 1; from <= of; from++) {
			up = 50 * (of - from);
			for (size_t i = 0; i < 3; i++)
				groups[i] = GROUPS[i] + up;
			harness_context("level %d from level %d", of, from);
			if (peer_start(&reader, 0)) {
				/* Same ids, a namespace of its own. */
				enter_owned(0, BLOCK_MAP, BLOCK_MAP);
				for (int i = 2; i <= from; i++) {
					char map[32];

					member_ids(50, 50);
					snprintf(map, sizeof(map), "0 50 %d",
						 1100 - 100 * i);
					enter_new(0, map, map);
				}
				status_shows(p[of - 1].pid, add(UID, up),
					     add(GID, up), groups, 3);
				done();
			}
			peer_join(&reader);
		}
	}
	for (int level = 1; level <= 3; level++)
		peer_end(&p[level - 1]);
}

CASE(status_without_maps_shows_nobody, "IDS-2 NEW-11")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		take_ids();
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		status_shows(getpid(), NONE, NONE, NO_GROUPS, 3);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	status_shows(p.pid, UID, GID, GROUPS, 3);
	peer_end(&p);
}

/* A file shows everybody what it showed its opener. */
CASE(status_is_read_as_its_opener_would, "IDS-2")
{
	unsigned int groups[3];
	char text[4096];
	struct peer p;
	int fd;

	for (size_t i = 0; i < 3; i++)
		groups[i] = GROUPS[i] + BASE;
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		take_ids();
		peer_tell(&p);
		/* Opened outside, read inside. */
		fd = peer_recv_fd(&p);
		text[EXPECT_OK(read(fd, text, sizeof(text) - 1))] = 0;
		text_shows(text, add(UID, BASE), add(GID, BASE), groups, 3);
		fd = EXPECT_OK(proc_open(0, "status", O_RDONLY));
		peer_send_fd(&p, fd);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	peer_send_fd(&p, EXPECT_OK(proc_open(p.pid, "status", O_RDONLY)));
	/* Opened inside, read outside. */
	fd = peer_recv_fd(&p);
	text[EXPECT_OK(read(fd, text, sizeof(text) - 1))] = 0;
	text_shows(text, UID, GID, GROUPS, 3);
	peer_end(&p);
}

CASE(the_directory_stays_the_users_and_files_follow_dumpable, "NEW-16")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		take_ids();
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
		EXPECT_EQ(file_uid("/proc/self/"), UID.e);
		EXPECT_EQ(file_gid("/proc/self/"), GID.e);
		/* This memory came along from init, whose root has no id. */
		EXPECT_EQ(file_uid("/proc/self/environ"), OVERFLOW_ID);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	EXPECT_EQ(file_uid(proc_path(p.pid, "environ")), BASE + UID.e);
	EXPECT_EQ(file_gid(proc_path(p.pid, "environ")), BASE + GID.e);
	peer_tell(&p);
	peer_await(&p);
	EXPECT_EQ(file_uid(proc_path(p.pid, "")), BASE + UID.e);
	EXPECT_EQ(file_gid(proc_path(p.pid, "")), BASE + GID.e);
	EXPECT_EQ(file_uid(proc_path(p.pid, "environ")), 0);
	EXPECT_EQ(file_gid(proc_path(p.pid, "environ")), 0);
	EXPECT_EQ(file_uid(proc_path(p.pid, "fd")), 0);
	peer_end(&p);
}

/* In 6.1 these three show ids of init to everybody. */
CASE(mount_options_show_the_openers_ids, "IDS-2")
{
	char text[8192];
	struct peer p;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_OK(mount("idtest", "dir", "tmpfs", 0, "uid=100005,gid=100007"));
	fd = EXPECT_OK(open("/proc/self/mounts", O_RDONLY | O_CLOEXEC));
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(read_file("/proc/self/mounts", text, sizeof(text)));
		EXPECT(strstr(text, ",uid=5,gid=7"));
		text[EXPECT_OK(read(fd, text, sizeof(text) - 1))] = 0;
		EXPECT(strstr(text, ",uid=100005,gid=100007"));
		done();
	}
	peer_join(&p);
	EXPECT_OK(umount("dir"));
	EXPECT_OK(rmdir("dir"));
}

/* ---- core files ---- */

CASE(core_pattern_names_ids_of_init, "IDS-2")
{
	const char *pattern = "/proc/sys/kernel/core_pattern";
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	char old[256];
	struct peer p;
	int status;

	EXPECT_OK(read_file(pattern, old, sizeof(old)));
	EXPECT_OK(chmod(".", 0777));
	EXPECT_OK(write_text(pattern, "core.%u.%g"));
	if (peer_start(&p, 0)) {
		EXPECT_OK(setrlimit(RLIMIT_CORE, &limit));
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 7);
		raise(SIGABRT);
		done();
	}
	EXPECT_OK(waitpid(p.pid, &status, 0));
	EXPECT_OK(write_text(pattern, old));
	EXPECT(WIFSIGNALED(status));
	EXPECT_EQ(WTERMSIG(status), SIGABRT);
	if (!WCOREDUMP(status))
		SKIP("no core file was written");
	EXPECT_EQ(file_uid("core.100005.100007"), BASE + 5);
	EXPECT_EQ(file_gid("core.100005.100007"), BASE + 7);
	EXPECT_OK(unlink("core.100005.100007"));
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
