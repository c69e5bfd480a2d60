/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every allocation of an operation fails once: the first of one run, the second
 * of the next, and so on until a run has fewer.  The kernel's own fault injection
 * does it (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC).
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <dirent.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "limits.h"

#define DEBUGFS "/sys/kernel/debug/"
#define MOST 20000	/* allocations of one operation */

struct op {
	const char *name;
	unsigned long flags;		/* namespaces of the process that does it */
	void (*prepare)(void);		/* by that process, nothing fails yet */
	int (*run)(void);		/* < 0 and errno, or done; may be called again then */
	int also[4];			/* right as well, besides ENOMEM */
	int any;			/* any error is right */
	int arms;			/* run() arms by itself */
	int dies;			/* is killed when it has failed, instead of trying again */
};

static const struct kind {
	const char *dir, *name;
} kinds[] = {
	{ DEBUGFS "failslab/", "slab" }, { DEBUGFS "fail_page_alloc/", "page" },
};

static const struct kind *kind;
static unsigned int nth;
static int times_fd, kept;
static struct {
	int armed, injected, error, again;
} *outcome;

static void set(const char *name, unsigned long value)
{
	char path[80], text[24];

	snprintf(path, sizeof(path), "%s%s", kind->dir, name);
	snprintf(text, sizeof(text), "%lu", value);
	EXPECT_OK(write_text(path, text));
}

static void arm(void)
{
	outcome->armed = 1;
	EXPECT_EQ(write(times_fd, "1", 1), 1);
}

/* Says whether an allocation was made to fail. The file can be read but once. */
static void disarm(void)
{
	char text[8];

	if (!outcome->armed)
		return;
	EXPECT(read(times_fd, text, sizeof(text)) > 0);
	EXPECT_EQ(write(times_fd, "0", 1), 1);
	outcome->armed = 0;
	outcome->injected = text[0] == '0';
}

/*
 * The kernel fails each nth one and does not say how many it has counted. But
 * it stops counting when it has failed one: from there on the nth is ours. An
 * empty name takes one object, the working directory one page.
 */
static void count_from_here(void)
{
	char cwd[PATH_MAX];

	if (nth == 1)
		return;
	EXPECT_EQ(write(times_fd, "1", 1), 1);
	for (unsigned int i = 0; i <= nth; i++)
		if ((kind == kinds ? access("", F_OK) :
		     (int)syscall(SYS_getcwd, cwd, sizeof(cwd))) < 0 &&
		    errno == ENOMEM)
			return;
	FAIL("%u allocations, and none failed", nth);
}

static int is_right(const struct op *op, int err)
{
	for (size_t i = 0; i < sizeof(op->also) / sizeof(*op->also); i++)
		if (op->also[i] && op->also[i] == err)
			return 1;
	return op->any || err == ENOMEM;
}

static void attempt(const struct op *op)
{
	int ret, err;

	count_from_here();
	if (!op->arms)
		arm();
	ret = op->run();
	err = errno;
	disarm();
	if (ret >= 0)
		return;
	if (!outcome->injected)
		FAIL("got %s, though nothing failed", errno_name(err));
	outcome->error = err;
	if (!is_right(op, err))
		FAIL("got %s, want ENOMEM", errno_name(err));
	if (op->dies)
		raise(SIGKILL);
	/* Nothing may be left of it in the process either. */
	if (op->run() < 0)
		FAIL("got %s, the second time", errno_name(errno));
}

static void iteration(const struct op *op)
{
	char path[80];
	struct peer p;

	set("times", 0);
	set("interval", nth);
	memset(outcome, 0, sizeof(*outcome));
	snprintf(path, sizeof(path), "%stimes", kind->dir);
	times_fd = EXPECT_OK(open(path, O_RDWR | O_CLOEXEC));
	if (peer_start(&p, op->flags)) {
		if (op->flags & CLONE_NEWUSER) {
			peer_await(&p);
			member_ids(0, 0);
		}
		if (op->prepare)
			op->prepare();
		attempt(op);
		done();
	}
	if (op->flags & CLONE_NEWUSER) {
		write_maps(p.pid, BLOCK_MAP, BLOCK_MAP);
		peer_tell(&p);
	}
	if (op->dies) {
		int status;

		EXPECT_OK(waitpid(p.pid, &status, 0));
		EXPECT(!status || (WIFSIGNALED(status) && outcome->error));
		EXPECT_OK(close(p.fd));
	} else {
		peer_join(&p);
	}
	/* Those that it leaves see that it is gone. */
	while (waitpid(-1, NULL, 0) > 0)
		;
	EXPECT_OK(close(times_fd));
}

/* What must be as many as before, to the last one. */
static const char *const exact[] = {
	"user_namespace", "pid_namespace", "net_namespace", "nsproxy",
	"mnt_cache", "mqueue_inode_cache", "shmem_inode_cache", "uid_cache",
	"task_struct", "signal_cache", "sighand_cache", "files_cache", "fs_cache",
	"mm_struct", "pid", "pid_2", "cred_jar", "key_jar", "filp",
};

static unsigned long objects(const struct slabs *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->cache[i].name, name))
			return s->cache[i].objects;
	return 0;
}

/* What there is, and what the kernel believes that there is. */
struct level {
	struct slabs slabs;
	int count[6];	/* namespaces of root, in the order of all_types[] */
	ino_t number;	/* that the next namespace gets: the lowest that is free */
};

static int counted(const struct ns_type *t)
{
	int limit = limit_get(t->name), n = 0, pid;

	do
		limit_set(t->name, ++n);
	while ((pid = clone_fn(t->flag, return_at_once, NULL)) < 0 && errno == ENOSPC);
	EXPECT_OK(pid);
	EXPECT_OK(waitpid(pid, NULL, 0));
	limit_set(t->name, limit);
	return n - 1;
}

static void take_level(struct level *l)
{
	struct peer p;

	for (int i = 0; i < 6; i++)
		l->count[i] = counted(all_types + i);
	target_start(&p);
	l->number = user_ns_number(p.pid);
	peer_end(&p);
	write_text("/proc/sys/vm/drop_caches", "3");
	/* Names of the dead keep their numbers. */
	EXPECT_OK(mount(NULL, "/proc", NULL, MS_REMOUNT, NULL));
	slabs_read(&l->slabs);
}

static const char *what_is_more(const struct level *was, const struct level *now)
{
	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
		if (objects(&now->slabs, exact[i]) > objects(&was->slabs, exact[i]))
			return exact[i];
	for (int i = 0; i < 6; i++)
		if (now->count[i] > was->count[i])
			return limit_path(all_types[i].name);
	return now->number > was->number ? "the number of a namespace" : NULL;
}

static int is_as_before(const struct level *was, const struct op *op)
{
	static const struct timespec tick = { 0, 100 * 1000 * 1000 };
	static struct level now;
	const char *more = "";

	/* Nothing tells when RCU and the work queues have freed all. */
	for (int tries = 0; tries < 60; tries++) {
		take_level(&now);
		more = what_is_more(was, &now);
		if (!more)
			return 1;
		EXPECT_OK(nanosleep(&tick, NULL));
	}
	for (size_t i = 0; i < now.slabs.n; i++) {
		unsigned long n = objects(&was->slabs, now.slabs.cache[i].name);

		if (now.slabs.cache[i].objects > n)
			NOTE("%s: %lu objects before, %lu after", now.slabs.cache[i].name,
			     n, now.slabs.cache[i].objects);
	}
	NOTE("more than before: %s, after each %s in %s", more, kind->name, op->name);
	return 0;
}

/* Each allocation of this kind once; whether nothing was left. */
static int sweep_kind(const struct op *op)
{
	unsigned int did = 0, errors[200] = { 0 };
	static struct level before;
	char others[128] = "";

	harness_context("%s", op->name);
	take_level(&before);
	for (nth = 1; nth < MOST; nth++) {
		harness_context("%s, %s allocation %u", op->name, kind->name, nth);
		iteration(op);
		if (!outcome->injected)
			break;
		if (!outcome->error)
			did++;
		/*
		 * Again and again it would be there already, left by one that failed.
		 * But /proc says so of the folder of a network, its entry and its number.
		 */
		else if (++errors[outcome->error] > 2 && outcome->error == EEXIST)
			FAIL("EEXIST again");
	}
	EXPECT(nth < MOST);
	for (int e = 1; e < 200; e++)
		if (errors[e] && e != ENOMEM)
			snprintf(others + strlen(others), sizeof(others) - strlen(others),
				 ", %u %s", errors[e], errno_name(e));
	NOTE("%-32s %s %4u: %4u ENOMEM, %4u without it%s", op->name, kind->name,
	     nth - 1, errors[ENOMEM], did, others);
	return is_as_before(&before, op);
}

static void sweep(const struct op *op)
{
	nth = MOST;
	kind = kinds;
	/* What is made once and kept. */
	iteration(op);
	/* Once more is what the kernel keeps for good, or counts late; a leak grows. */
	for (kind = kinds; kind < kinds + 2; kind++)
		if (!sweep_kind(op) && !sweep_kind(op))
			kept++;
}

/* What looks for leaks, or at objects, ends for good without memory. */
static void choose_caches(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	const struct dirent *entry;
	char path[300];

	EXPECT(dir != NULL);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    !strncmp(entry->d_name, "kmemleak", 8) ||
		    !strncmp(entry->d_name, "debug_obj", 9))
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/failslab",
			 entry->d_name);
		EXPECT_OK(write_text(path, "1"));
	}
	closedir(dir);
}

/*
 * A fault of this program that takes a page table would end in the OOM killer:
 * pages that were written to come with their tables when it forks.
 */
static void own_pages(void)
{
	unsigned long start, end;
	char line[512], prot[8];
	FILE *f = fopen("/proc/self/maps", "re");

	EXPECT(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s", &start, &end, prot) != 3 ||
		    prot[3] != 'p' || prot[1] == 'w' || strstr(line, "[v"))
			continue;
		EXPECT_OK(mprotect((void *)start, end - start,
				   PROT_READ | PROT_WRITE | PROT_EXEC));
		for (volatile char *p = (char *)start; p < (char *)end; p += 4096)
			*p = *p;
		EXPECT_OK(mprotect((void *)start, end - start,
				   PROT_READ | (prot[2] == 'x' ? PROT_EXEC : 0)));
	}
	fclose(f);
}

/* Whether a word of `faults=word,word' on the kernel's command line is in the name. */
static int is_asked(const char *name)
{
	char line[2048] = "", words[128] = "";
	const char *option;

	read_file("/proc/cmdline", line, sizeof(line));
	option = strstr(line, "faults=");
	if (!option || sscanf(option, "faults=%127s", words) != 1)
		return 1;
	for (char *w = strtok(words, ","); w; w = strtok(NULL, ","))
		if (strstr(name, w))
			return 1;
	return 0;
}

static void sweep_all(const struct op *ops, size_t n)
{
	static struct level first;
	struct peer p;

	if (access(kinds[0].dir, F_OK) || access(kinds[1].dir, F_OK))
		SKIP("the kernel cannot make allocations fail (CONFIG_FAILSLAB)");
	require_namespaces();
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	/* The cache for the numbers of pids of the second level, which stays. */
	if (peer_start(&p, CLONE_NEWUSER | CLONE_NEWPID))
		done();
	peer_join(&p);
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(outcome != MAP_FAILED);
	choose_caches();
	for (kind = kinds; kind < kinds + 2; kind++) {
		set("times", 0);
		set("verbose", 0);
		set("space", 0);
		set("probability", 100);
		set("task-filter", 1);
		set("ignore-gfp-wait", 0);
		set(kind == kinds ? "cache-filter" : "ignore-gfp-highmem", 1);
	}
	kind = kinds + 1;
	set("min-order", 0);
	own_pages();
	EXPECT_OK(proc_write(0, "make-it-fail", "1"));
	/* What the first look at it makes is there from now on. */
	take_level(&first);
	for (size_t i = 0; i < n; i++)
		if (is_asked(ops[i].name))
			sweep(ops + i);
	EXPECT_OK(proc_write(0, "make-it-fail", "0"));
	if (kept)
		FAIL("%d operations left something behind", kept);
}

#define SWEEP(ops) sweep_all(ops, sizeof(ops) / sizeof(*(ops)))

#endif
