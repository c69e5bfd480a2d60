// SPDX-License-Identifier: GPL-2.0
/* Disk quota in a namespace: charged by kernel id, asked for by one's own. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/quota.h>
#include <linux/dqblk_xfs.h>

#include "disk.h"
#include "userns.h"

/* Ids 0 to 9,999 of the namespace; 10,000 and up have none. */
#define WIDE_MAP	"0 100000 10000"
#define NO_SUCH_ID	10000
#define KERNEL_ID(id)	(100000 + (id))
#define PROJECT		2	/* XFS's third type of quota */
#define PIECE		65536

static int is_xfs;

static void enter_quota_disk(const char *type)
{
	is_xfs = !strcmp(type, "xfs");
	disk_enter_quota(type);
}

/* No files, no space: nothing is kept about somebody who has none. */
static void usage(int type, uint32_t id, struct if_dqblk *q)
{
	memset(q, 0, sizeof(*q));
	if (disk_quotactl(Q_GETQUOTA, type, id, q) < 0 &&
	    !(is_xfs && errno == ENOENT))
		FAIL("quota of id %u, type %d: %s", id, type,
		     errno_name(errno));
}

static uint64_t files_of(int type, uint32_t id)
{
	struct if_dqblk q;

	usage(type, id, &q);
	return q.dqb_curinodes;
}

static uint64_t space_of(int type, uint32_t id)
{
	struct if_dqblk q;

	usage(type, id, &q);
	return q.dqb_curspace;
}

static void as_charged(uid_t uid, gid_t gid, void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, WIDE_MAP, WIDE_MAP);
		EXPECT_OK(sys_setgroups(1, &(gid_t){ 77 }));
		member_ids(uid, gid);
		fn();
		done();
	}
	peer_join(&p);
}

static int make_one(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

	return fd < 0 ? -1 : close(fd);
}

/* To the disk, since some charge for space only when it is given out. */
static int write_pieces(const char *path, int n)
{
	static char piece[PIECE];
	int fd = EXPECT_OK(open(path, O_WRONLY | O_CLOEXEC)), err = 0;

	memset(piece, 'q', sizeof(piece));
	while (n-- && !err) {
		ssize_t len = write(fd, piece, sizeof(piece));

		if (len != sizeof(piece) || fsync(fd) < 0)
			err = len < 0 ? errno : EDQUOT;
	}
	EXPECT_OK(close(fd));
	errno = err;
	return err ? -1 : 0;
}

/* ---- usage ---- */

static void use_some(void)
{
	uint64_t own = files_of(USRQUOTA, 1000);
	uint64_t groups = files_of(GRPQUOTA, 1001);

	EXPECT_OK(make_one("file"));
	EXPECT_OK(write_pieces("file", 1));
	EXPECT_EQ(files_of(USRQUOTA, 1000), own + 1);
	EXPECT_EQ(files_of(GRPQUOTA, 1001), groups + 1);
}

static void give_it_away(void)
{
	EXPECT_OK(chown("file", 5, 6));
}

ON_QUOTA_DISKS(charges_the_kernel_id, "IDS-2 IDS-3")
{
	static const uint32_t user[] = { 1000, KERNEL_ID(1000), KERNEL_ID(5) };
	static const uint32_t group[] = { 1001, KERNEL_ID(1001), KERNEL_ID(6) };
	uint64_t users[3], groups[3], space;

	enter_quota_disk(type);
	for (int i = 0; i < 3; i++) {
		users[i] = files_of(USRQUOTA, user[i]);
		groups[i] = files_of(GRPQUOTA, group[i]);
	}
	space = space_of(USRQUOTA, KERNEL_ID(1000));

	as_charged(1000, 1001, use_some);
	EXPECT_EQ(files_of(USRQUOTA, user[0]), users[0]);
	EXPECT_EQ(files_of(USRQUOTA, user[1]), users[1] + 1);
	EXPECT_EQ(files_of(GRPQUOTA, group[0]), groups[0]);
	EXPECT_EQ(files_of(GRPQUOTA, group[1]), groups[1] + 1);
	EXPECT(space_of(USRQUOTA, KERNEL_ID(1000)) > space);

	as_charged(0, 0, give_it_away);
	EXPECT_EQ(files_of(USRQUOTA, user[1]), users[1]);
	EXPECT_EQ(files_of(GRPQUOTA, group[1]), groups[1]);
	EXPECT_EQ(files_of(USRQUOTA, user[2]), users[2] + 1);
	EXPECT_EQ(files_of(GRPQUOTA, group[2]), groups[2] + 1);
	EXPECT_EQ(space_of(USRQUOTA, KERNEL_ID(1000)), space);
}

/* ---- limits ---- */

/* 0: none. For space in blocks of 1,024 bytes, or of 512 on XFS. */
static void set_limits(uint32_t id, uint64_t files, uint64_t space)
{
	struct if_dqblk q = {
		.dqb_ihardlimit = files, .dqb_bhardlimit = space,
		.dqb_valid = QIF_LIMITS,
	};

	EXPECT_OK(disk_quotactl(Q_SETQUOTA, USRQUOTA, id, &q));
}

/* With every capability inside, which lifts no limit of the disk. */
static void exceed_limits(void)
{
	EXPECT_OK(make_one("one"));
	EXPECT_OK(make_one("two"));
	EXPECT_ERR(make_one("three"), EDQUOT);
	EXPECT_ERR(write_pieces("two", 64), EDQUOT);
	/* A third file by another way: the owner's, made by somebody else. */
	EXPECT_ERR(chown("other", 2000, -1), EDQUOT);
}

static void exceed_as_root(void)
{
	EXPECT_OK(make_one("root-one"));
	EXPECT_ERR(make_one("root-two"), EDQUOT);
}

ON_QUOTA_DISKS(limits_hold_inside, "CAP-6 IDS-3")
{
	enter_quota_disk(type);
	touch("other", KERNEL_ID(2001), KERNEL_ID(2001), 0644);
	set_limits(KERNEL_ID(2000), files_of(USRQUOTA, KERNEL_ID(2000)) + 2,
		   512);
	set_limits(KERNEL_ID(0), files_of(USRQUOTA, KERNEL_ID(0)) + 1, 0);
	as_charged(2000, 2000, exceed_limits);
	as_charged(0, 0, exceed_as_root);
	set_limits(KERNEL_ID(2000), 0, 0);
	set_limits(KERNEL_ID(0), 0, 0);
}

/* ---- the system call ---- */

static void ask_inside(void)
{
	struct if_dqblk q;
	struct fs_disk_quota x;

	/* A user and a group have something to be asked for. */
	EXPECT_OK(make_one("mine"));
	EXPECT_OK(make_one("of-group"));
	EXPECT_OK(chown("of-group", -1, 77));

	EXPECT_OK(disk_quotactl(Q_GETQUOTA, USRQUOTA, 3000, &q));
	EXPECT_OK(disk_quotactl(Q_GETQUOTA, GRPQUOTA, 3001, &q));
	EXPECT_OK(disk_quotactl(Q_GETQUOTA, GRPQUOTA, 77, &q));
	memset(&x, 0, sizeof(x));
	EXPECT_OK(disk_quotactl(Q_XGETQUOTA, USRQUOTA, 3000, &x));
	EXPECT_EQ(x.d_id, 3000);
	EXPECT_OK(disk_quotactl(Q_XGETQUOTA, GRPQUOTA, 77, &x));
	EXPECT_EQ(x.d_id, 77);

	EXPECT_ERR(disk_quotactl(Q_GETQUOTA, USRQUOTA, 3002, &q), EPERM);
	EXPECT_ERR(disk_quotactl(Q_GETQUOTA, USRQUOTA, 0, &q), EPERM);
	EXPECT_ERR(disk_quotactl(Q_GETQUOTA, GRPQUOTA, 3000, &q), EPERM);
	EXPECT_ERR(disk_quotactl(Q_XGETQUOTA, USRQUOTA, 3002, &x), EPERM);
}

static void change_inside(void)
{
	struct if_dqinfo info = { .dqi_valid = IIF_BGRACE };
	struct if_dqblk q = { .dqb_valid = QIF_LIMITS };
	struct fs_disk_quota x = { .d_version = FS_DQUOT_VERSION };
	uint32_t flags = FS_QUOTA_UDQ_ENFD;

	EXPECT_ERR(disk_quotactl(Q_SETQUOTA, USRQUOTA, 3000, &q), EPERM);
	EXPECT_ERR(disk_quotactl(Q_SETQUOTA, USRQUOTA, 3002, &q), EPERM);
	EXPECT_ERR(disk_quotactl(Q_XSETQLIM, USRQUOTA, 3000, &x), EPERM);
	EXPECT_ERR(disk_quotactl(Q_SETINFO, USRQUOTA, 0, &info), EPERM);
	EXPECT_ERR(disk_quotactl(Q_QUOTAOFF, USRQUOTA, 0, NULL), EPERM);
	EXPECT_ERR(disk_quotactl(Q_XQUOTAOFF, USRQUOTA, 0, &flags), EPERM);
}

ON_QUOTA_DISKS(is_known_inside_by_ids_of_the_namespace, "IDS-2")
{
	struct fs_disk_quota x;

	enter_quota_disk(type);
	as_charged(3000, 3001, ask_inside);
	EXPECT_OK(disk_quotactl(Q_XGETQUOTA, USRQUOTA, KERNEL_ID(3000), &x));
	EXPECT_EQ(x.d_id, KERNEL_ID(3000));
	EXPECT_EQ(x.d_icount, files_of(USRQUOTA, KERNEL_ID(3000)));
}

ON_QUOTA_DISKS(belongs_to_the_machine, "CAP-6")
{
	require_namespaces();
	enter_quota_disk(type);
	as_charged(3000, 3001, change_inside);
}

/* An id that means nothing is refused before rights are looked at. */
static void ask_for_nobody(void)
{
	struct if_dqblk q;
	struct fs_disk_quota x;

	for (int type = USRQUOTA; type <= GRPQUOTA; type++) {
		EXPECT_ERR(disk_quotactl(Q_GETQUOTA, type, NO_SUCH_ID, &q),
			   EINVAL);
		EXPECT_ERR(disk_quotactl(Q_GETQUOTA, type, KERNEL_ID(3000), &q),
			   EINVAL);
		EXPECT_ERR(disk_quotactl(Q_SETQUOTA, type, NO_SUCH_ID, &q),
			   EINVAL);
		EXPECT_ERR(disk_quotactl(Q_XGETQUOTA, type, NO_SUCH_ID, &x),
			   EINVAL);
		EXPECT_ERR(disk_quotactl(Q_XSETQLIM, type, NO_SUCH_ID, &x),
			   EINVAL);
	}
	/* No map of project ids was written. */
	EXPECT_ERR(disk_quotactl(Q_XGETQUOTA, PROJECT, 0, &x), EINVAL);
}

static void is_of_nobody_for_an_unmapped_id(const char *type)
{
	enter_quota_disk(type);
	as_charged(3000, 3001, ask_for_nobody);
}

ON(ext4, is_of_nobody_for_an_unmapped_id, "IDS-3")
ON(xfs, is_of_nobody_for_an_unmapped_id, "IDS-3")

static void has_none_for_the_invalid_id(const char *type)
{
	struct if_dqblk q = { .dqb_valid = QIF_LIMITS };
	struct fs_disk_quota x = { .d_version = FS_DQUOT_VERSION };

	enter_quota_disk(type);
	for (int t = USRQUOTA; t <= GRPQUOTA; t++) {
		EXPECT_ERR(disk_quotactl(Q_GETQUOTA, t, NO_ID, &q), EINVAL);
		EXPECT_ERR(disk_quotactl(Q_SETQUOTA, t, NO_ID, &q), EINVAL);
		EXPECT_ERR(disk_quotactl(Q_XGETQUOTA, t, NO_ID, &x), EINVAL);
		EXPECT_ERR(disk_quotactl(Q_XSETQLIM, t, NO_ID, &x), EINVAL);
	}
}

ON(ext4, has_none_for_the_invalid_id, "IDS-6")
ON(xfs, has_none_for_the_invalid_id, "IDS-6")

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
