/* SPDX-License-Identifier: GPL-2.0 */
/* Steps of `differ': credentials, and what one may do to other processes. */
#ifndef DIFFER_IDS_H
#define DIFFER_IDS_H

#include "differ.h"
#include "program.h"

/* Credentials */

static void do_setuid(char **w)
{
	say_result(syscall(SYS_setuid, number(w[0])));
}

static void do_setgid(char **w)
{
	say_result(syscall(SYS_setgid, number(w[0])));
}

static void do_setreuid(char **w)
{
	say_result(syscall(SYS_setreuid, number(w[0]), number(w[1])));
}

static void do_setregid(char **w)
{
	say_result(syscall(SYS_setregid, number(w[0]), number(w[1])));
}

static void do_setresuid(char **w)
{
	say_result(syscall(SYS_setresuid, number(w[0]), number(w[1]), number(w[2])));
}

static void do_setresgid(char **w)
{
	say_result(syscall(SYS_setresgid, number(w[0]), number(w[1]), number(w[2])));
}

static void do_setfsuid(char **w)
{
	say("%u", (unsigned int)syscall(SYS_setfsuid, number(w[0])));
}

static void do_setfsgid(char **w)
{
	say("%u", (unsigned int)syscall(SYS_setfsgid, number(w[0])));
}

static void do_setgroups(char **w)
{
	gid_t list[WORDS];
	size_t n = 0;
	char *p = w[0];

	while (*p != '@' && n < WORDS) {
		list[n++] = strtoul(p, &p, 10);
		if (*p++ != ',')
			break;
	}
	say_result(sys_setgroups(n, list));
}

static void do_ids(char **w)
{
	uid_t r, e, s;
	gid_t list[64];
	int n;

	(void)w;
	getresuid(&r, &e, &s);
	say("%u,%u,%u/", r, e, s);
	getresgid(&r, &e, &s);
	say("%u,%u,%u/", r, e, s);
	n = getgroups(64, list);
	for (int i = 0; i < n; i++)
		say("%s%u", i ? "," : "", list[i]);
}

static void do_capset(char **w)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	uint64_t set[3];

	for (int i = 0; i < 3; i++) {
		set[i] = strtoull(w[i], NULL, 16);
		/* All of them is all that there are: the kernels differ. */
		if (set[i] == CAPS_KNOWN)
			set[i] = caps_known();
	}
	for (int i = 0; i < 2; i++) {
		d[i].effective = set[0] >> 32 * i;
		d[i].permitted = set[1] >> 32 * i;
		d[i].inheritable = set[2] >> 32 * i;
	}
	say_result(syscall(SYS_capset, &h, d));
}

static void do_capget(char **w)
{
	struct caps c;

	if (!pid_of(w[0]))
		say("gone");
	else if (caps_of(pid_of(w[0]), &c) < 0)
		say_result(-1);
	else
		say("%llx,%llx,%llx", (unsigned long long)(c.effective & CAPS_KNOWN),
		    (unsigned long long)(c.permitted & CAPS_KNOWN),
		    (unsigned long long)(c.inheritable & CAPS_KNOWN));
}

static void do_prctl(char **w)
{
	static const struct {
		const char *name;
		int option;
	} known[] = {
		{ "drop", PR_CAPBSET_DROP }, { "keepcaps", PR_SET_KEEPCAPS },
		{ "securebits", PR_SET_SECUREBITS }, { "dumpable", PR_SET_DUMPABLE },
		{ "nnp", 38 }, { "getnnp", 39 }, { "getdumpable", PR_GET_DUMPABLE },
		{ "getsecurebits", PR_GET_SECUREBITS },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(w[0], known[i].name)) {
			int got = prctl(known[i].option, number(w[1]), 0, 0, 0);

			if (got < 0)
				say_result(-1);
			else
				say("%d", got);
		}
}

/* Other processes */

static void do_kill(char **w)
{
	say_result(kill(pid_of(w[0]), 0));
}

static void do_ptrace(char **w)
{
	pid_t pid = pid_of(w[0]);
	int status;

	if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0) {
		say_result(-1);
		return;
	}
	waitpid(pid, &status, __WALL);
	say_result(ptrace(PTRACE_DETACH, pid, 0, 0));
}

static void do_nice(char **w)
{
	say_result(setpriority(PRIO_PROCESS, pid_of(w[0]), (int)number(w[1])));
}

static void do_nice_user(char **w)
{
	say_result(setpriority(PRIO_USER, number(w[0]), 1));
}

static void do_ionice(char **w)
{
	/* best effort, 4 */
	say_result(syscall(SYS_ioprio_set, 1, pid_of(w[0]), 2 << 13 | 4));
}

static void do_prlimit(char **w)
{
	struct rlimit64 {
		uint64_t cur, max;
	} old;

	say_result(syscall(SYS_prlimit64, pid_of(w[0]), RLIMIT_NOFILE, NULL, &old));
}

static void do_affinity(char **w)
{
	unsigned long mask[16] = { ~0UL };

	say_result(syscall(SYS_sched_setaffinity, pid_of(w[0]), sizeof(mask), mask));
}

static void do_robust(char **w)
{
	void *head;
	size_t len;

	say_result(syscall(SYS_get_robust_list, pid_of(w[0]), &head, &len));
}

/* Runs a program, which may be set-id, and says what it was then. */
static void do_exec(char **w)
{
	struct report r;
	int fds[2], status = 0;
	ssize_t n;
	pid_t pid;

	pid = pipe2(fds, O_CLOEXEC) < 0 ? -1 : sys_clone(0);
	if (pid < 0) {
		say_result(-1);
		return;
	}
	if (!pid) {
		dup2(fds[1], REPORT_FD);
		execl(w[0], w[0], "report", NULL);
		_exit(errno);
	}
	close(fds[1]);
	n = read(fds[0], &r, sizeof(r));
	close(fds[0]);
	waitpid(pid, &status, __WALL);
	if (n != sizeof(r))
		say("%s", errno_name(WEXITSTATUS(status)));
	else
		say("%u,%u,%u/%u,%u,%u/%llx,%llx,%llx/%d", r.r, r.e, r.s, r.rg, r.eg, r.sg,
		    (unsigned long long)(r.caps.effective & CAPS_KNOWN),
		    (unsigned long long)(r.caps.permitted & CAPS_KNOWN),
		    (unsigned long long)(r.caps.inheritable & CAPS_KNOWN), r.no_new_privs);
}

static void do_file_caps(char **w)
{
	uint64_t set = strtoull(w[1], NULL, 16);
	struct vfs_cap_data data;

	data.magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE);
	for (int i = 0; i < 2; i++) {
		data.data[i].permitted = htole32(set >> 32 * i);
		data.data[i].inheritable = 0;
	}
	say_result(setxattr(w[0], "security.capability", &data, sizeof(data), 0));
}

/* The kernel's number for a user id of an actor, and its state; by the controller, in init. */
static uint64_t of_status(int actor, const char *key, int base)
{
	char text[4096], *at;

	if (read_file(proc_path(shared->pid[actor], "status"), text,
		      sizeof(text)) < 0)
		return 0;
	at = strstr(text, key);
	return at ? strtoull(at + strlen(key), NULL, base) : 0;
}

static uint32_t kernel_uid(int actor, uint32_t uid)
{
	char text[4096], *line, *next;
	struct extent e;

	if (read_file(proc_path(shared->pid[actor], "uid_map"), text, sizeof(text)) < 0)
		return NO_ID;
	for (line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
		if (sscanf(line, "%u %u %u", &e.inside, &e.outside, &e.count) == 3 &&
		    uid - e.inside < e.count)
			return uid - e.inside + e.outside;
	return NO_ID;
}

/*
 * Is it about a process of another user namespace that has capabilities there?
 * Whether those of the caller make up for them is answered differently, on
 * purpose (ACC-5); only such an answer may differ.
 */
static int is_apart(int actor, const char *op, const char *arg)
{
	int all = !strcmp(op, "niceuser");
	uint32_t uid;

	if (!all && strcmp(op, "nice") && strcmp(op, "ionice") && strcmp(op, "affinity"))
		return 0;
	/* As a user 0 is oneself. */
	uid = number(arg) ? kernel_uid(actor, number(arg)) : of_status(actor, "Uid:", 10);
	/* So is the controller, pid 1, who has everything in init. */
	if (all && !uid && user_ns_number(1) != user_ns_number(shared->pid[actor]))
		return 1;
	for (int i = 0; i < ACTORS; i++) {
		if (!shared->pid[i] || (!all && i != actor_of(arg)))
			continue;
		if (user_ns_number(shared->pid[i]) == user_ns_number(shared->pid[actor]) ||
		    !of_status(i, "CapPrm:", 16))
			continue;
		if (!all || of_status(i, "Uid:", 10) == uid)
			return 1;
	}
	return 0;
}

/*
 * Does it read links in /proc and have other ids for files, or fewer
 * capabilities in effect, than it could have? Later kernels judge it by what is
 * in effect, 3.4 by the rest (IDS-6).
 */
static int is_lowered(int actor, const char *op)
{
	static const char *const key[] = { "Uid:", "Gid:" };
	char text[4096];

	if (strcmp(op, "readlink") && strcmp(op, "nsid") && strcmp(op, "setns"))
		return 0;
	if (of_status(actor, "CapEff:", 16) != of_status(actor, "CapPrm:", 16))
		return 1;
	if (read_file(proc_path(shared->pid[actor], "status"), text, sizeof(text)) < 0)
		return 0;
	for (int i = 0; i < 2; i++) {
		char *at = strstr(text, key[i]);
		uint32_t id, fs;

		if (at && sscanf(at + strlen(key[i]), "%u %*u %*u %u", &id, &fs) == 2 && id != fs)
			return 1;
	}
	return 0;
}

/* What Documentation/differences may ask of a step besides its answers */
static const char *remark(int actor, const char *line)
{
	char op[16], arg[16];

	if (sscanf(line, "%15s %15s", op, arg) != 2)
		return "";
	return is_apart(actor, op, arg) ? "~apart" : is_lowered(actor, op) ? "~lowered" : "";
}

#endif
