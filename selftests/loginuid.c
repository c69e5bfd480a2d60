// SPDX-License-Identifier: GPL-2.0
/* The login uid in /proc, read and written across namespaces (IDS-2, IDS-5). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "userns.h"

#define UNSET	"4294967295"
#define LOGIN	"100007"	/* 7 of BLOCK_MAP */

static void login(const char *uid)
{
	if (access("/proc/self/loginuid", F_OK))
		SKIP("no /proc/PID/loginuid");
	EXPECT_OK(proc_write(0, "loginuid", uid));
	EXPECT_STR(proc_read(0, "loginuid"), uid);
}

/* What a member of a new namespace below the caller's reads about pid; 0 is itself. */
static void expect_seen(pid_t pid, const char *map, const char *want)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_new(0, map, map);
		EXPECT_STR(proc_read(pid, "loginuid"), want);
		done();
	}
	peer_join(&p);
}

CASE(a_login_uid_is_shown_in_the_readers_numbers, "IDS-2")
{
	struct peer p;

	login(LOGIN);
	expect_seen(0, "0 100000 1000", "7");
	expect_seen(getpid(), "0 100000 1000", "7");
	member_start(&p, BLOCK_MAP, BLOCK_MAP, 3, 3);
	EXPECT_STR(proc_read(p.pid, "loginuid"), LOGIN);
	/* A sibling has no id for it. */
	expect_seen(p.pid, "0 200000 100", UNSET);
	expect_seen(p.pid, "50 100000 10", "57");
	peer_end(&p);
}

CASE(three_levels_show_three_login_uids, "IDS-2")
{
	struct peer p;

	login(LOGIN);
	if (peer_start(&p, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_STR(proc_read(0, "loginuid"), "7");
		expect_seen(0, "0 5 10", "2");
		expect_seen(getpid(), "0 5 10", "2");
		expect_seen(getppid(), "0 5 10", "2");
		expect_seen(0, "0 20 10", UNSET);
		done();
	}
	peer_join(&p);
}

CASE(a_login_uid_without_an_id_or_unset_reads_4294967295, "IDS-2")
{
	login(LOGIN);
	expect_seen(0, "0 200000 100", UNSET);
	login(UNSET);
	expect_seen(0, "0 100000 1000", UNSET);
	expect_seen(getpid(), "0 100000 1000", UNSET);
}

/*
 * Root of init, who alone may write, gets the file from a member in which its
 * kernel id is 5: the numbers are those of the opener.
 */
CASE(a_written_login_uid_is_an_id_of_the_opener, "IDS-2 IDS-5")
{
	struct peer p;
	int fd;

	login(UNSET);
	if (peer_start(&p, 0)) {
		enter_new(0, "5 0 1\n8 100000 10", "5 0 1");
		fd = EXPECT_OK(proc_open(getppid(), "loginuid", O_WRONLY));
		peer_send_fd(&p, fd);
		done();
	}
	fd = peer_recv_fd(&p);
	peer_join(&p);
	EXPECT_OK(fd_write(fd, "9"));
	EXPECT_STR(proc_read(0, "loginuid"), "100001");
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	EXPECT_OK(fd_write(fd, "5"));
	EXPECT_STR(proc_read(0, "loginuid"), "0");
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	/* Numbers of init that the opener does not have. */
	EXPECT_ERR(fd_write(fd, "0"), EINVAL);
	EXPECT_ERR(fd_write(fd, "100001"), EINVAL);
	EXPECT_ERR(fd_write(fd, "65534"), EINVAL);
	EXPECT_STR(proc_read(0, "loginuid"), "0");
	/* Not a user: the login uid is taken away. */
	EXPECT_OK(fd_write(fd, UNSET));
	EXPECT_STR(proc_read(0, "loginuid"), UNSET);
}

CASE(a_member_does_not_set_its_login_uid, "IDS-2 CAP-6")
{
	struct peer p;

	require_namespaces();
	login(LOGIN);
	if (peer_start(&p, 0)) {
		enter_new(0, "5 0 1\n8 100000 10", "5 0 1");
		EXPECT_ERR(proc_write(0, "loginuid", "9"), EPERM);
		EXPECT_ERR(proc_write(0, "loginuid", UNSET), EPERM);
		EXPECT_ERR(proc_write(0, "loginuid", "100001"), EINVAL);
		EXPECT_STR(proc_read(getppid(), "loginuid"), "15");
		done();
	}
	peer_join(&p);
	EXPECT_STR(proc_read(0, "loginuid"), LOGIN);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
