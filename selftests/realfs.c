// SPDX-License-Identifier: GPL-2.0
/* What a filesystem on a disk keeps of a namespace's members: kernel ids. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "disk.h"
#include "userns.h"

/* Ids 0 to 9,999 of the namespace; 10,000 and up have none. */
#define WIDE_MAP	"0 100000 10000"
#define SIBLING_MAP	"0 200000 10000"
#define NO_SUCH_ID	10000

static const char *options_of(const char *type)
{
	static const char *const with_acl[] = {
		"ext2", "ext3", "ext4", "reiserfs",
	};

	for (size_t i = 0; i < sizeof(with_acl) / sizeof(*with_acl); i++)
		if (!strcmp(type, with_acl[i]))
			return "acl,user_xattr";
	return "";
}

/* fn as this member, with every capability of the namespace if it is 0. */
static void as_member_of(const char *map, uid_t uid, gid_t gid, void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, map, map);
		member_ids(uid, gid);
		if (uid)
			caps_set(0, 0, 0);
		fn();
		done();
	}
	peer_join(&p);
}

static void expect_owner(const char *path, uid_t uid, gid_t gid)
{
	harness_context("%s", path);
	EXPECT_EQ(file_uid(path), uid);
	EXPECT_EQ(file_gid(path), gid);
	harness_context("%s", "");
}

static void make_one(const char *path)
{
	int fd = EXPECT_OK(open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
				0644));

	EXPECT_OK(close(fd));
}

static const char *const made[] = { "file", "dir", "link", "fifo", "socket" };

static void make_all(void)
{
	make_one("file");
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_OK(symlink("file", "link"));
	EXPECT_OK(mknod("fifo", S_IFIFO | 0644, 0));
	EXPECT_OK(mknod("socket", S_IFSOCK | 0644, 0));
}

static void expect_all(uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		expect_owner(made[i], uid, gid);
}

static void expect_own(void)
{
	expect_all(1000, 1001);
	EXPECT_OK(chmod("file", 0600));
}

static void expect_foreign(void)
{
	expect_all(OVERFLOW_ID, OVERFLOW_ID);
	EXPECT_ERR(chmod("file", 0600), EPERM);
}

ON_ALL_DISKS(keeps_what_a_member_makes_by_kernel_id, "IDS-2 IDS-6")
{
	disk_enter(type, options_of(type));
	as_member_of(WIDE_MAP, 1000, 1001, make_all);
	expect_all(101000, 101001);
	disk_again();
	expect_all(101000, 101001);
	as_member_of(WIDE_MAP, 1000, 1001, expect_own);
	as_member_of(SIBLING_MAP, 1000, 1001, expect_foreign);
}

static void give_away(void)
{
	make_one("file");
	make_one("file-to-user");
	EXPECT_OK(symlink("file", "link"));
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_OK(chown("file", 5, 6));
	EXPECT_OK(chown("file-to-user", 7, -1));
	EXPECT_OK(lchown("link", 8, 9));
	EXPECT_OK(chown("dir", 0, 4));
	/* What is made in there inherits its group. */
	EXPECT_OK(chmod("dir", 02775));
	make_one("dir/file");
	expect_owner("file", 5, 6);

	EXPECT_ERR(chown("file", NO_SUCH_ID, -1), EINVAL);
	EXPECT_ERR(chown("file", -1, NO_SUCH_ID), EINVAL);
	EXPECT_ERR(chown("foreign", 5, -1), EPERM);
	EXPECT_ERR(chown("foreign", -1, 5), EPERM);
}

static void expect_given_away(void)
{
	expect_owner("file", 100005, 100006);
	expect_owner("file-to-user", 100007, 100000);
	expect_owner("link", 100008, 100009);
	expect_owner("dir", 100000, 100004);
	expect_owner("dir/file", 100000, 100004);
	expect_owner("foreign", 5, 6);
}

ON_ALL_DISKS(keeps_the_owner_that_root_inside_gives, "IDS-2 IDS-3 ACC-1")
{
	disk_enter(type, options_of(type));
	touch("foreign", 5, 6, 0644);
	as_member_of(WIDE_MAP, 0, 0, give_away);
	expect_given_away();
	disk_again();
	expect_given_away();
}

/* ---- access control lists ---- */

#define ACCESS	"system.posix_acl_access"
#define DEFAULT	"system.posix_acl_default"

enum {
	TAG_OWNER = 1, TAG_USER = 2, TAG_OWNING = 4, TAG_GROUP = 8,
	TAG_MASK = 16, TAG_REST = 32,
};

/* As it passes the system calls; little endian, as are the machines tested. */
struct acl {
	uint32_t version;
	struct {
		uint16_t tag, perm;
		uint32_t id;
	} entry[6];
};

#define USER_ENTRY	1
#define GROUP_ENTRY	3

static struct acl acl_for(uint32_t uid, uint32_t gid)
{
	return (struct acl){ 2, {
		{ TAG_OWNER, 6, -1 }, { TAG_USER, 6, uid },
		{ TAG_OWNING, 0, -1 }, { TAG_GROUP, 4, gid },
		{ TAG_MASK, 6, -1 }, { TAG_REST, 0, -1 },
	} };
}

static int acl_set(const char *path, const char *name, uint32_t uid,
		   uint32_t gid)
{
	struct acl acl = acl_for(uid, gid);

	return setxattr(path, name, &acl, sizeof(acl), 0);
}

static void acl_expect(const char *path, const char *name, uint32_t uid,
		       uint32_t gid)
{
	struct acl acl;

	harness_context("%s of %s", name, path);
	EXPECT_EQ(getxattr(path, name, &acl, sizeof(acl)), sizeof(acl));
	EXPECT_EQ(acl.entry[USER_ENTRY].tag, TAG_USER);
	EXPECT_EQ(acl.entry[USER_ENTRY].id, uid);
	EXPECT_EQ(acl.entry[GROUP_ENTRY].tag, TAG_GROUP);
	EXPECT_EQ(acl.entry[GROUP_ENTRY].id, gid);
	harness_context("%s", "");
}

static void set_acls(void)
{
	make_one("file");
	EXPECT_OK(acl_set("file", ACCESS, 1000, 1001));
	acl_expect("file", ACCESS, 1000, 1001);
	EXPECT_ERR(acl_set("file", ACCESS, NO_SUCH_ID, 1001), EINVAL);
	EXPECT_ERR(acl_set("file", ACCESS, 1000, NO_SUCH_ID), EINVAL);
	acl_expect("file", ACCESS, 1000, 1001);
	EXPECT_OK(mkdir("dir", 0777));
	EXPECT_OK(acl_set("dir", DEFAULT, 1000, 1001));
	make_one("dir/file");
	EXPECT_OK(chmod("dir/file", 0660));
}

static int may_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return -1;
	return close(fd);
}

static void as_named_user(void)
{
	acl_expect("file", ACCESS, 1000, 1001);
	acl_expect("dir", DEFAULT, 1000, 1001);
	EXPECT_OK(may_open("file", O_RDWR));
	EXPECT_OK(may_open("dir/file", O_RDWR));
}

static void as_named_group(void)
{
	EXPECT_OK(may_open("file", O_RDONLY));
	EXPECT_ERR(may_open("file", O_RDWR), EACCES);
}

static void as_other(void)
{
	EXPECT_ERR(may_open("file", O_RDONLY), EACCES);
}

static void expect_acls(uint32_t uid, uint32_t gid)
{
	acl_expect("file", ACCESS, uid, gid);
	acl_expect("dir", DEFAULT, uid, gid);
	acl_expect("dir/file", ACCESS, uid, gid);
}

ON_ALL_DISKS(keeps_kernel_ids_in_access_control_lists, "IDS-2 IDS-3 ACC-1")
{
	struct peer p;

	disk_enter(type, options_of(type));
	touch("probe", 0, 0, 0600);
	if (acl_set("probe", ACCESS, 1, 1) < 0 && errno == ENOTSUP)
		SKIP("%s has no access control lists here", type);
	as_member_of(WIDE_MAP, 0, 0, set_acls);
	expect_acls(101000, 101001);
	disk_again();
	expect_acls(101000, 101001);
	as_member_of(WIDE_MAP, 1000, 1002, as_named_user);
	as_member_of(WIDE_MAP, 1003, 1001, as_named_group);
	as_member_of(WIDE_MAP, 1003, 1003, as_other);
	as_member_of(SIBLING_MAP, 1000, 1001, as_other);
	if (peer_start(&p, 0)) {
		become(1000, 1001, 0);
		as_other();
		done();
	}
	peer_join(&p);
}

/* ---- project ids ---- */

struct xfs_attributes {
	uint32_t flags, extsize, extents, project;
	unsigned char pad[12];
};

#define GET_ATTRIBUTES	_IOR('X', 31, struct xfs_attributes)
#define SET_ATTRIBUTES	_IOW('X', 32, struct xfs_attributes)

static uint32_t project_of(const char *path)
{
	int fd = EXPECT_OK(open(path, O_RDONLY | O_CLOEXEC));
	struct xfs_attributes a;

	EXPECT_OK(ioctl(fd, GET_ATTRIBUTES, &a));
	EXPECT_OK(close(fd));
	return a.project;
}

static int set_project(const char *path, uint32_t project)
{
	int fd = EXPECT_OK(open(path, O_RDWR | O_CLOEXEC)), err;
	struct xfs_attributes a;

	EXPECT_OK(ioctl(fd, GET_ATTRIBUTES, &a));
	a.project = project;
	err = ioctl(fd, SET_ATTRIBUTES, &a) < 0 ? errno : 0;
	EXPECT_OK(close(fd));
	errno = err;
	return err ? -1 : 0;
}

static void set_foreign_project(void)
{
	/* Whether it is refused or translated: there is no map. */
	make_one("file");
	set_project("file", 7);
	set_project("given", 7);
}

static void takes_no_project_id_that_is_not_mapped(const char *type)
{
	require_namespaces();
	disk_enter(type, options_of(type));
	touch("given", 101000, 101001, 0644);
	as_member_of(WIDE_MAP, 1000, 1001, set_foreign_project);
	EXPECT_EQ(project_of("file"), 0);
	EXPECT_EQ(project_of("given"), 0);
	EXPECT_OK(set_project("given", 42));
	EXPECT_EQ(project_of("given"), 42);
}

ON(xfs, takes_no_project_id_that_is_not_mapped, "IDS-3")

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
