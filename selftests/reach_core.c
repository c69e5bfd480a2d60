// SPDX-License-Identifier: GPL-2.0
/* Core files: where they are written, and by which name (OLD-2). */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "userns.h"
#include "settings.h"

#define PATTERN "/proc/sys/kernel/core_pattern"
#define DUMPABLE "/proc/sys/fs/suid_dumpable"
#define USES_PID "/proc/sys/kernel/core_uses_pid"

static char here[128], pattern[160];

/* In a child, which run_to_core() waits for. */
static void crash(void)
{
	signal(SIGABRT, SIG_DFL);
	raise(SIGABRT);
}

static void core_without_limit(void)
{
	EXPECT_OK(setrlimit(RLIMIT_CORE, &(struct rlimit){ RLIM_INFINITY,
							  RLIM_INFINITY }));
}

/* Whether the process left a core. */
static int dumped(struct peer *p)
{
	int status;

	EXPECT_OK(waitpid(p->pid, &status, 0));
	EXPECT(WIFSIGNALED(status));
	EXPECT_EQ(WTERMSIG(status), SIGABRT);
	return WCOREDUMP(status);
}

static int there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* One that changed its ids, which is not dumpable any more. */
static void crash_tainted(void)
{
	core_without_limit();
	EXPECT_OK(setresgid(OTHER, OTHER, OTHER));
	EXPECT_OK(setresuid(OTHER, OTHER, OTHER));
	crash();
}

static void make_path(const char *below, const char *path)
{
	char name[256];

	for (const char *end = path + 1; end; end = strchr(end + 1, '/')) {
		snprintf(name, sizeof(name), "%s%.*s", below,
			 (int)(end - path), path);
		if (mkdir(name, 0777) < 0)
			EXPECT_EQ(errno, EEXIST);
	}
	snprintf(name, sizeof(name), "%s%s", below, path);
	if (mkdir(name, 0777) < 0)
		EXPECT_EQ(errno, EEXIST);
}

static void remove_path(const char *below, const char *path)
{
	char name[256];

	snprintf(name, sizeof(name), "%s%s", below, path);
	while (strlen(name) >= strlen(below) && *name) {
		EXPECT_OK(rmdir(name));
		if (strrchr(name, '/'))
			*strrchr(name, '/') = 0;
		else
			*name = 0;
	}
}

static void crash_in_jail(void)
{
	char inside[256];
	struct peer p;

	make_path("jail", here);
	snprintf(inside, sizeof(inside), "jail%s/core", here);
	if (peer_start(&p, 0)) {
		EXPECT_OK(chroot("jail"));
		EXPECT_OK(chdir("/"));
		crash_tainted();
		done();
	}
	if (!dumped(&p) && !there(inside))
		SKIP("no core file was written");
	EXPECT(!there(inside));
	EXPECT(there("core"));
	EXPECT_EQ(file_uid("core"), 0);
	EXPECT_OK(unlink("core"));
	remove_path("jail", here);
}

static void set_pattern(const char *tail)
{
	EXPECT(getcwd(here, sizeof(here)));
	snprintf(pattern, sizeof(pattern), "%s%s", here, tail);
	EXPECT(strlen(pattern) < 100);
}

CASE(a_core_of_root_is_written_below_the_root_of_the_machine, "OLD-2")
{
	const struct setting s[] = {
		{ PATTERN, pattern }, { DUMPABLE, "2" }, { USES_PID, "0" },
	};

	set_pattern("/core");
	with_settings(s, 3, crash_in_jail);
}

static void crash_in_mounts(void)
{
	struct peer p;

	EXPECT_OK(mkdir("dir", 0755));
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_unshare(CLONE_NEWNS));
		EXPECT_OK(mount("", "/", "", MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("dir", here, "", MS_BIND, NULL));
		crash_tainted();
		done();
	}
	(void)dumped(&p);
	EXPECT(!there("dir/core"));
	EXPECT(there("core"));
	EXPECT_OK(unlink("core"));
	EXPECT_OK(rmdir("dir"));
}

CASE(a_core_of_root_does_not_go_by_the_mounts_of_the_process, "OLD-2")
{
	const struct setting s[] = {
		{ PATTERN, pattern }, { DUMPABLE, "2" }, { USES_PID, "0" },
	};

	set_pattern("/core");
	with_settings(s, 3, crash_in_mounts);
}

static void crash_with_plain_name(void)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		crash_tainted();
		done();
	}
	EXPECT(!dumped(&p));
	EXPECT(!there("core"));
	/* One that is nobody else's business is where it was. */
	if (peer_start(&p, 0)) {
		core_without_limit();
		crash();
		done();
	}
	EXPECT(dumped(&p));
	EXPECT_OK(unlink("core"));
}

CASE(a_core_of_root_wants_a_whole_path, "OLD-2")
{
	const struct setting s[] = {
		{ PATTERN, "core" }, { DUMPABLE, "2" }, { USES_PID, "0" },
	};

	with_settings(s, 3, crash_with_plain_name);
}

/* The name of the host, and where the core goes: "." for "!." and so on. */
static void crash_as_host(void)
{
	static const char *const hosts[][2] = {
		{ "..", "in/!./core" }, { ".", "in/!/core" },
		{ "../..", "in/..!../core" }, { "a.b", "in/a.b/core" },
	};
	char dir[64];
	struct peer p;

	EXPECT_OK(mkdir("in", 0755));
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		harness_context("host %s", hosts[i][0]);
		snprintf(dir, sizeof(dir), "%s", hosts[i][1]);
		*strrchr(dir, '/') = 0;
		EXPECT_OK(mkdir(dir, 0755));
		if (peer_start(&p, 0)) {
			EXPECT_OK(sys_unshare(CLONE_NEWUTS));
			EXPECT_OK(sethostname(hosts[i][0],
					      strlen(hosts[i][0])));
			core_without_limit();
			crash();
			done();
		}
		(void)dumped(&p);
		EXPECT(!there("core"));
		EXPECT(!there("in/core"));
		EXPECT_OK(unlink(hosts[i][1]));
		EXPECT_OK(rmdir(dir));
	}
	EXPECT_OK(rmdir("in"));
}

CASE(a_name_in_the_path_of_a_core_stays_one_name, "OLD-2")
{
	const struct setting s[] = {
		{ PATTERN, pattern }, { USES_PID, "0" },
	};

	set_pattern("/in/%h/core");
	with_settings(s, 2, crash_as_host);
}

/* A host with a long name, and a program with a strange one. */
static void crash_as_program(void)
{
	char host[65], want[200];
	struct peer p;

	memset(host, 'h', 64);
	host[64] = 0;
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_unshare(CLONE_NEWUTS));
		EXPECT_OK(sethostname(host, 64));
		EXPECT_OK(prctl(PR_SET_NAME, "../x"));
		core_without_limit();
		crash();
		done();
	}
	(void)dumped(&p);
	snprintf(want, sizeof(want), "%s-%s-..!x", host, host);
	EXPECT_OK(unlink(want));
}

CASE(a_long_name_of_a_core_is_written_whole, "OLD-2")
{
	const struct setting s[] = {
		{ PATTERN, pattern }, { USES_PID, "0" },
	};

	strcpy(pattern, "%h-%h-%e");
	with_settings(s, 2, crash_as_program);
}

static void crash_with_path(void)
{
	char exe[512], want[600];
	ssize_t len = EXPECT_OK(readlink("/proc/self/exe", exe, sizeof(exe) - 1));
	struct peer p;

	exe[len] = 0;
	if (peer_start(&p, 0)) {
		core_without_limit();
		crash();
		done();
	}
	(void)dumped(&p);
	for (char *c = exe; *c; c++)
		if (*c == '/')
			*c = '!';
	snprintf(want, sizeof(want), "core-%s", exe);
	EXPECT_OK(unlink(want));
}

CASE(a_path_in_the_name_of_a_core_stays_one_name, "OLD-2")
{
	const struct setting s[] = {
		{ PATTERN, pattern }, { USES_PID, "0" },
	};

	strcpy(pattern, "core-%E");
	with_settings(s, 2, crash_with_path);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
