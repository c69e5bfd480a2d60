/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzer gives to calls: at random, from pools of what matters. */
#ifndef FUZZ_H
#define FUZZ_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <unistd.h>

#include "adversary.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define BLOB 8192

static const struct outside *out;
static uint64_t state;
static unsigned char *blob;	/* a page that cannot be touched follows */

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 2685821657736338717ULL;
}

static unsigned int pick(unsigned int n)
{
	return (any() >> 33) % n;
}

static const char *word(const char *const *list, size_t n)
{
	return list[pick(n)];
}
#define WORD(list) word(list, N(list))

/* ---- arguments ---- */

static long number(void)
{
	static const long bounds[] = {
		0, 1, 2, 3, 4, 7, 8, 16, 64, 255, 256, 1000, 4095, 4096, 4097,
		65534, 65535, 65536, 0x7fffffff, 0x80000000L, 0xffffffffL, -1,
		-2, -22, -100, -4096, (long)(~0UL >> 1), (long)~(~0UL >> 1),
	};

	return pick(8) ? bounds[pick(N(bounds))] : (long)any();
}

static long bits(void)
{
	long b = 0;

	for (int i = pick(5); i > 0; i--)
		b |= 1L << pick(32);
	return b;
}

static long length(void)
{
	static const long n[] = { 0, 1, 2, 4, 8, 12, 16, 20, 28, 32, 64, 120, 256, 1024, 4096 };

	return pick(10) ? n[pick(N(n))] : number();
}

static long id(void)
{
	static const long n[] = {
		0, 0, 1, -1, OWNER, OTHER, OVERFLOW_ID, 65535, 65536, BASE, 0xfffffffeL,
		0x7fffffff,
	};

	return n[pick(N(n))];
}

static long known_id(void)
{
	long n = id();

	return n == -1 ? OTHER : n;
}

/*
 * Not the one of OWNER, who may do to it what he likes, nor -1, which is
 * everybody of his. Process 1 of his own pid namespace is the one that counts.
 */
static long process(void)
{
	const long n[] = {
		0, has_own ? 99998 : 1, 99997, out->root.pid, out->root.pid,
		out->other.pid, getpid(), 99999, -99999, 0x7fffffff, 1L << 31,
	};

	return n[pick(N(n))];
}

static long descriptor(void)
{
	switch (pick(6)) {
	case 0: return out->dir;
	case 1: return pick(2) ? out->mount : out->inet;
	case 2: return out->ns[pick(6)];
	case 3: return pick(8) ? out->route : (int)number();
	default: return 3 + pick(40);
	}
}

static const char *path(void)
{
	static const char *const p[] = {
		"outside", "outside/file", "outside/secret", "outside/setuid", "outside/other",
		"outside/dir", "outside/dir/inner", "outside/dir/new", "outside/link",
		"outside/mem", "outside/mount", "outside/mount/file", "outside/mount/new",
		"outside/readonly", "outside/readonly/inner", "file", "secret", "inner",
		"mine", "mine/file", "mine/dir", "mine/dir/a", "mine/dir/b", "mine/dir/c",
		"mine/dir/a/d", "mine/dir/../../outside/secret", "/", ".", "..", "", "/proc",
		"/proc/self", "/proc/self/ns/user", "/proc/self/ns/mnt", "/proc/self/ns/net",
		"/proc/self/ns/pid", "/proc/self/root", "/proc/self/cwd", "/proc/self/exe",
		"/proc/self/fd/3", "/proc/1/root", "/proc/1/ns/user", "/proc/1/mem", "/dev",
		"/dev/null", "/dev/mem", "/dev/net/tun", "/dev/ptmx", "/dev/console", "/sys",
		"/sys/kernel", "/dev/mqueue", "/dev/shm", "/tmp/none",
	};

	return WORD(p);
}

/* Whoever sees a file may give it another name here: what is linked is his own. */
static const char *own_path(void)
{
	static const char *const p[] = {
		"mine/file", "mine/dir", "mine/dir/a", "mine/dir/b", "mine/dir/c", "mine/dir/a/d",
	};

	return WORD(p);
}

/* Filled in part; or near the end, or nothing at all. */
static void *memory(void)
{
	switch (pick(16)) {
	case 0: return NULL;
	case 1: return blob + BLOB;
	case 2: return (void *)-1L;
	case 3: return (void *)(long)(~0UL << (sizeof(long) * 8 - 1));
	case 4: return blob + BLOB - (1 << pick(7));
	default: break;
	}
	for (int i = 0; i < 16; i++)
		switch (pick(4)) {
		case 0: ((uint32_t *)blob)[i] = id(); break;
		case 1: ((uint32_t *)blob)[i] = number(); break;
		case 2: ((uint32_t *)blob)[i] = 0; break;
		default: ((uint32_t *)blob)[i] = pick(20);
		}
	return blob;
}

static const char *text(void)
{
	static const char *const t[] = {
		"user", "keyring", "logon", "security.capability", "user.x", "trusted.x",
		"system.posix_acl_access", "system.posix_acl_default", "security.selinux", "",
		"tmpfs", "proc", "sysfs", "devpts", "mqueue", "ramfs", "devtmpfs", "debugfs",
		"cgroup", "securityfs", "bdev", "pipefs", "rootfs", "sockfs", "nothing",
		"fs-tmpfs", "lo", "dummy0", "veth1", "mode=0777", "newinstance", "hidepid=2",
		"uid=0,gid=0", "uid=4294967295", "size=1m", "name=x,none", "/q", "q",
	};

	return pick(16) ? WORD(t) : memory();
}

static long ns_flags(void)
{
	static const long f[] = {
		CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS,
		CLONE_NEWNET, CLONE_FS, CLONE_FILES, CLONE_SYSVSEM, CLONE_THREAD,
		CLONE_PARENT, CLONE_SIGHAND, 0, 0, 0x1000, 0x80,
	};
	long flags = 0;

	for (int i = 1 + pick(3); i > 0; i--)
		flags |= f[pick(N(f))];
	/* A network takes long to end. */
	if ((flags & CLONE_NEWNET) && pick(8))
		flags &= ~CLONE_NEWNET;
	return flags;
}

static long signal_number(void)
{
	return pick(3) ? 0 : pick(66);
}

#endif
