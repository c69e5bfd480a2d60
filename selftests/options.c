// SPDX-License-Identifier: GPL-2.0
/*
 * Ids in the options of mounts, which are those of whoever mounts (IDS-2,
 * IDS-3).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "mounts.h"

/* The owner of the first terminal of a devpts. */
static void expect_terminal(const char *at, uid_t uid, gid_t gid)
{
	char name[32];

	snprintf(name, sizeof(name), "%s/ptmx", at);
	EXPECT_OK(open(name, O_RDWR | O_NOCTTY));
	snprintf(name, sizeof(name), "%s/0", at);
	EXPECT_EQ(file_uid(name), uid);
	EXPECT_EQ(file_gid(name), gid);
}

CASE(terminals_are_of_whom_the_mounter_names, "IDS-2 IDS-3")
{
	struct stat st;
	struct peer p;
	int dir;

	own_mounts();
	new_dir("m");
	if (root_start(&p, 0)) {
		EXPECT_ERR(mount("none", "m", "devpts", 0, "uid=5000"), EINVAL);
		EXPECT_ERR(mount("none", "m", "devpts", 0, "gid=5000"), EINVAL);
		EXPECT_ERR(mount("none", "m", "devpts", 0, "uid=-1"), EINVAL);
		EXPECT_ERR(mount("none", "m", "devpts", 0, "gid=-1"), EINVAL);
		EXPECT_OK(mount("none", "m", "devpts", 0,
				"newinstance,uid=5,gid=7,ptmxmode=0666"));
		expect_terminal("m", 5, 7);
		dir = EXPECT_OK(open("m", O_RDONLY | O_DIRECTORY));
		peer_send_fd(&p, dir);
		peer_await(&p);
		done();
	}
	dir = peer_recv_fd(&p);
	/* The terminal stays as long as its master is open. */
	EXPECT_OK(fstatat(dir, "0", &st, 0));
	EXPECT_EQ(st.st_uid, BASE + 5);
	EXPECT_EQ(st.st_gid, BASE + 7);
	peer_end(&p);
}

/*
 * The options of the mount at "m", as the descriptor or an own one of
 * /proc/PID/mounts shows them.
 */
static const char *options_in(int fd)
{
	static char text[16384];
	char *at;

	if (fd < 0)
		EXPECT_OK(read_file("/proc/self/mounts", text, sizeof(text)));
	else
		text[EXPECT_OK(read(fd, text, sizeof(text) - 1))] = 0;
	at = strstr(text, "/m ");
	EXPECT(at);
	at[strcspn(at, "\n")] = 0;
	return at;
}

/* In 6.1 these two are shown with ids of init. */
static void shown_to_both(const char *type, const char *data, const char *outside,
			  const char *inside)
{
	struct peer p;
	int fd;

	EXPECT_OK(mount("none", "m", type, 0, data));
	fd = EXPECT_OK(open("/proc/self/mounts", O_RDONLY | O_CLOEXEC));
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT(strstr(options_in(-1), inside));
		EXPECT(strstr(options_in(fd), outside));
		done();
	}
	peer_join(&p);
	EXPECT_OK(close(fd));
	EXPECT_OK(umount2("m", 0));
}

CASE(terminals_options_are_the_openers, "IDS-2")
{
	own_mounts();
	new_dir("m");
	shown_to_both("devpts", "newinstance,uid=100005,gid=100007",
		      ",uid=100005,gid=100007", ",uid=5,gid=7");
}

CASE(procs_group_is_shown_as_the_openers, "IDS-2")
{
	struct peer p;

	new_dir("m");
	own_mounts();
	/*
	 * Of a pid namespace of its own: there are no others' options to
	 * change.
	 */
	EXPECT_OK(sys_unshare(CLONE_NEWPID));
	if (peer_start(&p, 0)) {
		own_mounts();
		EXPECT_OK(mount("none", "/proc", "proc", 0, NULL));
		shown_to_both("proc", "hidepid=2,gid=100007", ",gid=100007",
			      ",gid=7");
		done();
	}
	peer_join(&p);
}

static int hidden(pid_t pid)
{
	char name[32];

	snprintf(name, sizeof(name), "m/%d", pid);
	return !exists(name);
}

CASE(procs_group_is_the_mounters, "IDS-2")
{
	struct peer p, q;

	new_dir("m");
	if (!peer_start(&p, 0)) {
		peer_join(&p);
		return;
	}
	enter_as_root(CLONE_NEWPID);
	if (peer_start(&q, 0)) {
		struct peer other;

		EXPECT_OK(mount("none", "m", "proc", 0, "hidepid=2,gid=7"));
		for (gid_t gid = 6; gid < 9; gid++) {
			harness_context("group %u", gid);
			if (peer_start(&other, 0)) {
				EXPECT_OK(setresgid(gid, gid, gid));
				EXPECT_OK(setresuid(5, 5, 5));
				EXPECT_EQ(hidden(1), gid != 7);
				done();
			}
			peer_join(&other);
		}
		done();
	}
	peer_join(&q);
	done();
}

CASE(procs_group_has_a_kernel_id, "IDS-3")
{
	struct peer p, q;

	new_dir("m");
	if (peer_start(&p, 0)) {
		enter_as_root(CLONE_NEWPID);
		if (peer_start(&q, 0)) {
			EXPECT_ERR(mount("none", "m", "proc", 0, "gid=5000"),
				   EINVAL);
			EXPECT_ERR(mount("none", "m", "proc", 0, "gid=-1"),
				   EINVAL);
			EXPECT_OK(mount("none", "m", "proc", 0, "gid=7"));
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
