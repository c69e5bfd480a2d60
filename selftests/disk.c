// SPDX-License-Identifier: GPL-2.0
/* Cases that run on the filesystems of real disks. */
#define _GNU_SOURCE
#include "disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/quota.h>

#include "userns.h"

#define DISK	"disk"

static struct {
	const char *type, *options;
	char device[64], dir[sizeof(DISK "/XXXXXX")];
} disk;

static int has_serial(const char *name, const char *serial)
{
	char path[300], text[64];

	snprintf(path, sizeof(path), "/sys/block/%s/serial", name);
	if (read_file(path, text, sizeof(text)) < 0)
		return 0;
	text[strcspn(text, "\n")] = 0;
	return !strcmp(text, serial);
}

static void find_device(const char *serial)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *e;

	if (!dir)
		SKIP("there is no /sys/block");
	while ((e = readdir(dir)))
		if (strlen(e->d_name) < 32 && has_serial(e->d_name, serial))
			snprintf(disk.device, sizeof(disk.device), "/dev/%.32s",
				 e->d_name);
	closedir(dir);
	if (!disk.device[0])
		SKIP("no disk has the serial number '%s' (make realfs)",
		     serial);
}

static int mount_disk(void)
{
	return mount(disk.device, DISK, disk.type, 0, disk.options);
}

static void mount_first(const char *type, const char *options)
{
	disk.type = type;
	disk.options = options;
	if (!strcmp(type, "tmpfs"))
		strcpy(disk.device, type);
	else
		find_device(type);
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir(DISK, 0755));
	if (mount_disk() < 0) {
		if (errno == ENODEV)
			SKIP("this kernel has no %s", type);
		FAIL("mounting %s with \"%s\": %s", type, options,
		     errno_name(errno));
	}
	EXPECT_OK(chmod(DISK, 0755));
}

static void make_dir(void)
{
	strcpy(disk.dir, DISK "/XXXXXX");
	EXPECT(mkdtemp(disk.dir) != NULL);
	EXPECT_OK(chmod(disk.dir, 0777));
	EXPECT_OK(chdir(disk.dir));
}

void disk_enter(const char *type, const char *options)
{
	mount_first(type, options);
	make_dir();
}

void disk_again(void)
{
	if (!strcmp(disk.type, "tmpfs"))
		return;
	disk_leave();
	EXPECT_OK(mount_disk());
	EXPECT_OK(chdir(disk.dir));
}

void disk_leave(void)
{
	EXPECT_OK(chdir("../.."));
	EXPECT_OK(umount(DISK));
}

int disk_quotactl(int command, int type, uint32_t id, void *data)
{
	return syscall(SYS_quotactl, QCMD(command, type), disk.device, id,
		       data);
}

/*
 * A quota file of today's format that holds nobody yet: its header, what it
 * says about the whole filesystem, and an empty root of the tree.
 */
static void make_quota_file(const char *path, int type)
{
	static const uint32_t magic[] = { 0xd9c01f11, 0xd9c01927 };
	uint32_t file[512] = {
		magic[type], 1, 7 * 86400, 7 * 86400, 0, 2, 0, 0,
	};
	int fd = EXPECT_OK(open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC,
				0600));

	EXPECT_EQ(write(fd, file, sizeof(file)), sizeof(file));
	EXPECT_OK(close(fd));
}

void disk_enter_quota(const char *type)
{
	static char file[][32] = { DISK "/quota.u", DISK "/quota.g" };

	if (!strcmp(type, "xfs")) {
		disk_enter(type, "uquota,gquota");
		return;
	}
	mount_first(type, "usrquota,grpquota");
	for (int t = USRQUOTA; t <= GRPQUOTA; t++) {
		make_quota_file(file[t], t);
		if (!disk_quotactl(Q_QUOTAON, t, QFMT_VFS_V1, file[t]))
			continue;
		if (errno == ENOSYS)
			SKIP("this kernel has no quota for %s", type);
		FAIL("quota on: %s", errno_name(errno));
	}
	make_dir();
}
