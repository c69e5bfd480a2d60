// SPDX-License-Identifier: GPL-2.0
/* Root of a namespace reaches no file or mount outside, and what would is seen (CAP-4, CAP-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "adversary.h"
#include "keyctl.h"
#include "mounts.h"

/* ---- files ---- */

static int handle_open(int dir)
{
	struct file_handle *h;
	char buf[sizeof(*h) + 128];
	int id;

	h = (void *)buf;
	h->handle_bytes = 128;
	/* Not every filesystem has them; the capability is asked for first. */
	if (name_to_handle_at(dir, "file", h, &id, 0) < 0)
		h->handle_bytes = 8;
	return open_by_handle_at(dir, h, O_RDONLY);
}

/* By the number of a descriptor that cannot be used itself. */
static long chmod_of_path(int dir)
{
	char path[32];
	int fd = openat(dir, "file", O_PATH | O_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return chmod(path, 0777);
}

/* With fs.protected_hardlinks, the file is asked about before the directory. */
static int link_there(int dir)
{
	int ret = linkat(dir, "file", dir, "again", 0);

	if (ret < 0 && errno == EPERM)
		errno = EACCES;
	return ret;
}

static void attack_files(const struct outside *o)
{
	static const struct timespec noon[2] = { { 43200, 0 }, { 43200, 0 } };
	int d = o->dir;

	TRY(EACCES, EACCES, openat(d, "file", O_WRONLY));
	TRY(EACCES, EACCES, openat(d, "file", O_RDONLY | O_TRUNC));
	TRY(EACCES, EACCES, openat(d, "secret", O_RDONLY));
	TRY(EACCES, EACCES, openat(d, "link", O_RDONLY));
	TRY(EACCES, EACCES, openat(d, "other", O_RDONLY));
	TRY(EACCES, EACCES, openat(d, "new", O_CREAT | O_WRONLY, 0600));
	TRY(EACCES, EACCES, truncate("outside/file", 0));
	TRY(EPERM, EPERM, openat(d, "file", O_RDONLY | O_NOATIME));
	TRY(EPERM, EPERM, fchmodat(d, "file", 0777, 0));
	TRY(EPERM, EPERM, fchmodat(d, "setuid", 06777, 0));
	TRY(EPERM, EPERM, fchmod(d, 0777));
	TRY(EPERM, EPERM, chmod_of_path(d));
	TRY(EPERM, EPERM, fchownat(d, "file", 0, 0, 0));
	TRY(EPERM, EPERM, fchownat(d, "link", 0, 0, AT_SYMLINK_NOFOLLOW));
	TRY(EINVAL, EINVAL, fchownat(d, "file", OTHER, OTHER, 0));
	TRY(EINVAL, EINVAL, chown("mine/file", OTHER, -1));
	TRY(EPERM, EPERM, utimensat(d, "file", noon, 0));
	TRY(EACCES, EACCES, utimensat(d, "file", NULL, 0));
	TRY(EACCES, EACCES, link_there(d));
	TRY(EACCES, EACCES, symlinkat("file", d, "again"));
	TRY(EACCES, EACCES, unlinkat(d, "file", 0));
	TRY(EACCES, EACCES, unlinkat(d, "dir", AT_REMOVEDIR));
	TRY(EACCES, EACCES, renameat(d, "file", d, "renamed"));
	TRY(EACCES, EACCES, mkdirat(d, "new", 0777));
	TRY(EPERM, EPERM, unlinkat(d, "sticky/other", 0));
	TRY(EPERM, EPERM, renameat(d, "sticky/other", d, "sticky/renamed"));
	TRY(EACCES, EACCES, mknodat(d, "new", S_IFIFO | 0666, 0));
	TRY(EPERM, EPERM, mknod("mine/null", S_IFCHR | 0666, makedev(1, 3)));
	TRY(EPERM, EPERM, mknod("mine/disk", S_IFBLK | 0666, makedev(7, 0)));
	TRY(EACCES, EACCES, setxattr("outside/file", "user.x", "x", 1, 0));
	TRY(EPERM, EPERM, setxattr("outside/file", "trusted.x", "x", 1, 0));
	TRY(EPERM, EPERM, setxattr("outside/file", "security.x", "x", 1, 0));
	TRY(EPERM, EPERM, setxattr("mine/file", "trusted.x", "x", 1, 0));
	TRY(EPERM, EPERM, setxattr("mine/file", "security.x", "x", 1, 0));
	TRY(EPERM, EPERM, handle_open(d));
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_files_outside,
	     "CAP-4 ACC-1 IDS-3", 120)
{
	run_attack(attack_files);
}

/* ---- mounts ---- */

/* Linux 6.1 asks for a right over the other namespace first. */
static int propagation_there(int fd, unsigned long flags)
{
	int ret = propagation(fd_path(fd), flags);

	if (ret < 0 && errno == EPERM && has_own)
		errno = EINVAL;
	return ret;
}

static void attack_mounts(const struct outside *o)
{
	/* His copies of what root mounted stay as they are. */
	TRY(EPERM, EINVAL, umount2("outside/mount", 0));
	TRY(EPERM, EINVAL, umount2("outside/mount", MNT_DETACH));
	TRY(EPERM, EINVAL, umount2("/proc", MNT_DETACH));
	TRY(EPERM, EINVAL, move("outside/mount", "mine/dir"));
	TRY(EPERM, EINVAL, bind_mount("outside", "mine/dir", 0));
	TRY(EPERM, EPERM, remount("outside/readonly", MS_BIND));
	TRY(EPERM, EPERM, mount(NULL, "outside/mount", NULL, MS_REMOUNT, "size=4k"));
	TRY(EPERM, EPERM, mount("none", "mine/dir", "devtmpfs", 0, NULL));
	/* What he does to them is not seen outside. */
	TRY(EPERM, 0, remount("outside/mount", MS_BIND | MS_RDONLY));
	TRY(EPERM, 0, propagation("/", MS_REC | MS_SHARED));
	TRY(EPERM, 0, mount("none", "mine/dir", "tmpfs", 0, NULL));
	TRY(EPERM, 0, mount("none", "outside/dir", "tmpfs", 0, NULL));
	TRY(EPERM, 0, bind_mount("mine/file", "outside/file", 0));
	TRY(EPERM, 0, bind_mount("mine", "outside/sticky", 0));
	/* Mounts of the other namespace, by descriptor. */
	TRY(EPERM, EINVAL, mount("none", fd_path(o->mount), "tmpfs", 0, NULL));
	TRY(EPERM, EINVAL, mount("none", fd_path(o->dir), "tmpfs", 0, NULL));
	TRY(EPERM, EINVAL, umount2(fd_path(o->mount), 0));
	TRY(EPERM, EINVAL, umount2(fd_path(o->mount), MNT_DETACH));
	TRY(EPERM, EINVAL, remount(fd_path(o->mount), MS_BIND | MS_RDONLY));
	TRY(EPERM, EINVAL, bind_mount(fd_path(o->mount), "mine/dir", 0));
	TRY(EPERM, EINVAL, move(fd_path(o->mount), "mine/dir"));
	TRY(EPERM, EINVAL, propagation_there(o->mount, MS_SHARED));
	TRY(EPERM, EINVAL, propagation_there(o->mount, MS_UNBINDABLE));
	TRY(EPERM, EINVAL, pivot(fd_path(o->mount), fd_path(o->mount)));
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_mounts_outside,
	     "CAP-4 MNT-1 MNT-2 MNT-3 MNT-9 MNT-10", 120)
{
	run_attack(attack_mounts);
}

/* ---- /proc and /sys ---- */

/* What the owner of a network, ipc or pid namespace may set there. */
static int may_be_his(const char *path)
{
	static const char *const t[] = {
		"/proc/sys/net/", "/proc/sys/fs/mqueue/",
		"/proc/sys/kernel/msg", "/proc/sys/kernel/sem",
		"/proc/sys/kernel/shm", "/proc/sys/kernel/auto_msgmni",
		"/proc/sys/kernel/ns_last_pid", "/sys/class/net/",
		"/sys/devices/virtual/net/",
	};

	/* The limits are those of his user namespace. */
	if (!strncmp(path, "/proc/sys/user/", 15))
		return 1;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (has_own && !strncmp(path, t[i], strlen(t[i])))
			return 1;
	return 0;
}

static unsigned int files_tried;

static int try_file(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	int fd;

	(void)ftw;
	if (type != FTW_F || !S_ISREG(st->st_mode) || may_be_his(path))
		return 0;
	files_tried++;
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return 0;
	/* What anybody may open is not his by being root. */
	if (st->st_mode & 0002) {
		close(fd);
		return 0;
	}
	try_judge(path, fd, errno, EACCES);
	close(fd);
	return 0;
}

static void attack_proc(const struct outside *o)
{
	static const char *const t[] = {
		"/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg",
		"/proc/timer_stats", "/proc/slabinfo", "/proc/mtrr",
		"/proc/irq/default_smp_affinity", "/proc/sched_debug",
	};

	(void)o;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (access(t[i], F_OK) == 0 && open(t[i], O_RDWR) >= 0)
			try_judge(t[i], 0, 0, EACCES);
	/* Nothing is written: what opens has failed already. */
	EXPECT_OK(nftw("/proc/sys", try_file, 16, FTW_PHYS));
	EXPECT(files_tried > 100);
	EXPECT_OK(nftw("/sys", try_file, 16, FTW_PHYS));
}

CASE_SECONDS(root_of_a_namespace_writes_no_file_of_proc_and_sys,
	     "CAP-4 CAP-6", 240)
{
	run_attack(attack_proc);
}

/* ---- the other side: what a look at the outside would show ---- */

static int lo_mtu(int mtu)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_mtu = mtu };
	int fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	int ret = ioctl(fd, SIOCSIFMTU, &r);

	close(fd);
	return ret;
}

static int move_clock(int seconds)
{
	struct timeval now;

	EXPECT_OK(gettimeofday(&now, NULL));
	now.tv_sec += seconds;
	return settimeofday(&now, NULL);
}

static int pin(pid_t pid)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	return sched_setaffinity(pid, sizeof(first), &first);
}

/* Once with the change, once again without what can be taken back. */
#define SEEN(do_)							\
	do {								\
		struct print before_ = { 0 }, after_ = { 0 };		\
		harness_context("%s", #do_);				\
		print_take(&before_, &o);				\
		EXPECT_OK(do_);						\
		print_take(&after_, &o);				\
		EXPECT(print_differs(&before_, &after_, 0));		\
	} while (0)

CASE_SECONDS(whatever_changes_outside_is_seen, "CAP-4", 240)
{
	static const struct rlimit few = { 64, 64 };
	struct print before = { 0 }, after = { 0 };
	struct outside o;

	outside_make(&o);
	print_take(&before, &o);
	print_take(&after, &o);
	EXPECT(!print_differs(&before, &after, 1));
	/* Of these namespaces the real root is root here, and they go with this process. */
	EXPECT_OK(sys_unshare(CLONE_NEWUTS | CLONE_NEWNET));
	SEEN(chmod("outside/file", 0600));
	SEEN(chown("outside/dir/inner", OTHER, 0));
	SEEN(write_text("outside/secret", "changed"));
	SEEN(unlink("outside/sticky/other"));
	SEEN(link("outside/file", "outside/again"));
	SEEN(setxattr("outside/file", "trusted.x", "x", 1, 0));
	SEEN(mount("none", "outside/dir", "tmpfs", 0, NULL));
	SEEN(umount("outside/dir"));
	SEEN(propagation("outside/mount", MS_SHARED));
	SEEN(remount("outside/readonly", MS_BIND));
	SEEN(sethostname("changed", 7));
	SEEN(lo_mtu(1400));
	SEEN(write_text("/proc/sys/net/ipv4/conf/lo/forwarding", "1"));
	SEEN(setpriority(PRIO_PROCESS, o.root.pid, 5));
	SEEN(prlimit(o.other.pid, RLIMIT_NOFILE, &few, NULL));
	SEEN(proc_write(o.root.pid, "oom_score_adj", "7"));
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		SEEN(pin(o.own.pid));
	SEEN(keyctl(KEYCTL_SETPERM, o.key, KEY_EVERYBODY, 0, 0));
	SEEN(shmat(o.shm, NULL, 0) == (void *)-1 ? -1 : 0);
	SEEN(move_clock(1000));
	EXPECT_OK(move_clock(-1000));
	harness_context("%s", "");
	EXPECT_OK(umount2("outside/mount", MNT_DETACH));
	EXPECT_OK(umount2("outside/readonly", MNT_DETACH));
	EXPECT_OK(umount2("pts", MNT_DETACH));
	EXPECT_OK(shmctl(o.shm, IPC_RMID, NULL));
	peer_end(&o.root);
	peer_end(&o.other);
	peer_end(&o.own);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
