// SPDX-License-Identifier: GPL-2.0
/*
 * Root of a namespace takes no more of the machine than its share, and
 * configures none of it (CAP-4, CAP-6).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/serial.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#include "adversary.h"
#include "keyctl.h"

#define PAGE	4096UL

/* An error that says that this kernel has nothing of the kind. */
static long absent(long ret, int err)
{
	if (ret == -1 && errno == err)
		errno = ENOSYS;
	return ret;
}

/* One refusal that has two numbers. */
static long same(long ret, int err, int as)
{
	if (ret == -1 && errno == err)
		errno = as;
	return ret;
}

/* ---- more than his share ---- */

static long fork_error(void)
{
	static const struct rlimit one = { 1, 1 };
	int status;
	pid_t pid = EXPECT_OK(fork());

	if (!pid) {
		EXPECT_OK(setrlimit(RLIMIT_NPROC, &one));
		pid = fork();
		_exit(pid < 0 ? errno : 0);
	}
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

/* Maps `pages`, or -1; never the address, which is no number for a verdict. */
static long map(unsigned long pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0) == MAP_FAILED ? -1 : 0;
}

static long pipe_size(int size)
{
	int fds[2];
	long ret;

	EXPECT_OK(pipe2(fds, O_CLOEXEC));
	ret = fcntl(fds[0], F_SETPIPE_SZ, size);
	close(fds[0]);
	close(fds[1]);
	return ret;
}

/* A queue of his own, which holds more than init allows. */
static long long_queue(void)
{
	int id = EXPECT_OK(msgget(IPC_PRIVATE, 0600));
	struct msqid_ds d;
	long ret;
	int err;

	EXPECT_OK(msgctl(id, IPC_STAT, &d));
	d.msg_qbytes = 1 << 28;
	ret = msgctl(id, IPC_SET, &d);
	err = errno;
	EXPECT_OK(msgctl(id, IPC_RMID, NULL));
	errno = err;
	return ret;
}

static long lock_shm(void)
{
	int id = EXPECT_OK(shmget(IPC_PRIVATE, PAGE, 0600));
	long ret = shmctl(id, SHM_LOCK, NULL);
	int err = errno;

	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
	errno = err;
	return ret;
}

static void attack_memory(void)
{
	static const struct rlimit page = { PAGE, PAGE }, none = { 0, 0 };
	char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(at != MAP_FAILED);
	at[0] = 1;
	EXPECT_OK(setrlimit(RLIMIT_MEMLOCK, &page));
	TRY(ENOMEM, ENOMEM, mlock(at, 4 * PAGE));
	TRY(ENOMEM, ENOMEM, mlockall(MCL_CURRENT));
	TRY(EAGAIN, EAGAIN, map(4, MAP_LOCKED));
	/* One page is allowed, and does not grow. */
	TRY(0, 0, mlock(at, PAGE));
	TRY(EAGAIN, EAGAIN, mremap(at, PAGE, 8 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
	TRY(0, 0, munlock(at, PAGE));
	EXPECT_OK(setrlimit(RLIMIT_MEMLOCK, &none));
	TRY(EPERM, EPERM, mlock(at, PAGE));
	TRY(EPERM, EPERM, mlockall(MCL_FUTURE));
	TRY(EPERM, EPERM, map(1, MAP_LOCKED));
	/* The owner of the ipc namespace may lock; what counts is the limit. */
	TRY(EPERM, ENOMEM, lock_shm());
	TRY(EPERM, EPERM, syscall(SYS_mbind, at, PAGE, 0, NULL, 0L, 1L << 2));
	TRY(EPERM, EPERM, syscall(SYS_move_pages, 0, 0L, NULL, NULL, NULL, 1L << 2));
	TRY(EPERM, EPERM, absent(madvise(at, PAGE, MADV_HWPOISON), EINVAL));
	TRY(EPERM, EPERM, absent(prctl(PR_SET_MM, PR_SET_MM_START_CODE, at, 0, 0), EINVAL));
}

static void attack_limits(const struct outside *o)
{
	(void)o;
	TRY(EAGAIN, EAGAIN, fork_error());
	TRY(EPERM, EPERM, pipe_size(1 << 26));
	TRY(EPERM, EPERM, long_queue());
	TRY(EACCES, EACCES, proc_write(0, "oom_score_adj", "-1000"));
	TRY(EPERM, EPERM, absent(proc_write(0, "autogroup", "-5"), ENOENT));
	attack_memory();
}

CASE_SECONDS(root_of_a_namespace_takes_no_more_than_its_share, "CAP-4 ACC-5", 120)
{
	run_attack(attack_limits);
}

/* ---- what shows or moves the kernel itself ---- */

/* Linux 6.1 lets the file be opened, and shows zeros. */
static long see_page_frame(void)
{
	static char page[PAGE];
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return absent(-1, ENOENT);
	page[0] = 1;
	EXPECT_OK(pread(fd, &entry, sizeof(entry), (uintptr_t)page / PAGE * 8));
	close(fd);
	errno = EPERM;
	return entry & ((UINT64_C(1) << 55) - 1) ? 0 : -1;
}

static int perf_self(struct perf_event_attr *a)
{
	a->size = sizeof(*a);
	return syscall(SYS_perf_event_open, a, 0, -1, -1, 0L);
}

/* Beyond what may be locked; Debian lets nobody open it. */
static long perf_ring(void)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_CPU_CLOCK,
	};
	int fd = perf_self(&a);

	if (fd < 0)
		return same(-1, EACCES, EPERM);
	return mmap(NULL, (1 + 1024) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0) == MAP_FAILED ? -1 : 0;
}

static long watch_the_kernel(void)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_BREAKPOINT, .bp_type = HW_BREAKPOINT_W,
		.bp_addr = UINT64_C(0xffffffffc1000000),	/* or its lower half */
		.bp_len = HW_BREAKPOINT_LEN_4,
	};

	return same(perf_self(&a), EACCES, EPERM);
}

/* Opened by root before there was an adversary: each write is judged anew. */
static struct {
	const char *path, *text;
	int fd;
} knob[] = {
	{ "/proc/sys/kernel/dmesg_restrict", "0", -1 },
	{ "/proc/sys/kernel/tainted", "64", -1 },
	{ "/proc/sys/kernel/modprobe", "/tmp/x", -1 },
	{ "/proc/sys/kernel/hotplug", "/tmp/x", -1 },
	{ "/proc/sys/kernel/core_pattern", "|/tmp/x", -1 },
	{ "/proc/sys/kernel/usermodehelper/bset", "0 0", -1 },
	{ "/proc/sys/kernel/usermodehelper/inheritable", "0 0", -1 },
	{ "/proc/sys/kernel/randomize_va_space", "0", -1 },
	{ "/proc/sys/kernel/unprivileged_userns_clone", "0", -1 },
	{ "/proc/sys/vm/mmap_min_addr", "0", -1 },
	{ "/proc/sys/vm/overcommit_memory", "1", -1 },
	{ "/proc/sys/fs/file-max", "9", -1 },
};

#define KNOBS	(sizeof(knob) / sizeof(knob[0]))

static int urandom, serial = -1;

static void machine_open(void)
{
	struct {
		const char *name;
		int minor;
	} t[] = { { "port", 4 }, { "kmem", 2 }, { "urandom", 9 } };

	for (size_t i = 0; i < 3; i++) {
		EXPECT_OK(mknod(t[i].name, S_IFCHR, makedev(1, t[i].minor)));
		EXPECT_OK(chmod(t[i].name, 0666));
	}
	/* The last line, which nobody uses. */
	EXPECT_OK(mknod("serial", S_IFCHR, makedev(4, 67)));
	serial = open("serial", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	urandom = EXPECT_OK(open("urandom", O_RDWR | O_CLOEXEC));
	for (size_t i = 0; i < KNOBS; i++)
		knob[i].fd = open(knob[i].path, O_RDWR | O_CLOEXEC);
}

static void machine_close(void)
{
	close(urandom);
	close(serial);
	for (size_t i = 0; i < KNOBS; i++)
		close(knob[i].fd);
}

static void attack_serial(void)
{
	struct serial_struct s;

	if (serial < 0 || ioctl(serial, TIOCGSERIAL, &s) < 0)
		return;
	s.close_delay += 100;
	TRY(EPERM, EPERM, ioctl(serial, TIOCSSERIAL, &s));
	/* 3.4 does not hand it on from 32-bit programs. */
	TRY(EPERM, EPERM, absent(ioctl(serial, TIOCSERCONFIG), ENOTTY));
}

static void attack_kernel(const struct outside *o)
{
	struct {
		int bits, size;
		char text[8];
	} entropy = { 64, 8, "entropy" };
	struct termios locked;

	TRY(EPERM, EPERM, see_page_frame());
	TRY(EPERM, EPERM, perf_ring());
	TRY(EPERM, EPERM, watch_the_kernel());
	TRY(EPERM, EPERM, absent(open("port", O_RDWR | O_CLOEXEC), ENXIO));
	TRY(EPERM, EPERM, absent(open("kmem", O_RDWR | O_CLOEXEC), ENXIO));
	for (int type = 7; type < 10; type++)
		TRY(EPERM, EPERM, syscall(SYS_syslog, type, NULL, 1));
	TRY(EPERM, EPERM, syscall(SYS_syslog, 2, &(char){ 0 }, 1));
#ifdef SYS_bdflush
	TRY(EPERM, EPERM, syscall(SYS_bdflush, 0, 0L));
#endif
	TRY(EPERM, EPERM, ioctl(urandom, RNDADDTOENTCNT, &(int){ 8 }));
	TRY(EPERM, EPERM, ioctl(urandom, RNDADDENTROPY, &entropy));
	TRY(EPERM, EPERM, ioctl(urandom, RNDZAPENTCNT, 0));
	TRY(EPERM, EPERM, ioctl(urandom, RNDCLEARPOOL, 0));
	for (size_t i = 0; i < KNOBS; i++) {
		if (knob[i].fd < 0)
			continue;
		harness_context("%s", knob[i].path);
		TRY(EPERM, EPERM, write(knob[i].fd, knob[i].text, strlen(knob[i].text)));
	}
	harness_context("%s", "");
	attack_serial();
	memset(&locked, 0xff, sizeof(locked));
	TRY(EPERM, EPERM, ioctl(o->tty, TIOCSLCKTRMIOS, &locked));
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_the_kernel_itself,
	     "CAP-4 CAP-6", 120)
{
	machine_open();
	run_attack(attack_kernel);
	machine_close();
}

/* ---- files, beyond what permissions say ---- */

static int file_of_root;
static long ring;

/* 0: a name of root's own is listed. */
static long sees_trusted(const char *path)
{
	char names[512];
	ssize_t n = listxattr(path, names, sizeof(names));

	for (char *c = names; n > 0 && c < names + n; c += strlen(c) + 1)
		if (!strncmp(c, "trusted.", 8))
			return 0;
	errno = ENODATA;
	return -1;
}

static void attack_objects(const struct outside *o)
{
	char value[8];

	TRY(EACCES, EACCES, fcntl(file_of_root, F_SETLEASE, F_RDLCK));
	TRY(ENOENT, ENOENT, linkat(file_of_root, "", AT_FDCWD, "mine/again", AT_EMPTY_PATH));
	TRY(EPERM, EPERM, ioctl(o->mount, FIFREEZE, 0));
	TRY(EPERM, EPERM, ioctl(o->mount, FITHAW, 0));
	TRY(ENODATA, ENODATA, sees_trusted("root/file"));
	TRY(ENODATA, ENODATA, getxattr("root/file", "trusted.x", value, sizeof(value)));
	TRY(EPERM, EPERM, removexattr("root/file", "trusted.x"));
	TRY(EPERM, EPERM, removexattr("root/file", "security.capability"));
	TRY(EPERM, EPERM, removexattr("root/file", "security.x"));
	TRY(EACCES, EACCES, keyctl(KEYCTL_CLEAR, ring, 0, 0, 0));
	TRY(EACCES, EACCES, keyctl(KEYCTL_UNLINK, o->key, ring, 0, 0));
	TRY(EACCES, EACCES, keyctl(KEYCTL_SEARCH, ring, (long)"user", (long)"x", 0));
}

CASE_SECONDS(root_of_a_namespace_has_no_right_of_root_over_objects,
	     "CAP-4 ACC-1 ACC-7", 120)
{
	require_keys();
	EXPECT_OK(mkdir("root", 0755));
	touch("root/file", 0, 0, 0644);
	EXPECT_OK(setxattr("root/file", "trusted.x", "x", 1, 0));
	file_of_root = EXPECT_OK(open("root/file", O_RDONLY | O_CLOEXEC));
	ring = EXPECT_OK(add_key("keyring", "adversary", NULL, 0, KEY_SPEC_PROCESS_KEYRING));
	EXPECT_OK(keyctl(KEYCTL_SETPERM, ring, KEY_POSSESSOR | KEY_OWNER, 0, 0));
	run_attack(attack_objects);
	EXPECT_EQ(sees_trusted("root/file"), 0);
	close(file_of_root);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
