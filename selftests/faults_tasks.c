// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of exec and exit fails once, and whoever writes a map or enters a
 * namespace is killed, after each failure and anywhere on the way (NEW-14, NEW-15).
 */
#define _GNU_SOURCE
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/sem.h>

#include "faults_ops.h"

/* ---- exec, exit ---- */

static const char *program, *ids;

/*
 * Traced: it stops before the new program takes its first page, which would end
 * in the OOM killer. Without memory after the old one is gone it is killed.
 */
static int run_exec(void)
{
	int status, first = !outcome->again;
	pid_t pid = EXPECT_OK(fork());

	if (!pid) {
		EXPECT_OK(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		if (first)
			arm();
		execl(program, program, NULL);
		_exit(errno);
	}
	outcome->again = 1;
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	disarm();
	if (WIFSTOPPED(status)) {
		int sig = WSTOPSIG(status);

		EXPECT(sig == SIGTRAP || sig == SIGSEGV);
		/* All of it or nothing: never the program without its ids. */
		if (sig == SIGTRAP && ids)
			EXPECT(strstr(proc_read(pid, "status"), ids) != NULL);
		EXPECT_OK(kill(pid, SIGKILL));
		EXPECT_EQ(waitpid(pid, &status, 0), pid);
		if (sig == SIGTRAP)
			return 0;
	}
	if (WIFSIGNALED(status)) {
		errno = EINTR;
		return -1;
	}
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static void plain_program(void)
{
	program = "plain";
}

static void setid_program(void)
{
	program = "setid";
	ids = "Uid:\t7\t0\t0\t0\nGid:\t7\t0\t0\t0\n";
	member_ids(7, 7);
}

static void script(void)
{
	program = "./script";
}

static int run_exit(void)
{
	int status;

	EXPECT_OK(kill(target.pid, SIGKILL));
	EXPECT_EQ(waitpid(target.pid, &status, 0), target.pid);
	return 0;
}

/* With what is left to do: semaphores, messages, and processes of its own. */
static void last_member(void)
{
	static const struct { long type; char text; } message = { .type = 1 };
	struct sembuf up = { .sem_op = 1, .sem_flg = SEM_UNDO };
	int id;

	if (peer_start(&target, CLONE_NEWUSER | (SPACES & ~CLONE_NEWNET))) {
		id = EXPECT_OK(semget(IPC_PRIVATE, 1, 0600));
		EXPECT_OK(semop(id, &up, 1));
		id = EXPECT_OK(msgget(IPC_PRIVATE, 0600));
		EXPECT_OK(msgsnd(id, &message, 1, 0));
		EXPECT_OK(mount("none", "m", "tmpfs", 0, NULL));
		if (!EXPECT_OK(fork()))
			pause();
		peer_tell(&target);
		peer_await(&target);
		done();
	}
	peer_await(&target);
}

/* As ever: EFAULT or E2BIG for a page of arguments, ENFILE for the file, EINTR is a kill. */
CASE_SECONDS(exec_and_exit_without_memory, "NEW-15", 3600)
{
	static const struct op ops[] = {
		{ .name = "exec in user", .flags = CLONE_NEWUSER, .prepare = plain_program,
		  .run = run_exec, .also = { EINTR, EFAULT, E2BIG, ENFILE }, .arms = 1 },
		{ .name = "exec set-id in user", .flags = CLONE_NEWUSER, .prepare = setid_program,
		  .run = run_exec, .also = { EINTR, EFAULT, E2BIG, ENFILE }, .arms = 1 },
		{ .name = "exec script in user", .flags = CLONE_NEWUSER, .prepare = script,
		  .run = run_exec, .also = { EINTR, EFAULT, E2BIG, ENFILE }, .arms = 1 },
		{ .name = "exit of the last", .prepare = last_member, .run = run_exit },
	};
	int out;

	EXPECT_OK(mkdir("m", 0777));
	copy_self("plain", 0, 0, 0755);
	copy_self("setid", BASE, BASE, 06755);
	out = EXPECT_OK(open("script", O_WRONLY | O_CREAT | O_CLOEXEC, 0755));
	EXPECT_OK(fd_write(out, "#!/bin/busybox true\n"));
	EXPECT_OK(close(out));
	SWEEP(ops);
}

/* ---- killed ---- */

static void uid_6(void)
{
	map_of("uid_map", 6);
}

static void uid_340(void)
{
	map_of("uid_map", 340);
}

#define ENTER(type_) { .name = "setns " #type_, .prepare = to_##type_, .run = run_setns, .dies = 1 }

static const struct op short_lives[] = {
	{ .name = "uid_map 6", .prepare = uid_6, .run = run_write, .dies = 1 },
	{ .name = "uid_map 340", .prepare = uid_340, .run = run_write, .dies = 1 },
	ENTER(user), ENTER(ipc), ENTER(mnt), ENTER(pid), ENTER(uts),
};

CASE_SECONDS(killed_at_each_failure, "NEW-14 NEW-15", 3600)
{
	SWEEP(short_lives);
}

#define POINTS 200	/* of an operation, at which somebody is killed */
#define SAMPLES 15	/* of how long it takes */

static struct race {
	volatile int go, done;
	volatile pid_t target;
} *race;

/*
 * One process does it, another counts, then kills him or the one whose namespace it
 * is.  Returns how far it had counted when it was done, or -1 when it was not.
 */
static long strike(const struct op *op, long count, int target_dies)
{
	long n = 0;
	struct peer p;

	memset(race, 0, sizeof(*race));
	if (peer_start(&p, 0)) {
		op->prepare();
		race->target = target.pid;
		race->go = 1;
		if (op->run() < 0)
			FAIL("got %s", errno_name(errno));
		race->done = 1;
		done();
	}
	while (!race->go)
		sched_yield();
	while (!race->done && n < count)
		n++;
	if (race->done)
		count = n;
	else
		count = -1;
	EXPECT_OK(kill(target_dies ? race->target : p.pid, SIGKILL));
	if (target_dies) {
		peer_join(&p);
	} else {
		EXPECT_OK(waitpid(p.pid, NULL, 0));
		EXPECT_OK(close(p.fd));
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	return count;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? -1 : x > y;
}

CASE_SECONDS(killed_anywhere_on_the_way, "NEW-15", 1200)
{
	static const struct kind strikes = { "", "kill" };
	static struct level before;

	require_namespaces();
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(race != MAP_FAILED);
	kind = &strikes;
	take_level(&before);
	for (size_t i = 0; i < sizeof(short_lives) / sizeof(*short_lives); i++) {
		const struct op *op = short_lives + i;
		long took[SAMPLES], end;
		int hits = 0;

		if (!is_asked(op->name))
			continue;
		harness_context("%s", op->name);
		for (int j = 0; j < SAMPLES; j++)
			took[j] = strike(op, LONG_MAX, 0);
		qsort(took, SAMPLES, sizeof(*took), compare);
		end = took[SAMPLES / 2] * 3 / 2;
		take_level(&before);
		for (long j = 0; j < POINTS; j++)
			hits += strike(op, end * j / POINTS, j & 1) < 0;
		kept += !is_as_before(&before, op);
		NOTE("%-32s killed at %d points, %d on the way", op->name, POINTS, hits);
	}
	if (kept)
		FAIL("%d operations left something behind", kept);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
