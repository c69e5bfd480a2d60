// SPDX-License-Identifier: GPL-2.0
/*
 * nsrun [-u map] [-g map] [-d] program...: run a program in a new user namespace.
 * A map is "inside outside count"; with -d setgroups is denied before the group map is written.
 * The parent writes the maps, so that it is the one that needs the capabilities.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "nsrun: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void put(pid_t pid, const char *file, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die(file);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *uids = NULL, *gids = NULL;
	int ready[2], opt, deny = 0, status;
	char byte;
	pid_t pid;

	while ((opt = getopt(argc, argv, "+u:g:d")) != -1) {
		switch (opt) {
		case 'u':
			uids = optarg;
			break;
		case 'g':
			gids = optarg;
			break;
		case 'd':
			deny = 1;
			break;
		default:
			return 2;
		}
	}
	if (optind == argc) {
		fprintf(stderr, "usage: nsrun [-u map] [-g map] [-d] program...\n");
		return 2;
	}
	if (pipe2(ready, O_CLOEXEC) < 0)
		die("pipe");
	pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		die("clone(CLONE_NEWUSER)");
	if (!pid) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		/* Ids are kept across clone: becoming root of the namespace is a call of its own. */
		if (gids && setresgid(0, 0, 0) < 0)
			die("setresgid");
		if (gids && !deny && setgroups(0, NULL) < 0)
			die("setgroups");
		if (uids && setresuid(0, 0, 0) < 0)
			die("setresuid");
		execvp(argv[optind], argv + optind);
		die(argv[optind]);
	}
	close(ready[0]);
	if (uids)
		put(pid, "uid_map", uids);
	if (deny)
		put(pid, "setgroups", "deny");
	if (gids)
		put(pid, "gid_map", gids);
	if (write(ready[1], "", 1) != 1)
		die("write");
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
