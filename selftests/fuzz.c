// SPDX-License-Identifier: GPL-2.0
/*
 * Calls at random by root of a namespace, with what is at the bounds and beyond:
 * the kernel stays well, and nothing outside changes.  `fuzz=COUNT,SEED' on the
 * command line of the kernel makes it longer: `make fuzz'.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "fuzz_calls.h"

#define CALLS	10000	/* of both adversaries, unless the command line has them */
#define STEPS	100	/* of one process */
#define SECONDS	20	/* of one process, then it hangs */

/*
 * What each argument is: n number, b bits, l length, i id, P process, f descriptor,
 * p path, o path of his own, m memory, t text, N types of namespace, s signal,
 * z small, u id but -1: to give a folder to nobody changes its ctime, and anybody may.
 */
static const struct call {
	const char *name;
	long nr;
	const char *args;
	long (*run)(void);
} calls[] = {
#define C(name_, args_) { #name_, SYS_##name_, args_, NULL }
#define R(name_) { #name_, 0, NULL, do_##name_ }
	R(clone), R(proc_write), R(proc_write), R(read), R(netlink), R(netlink), R(scm),
	R(ioctl_net), R(ioctl), R(priority), R(reboot), R(key), R(key), R(add_key), R(ipc), R(ipc),
	R(vm), R(mount), R(mount), R(open), R(open),
	C(unshare, "N"), C(unshare, "N"), C(setns, "fN"), C(setns, "fN"), C(umount2, "pz"),
	C(pivot_root, "pp"), C(chroot, "p"), C(chdir, "p"), C(fchdir, "f"), C(setuid, "i"),
	C(setgid, "i"), C(setreuid, "ii"), C(setregid, "ii"), C(setresuid, "iii"),
	C(setresgid, "iii"), C(setfsuid, "i"), C(setfsgid, "i"), C(setgroups, "zm"),
	C(getgroups, "zm"), C(capget, "mm"), C(capset, "mm"), C(prctl, "znnnn"),
	C(ptrace, "zPnm"), C(kill, "Ps"), C(tgkill, "PPs"), C(tkill, "Ps"),
	C(rt_sigqueueinfo, "Psm"), C(rt_tgsigqueueinfo, "PPsm"), C(mq_open, "tbnm"),
	C(mq_unlink, "t"), C(mq_notify, "fm"), C(mq_getsetattr, "fmm"),
	C(mq_timedsend, "fmlzm"), R(socket), C(socket, "zzn"), C(setsockopt, "fzzml"),
	C(setsockopt, "fnnmn"), C(getsockopt, "fzzmm"), C(bind, "fml"), C(connect, "fml"),
	C(sendto, "fmlbml"), C(sendmsg, "fmb"), C(recvmsg, "fmb"), C(quotactl, "npim"),
	C(acct, "p"), C(swapon, "pb"), C(swapoff, "p"), C(sethostname, "tl"),
	C(setdomainname, "tl"), C(ioprio_get, "zP"), C(sched_setscheduler, "Pzm"),
	C(sched_setparam, "Pm"), C(sched_setaffinity, "Plm"), C(sched_getaffinity, "Plm"),
	C(sched_rr_get_interval, "Pm"), C(getpriority, "zP"), C(fcntl, "fnn"), C(fcntl, "fzP"),
	C(mknod, "pbn"), C(mknodat, "fpbn"), C(link, "op"), C(linkat, "fofpz"),
	C(symlink, "pp"), C(rename, "pp"), C(renameat, "fpfp"), C(unlink, "p"),
	C(unlinkat, "fpb"), C(mkdir, "pn"), C(rmdir, "p"), C(chmod, "pn"), C(fchmod, "fn"),
	C(fchmodat, "fpn"), C(chown, "pui"), C(lchown, "pui"), C(fchown, "fui"),
	C(fchownat, "fpuib"), C(setxattr, "ptmlz"), C(lsetxattr, "ptmlz"),
	C(fsetxattr, "ftmlz"), C(getxattr, "ptml"), C(listxattr, "pml"), C(removexattr, "pt"),
	C(fremovexattr, "ft"), C(truncate, "pl"), C(ftruncate, "fl"), C(utimensat, "fpmb"),
	C(access, "pz"), C(faccessat, "fpz"), C(statfs, "pm"), C(name_to_handle_at, "fpmmb"),
	C(open_by_handle_at, "fmb"), C(inotify_init1, "b"), C(inotify_add_watch, "fpb"),
	C(fanotify_init, "bb"), C(fanotify_mark, "fbnfp"), C(perf_event_open, "mPnfb"),
	C(settimeofday, "mm"), C(clock_settime, "zm"), C(adjtimex, "m"), C(syslog, "zml"),
	C(init_module, "mlt"), C(delete_module, "tb"), C(kexec_load, "nlmb"), C(vhangup, ""),
	C(personality, "b"), C(prlimit64, "Pzmm"), C(setpgid, "PP"), C(getpgid, "P"),
	C(setsid, ""), C(migrate_pages, "Pnmm"), C(move_pages, "Plmmmb"),
	C(get_robust_list, "Pmm"), C(timer_create, "zmm"), C(lookup_dcookie, "nml"),
	C(close, "f"), C(dup, "f"), C(splice, "fmfmlb"), C(pipe2, "mb"), C(umask, "n"),
};

static struct shared {
	unsigned long done, tried[N(calls)], did[N(calls)];
	unsigned int hung;
	const char *name;	/* of the call that is under way */
	long args[6];
} *shared;
static unsigned int total = CALLS;
static unsigned long long seed = 1;

static long argument(char c)
{
	switch (c) {
	case 'n': return number();
	case 'b': return bits();
	case 'l': return length();
	case 'i': return id();
	case 'u': return known_id();
	case 'P': return process();
	case 'f': return descriptor();
	case 'p': return (long)path();
	case 'o': return (long)own_path();
	case 'm': return (long)memory();
	case 't': return (long)text();
	case 'N': return ns_flags();
	case 's': return signal_number();
	default: return pick(45);
	}
}

static void call(void)
{
	unsigned int i = pick(N(calls));
	const struct call *c = calls + i;
	long a[6] = { 0 }, ret;

	for (int n = 0; c->args && c->args[n]; n++)
		a[n] = argument(c->args[n]);
	__sync_fetch_and_add(&shared->tried[i], 1);
	shared->name = c->name;
	memcpy(shared->args, a, sizeof(a));
	ret = c->run ? c->run() : syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (ret != -1)
		__sync_fetch_and_add(&shared->did[i], 1);
	__sync_fetch_and_add(&shared->done, 1);
}

static int is_given(int fd)
{
	for (int i = 0; i < 6; i++)
		if (fd == out->ns[i])
			return 1;
	return fd == out->dir || fd == out->mount || fd == out->inet ||
	       fd == out->route || fd == out->tty;
}

static void woken(int unused)
{
	(void)unused;
}

static void __attribute__((noreturn)) live(void)
{
	struct sigaction act = { .sa_handler = woken };
	int null = open("/dev/null", O_RDWR);

	/* Those of the test lead to the processes outside. */
	for (int fd = 0; fd < 256; fd++)
		if (fd < 3)
			dup2(null, fd);
		else if (!is_given(fd))
			close(fd);
	syscall(SYS_setsid);
	sigaction(SIGALRM, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	wake(50000);
	if (has_own && pick(4))
		sys_unshare(CLONE_NEWNS);
	for (int i = 0; i < STEPS; i++)
		call();
	_exit(0);
}

static void wait_for(pid_t pid)
{
	static const struct timespec tick = { 0, 1000 * 1000 };
	struct timespec from, now;
	int status;
	pid_t got;

	EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &from));
	for (;;) {
		got = waitpid(-1, &status, WNOHANG | WUNTRACED | __WALL);
		if (got == pid && !WIFSTOPPED(status))
			return;
		/* Stopped, by himself or because he wants to be traced; or a child for us. */
		if (got > 0) {
			if (WIFSTOPPED(status))
				kill(got, SIGKILL);
			continue;
		}
		if (got < 0)
			return;
		EXPECT_OK(nanosleep(&tick, NULL));
		EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &now));
		if (now.tv_sec <= from.tv_sec + SECONDS)
			continue;
		NOTE("does not end: %s(%lx, %lx, %lx, %lx, %lx, %lx)", shared->name,
		     shared->args[0], shared->args[1], shared->args[2], shared->args[3],
		     shared->args[4], shared->args[5]);
		shared->hung++;
		from = now;
		kill(pid, SIGKILL);
	}
}

static void fuzz(const struct outside *o)
{
	unsigned long end = shared->done + total / 2;
	pid_t pid;

	out = o;
	blob = mmap(NULL, BLOB + 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(blob != MAP_FAILED);
	EXPECT_OK(mprotect(blob + BLOB, 4096, PROT_NONE));
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	NOTE("%s: from call %lu on", has_own ? "all namespaces new" : "sharing init's",
	     shared->done);
	for (unsigned int i = 0; shared->done < end; i++) {
		pid = EXPECT_OK(fork());
		if (!pid) {
			state = (seed * 1000003 + i) * 2 + has_own + 1;
			for (int j = 0; j < 8; j++)
				any();
			live();
		}
		wait_for(pid);
	}
}

CASE_SECONDS(calls_at_random_change_nothing_outside, "CAP-4 CAP-6", 14400)
{
	unsigned long did = 0;
	char line[2048];
	const char *option;

	if (read_file("/proc/cmdline", line, sizeof(line)) > 0) {
		option = strstr(line, "fuzz=");
		if (option)
			sscanf(option, "fuzz=%u,%llu", &total, &seed);
	}
	NOTE("%u calls, seed %llu", total, seed);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(shared != MAP_FAILED);
	run_attack(fuzz);
	line[0] = 0;
	for (size_t i = 0; i < N(calls); i++) {
		size_t len = strlen(line);

		did += shared->did[i];
		snprintf(line + len, sizeof(line) - len, "%s %lu/%lu, ", calls[i].name,
			 shared->did[i], shared->tried[i]);
		if (len > 60 || i == N(calls) - 1) {
			NOTE("%s", line);
			line[0] = 0;
		}
	}
	NOTE("%lu calls, %lu of them succeeded, %u processes hung", shared->done, did,
	     shared->hung);
	EXPECT_EQ(shared->hung, 0);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
