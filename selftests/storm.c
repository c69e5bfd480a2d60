// SPDX-License-Identifier: GPL-2.0
/*
 * A storm: workers make, enter, use, cross and end namespaces at random, all of
 * them over one tree of mounts.  What a process does follows from the seed, when
 * it does so from the machine.  It is to find out what the kernel thinks of it,
 * and whether all of it goes again.  `storm=ROUNDS,SEED' on the command line of
 * the kernel makes it longer: `make storm'.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "storm.h"

#define ROUNDS	60	/* of each worker, unless the command line has them */
#define WARM_UP	10	/* before anything is counted */
#define MOUNTS	"300"	/* in one namespace: that, too, is run into */

/* One process: from outside, from within somebody's namespaces, or from its own. */
static void __attribute__((noreturn)) live(int fd, unsigned long made, int kind)
{
	char c;

	if (kind == 1)
		for (int i = 0; i < 4; i++)
			do_setns();
	if (kind == 2) {
		made = CLONE_NEWUSER | ns_flags();
		if (sys_unshare(made) < 0)
			_exit(1);
	}
	own = made;
	if (write(fd, "", 1) != 1 || read(fd, &c, 1) != 1)
		_exit(1);
	close(fd);
	if (made & CLONE_NEWUSER) {
		syscall(SYS_setresgid, 0, 0, 0);
		syscall(SYS_setresuid, 0, 0, 0);
	}
	steps(4 + pick(STEPS));
	_exit(0);
}

/*
 * What is there at first, and again at every round: else the storm soon finds
 * nothing.  The last name of each kind is free.
 */
static void plant(void)
{
	for (int i = 0; i < DIRS - 1; i++) {
		char path[sizeof(arena) + 32];
		int fd;

		for (int j = -1; j < DIRS - 1; j++) {
			int n = sprintf(path, "%s/d%d", arena, i);

			if (j >= 0)
				sprintf(path + n, "/e%d", j);
			if (mkdir(path, 0777) == 0) {
				chmod(path, 0777);
				chown(path, BASE, BASE);
			}
		}
		sprintf(path, "%s/f%d", arena, i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0) {
			fchown(fd, BASE, BASE);
			close(fd);
		}
	}
}

static void round_of(int worker)
{
	int kind = pick(6), sv[2];
	unsigned long flags = kind > 2 ? CLONE_NEWUSER | ns_flags() : 0;
	uint64_t seed = state;
	pid_t pid;
	char c;

	plant();
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	pid = sys_clone(flags);
	if (pid < 0) {
		close(sv[0]);
		close(sv[1]);
		return;
	}
	if (!pid) {
		close(sv[0]);
		state = seed * 2862933555777941757ULL + 1;
		live(sv[1], flags, kind);
	}
	close(sv[1]);
	shared->at[worker] = pid;
	if (read(sv[0], &c, 1) == 1 && pick(8)) {
		const char *map = pick(3) ? BLOCK_MAP : "0 200000 1000";

		proc_write(pid, "uid_map", map);
		proc_write(pid, "gid_map", map);
	}
	if (write(sv[0], "", 1) != 1 && errno != EPIPE)
		FAIL("%s", strerror(errno));
	if (!pick(4)) {
		for (int i = pick(200); i > 0; i--)
			sched_yield();
		EXPECT_OK(kill(pid, SIGKILL));
	}
	EXPECT_OK(waitpid(pid, NULL, 0));
	close(sv[0]);
}

/* A file made on a mount of init's queues is a queue: it stays, and what it is charged to. */
static void forget_queues(void)
{
	DIR *dir = opendir("/dev/mqueue");
	const struct dirent *entry;

	EXPECT(dir != NULL);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			EXPECT_OK(unlinkat(dirfd(dir), entry->d_name, 0));
	closedir(dir);
}

static void storm(unsigned int rounds, uint64_t seed)
{
	pid_t worker[WORKERS], pid;
	int status;

	EXPECT_OK(tmpfs_on(arena, 0));
	EXPECT_OK(propagation(arena, MS_SHARED));
	plant();
	for (int w = 0; w < WORKERS; w++) {
		worker[w] = EXPECT_OK(fork());
		if (!worker[w]) {
			signal(SIGPIPE, SIG_IGN);
			state = seed * 1000003 + w + 1;
			for (unsigned int i = 0; i < rounds; i++)
				round_of(w);
			done();
		}
	}
	/* Whoever outlives its parent is our child then. */
	while ((pid = waitpid(-1, &status, 0)) > 0)
		for (int w = 0; w < WORKERS; w++)
			if (pid == worker[w])
				EXPECT_EQ(status, 0);
	while (umount2(arena, MNT_DETACH) == 0)
		;
	forget_queues();
}

/* What must be as many as before, to the last one. */
static const char *const exact[] = {
	"user_namespace", "pid_namespace", "net_namespace", "nsproxy",
	"mnt_cache", "mqueue_inode_cache",
};

static unsigned long objects(const struct slabs *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->cache[i].name, name))
			return s->cache[i].objects;
	return 0;
}

/* Who may still hold something. */
static void note_processes(void)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		char status[2048], name[32], state[32];
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && read_file(proc_path(pid, "status"), status, sizeof(status)) > 0 &&
		    sscanf(status, "Name: %31s State: %31s", name, state) == 2 &&
		    strstr(status, "VmSize"))
			NOTE("process %d: %s %s", pid, name, state);
	}
	if (dir)
		closedir(dir);
}

/* Who asked for what is left, where the kernel keeps that. */
static void note_origin(const char *cache)
{
	char path[80], text[4096], *line, *next;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/alloc_calls", cache);
	if (read_file(path, text, sizeof(text)) < 0)
		return;
	for (line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
		NOTE("%s: %s", cache, line);
}

static void expect_all_gone(const struct slabs *before)
{
	static const struct timespec tick = { 0, 100 * 1000 * 1000 };
	static struct slabs now;
	const char *more;

	/* Nothing tells when RCU and the work queues have freed all. */
	for (int tries = 0; tries < 300; tries++) {
		more = NULL;
		write_text("/proc/sys/vm/drop_caches", "3");
		/* That spares a few hundred names of the dead, a remount none. */
		EXPECT_OK(mount(NULL, "/proc", NULL, MS_REMOUNT, NULL));
		slabs_read(&now);
		for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
			if (objects(&now, exact[i]) > objects(before, exact[i]))
				more = exact[i];
		if (!more)
			return;
		EXPECT_OK(nanosleep(&tick, NULL));
	}
	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
		if (objects(&now, exact[i]) > objects(before, exact[i])) {
			NOTE("%s: %lu before, %lu after", exact[i],
			     objects(before, exact[i]), objects(&now, exact[i]));
			note_origin(exact[i]);
		}
	note_processes();
	for (size_t i = 0; i < now.n; i++) {
		unsigned long was = objects(before, now.cache[i].name);

		if (now.cache[i].objects > was + 2)
			NOTE("%s: %lu before, %lu after", now.cache[i].name,
			     was, now.cache[i].objects);
	}
	FAIL("more than before: %s", more);
}

CASE_SECONDS(all_that_a_storm_made_goes_again, "NEW-14 NEW-15 MNT-6 MNT-7", 7200)
{
	static struct slabs before;
	unsigned int rounds = ROUNDS;
	unsigned long long seed = 1;
	char line[2048], old_max[32];
	const char *option;

	require_namespaces();
	if (read_file("/proc/cmdline", line, sizeof(line)) > 0) {
		option = strstr(line, "storm=");
		if (option)
			sscanf(option, "storm=%u,%llu", &rounds, &seed);
	}
	NOTE("%u rounds of %d workers, seed %llu", rounds, WORKERS, seed);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	own_mounts();
	new_dir("arena");
	EXPECT(getcwd(arena, sizeof(arena) - 8) != NULL);
	strcat(arena, "/arena");
	proc_fd = EXPECT_OK(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(shared != MAP_FAILED);
	EXPECT_OK(read_file("/proc/sys/fs/mount-max", old_max, sizeof(old_max)));
	EXPECT_OK(write_text("/proc/sys/fs/mount-max", MOUNTS));

	storm(WARM_UP, seed + 1);
	memset(shared, 0, sizeof(*shared));
	write_text("/proc/sys/vm/drop_caches", "3");
	slabs_read(&before);
	storm(rounds, seed);
	EXPECT_OK(write_text("/proc/sys/fs/mount-max", old_max));

	for (size_t i = 0; i < N_OPS; i++) {
		NOTE("%-12s %7lu of %7lu", op[i].name, shared->did[i],
		     shared->tried[i]);
		if (!shared->did[i] && rounds >= 5 * ROUNDS)
			FAIL("%s never succeeded", op[i].name);
	}
	expect_all_gone(&before);
	slabs_expect_growth_below(&before, rounds * WORKERS / 2 + 100);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
