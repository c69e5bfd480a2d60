/* SPDX-License-Identifier: GPL-2.0 */
/* What a process of the storm may do: at random, and most of it fails. */
#ifndef STORM_H
#define STORM_H

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "mounts.h"

#define WORKERS	4
#define STEPS	24	/* at most, of one process */
#define DIRS	4
#define OPS	32

static struct shared {
	pid_t at[WORKERS];		/* the process of each worker */
	unsigned long tried[OPS], did[OPS];
} *shared;
static char arena[PATH_MAX / 4];
static int proc_fd;
static uint64_t state;
static int held[8];
static int own;		/* types of namespace that this process made */

static unsigned int pick(unsigned int n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % n;
}

/* Something in the arena; some of it is not there. */
static const char *entry(void)
{
	static char buf[4][sizeof(arena) + 32];
	static unsigned int next;
	char *p = buf[next++ % 4];
	unsigned int n = pick(8);

	if (n == 0)
		sprintf(p, "%s/f%u", arena, pick(DIRS));
	else if (n < 4)
		sprintf(p, "%s/d%u", arena, pick(DIRS));
	else
		sprintf(p, "%s/d%u/e%u", arena, pick(DIRS), pick(DIRS));
	return p;
}

static const char *place(void)
{
	return pick(8) ? entry() : arena;
}

static unsigned long ns_flags(void)
{
	unsigned long flags = 0;

	for (int i = 0; ns_types[i].name; i++)
		/* A network takes long to end. */
		if (!pick(ns_types[i].flag == CLONE_NEWNET ? 6 : 2))
			flags |= ns_types[i].flag;
	return flags;
}

static int do_mount(void)
{
	static const struct {
		const char *type, *data;
	} type[] = {
		{ "tmpfs", "mode=0777" }, { "tmpfs", "mode=0777" },
		{ "ramfs", NULL }, { "proc", NULL }, { "sysfs", NULL },
		{ "devpts", "newinstance" }, { "mqueue", NULL },
	};
	unsigned int n = pick(7);

	return mount("none", entry(), type[n].type,
		     pick(3) ? 0 : MS_RDONLY | MS_NOSUID, type[n].data);
}

static int do_bind(void)
{
	return bind_mount(place(), entry(), pick(3) ? 0 : MS_REC);
}

static int do_move(void)
{
	return move(entry(), entry());
}

static int do_umount(void)
{
	return umount2(entry(), pick(2) ? MNT_DETACH : 0);
}

static int do_propagation(void)
{
	static const unsigned long type[] = {
		MS_SHARED, MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE,
	};

	return propagation(pick(4) ? entry() : arena,
			   type[pick(5)] | (pick(2) ? MS_REC : 0));
}

static int do_remount(void)
{
	/* Not the superblock of init's proc. */
	return remount(entry(), ((own & CLONE_NEWUSER) && pick(2) ? 0 : MS_BIND) |
		       (pick(2) ? MS_RDONLY : 0) | (pick(2) ? MS_NODEV : 0));
}

static int do_rename(void)
{
	return rename(entry(), entry());
}

static int do_mkdir(void)
{
	const char *path = entry();

	return mkdir(path, 0777) < 0 ? -1 : chmod(path, 0777);
}

static int do_rmdir(void)
{
	return rmdir(entry());
}

static int do_unlink(void)
{
	return unlink(entry());
}

static int do_create(void)
{
	int fd = open(entry(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);

	return fd < 0 ? -1 : close(fd);
}

static int keep(int fd)
{
	unsigned int n = pick(8);

	if (fd < 0)
		return -1;
	if (held[n])
		close(held[n]);
	held[n] = fd;
	return 0;
}

static int do_hold(void)
{
	return keep(open(place(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

static int do_chdir(void)
{
	return pick(2) ? chdir(place()) : fchdir(held[pick(8)]);
}

static int do_chroot(void)
{
	return pick(4) ? -1 : chroot(place());
}

/* It ends the process's way to the arena, so seldom. */
static int do_pivot(void)
{
	const char *root = entry();

	if (!(own & CLONE_NEWNS) || pick(4) || tmpfs_on(root, 0) < 0 ||
	    chdir(root) < 0 || propagation(".", MS_PRIVATE) < 0 ||
	    chroot(".") < 0 || mkdir("new", 0777) < 0 ||
	    tmpfs_on("new", 0) < 0 || mkdir("new/old", 0777) < 0)
		return -1;
	return pivot("new", "new/old");
}

/* The files of a worker's process, or one's own. */
static const char *process(void)
{
	static char buf[16];

	snprintf(buf, sizeof(buf), "%d", shared->at[pick(WORKERS)]);
	return buf;
}

static int open_ns(int type)
{
	char path[40];

	snprintf(path, sizeof(path), "%s/ns/%s", process(), ns_types[type].name);
	return openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
}

static int do_setns(void)
{
	int err, fd = -1, type = pick(7);

	if (ns_types[type % 6].name && type < 6) {
		fd = open_ns(type);
	} else {
		char path[40];

		snprintf(path, sizeof(path), "%s/ns/user", process());
		fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return -1;
	err = sys_setns(fd, 0);
	close(fd);
	return err;
}

static int do_hold_ns(void)
{
	int type = pick(5);

	return keep(ns_types[type].name ? open_ns(type) : -1);
}

static int do_bind_ns(void)
{
	char from[40], to[sizeof(arena) + 16];
	int type = pick(5);

	if (!ns_types[type].name)
		return -1;
	snprintf(from, sizeof(from), "/proc/self/ns/%s", ns_types[type].name);
	snprintf(to, sizeof(to), "%s/f%u", arena, pick(DIRS));
	return bind_mount(from, to, 0);
}

static int do_unshare(void)
{
	unsigned long flags = ns_flags() | (pick(3) ? 0 : CLONE_NEWUSER);

	if (sys_unshare(flags) < 0)
		return -1;
	own |= flags;
	if (flags & CLONE_NEWUSER) {
		proc_write(0, "setgroups", "deny");
		proc_write(0, "uid_map", "0 0 1");
		proc_write(0, "gid_map", "0 0 1");
	}
	return 0;
}

static int do_ids(void)
{
	if (!(own & CLONE_NEWUSER))
		return -1;
	return syscall(SYS_setresuid, pick(3), -1, pick(3));
}

static int do_read(void)
{
	static const char *const name[] = {
		"mounts", "mountinfo", "mountstats", "status", "uid_map",
		"gid_map", "setgroups", "limits", "stat", "environ", "maps",
		"net/dev", "cgroup", "task",
	};
	char path[40], buf[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", pick(2) ? process() : "self",
		 name[pick(14)]);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (int i = 0; i < 16 && read(fd, buf, sizeof(buf)) > 0; i++)
		;
	return close(fd);
}

static int do_list(void)
{
	DIR *dir = opendir(pick(2) ? "/proc" : place());

	if (!dir)
		return -1;
	while (readdir(dir))
		;
	return closedir(dir);
}

static int do_names(void)
{
	return own & CLONE_NEWUTS ? sethostname("storm", pick(6)) : -1;
}

static int do_ipc(void)
{
	struct sembuf up = { .sem_op = 1, .sem_flg = SEM_UNDO };
	int id;

	if (!(own & CLONE_NEWIPC))
		return -1;
	if (pick(2))
		return msgget(IPC_PRIVATE, 0600);
	id = semget(IPC_PRIVATE, 1, 0600);
	return id < 0 ? -1 : semop(id, &up, 1);
}

/* A message with a descriptor that nobody takes out. */
static int do_send(void)
{
	int sv[2], on = 1;
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &on, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv) < 0)
		return -1;
	setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &held[0], sizeof(int));
	sendmsg(sv[0], &msg, 0);
	close(sv[0]);
	return close(sv[1]);
}

static int do_signal(void)
{
	/* Pid 1 of a namespace ends what is in it. */
	if (getpid() == 1)
		return kill(-1, SIGKILL);
	return kill(atoi(process()), pick(2) ? 0 : SIGCONT);
}

static int do_fork(void);

static const struct op {
	const char *name;
	int (*run)(void);
} op[] = {
	{ "mount", do_mount }, { "bind", do_bind }, { "bind", do_bind },
	{ "move", do_move }, { "umount", do_umount },
	{ "propagation", do_propagation }, { "remount", do_remount },
	{ "rename", do_rename }, { "rename", do_rename }, { "mkdir", do_mkdir },
	{ "mkdir", do_mkdir }, { "rmdir", do_rmdir }, { "unlink", do_unlink },
	{ "create", do_create }, { "hold", do_hold }, { "chdir", do_chdir },
	{ "chroot", do_chroot }, { "pivot_root", do_pivot },
	{ "setns", do_setns }, { "hold ns", do_hold_ns },
	{ "bind ns", do_bind_ns }, { "unshare", do_unshare }, { "ids", do_ids },
	{ "read", do_read }, { "list", do_list }, { "names", do_names },
	{ "ipc", do_ipc }, { "send", do_send }, { "signal", do_signal },
	{ "fork", do_fork },
};
#define N_OPS (sizeof(op) / sizeof(*op))

static void steps(unsigned int n)
{
	while (n--) {
		unsigned int i = pick(N_OPS);

		__sync_fetch_and_add(&shared->tried[i], 1);
		if (op[i].run() >= 0)
			__sync_fetch_and_add(&shared->did[i], 1);
	}
}

static int do_fork(void)
{
	static int depth;
	pid_t pid, one;

	if (depth > 2)
		return -1;
	pid = fork();
	if (!pid) {
		depth++;
		pick(2);
		steps(pick(STEPS / 3));
		_exit(0);
	}
	/* Sometimes it outlives us.  Pid 1 of a namespace waits for its others. */
	if (pid > 0 && pick(3))
		do {
			one = waitpid(-1, NULL, 0);
		} while (one > 0 && one != pid);
	return pid;
}

#endif
