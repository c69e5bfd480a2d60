// SPDX-License-Identifier: GPL-2.0
/* Files: names, attributes, mounts, /proc. */
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OTHER_NAME	"/userns-bench.other"
#define DIR_NAME	"/userns-bench.dir"
#define ACL_NAME	"system.posix_acl_access"

static char deep[] = DIR_NAME "/2/3/4/5/6/7/8/9/file";
static int proc_fd;
static char buf[32768];

static long op_open_deep(void)
{
	return syscall(SYS_close, syscall(SYS_open, deep, O_RDONLY));
}

static long make_other(void)
{
	int fd = open(OTHER_NAME, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 ? fd : close(fd);
}

static long op_create_close(void)
{
	return syscall(SYS_close, syscall(SYS_open, OTHER_NAME,
					  O_WRONLY | O_CREAT | O_EXCL, 0644));
}

static long remove_other(void)
{
	return unlink(OTHER_NAME) < 0 && errno != ENOENT ? -1 : 0;
}

static long op_unlink(void)
{
	return syscall(SYS_unlink, OTHER_NAME);
}

static long op_rename(void)
{
	return syscall(SYS_rename, FILE_NAME, OTHER_NAME);
}

static long rename_back(void)
{
	return rename(OTHER_NAME, FILE_NAME) < 0 && errno != ENOENT ? -1 : 0;
}

/* As the kernel's interface has it: version 2, then tag, permissions, id. */
static const struct {
	uint32_t version;
	struct {
		uint16_t tag, perm;
		uint32_t id;
	} entries[6];
} acl = { 2, {
	{ 0x01, 6, UINT32_MAX },	/* the owner */
	{ 0x02, 4, 1000 },
	{ 0x04, 4, UINT32_MAX },	/* the group */
	{ 0x08, 4, 1000 },
	{ 0x10, 4, UINT32_MAX },	/* the mask */
	{ 0x20, 4, UINT32_MAX },	/* the others */
} };

static long op_setxattr_acl(void)
{
	return syscall(SYS_setxattr, DIR_NAME "/acl", ACL_NAME, &acl,
		       sizeof(acl), 0);
}

static long op_getxattr_acl(void)
{
	/* the kernel allocates what the caller has room for */
	return syscall(SYS_getxattr, DIR_NAME "/acl", ACL_NAME, buf, 256);
}

/*
 * The end of a superblock waits for RCU, which would be counted as time and
 * not as work: so umount is measured where the superblock stays.
 */
static long op_mount(void)
{
	return syscall(SYS_mount, "bench", DIR_NAME, "tmpfs", 0, NULL);
}

static long end_mount(void)
{
	return umount2(DIR_NAME, 0) < 0 && errno != EINVAL ? -1 : 0;
}

static long op_bind_umount(void)
{
	if (syscall(SYS_mount, "/", DIR_NAME, NULL, MS_BIND, NULL) < 0)
		return -1;
	return syscall(SYS_umount2, DIR_NAME, 0);
}

long op_read_status(void)
{
	return syscall(SYS_pread64, proc_fd, buf, sizeof(buf), 0, 0);
}

static long op_readdir_proc(void)
{
	long ret;

	if (syscall(SYS_lseek, proc_fd, 0, SEEK_SET) < 0)
		return -1;
	do {
		ret = syscall(SYS_getdents64, proc_fd, buf, sizeof(buf));
	} while (ret > 0);
	return ret;
}

static void open_proc(const char *name, int flags)
{
	proc_fd = open(name, O_RDONLY | O_CLOEXEC | flags);
	if (proc_fd < 0)
		die("%s", name);
}

/*
 * In a pid namespace of so many processes: how many threads the kernel has at
 * the moment depends on what else went on.
 */
#define PROCESSES 20

static void bench_readdir_proc(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0,
			    NULL, NULL, 0);
	int status;

	if (pid < 0)
		die("clone");
	if (!pid) {
		if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("proc", "/proc", "proc", 0, NULL) < 0)
			die("mount");
		for (int i = 1; i < PROCESSES; i++) {
			pid = fork();
			if (pid < 0)
				die("fork");
			if (!pid)
				for (;;)
					pause();
		}
		open_proc("/proc", O_DIRECTORY);
		bench("readdir_proc", op_readdir_proc, NULL);
		/* The others end with it. */
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("the reader of /proc");
}

void open_status(void)
{
	open_proc("/proc/self/status", 0);
}

/* Make or remove the folders above the file that lies nine below the root. */
static void deep_dirs(bool make)
{
	size_t len = sizeof(deep) - 1;

	for (size_t i = make ? 1 : len - 1; i > 0 && i < len; i += make ? 1 : -1) {
		if (deep[i] != '/')
			continue;
		deep[i] = 0;
		if ((make ? mkdir(deep, 0755) : rmdir(deep)) < 0)
			die("%s", deep);
		deep[i] = '/';
	}
}

static void make_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || close(fd) < 0)
		die("%s", name);
}

void bench_files(void)
{
	deep_dirs(true);
	make_file(deep);
	make_file(DIR_NAME "/acl");

	bench("open_close_ten_components", op_open_deep, NULL);
	bench("create_close", op_create_close, remove_other);
	bench("unlink", op_unlink, make_other);
	bench("rename", op_rename, rename_back);
	if (rename_back() < 0)
		die("rename");
	if (op_setxattr_acl() < 0) {
		bench_absent("setxattr_acl");
		bench_absent("getxattr_acl");
	} else {
		bench("setxattr_acl", op_setxattr_acl, NULL);
		bench("getxattr_acl", op_getxattr_acl, NULL);
	}
	bench("mount_tmpfs", op_mount, end_mount);
	if (end_mount() < 0)
		die("umount");
	bench("bind_umount", op_bind_umount, NULL);
	open_status();
	bench("read_proc_status", op_read_status, NULL);
	close(proc_fd);
	bench_readdir_proc();

	if (unlink(DIR_NAME "/acl") < 0 || unlink(deep) < 0)
		die("unlink");
	deep_dirs(false);
}
