/* SPDX-License-Identifier: GPL-2.0 */
/* Calls of the fuzzer that take more than numbers. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "fuzz.h"

/* Every call that waits is interrupted, the restarted ones as well. */
static void wake(long usec)
{
	const struct itimerval t = { { 0, usec }, { 0, usec } };

	setitimer(ITIMER_REAL, &t, NULL);
}

/* A signal makes clone begin again, and a network takes longer than the timer. */
static long do_clone(void)
{
	long pid;

	wake(0);
	pid = syscall(SYS_clone, ns_flags() | (pick(4) ? SIGCHLD : 0), 0L, 0L, 0L, 0L);
	if (!pid)
		_exit(0);
	wake(50000);
	return pid;
}

static long do_proc_write(void)
{
	static const char *const files[] = {
		"/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/projid_map",
		"/proc/self/setgroups", "/proc/self/uid_map", "/proc/self/gid_map",
		"/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/self/comm",
		"/proc/self/coredump_filter", "/proc/self/loginuid", "/proc/self/sessionid",
		"/proc/self/clear_refs", "/proc/self/mem", "/proc/self/make-it-fail",
		"/proc/self/sched", "/proc/self/limits", "/proc/1/uid_map", "/proc/1/setgroups",
		"/proc/1/oom_score_adj", "/proc/sys/kernel/hostname",
		"/proc/sys/kernel/domainname", "/proc/sys/kernel/msgmax",
		"/proc/sys/kernel/shmmax", "/proc/sys/kernel/sem",
		"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
		"/proc/sys/kernel/hotplug", "/proc/sys/kernel/pid_max",
		"/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/cad_pid",
		"/proc/sys/kernel/printk", "/proc/sys/kernel/sysrq", "/proc/sys/kernel/panic",
		"/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/kernel/overflowuid",
		"/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/ping_group_range",
		"/proc/sys/net/ipv4/conf/all/forwarding", "/proc/sys/net/ipv4/conf/lo/rp_filter",
		"/proc/sys/net/ipv6/conf/lo/mtu", "/proc/sys/net/core/somaxconn",
		"/proc/sys/net/unix/max_dgram_qlen", "/proc/sys/fs/file-max",
		"/proc/sys/fs/mount-max", "/proc/sys/fs/mqueue/msg_max",
		"/proc/sys/fs/suid_dumpable", "/proc/sys/vm/drop_caches",
		"/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger", "/proc/timer_stats",
		"/sys/kernel/uevent_helper", "/sys/class/net/lo/mtu",
		"/sys/kernel/debug/failslab/times",
	};
	static const char *const texts[] = {
		"0 0 1", "0 1000 1", "0 0 4294967295", "0 0 4294967296", "0 0 0", "1 0 1\n0 1 1",
		"0 0 1\n1 1 1\n2 2 1\n3 3 1\n4 4 1\n5 5 1\n", "deny", "allow", "den", "x", "", "1",
		"0", "-1", "65536", "2147483648", "1 2", "|/bin/busybox", "\n", " ",
	};
	const char *t = WORD(texts);
	int fd = open(WORD(files), (pick(2) ? O_WRONLY : O_RDWR) | O_CLOEXEC);
	long ret;

	if (fd < 0)
		return -1;
	if (pick(8))
		ret = write(fd, t, strlen(t));
	else
		ret = pick(2) ? pwrite(fd, t, strlen(t), number()) : write(fd, memory(), length());
	close(fd);
	return ret;
}

static long do_read(void)
{
	static const char *const files[] = {
		"uid_map", "gid_map", "setgroups", "status", "stat", "environ", "maps", "mem",
		"auxv", "mounts", "mountinfo", "io", "stack", "personality", "wchan", "cgroup",
		"net/tcp", "net/unix", "net/dev", "fdinfo/3", "map_files", "task", "ns",
	};
	char name[64];
	long ret;
	int fd;

	snprintf(name, sizeof(name), "/proc/%ld/%s", pick(2) ? (long)getpid() : process(),
		 WORD(files));
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = pick(4) ? pread(fd, blob, length() & 8191, pick(3) ? 0 : number()) :
	      syscall(SYS_getdents64, fd, blob, BLOB);
	close(fd);
	return ret;
}

/* A message that is well formed outside, of a subsystem that there is. */
static long do_netlink(void)
{
	static const int protocols[] = { 0, 0, 0, 0, 4, 6, 9, 10, 11, 12, 15, 16 };
	struct nlmsghdr *h = (struct nlmsghdr *)blob;
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	int fd = out->route;
	long ret;

	if (pick(4))
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			    protocols[pick(N(protocols))]);

	if (fd < 0)
		return -1;
	memory();
	h->nlmsg_len = pick(8) ? 16 + 4 * pick(30) : (unsigned int)number();
	h->nlmsg_type = pick(4) ? 16 + pick(80) : pick(2000);
	h->nlmsg_flags = NLM_F_REQUEST | (pick(3) ? NLM_F_ACK : pick(0x1000));
	if (!pick(4))
		to.nl_groups = bits(), to.nl_pid = process();
	/* Attributes of a plausible length. */
	for (unsigned int i = 32; i < 120; i += 8) {
		*(uint16_t *)(blob + i) = pick(4) ? 8 : pick(64);
		*(uint16_t *)(blob + i + 2) = pick(24);
	}
	ret = sendto(fd, blob, 16 + 4 * pick(30), MSG_DONTWAIT,
		     (struct sockaddr *)&to, sizeof(to));
	recv(fd, blob, BLOB, MSG_DONTWAIT);
	if (fd != out->route)
		close(fd);
	return ret;
}

/* Such as there are, for the descriptors from 3 on. */
static long do_socket(void)
{
	static const int family[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET };
	static const int kind[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };
	long fd = syscall(SYS_socket, family[pick(5)], kind[pick(4)] | SOCK_NONBLOCK,
			  pick(3) ? 0L : (long)pick(20));

	return fd >= 60 ? close(fd) : fd;
}

static long do_scm(void)
{
	char control[128] = { 0 };
	struct iovec iov = { control, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct cmsghdr *c = (struct cmsghdr *)control;
	int sv[2], on = 1;
	long ret;

	if (socketpair(AF_UNIX, (pick(2) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0, sv) < 0)
		return -1;
	setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	c->cmsg_level = pick(8) ? SOL_SOCKET : pick(20);
	c->cmsg_type = 1 + pick(3);
	if (pick(2)) {
		struct ucred who = { pick(2) ? getpid() : process(), id(), id() };

		c->cmsg_type = SCM_CREDENTIALS;
		memcpy(CMSG_DATA(c), &who, sizeof(who));
		c->cmsg_len = CMSG_LEN(sizeof(who));
	} else {
		int fd = descriptor();

		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
		c->cmsg_len = CMSG_LEN(sizeof(fd));
	}
	if (!pick(8))
		c->cmsg_len = number();
	msg.msg_controllen = pick(8) ? CMSG_SPACE(12) : pick(sizeof(control));
	ret = sendmsg(sv[0], &msg, MSG_DONTWAIT);
	if (pick(2)) {
		msg.msg_controllen = sizeof(control);
		recvmsg(sv[1], &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	}
	close(sv[0]);
	close(sv[1]);
	return ret;
}

static long do_ioctl_net(void)
{
	struct ifreq *r = (struct ifreq *)blob;
	static const char *const names[] = { "lo", "dummy0", "", "tun0", "br0", "lo:1" };

	memory();
	memset(r->ifr_name, 0, IFNAMSIZ);
	strcpy(r->ifr_name, WORD(names));
	return ioctl(pick(2) ? out->inet : descriptor(), 0x8900 + pick(0x100),
		     pick(8) ? r : memory());
}

/* None that says how the terminal behaves, for he was given the descriptor. */
static long do_ioctl(void)
{
	static const unsigned long request[] = {
		0x5412, 0x541d, 0x5437, 0xb701, 0xb702, 0xb703, 0xb704, 0x400454ca, 0x400454cc,
		0x400454ce, 0x40086602, 0x80086601, 1, 0x127d, 0x5452, 0x5460, 0x541b, 0x8904,
	};
	unsigned long r = request[pick(N(request))];

	/* TIOCSTI, TIOCCONS, TIOCVHANGUP */
	return ioctl(r == 0x5412 || r == 0x541d || r == 0x5437 ? out->tty : (int)descriptor(), r,
		     pick(2) ? (long)memory() : number());
}

static long do_priority(void)
{
	/* Of users, not his own. */
	int which = pick(4);
	long who = which == 2 ? (pick(2) ? OTHER : 65534) : process();

	return pick(2) ? syscall(SYS_setpriority, which, who, (long)pick(60) - 30) :
	       syscall(SYS_ioprio_set, which == 2 ? 3L : 1L, who, (long)pick(4) << 13 | pick(8));
}

static long do_reboot(void)
{
	/* It may end his own pid namespace, and all of us. */
	return syscall(SYS_reboot, 0xfee1dead, has_own ? 0 : 672274793,
		       pick(2) ? 0 : 0x89abcdef, memory());
}

static long do_key(void)
{
	const long keys[] = { -1, -2, -3, -4, -5, -6, -7, -8, 0, 1, out->key, out->key, number() };

	return syscall(SYS_keyctl, pick(32) - 1L, keys[pick(N(keys))],
		       pick(2) ? keys[pick(N(keys))] : (long)memory(), pick(2) ? id() : length(),
		       keys[pick(N(keys))]);
}

static long do_add_key(void)
{
	return pick(4) ? syscall(SYS_add_key, text(), text(), memory(), length(), -(long)pick(9)) :
	       syscall(SYS_request_key, text(), text(), NULL, -(long)pick(9));
}

static long object(int of_root)
{
	return pick(2) ? of_root : (int)pick(9);
}

static long do_ipc(void)
{
	long op = pick(32) - 1;

	switch (pick(9)) {
	case 0: return syscall(SYS_shmget, pick(3), length(), pick(2) ? IPC_CREAT | 0600 : bits());
	case 1: return syscall(SYS_semget, pick(3), pick(300),
			       pick(2) ? IPC_CREAT | 0600 : bits());
	case 2: return syscall(SYS_msgget, pick(3), pick(2) ? IPC_CREAT | 0600 : bits());
	case 3: return syscall(SYS_shmctl, object(out->shm), op, memory());
	case 4: return syscall(SYS_semctl, object(out->sem), pick(3), op, memory());
	case 5: return syscall(SYS_msgctl, object(out->msg), op, memory());
	case 6: return semop(object(out->sem), (void *)memory(), pick(5));
	case 7: return syscall(SYS_msgsnd, object(out->msg), memory(), pick(200),
			       IPC_NOWAIT);
	default: return syscall(SYS_msgrcv, object(out->msg), memory(), pick(200), 0L,
				IPC_NOWAIT | bits());
	}
}

static long do_vm(void)
{
	struct iovec here = { blob, 16 }, there = { memory(), 16 };
	long pid = process();

	/* Not into his own memory. */
	return syscall(pick(2) || pid == getpid() ? SYS_process_vm_readv : SYS_process_vm_writev,
		       pid, &here, pick(3), &there, pick(3), pick(8) ? 0L : bits());
}

static long do_mount(void)
{
	static const unsigned long f[] = {
		0, 0, MS_BIND, MS_BIND | MS_REC, MS_MOVE, MS_REMOUNT, MS_REMOUNT | MS_BIND,
		MS_SHARED, MS_PRIVATE | MS_REC, MS_SLAVE, MS_UNBINDABLE, MS_RDONLY | MS_NOSUID,
	};

	return mount(path(), path(), text(), f[pick(N(f))] | (pick(4) ? 0 : bits()),
		     pick(2) ? NULL : text());
}

static long do_open(void)
{
	long flags = pick(3) | (pick(3) ? 0 : bits()) | O_NONBLOCK;
	int fd = pick(2) ? open(path(), flags, 0666 & bits()) :
		 openat(descriptor(), path(), flags, 0666 & bits());

	if (fd >= 0 && pick(2) && write(fd, "fuzz", 4) < 0)
		return close(fd);
	return fd >= 60 ? close(fd) : fd;
}

#endif
