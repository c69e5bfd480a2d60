// SPDX-License-Identifier: GPL-2.0
/* Root of a namespace reaches neither a disk nor its quota (CAP-4, CAP-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/quota.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "adversary.h"
#include "disk.h"

/* The disk below this directory, open to everybody; of root, a file on it. */
static int node, file;

#define QUOTA(command_, type_, id_, data_)				\
	syscall(SYS_quotactl, QCMD(command_, type_), "node", id_, data_)

/* Another error, of a filesystem without that call or of another kernel. */
static long also(int err, long ret)
{
	if (ret < 0 && errno == err)
		errno = EPERM;
	return ret;
}

static long partition(void)
{
	struct blkpg_partition part = { .start = 0, .length = 4096, .pno = 1 };
	struct blkpg_ioctl_arg a = {
		.op = BLKPG_ADD_PARTITION, .datalen = sizeof(part), .data = &part,
	};

	return ioctl(node, BLKPG, &a);
}

/* A command for the disk itself, which would write: no disk here takes any. */
static long command(void)
{
	unsigned char write_10[10] = { 0x2a };
	struct sg_io_hdr h = {
		.interface_id = 'S', .dxfer_direction = SG_DXFER_NONE,
		.cmdp = write_10, .cmd_len = sizeof(write_10), .timeout = 1000,
	};
	long ret = ioctl(node, SG_IO, &h);

	return also(ENOTTY, ret);
}

static void attack_disk(const struct outside *o)
{
	int block = 0, flags = FS_IMMUTABLE_FL, size = 1024, fd;
	struct fstrim_range trim = { 0, -1, 0 };
	long ahead = 7;

	(void)o;
	TRY(EACCES, EACCES, ioctl(node, BLKROSET, &(int){ 1 }));
	TRY(EACCES, EACCES, ioctl(node, BLKFLSBUF, 0));
	TRY(EACCES, EACCES, ioctl(node, BLKRRPART, 0));
	TRY(EACCES, EACCES, ioctl(node, BLKRASET, ahead));
	TRY(EACCES, EACCES, ioctl(node, BLKFRASET, ahead));
	TRY(EACCES, EACCES, ioctl(node, BLKBSZSET, &size));
	TRY(EACCES, EACCES, partition());
	TRY(EPERM, EPERM, command());
	/* Files on it. */
	TRY(EPERM, EPERM, ioctl(file, FIBMAP, &block));
	TRY(EPERM, EPERM, ioctl(file, FIFREEZE, 0));
	TRY(EPERM, EPERM, ioctl(file, FITHAW, 0));
	TRY(EPERM, EPERM, also(ENOTTY, ioctl(file, FITRIM, &trim)));
	TRY(EPERM, EPERM, also(EACCES, ioctl(file, FS_IOC_SETFLAGS, &flags)));
	fd = open("mine/file", O_RDONLY | O_CLOEXEC);
	/* A flag that only root sets, on a file of his own. */
	TRY(EPERM, EPERM, ioctl(fd, FS_IOC_SETFLAGS, &flags));
	close(fd);
}

static void attack_quota(const struct outside *o)
{
	struct if_dqblk d = { .dqb_valid = QIF_LIMITS, .dqb_bhardlimit = 1 };
	struct if_dqinfo info = { .dqi_valid = IIF_BGRACE, .dqi_bgrace = 1 };

	(void)o;
	for (int type = 0; type < 2; type++) {
		harness_context("quota of %s", type ? "groups" : "users");
		TRY(EPERM, EPERM, QUOTA(Q_QUOTAON, type, 1, "aquota.user"));
		TRY(EPERM, EPERM, QUOTA(Q_QUOTAOFF, type, 0, NULL));
		TRY(EPERM, EPERM, QUOTA(Q_SETQUOTA, type, 0, &d));
		TRY(EPERM, EPERM, QUOTA(Q_SETINFO, type, 0, &info));
		/* An id that he has not: he cannot even name it. */
		TRY(EPERM, EPERM, also(EINVAL, QUOTA(Q_GETQUOTA, type, OTHER, &d)));
	}
	harness_context("%s", "");
}

static void begin(void)
{
	struct stat st;

	EXPECT_OK(stat(".", &st));
	EXPECT_OK(mknod("node", S_IFBLK, st.st_dev));
	EXPECT_OK(chmod("node", 0666));
	node = EXPECT_OK(open("node", O_RDONLY | O_CLOEXEC));
	touch("file", 0, 0, 0644);
	file = EXPECT_OK(open("file", O_RDONLY | O_CLOEXEC));
}

static void end(void)
{
	int readonly = 1;

	EXPECT_OK(ioctl(node, BLKROGET, &readonly));
	EXPECT_EQ(readonly, 0);
	close(node);
	close(file);
}

static void does_not_reach_the_disk(const char *type)
{
	disk_enter(type, NULL);
	begin();
	run_attack(attack_disk);
	end();
}

ON(ext2, does_not_reach_the_disk, "CAP-4 CAP-6")
ON(ext4, does_not_reach_the_disk, "CAP-4 CAP-6")

static void does_not_reach_the_quota(const char *type)
{
	struct if_dqblk before = { 0 }, after = { 0 };

	disk_enter_quota(type);
	begin();
	EXPECT_OK(disk_quotactl(Q_GETQUOTA, 0, OWNER, &before));
	run_attack(attack_quota);
	EXPECT_OK(disk_quotactl(Q_GETQUOTA, 0, OWNER, &after));
	EXPECT_EQ(after.dqb_bhardlimit, before.dqb_bhardlimit);
	EXPECT_EQ(after.dqb_btime, before.dqb_btime);
	end();
}

ON(ext2, does_not_reach_the_quota, "CAP-4 CAP-6 ACC-1")
ON(ext4, does_not_reach_the_quota, "CAP-4 CAP-6 ACC-1")

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
