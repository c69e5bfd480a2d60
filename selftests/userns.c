// SPDX-License-Identifier: GPL-2.0
/* What the user namespace tests share: processes, credentials, maps, files of /proc. */
#define _GNU_SOURCE
#include "userns.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK_SIZE (64 * 1024)
#define BUFFERS 8

int sys_unshare(unsigned long flags)
{
	return syscall(SYS_unshare, flags);
}

int sys_setns(int fd, int type)
{
	return syscall(SYS_setns, fd, type);
}

pid_t sys_clone(unsigned long flags)
{
	return syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

pid_t clone_fn(unsigned long flags, int (*fn)(void *), void *arg)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack == MAP_FAILED)
		return -1;
	return clone(fn, stack + STACK_SIZE, flags | SIGCHLD, arg);
}

int return_at_once(void *unused)
{
	(void)unused;
	return 0;
}

void *block_on(void *arg)
{
	char c;

	if (read(*(int *)arg, &c, 1) < 0)
		return arg;
	return NULL;
}

int sys_setgroups(size_t n, const gid_t *list)
{
#ifdef SYS_setgroups32
	return syscall(SYS_setgroups32, n, list);
#else
	return syscall(SYS_setgroups, n, list);
#endif
}

int peer_start(struct peer *p, unsigned long clone_flags)
{
	int fds[2];
	pid_t pid;

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	pid = EXPECT_OK(sys_clone(clone_flags));
	p->pid = pid;
	p->fd = fds[!pid];
	EXPECT_OK(close(fds[!!pid]));
	return !pid;
}

/* The parent reports why the child is gone, not the reverse. */
static void peer_lost(struct peer *p)
{
	if (!p->pid)
		_exit(RESULT_FAIL);
	peer_join(p);
	FAIL("process %d ended early", p->pid);
}

void peer_send(struct peer *p, const void *data, size_t len)
{
	if (write(p->fd, data, len) != (ssize_t)len)
		peer_lost(p);
}

void peer_recv(struct peer *p, void *data, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = read(p->fd, (char *)data + have, len - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			peer_lost(p);
		have += n;
	}
}

void peer_tell(struct peer *p)
{
	peer_send(p, "", 1);
}

void peer_await(struct peer *p)
{
	char c;

	peer_recv(p, &c, 1);
}

union fd_message {
	struct cmsghdr header;
	char buf[CMSG_SPACE(sizeof(int))];
};

int send_fd(int sock, int fd, int flags)
{
	union fd_message u;
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = sizeof(u),
	};

	memset(&u, 0, sizeof(u));
	u.header.cmsg_len = CMSG_LEN(sizeof(int));
	u.header.cmsg_level = SOL_SOCKET;
	u.header.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&u.header), &fd, sizeof(int));
	return sendmsg(sock, &msg, flags);
}

void peer_send_fd(struct peer *p, int fd)
{
	EXPECT_OK(send_fd(p->fd, fd, 0));
}

int peer_recv_fd(struct peer *p)
{
	union fd_message u;
	char c;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = sizeof(u),
	};
	int fd;

	if (EXPECT_OK(recvmsg(p->fd, &msg, MSG_CMSG_CLOEXEC)) == 0)
		peer_lost(p);
	EXPECT(CMSG_FIRSTHDR(&msg) != NULL);
	EXPECT_EQ(u.header.cmsg_type, SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(&u.header), sizeof(int));
	return fd;
}

void peer_join(struct peer *p)
{
	int status;

	close(p->fd);
	EXPECT_OK(waitpid(p->pid, &status, 0));
	if (WIFSIGNALED(status))
		FAIL("process %d killed by signal %d", p->pid,
		     WTERMSIG(status));
	if (WEXITSTATUS(status) == RESULT_SKIP ||
	    WEXITSTATUS(status) == RESULT_FAIL)
		_exit(WEXITSTATUS(status));
	if (WEXITSTATUS(status))
		FAIL("process %d: exit status %d", p->pid,
		     WEXITSTATUS(status));
}

void peer_end(struct peer *p)
{
	peer_tell(p);
	peer_join(p);
}

void peer_kill(struct peer *p)
{
	EXPECT_OK(kill(p->pid, SIGKILL));
	EXPECT_OK(waitpid(p->pid, NULL, 0));
	close(p->fd);
}

void done(void)
{
	_exit(RESULT_PASS);
}

uint64_t caps_known(void)
{
	uint64_t all = 0;

	for (int cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0)
			all |= CAP_BIT(cap);
	return all;
}

uint64_t caps_bounding(void)
{
	uint64_t all = 0;

	for (int cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			all |= CAP_BIT(cap);
	return all;
}

int caps_of(pid_t pid, struct caps *c)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = pid,
	};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		return -1;
	c->effective = d[0].effective | (uint64_t)d[1].effective << 32;
	c->permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	c->inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
	return 0;
}

void caps_get(struct caps *c)
{
	EXPECT_OK(caps_of(0, c));
}

void caps_set(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[2];
	uint64_t known = caps_known();

	effective &= known;
	permitted &= known;
	inheritable &= known;
	for (int i = 0; i < 2; i++) {
		d[i].effective = effective >> (32 * i);
		d[i].permitted = permitted >> (32 * i);
		d[i].inheritable = inheritable >> (32 * i);
	}
	EXPECT_OK(syscall(SYS_capset, &h, d));
}

void caps_drop(uint64_t lost)
{
	struct caps c;

	caps_get(&c);
	caps_set(c.effective & ~lost, c.permitted & ~lost, c.inheritable);
}

int has_effective(int cap)
{
	struct caps c;

	caps_get(&c);
	return !!(c.effective & CAP_BIT(cap));
}

/* A change of the effective ids makes a process undumpable, its /proc files root's. */
void set_dumpable(void)
{
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

void become_res(uid_t r, uid_t e, uid_t s, gid_t g, uint64_t caps)
{
	EXPECT_OK(sys_setgroups(0, NULL));
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	EXPECT_OK(setresgid(g, g, g));
	EXPECT_OK(setresuid(r, e, s));
	caps_set(caps, caps, 0);
	set_dumpable();
}

void become(uid_t uid, gid_t gid, uint64_t caps)
{
	become_res(uid, uid, uid, gid, caps);
}

void member_ids(uid_t uid, gid_t gid)
{
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	EXPECT_OK(setresgid(gid, gid, gid));
	EXPECT_OK(setresuid(uid, uid, uid));
	caps_set(ALL_CAPS, ALL_CAPS, 0);
	set_dumpable();
}

void as_member(uid_t id, uint64_t caps, void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(id, id);
		caps_set(caps, caps, 0);
		fn();
		done();
	}
	peer_join(&p);
}

void member_waits(struct peer *p, int owned, const char *map, uid_t id,
		  uint64_t caps)
{
	if (peer_start(p, 0)) {
		if (owned)
			enter_owned(0, map, map);
		else
			enter_new(0, map, map);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(id, id);
		caps_set(caps, caps, 0);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

int write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int err;

	if (fd < 0)
		return -1;
	n = write(fd, data, len);
	err = n < 0 ? errno : EIO;
	close(fd);
	if (n == (ssize_t)len)
		return 0;
	errno = err;
	return -1;
}

int write_text(const char *path, const char *text)
{
	return write_file(path, text, strlen(text));
}

ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, buf + have, size - 1 - have)) > 0)
		have += n;
	if (n < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	close(fd);
	buf[have] = 0;
	return have;
}

const char *proc_path(pid_t pid, const char *file)
{
	static char bufs[BUFFERS][64];
	static unsigned int next;
	char *buf = bufs[next++ % BUFFERS];

	if (pid)
		snprintf(buf, sizeof(bufs[0]), "/proc/%d/%s", pid, file);
	else
		snprintf(buf, sizeof(bufs[0]), "/proc/self/%s", file);
	return buf;
}

int proc_write(pid_t pid, const char *file, const char *text)
{
	return write_text(proc_path(pid, file), text);
}

const char *proc_read(pid_t pid, const char *file)
{
	static char bufs[BUFFERS][65536];
	static unsigned int next;
	char *buf = bufs[next++ % BUFFERS];
	const char *path = proc_path(pid, file);

	if (read_file(path, buf, sizeof(bufs[0])) < 0)
		FAIL("reading %s: got %s", path, errno_name(errno));
	return buf;
}

int proc_open(pid_t pid, const char *file, int flags)
{
	return open(proc_path(pid, file), flags | O_CLOEXEC);
}

int fd_write(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t n = write(fd, text, len);

	if (n < 0)
		return -1;
	if (n == (ssize_t)len)
		return 0;
	errno = EIO;
	return -1;
}

void touch(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	int fd = EXPECT_OK(open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
				0600));

	EXPECT_OK(fchown(fd, uid, gid));
	/* After fchown, which clears the set-id bits. */
	EXPECT_OK(fchmod(fd, mode));
	EXPECT_OK(close(fd));
}

void copy_self(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	static char buf[1 << 16];
	struct statvfs fs;
	ssize_t n;
	int in, out;

	in = EXPECT_OK(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	out = EXPECT_OK(open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			     0700));
	EXPECT_OK(fstatvfs(out, &fs));
	if (fs.f_flag & (ST_NOSUID | ST_NOEXEC))
		SKIP("%s is on a mount with nosuid or noexec", name);
	while ((n = EXPECT_OK(read(in, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(out, buf, n), n);
	EXPECT_OK(fchown(out, uid, gid));
	EXPECT_OK(fchmod(out, mode));
	EXPECT_OK(close(in));
	EXPECT_OK(close(out));
}

uid_t file_uid(const char *path)
{
	struct stat st;

	EXPECT_OK(lstat(path, &st));
	return st.st_uid;
}

gid_t file_gid(const char *path)
{
	struct stat st;

	EXPECT_OK(lstat(path, &st));
	return st.st_gid;
}

void map_text(char *buf, const struct extent *e, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		char line[40];
		int l = snprintf(line, sizeof(line), "%u %u %u\n",
				 e[i].inside, e[i].outside, e[i].count);

		if (len + l >= MAP_TEXT_MAX)
			FAIL("the test's map of %zu lines is a page long", n);
		memcpy(buf + len, line, l + 1);
		len += l;
	}
}

void map_shown(char *buf, size_t size, const struct extent *e, size_t n)
{
	size_t len = 0;

	buf[0] = 0;
	for (size_t i = 0; i < n && len < size; i++)
		len += snprintf(buf + len, size - len, "%10u %10u %10u\n",
				e[i].inside, e[i].outside, e[i].count);
	EXPECT(len < size);
}

const char *shown(uint32_t inside, uint32_t outside, uint32_t count)
{
	static char bufs[BUFFERS][48];
	static unsigned int next;
	char *buf = bufs[next++ % BUFFERS];

	map_shown(buf, sizeof(bufs[0]),
		  &(struct extent){ inside, outside, count }, 1);
	return buf;
}

void write_maps(pid_t pid, const char *uids, const char *gids)
{
	if (uids)
		EXPECT_OK(proc_write(pid, "uid_map", uids));
	if (gids)
		EXPECT_OK(proc_write(pid, "gid_map", gids));
}

void enter_new(unsigned long more_flags, const char *uids, const char *gids)
{
	pid_t self = getpid();
	struct peer helper;

	if (peer_start(&helper, 0)) {
		peer_await(&helper);
		write_maps(self, uids, gids);
		done();
	}
	EXPECT_OK(sys_unshare(CLONE_NEWUSER | more_flags));
	peer_tell(&helper);
	peer_join(&helper);
}

void enter_owned(unsigned long more_flags, const char *uids, const char *gids)
{
	pid_t self = getpid();
	struct peer helper;

	if (peer_start(&helper, 0)) {
		peer_await(&helper);
		write_maps(self, uids, gids);
		done();
	}
	become(OWNER, OWNER, CREATOR_CAPS);
	EXPECT_OK(sys_unshare(CLONE_NEWUSER | more_flags));
	peer_tell(&helper);
	peer_join(&helper);
}

void target_start(struct peer *p)
{
	if (peer_start(p, CLONE_NEWUSER)) {
		peer_await(p);
		done();
	}
}

void owned_target_start(struct peer *p)
{
	if (peer_start(p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

void member_start(struct peer *p, const char *uids, const char *gids,
		  uid_t uid, gid_t gid)
{
	if (peer_start(p, 0)) {
		enter_owned(0, uids, gids);
		member_ids(uid, gid);
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
}

const struct ns_type ns_types[6] = {
	{ "ipc", CLONE_NEWIPC }, { "mnt", CLONE_NEWNS },
	{ "net", CLONE_NEWNET }, { "pid", CLONE_NEWPID },
	{ "uts", CLONE_NEWUTS }, { NULL, 0 },
};

int ns_fd(pid_t pid, const char *type)
{
	char file[16];

	snprintf(file, sizeof(file), "ns/%s", type);
	return EXPECT_OK(proc_open(pid, file, O_RDONLY));
}

ino_t fd_number(int fd)
{
	struct stat st;

	EXPECT_OK(fstat(fd, &st));
	return st.st_ino;
}

ino_t ns_number(pid_t pid, const char *type)
{
	char file[16];
	struct stat st;

	snprintf(file, sizeof(file), "ns/%s", type);
	EXPECT_OK(stat(proc_path(pid, file), &st));
	return st.st_ino;
}

int user_ns_fd(pid_t pid)
{
	return ns_fd(pid, "user");
}

ino_t user_ns_number(pid_t pid)
{
	return ns_number(pid, "user");
}

void require_namespaces(void)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_STR(proc_read(0, "uid_map"), shown(0, BASE, COUNT));
		done();
	}
	peer_join(&p);
}

void expect_no_creation(int err)
{
	EXPECT_ERR(sys_unshare(CLONE_NEWUSER), err);
	EXPECT_ERR(clone_fn(CLONE_NEWUSER, return_at_once, NULL), err);
}

/* What the whole of the allocator holds, in bytes that cannot be reclaimed. */
static unsigned long slab_bytes(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	unsigned long kib = 0;

	if (!f)
		FAIL("/proc/meminfo: %s", errno_name(errno));
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "SUnreclaim: %lu kB", &kib) == 1)
			break;
	fclose(f);
	if (!kib)
		SKIP("neither /proc/slabinfo nor SUnreclaim in /proc/meminfo");
	return kib * 1024;
}

/*
 * What each processor keeps of a cache counts as in use, up to some thousand
 * objects: let it go. Without /sys there is only the limit.
 */
static void slabs_settle(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	const struct dirent *entry;
	char path[300];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 entry->d_name);
		write_text(path, "1");
	}
	closedir(dir);
}

void slabs_read(struct slabs *s)
{
	FILE *f;
	char line[512];

	slabs_settle();
	f = fopen("/proc/slabinfo", "re");

	s->n = 0;
	if (!f) {
		s->bytes = slab_bytes();
		return;
	}
	while (fgets(line, sizeof(line), f) && s->n < SLABS_MAX)
		if (sscanf(line, "%31s %lu", s->cache[s->n].name,
			   &s->cache[s->n].objects) == 2)
			s->n++;
	fclose(f);
	EXPECT(s->n > 0);
}

/*
 * What holds the memory of processes comes and goes with them, is freed lazily
 * and is counted by whole slabs.
 */
static int is_noise(const char *cache)
{
	return !strncmp(cache, "anon_vma", 8) ||
	       !strcmp(cache, "vm_area_struct") || !strcmp(cache, "vmap_area");
}

/* The first cache that grew so far, or null; `*from` is what it had. */
static const char *grown_cache(const struct slabs *before,
			       const struct slabs *now, unsigned long limit,
			       unsigned long *from, unsigned long *to)
{
	for (size_t i = 0; i < now->n; i++) {
		*from = 0;
		*to = now->cache[i].objects;
		for (size_t j = 0; j < before->n; j++)
			if (!strcmp(before->cache[j].name, now->cache[i].name))
				*from = before->cache[j].objects;
		if (*to >= *from + limit && !is_noise(now->cache[i].name))
			return now->cache[i].name;
	}
	/* Without names: what leaks is a namespace and credentials, far more than 256 bytes. */
	*from = before->bytes;
	*to = now->bytes;
	return !now->n && *to >= *from + 256 * limit ? "(bytes)" : NULL;
}

void slabs_expect_growth_below(const struct slabs *before, unsigned long limit)
{
	static struct slabs now;
	static const struct timespec tick = { 0, 50 * 1000 * 1000 };
	unsigned long from, to;
	const char *name;

	for (int tries = 0; ; tries++) {
		slabs_read(&now);
		name = grown_cache(before, &now, limit, &from, &to);
		if (!name)
			return;
		/* Nothing tells when RCU and the work queue have freed all. */
		if (tries == 100)
			FAIL("slab cache %s grew from %lu to %lu", name, from,
			     to);
		EXPECT_OK(nanosleep(&tick, NULL));
	}
}
