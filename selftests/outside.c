// SPDX-License-Identifier: GPL-2.0
/* What lies outside of an adversary's namespace, and how it looks. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <linux/netlink.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "adversary.h"
#include "keyctl.h"
#include "mounts.h"

int has_own;
static int refusals_missed;

void try_judge(const char *call, long got, int err, int want)
{
	const char *who = has_own ? "with all namespaces" : "sharing init's";

	if (want ? got == -1 && (err == want || err == ENOSYS) : got != -1)
		return;
	refusals_missed++;
	if (got == -1)
		NOTE("%s: %s: got %s, want %s", who, call, errno_name(err),
		     want ? errno_name(want) : "success");
	else
		NOTE("%s: %s: got %ld, want %s", who, call, got, errno_name(want));
}

/* ---- what is outside ---- */

static void process_start(struct peer *p, uid_t uid)
{
	if (!peer_start(p, 0)) {
		peer_await(p);
		return;
	}
	if (uid)
		become(uid, uid, 0);
	peer_tell(p);
	peer_await(p);
	done();
}

static void files_make(void)
{
	EXPECT_OK(mkdir("mine", 0755));
	EXPECT_OK(chown("mine", OWNER, OWNER));
	touch("mine/file", OWNER, OWNER, 0644);
	EXPECT_OK(mkdir("mine/dir", 0777));
	EXPECT_OK(chown("mine/dir", OWNER, OWNER));

	EXPECT_OK(mkdir("outside", 0755));
	touch("outside/file", 0, 0, 0644);
	EXPECT_OK(write_text("outside/file", "as it was"));
	touch("outside/secret", 0, 0, 0600);
	touch("outside/setuid", 0, 0, 04755);
	touch("outside/other", OTHER, OTHER, 0640);
	EXPECT_OK(mkdir("outside/dir", 0755));
	touch("outside/dir/inner", 0, 0, 0644);
	EXPECT_OK(mkdir("outside/sticky", 0755));
	EXPECT_OK(chmod("outside/sticky", 01777));
	touch("outside/sticky/other", OTHER, OTHER, 0666);
	EXPECT_OK(symlink("secret", "outside/link"));
	/* Open to everybody: there is nothing but the capability. */
	EXPECT_OK(mknod("outside/mem", S_IFCHR, makedev(1, 1)));
	EXPECT_OK(chmod("outside/mem", 0666));
	EXPECT_OK(mkdir("outside/mount", 0755));
	EXPECT_OK(mount("none", "outside/mount", "tmpfs", 0, "mode=0755"));
	touch("outside/mount/file", 0, 0, 0644);
	EXPECT_OK(mkdir("outside/readonly", 0755));
	EXPECT_OK(bind_mount("outside/dir", "outside/readonly", 0));
	EXPECT_OK(remount("outside/readonly", MS_BIND | MS_RDONLY));
}

static int tty_make(void)
{
	char path[32];
	int unlock = 0, number, fd;

	EXPECT_OK(mkdir("pts", 0755));
	EXPECT_OK(mount("none", "pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0666"));
	fd = EXPECT_OK(open("pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	EXPECT_OK(ioctl(fd, TIOCSPTLCK, &unlock));
	EXPECT_OK(ioctl(fd, TIOCGPTN, &number));
	snprintf(path, sizeof(path), "pts/%d", number);
	return EXPECT_OK(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

/* Whoever opens a socket of netlink is judged along with who sends. */
static int route_make(void)
{
	struct peer p;
	int fd;

	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, 0);
		fd = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
		peer_send_fd(&p, fd);
		done();
	}
	fd = peer_recv_fd(&p);
	peer_join(&p);
	return fd;
}

void outside_make(struct outside *o)
{
	require_namespaces();
	own_mounts();
	files_make();
	/* Those of this process are init's, but for the mounts. */
	for (int i = 0; i < 5; i++)
		o->ns[i] = ns_fd(0, ns_types[i].name);
	o->ns[5] = user_ns_fd(0);
	o->dir = EXPECT_OK(open("outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	o->mount = EXPECT_OK(open("outside/mount", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	o->inet = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	o->tty = tty_make();
	o->route = route_make();
	o->shm = EXPECT_OK(shmget(IPC_PRIVATE, 4096, 0600));
	o->sem = EXPECT_OK(semget(IPC_PRIVATE, 1, 0600));
	o->msg = EXPECT_OK(msgget(IPC_PRIVATE, 0600));
	/* A child has no process keyring, so does not possess what is in this one. */
	o->key = make_key(KEY_POSSESSOR | KEY_OWNER);
	process_start(&o->root, 0);
	process_start(&o->other, OTHER);
	process_start(&o->own, OWNER);
}

/* ---- how it looks ---- */

static struct print *taking;

static void line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void line(const char *fmt, ...)
{
	struct print *p = taking;
	va_list ap;

	if (p->size < p->len + 16384) {
		p->size = 2 * p->size + 65536;
		p->text = realloc(p->text, p->size);
		EXPECT(p->text != NULL);
	}
	va_start(ap, fmt);
	p->len += vsnprintf(p->text + p->len, 16383, fmt, ap);
	va_end(ap);
	p->text[p->len++] = '\n';
	p->text[p->len] = 0;
}

/* A file as one line. */
static void contents(const char *path)
{
	char buf[8192];

	if (read_file(path, buf, sizeof(buf)) < 0) {
		line("%s: %s", path, errno_name(errno));
		return;
	}
	for (char *c = buf; *c; c++)
		if (*c == '\n')
			*c = '|';
	line("%s: %s", path, buf);
}

static int see_file(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	char names[512] = "";
	ssize_t n = llistxattr(path, names, sizeof(names));

	(void)type;
	(void)ftw;
	line("%s: %o %u:%u, %u links, size %lld, dev %llx, ctime %lld.%09ld, xattr %zd",
	     path, st->st_mode, st->st_uid, st->st_gid,
	     (unsigned int)st->st_nlink, (long long)st->st_size,
	     (unsigned long long)st->st_rdev, (long long)st->st_ctim.tv_sec,
	     st->st_ctim.tv_nsec, n < 0 ? 0 : n);
	if (S_ISREG(st->st_mode))
		contents(path);
	return 0;
}

/* What changes by itself. */
static int is_restless(const char *path)
{
	static const char *const t[] = {
		"/kernel/random/", "/fs/dentry-state", "/fs/inode-nr",
		"/fs/inode-state", "/fs/file-nr", "/fs/aio-nr",
		"/kernel/ns_last_pid", "/kernel/pty/nr", "_conntrack_count",
		"/kernel/msgmni", "/vm/stat_refresh", "/kernel/perf_event_max_sample_rate",
		/* Where it says so, what is read is what was asked last. */
		"/fs/quota/", "/vm/compact_memory",
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (strstr(path, t[i]))
			return 1;
	return 0;
}

static int see_sysctl(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_F && (st->st_mode & 0400) && !is_restless(path))
		contents(path);
	return 0;
}

static void see_process(pid_t pid)
{
	static const char *const t[] = {
		"Name", "TracerPid", "Uid", "Gid", "Groups", "Threads", "SigB",
		"SigI", "SigC", "Cap", "Cpus_allowed", "Mems_allowed", "NoNewPrivs",
	};
	char status[8192], path[64], target[128];

	EXPECT_OK(read_file(proc_path(pid, "status"), status, sizeof(status)));
	for (char *l = strtok(status, "\n"); l; l = strtok(NULL, "\n"))
		for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
			if (!strncmp(l, t[i], strlen(t[i])))
				line("%d: %s", pid, l);
	for (int i = 0; i < 16; i++) {
		struct rlimit r = { 0, 0 };

		prlimit(pid, i, NULL, &r);
		line("%d: limit %d: %llx, %llx", pid, i,
		     (unsigned long long)r.rlim_cur, (unsigned long long)r.rlim_max);
	}
	line("%d: nice %d, policy %d, I/O priority %ld", pid,
	     getpriority(PRIO_PROCESS, pid), sched_getscheduler(pid),
	     syscall(SYS_ioprio_get, 1, pid));
	contents(proc_path(pid, "oom_score_adj"));
	contents(proc_path(pid, "comm"));
	contents(proc_path(pid, "coredump_filter"));
	for (int i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "ns/%s", i < 5 ? ns_types[i].name : "user");
		line("%d: %s %llu", pid, path,
		     (unsigned long long)ns_number(pid, path + 3));
	}
	for (int i = 0; i < 2; i++) {
		ssize_t n = readlink(proc_path(pid, i ? "root" : "cwd"), target,
				     sizeof(target) - 1);

		target[n < 0 ? 0 : n] = 0;
		line("%d: %s", pid, target);
	}
}

static void see_network(void)
{
	static const char *const files[] = {
		"/proc/net/route", "/proc/net/arp", "/proc/net/if_inet6",
		"/proc/net/packet", "/proc/net/ip_tables_names",
	};
	struct if_nameindex *list = if_nameindex();
	int fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	EXPECT(list != NULL);
	for (const struct if_nameindex *i = list; i->if_index; i++) {
		struct ifreq r = { 0 };

		snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", i->if_name);
		ioctl(fd, SIOCGIFFLAGS, &r);
		line("device %u %s: flags %x", i->if_index, i->if_name, r.ifr_flags);
		ioctl(fd, SIOCGIFMTU, &r);
		line("device %s: mtu %d", i->if_name, r.ifr_mtu);
		memset(&r.ifr_addr, 0, sizeof(r.ifr_addr));
		ioctl(fd, SIOCGIFADDR, &r);
		line("device %s: address %s", i->if_name,
		     inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
	}
	if_freenameindex(list);
	close(fd);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		contents(files[i]);
}

static void see_objects(const struct outside *o)
{
	struct shmid_ds shm;
	struct semid_ds sem;
	struct msqid_ds msg;
	struct termios term;
	char text[128] = "";
	int n;

	EXPECT_OK(shmctl(o->shm, IPC_STAT, &shm));
	line("shm: %u:%u mode %o, %ld attached", shm.shm_perm.uid, shm.shm_perm.gid,
	     shm.shm_perm.mode, (long)shm.shm_nattch);
	EXPECT_OK(semctl(o->sem, 0, IPC_STAT, &sem));
	line("sem: %u:%u mode %o, value %d", sem.sem_perm.uid, sem.sem_perm.gid,
	     sem.sem_perm.mode, semctl(o->sem, 0, GETVAL));
	EXPECT_OK(msgctl(o->msg, IPC_STAT, &msg));
	line("msg: %u:%u mode %o, %ld messages", msg.msg_perm.uid, msg.msg_perm.gid,
	     msg.msg_perm.mode, (long)msg.msg_qnum);
	EXPECT_OK(keyctl(KEYCTL_DESCRIBE, o->key, (long)text, sizeof(text), 0));
	line("key: %s", text);
	EXPECT_OK(tcgetattr(o->tty, &term));
	line("tty: %x %x %x %x", term.c_iflag, term.c_oflag, term.c_cflag, term.c_lflag);
	EXPECT_OK(ioctl(o->tty, FIONREAD, &n));
	line("tty: %d to read", n);
}

void print_take(struct print *p, const struct outside *o)
{
	struct timespec real, since;
	struct timex timex = { 0 };
	struct utsname uts;

	taking = p;
	p->len = 0;
	EXPECT_OK(nftw("outside", see_file, 16, FTW_PHYS));
	EXPECT_OK(nftw("/proc/sys", see_sysctl, 16, FTW_PHYS));
	contents("/proc/self/mountinfo");
	contents("/proc/modules");
	contents("/proc/swaps");
	contents("/proc/filesystems");
	contents("/proc/devices");
	EXPECT_OK(uname(&uts));
	line("host %s, domain %s", uts.nodename, uts.domainname);
	see_process(1);
	see_process(o->root.pid);
	see_process(o->other.pid);
	see_process(o->own.pid);
	see_network();
	see_objects(o);
	EXPECT_OK(adjtimex(&timex));
	line("clock: frequency %ld, tick %ld", timex.freq, timex.tick);
	EXPECT_OK(clock_gettime(CLOCK_REALTIME, &real));
	EXPECT_OK(clock_gettime(CLOCK_MONOTONIC, &since));
	p->clock = real.tv_sec - since.tv_sec + (real.tv_nsec - since.tv_nsec) / 1e9;
}

/* The end of the line at s. */
static size_t line_end(const char *s)
{
	return strcspn(s, "\n");
}

int print_differs(const struct print *before, const struct print *after, int loud)
{
	const char *a = before->text, *b = after->text;

	if (after->clock > before->clock + 1 || after->clock < before->clock - 1) {
		if (loud)
			NOTE("outside: the clock went by %f seconds",
			     after->clock - before->clock);
		return 1;
	}
	while (*a && *b) {
		size_t n = line_end(a), m = line_end(b);

		if (n != m || memcmp(a, b, n))
			break;
		a += n + (a[n] == '\n');
		b += m + (b[m] == '\n');
	}
	if (!*a && !*b)
		return 0;
	if (loud) {
		NOTE("outside, before: %.*s", (int)line_end(a), a);
		NOTE("outside, after:  %.*s", (int)line_end(b), b);
	}
	return 1;
}

/* ---- the adversary ---- */

/*
 * An ordinary user makes the namespace himself, with his own uid and gid as
 * its only ones; where that is not allowed, with the capabilities that it
 * takes, and none of them is left afterwards.
 */
static void enter_as_adversary(unsigned long flags)
{
	become(OWNER, OWNER, CREATOR_CAPS);
	caps_set(0, CREATOR_CAPS, 0);
	set_dumpable();
	if (sys_unshare(CLONE_NEWUSER | flags) < 0) {
		EXPECT_EQ(errno, EPERM);
		caps_set(CREATOR_CAPS, CREATOR_CAPS, 0);
		set_dumpable();
		EXPECT_OK(sys_unshare(CLONE_NEWUSER | flags));
	}
	EXPECT_OK(proc_write(0, "setgroups", "deny"));
	EXPECT_OK(proc_write(0, "uid_map", "0 1000 1"));
	EXPECT_OK(proc_write(0, "gid_map", "0 1000 1"));
	EXPECT_EQ(getuid(), 0);
	EXPECT(has_effective(CAP_SYS_ADMIN));
}

static void attack_as(int own, void (*attack)(const struct outside *o),
		      const struct outside *o)
{
	unsigned long flags = 0;
	struct peer p, child;

	for (int i = 0; own && i < 5; i++)
		flags |= ns_types[i].flag;
	if (peer_start(&p, 0)) {
		has_own = own;
		/* SIGCONT reaches everybody in one's session. */
		EXPECT_OK(setsid());
		enter_as_adversary(flags);
		/* The first child is process 1 of the pid namespace. */
		if (peer_start(&child, 0)) {
			attack(o);
			if (refusals_missed)
				FAIL("%d call(s) did not do what they must", refusals_missed);
			done();
		}
		peer_join(&child);
		done();
	}
	peer_join(&p);
}

void run_attack(void (*attack)(const struct outside *o))
{
	struct print before = { 0 }, after = { 0 };
	struct outside o;

	outside_make(&o);
	print_take(&before, &o);
	for (int own = 0; own < 2; own++) {
		attack_as(own, attack, &o);
		print_take(&after, &o);
		if (print_differs(&before, &after, 1))
			FAIL("the outside is not what it was");
	}
	peer_end(&o.root);
	peer_end(&o.other);
	peer_end(&o.own);
	EXPECT_OK(shmctl(o.shm, IPC_RMID, NULL));
	EXPECT_OK(semctl(o.sem, 0, IPC_RMID));
	EXPECT_OK(msgctl(o.msg, IPC_RMID, NULL));
	/* Held open they would keep the filesystem below, once detached. */
	close(o.dir);
	close(o.mount);
	close(o.inet);
	close(o.route);
	close(o.tty);
	EXPECT_OK(umount2("outside/readonly", MNT_DETACH));
	EXPECT_OK(umount2("outside/mount", MNT_DETACH));
	EXPECT_OK(umount2("pts", MNT_DETACH));
}
