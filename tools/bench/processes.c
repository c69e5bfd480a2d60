// SPDX-License-Identifier: GPL-2.0
/* Processes: what they are asked, what they start, what they leave. */
#include "bench.h"

#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char program[256];

static long op_setpriority(void)
{
	return syscall(SYS_setpriority, PRIO_PROCESS, 0, 0);
}

static long op_getpriority_user(void)
{
	return syscall(SYS_getpriority, PRIO_USER, 0);
}

long op_fork_exec(void)
{
	long pid = syscall(SYS_fork);
	int status;

	if (pid == 0) {
		char *argv[] = { program, NULL }, *envp[] = { NULL };

		syscall(SYS_execve, program, argv, envp);
		syscall(SYS_exit, 1);
	}
	if (pid < 0 || syscall(SYS_wait4, pid, &status, 0, NULL) != pid)
		return -1;
	return status ? -1 : 0;
}

static long op_unshare_mounts(void)
{
	return syscall(SYS_unshare, CLONE_NEWNS);
}

/* the smallest program lies beside this one */
static void find_program(void)
{
	static const char name[] = ".nothing";
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	if (n < 0)
		die("/proc/self/exe");
	program[n] = 0;
	slash = strrchr(program, '/');
	if (!slash || (size_t)(slash + 1 - program) + sizeof(name) > sizeof(program)) {
		errno = ENAMETOOLONG;
		die("%s", program);
	}
	strcpy(slash + 1, name);
}

void bench_processes(void)
{
	bench("setpriority", op_setpriority, NULL);
	bench("getpriority_user", op_getpriority_user, NULL);
	find_program();
	bench("fork_exec_exit_wait", op_fork_exec, NULL);
	bench("unshare_mounts", op_unshare_mounts, NULL);
}
