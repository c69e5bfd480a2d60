/* SPDX-License-Identifier: GPL-2.0 */
/* Cases that run on the filesystems of real disks. */
#ifndef DISK_H
#define DISK_H

#include "harness.h"

/*
 * A disk is found by its serial number, which names the filesystem on it
 * (virtio-blk; `make realfs` of the project gives them to the guest). It is
 * mounted in a mount namespace of the case's own, and a new directory on it,
 * where everybody may make files, becomes the working directory. The case is
 * skipped where the disk or the filesystem is not there. "tmpfs" needs no disk.
 */
void disk_enter(const char *type, const char *options);
/*
 * The same with limits on what users and groups keep there. Skipped where the
 * kernel has no quota for it.
 */
void disk_enter_quota(const char *type);
int disk_quotactl(int command, int type, uint32_t id, void *data);
/* Unmount, and mount again: what is seen then comes from the disk. */
void disk_again(void);
/* Not left to the end of the process, which does not wait for it. */
void disk_leave(void);

/* A function for each of these, as cases ext2_NAME and so on. */
#define ON(type_, name_, clauses_)					\
	CASE_SECONDS(type_##_##name_, clauses_, 60)			\
	{								\
		name_(#type_);						\
		disk_leave();						\
	}

#define ON_QUOTA_DISKS(name_, clauses_)					\
	static void name_(const char *type);				\
	ON(ext2, name_, clauses_)					\
	ON(ext3, name_, clauses_)					\
	ON(ext4, name_, clauses_)					\
	ON(jfs, name_, clauses_)					\
	ON(reiserfs, name_, clauses_)					\
	ON(xfs, name_, clauses_)					\
	static void name_(const char *type)

#define ON_ALL_DISKS(name_, clauses_)					\
	static void name_(const char *type);				\
	ON(btrfs, name_, clauses_)					\
	ON(tmpfs, name_, clauses_)					\
	ON_QUOTA_DISKS(name_, clauses_)

#endif
