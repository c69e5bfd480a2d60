// SPDX-License-Identifier: GPL-2.0
/* Files of mapped and unmapped owners: what ids and capabilities allow (ACC-1). */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/*
 * One file for each way in which the owner and the group may have an id in
 * the namespace of BLOCK_MAP. Inside, the mapped ones are 6.
 */
static const struct {
	const char *name;
	uid_t uid;
	gid_t gid;
} kind[] = {
	{ "mapped-mapped", BASE + 6, BASE + 6 },
	{ "mapped-unmapped", BASE + 6, UNMAPPED },
	{ "unmapped-mapped", UNMAPPED, BASE + 6 },
	{ "unmapped-unmapped", UNMAPPED, UNMAPPED },
};

enum { MM, MU, UM, UU };
#define BOTH_MAPPED(k) ((k) == MM)
#define UID_MAPPED(k) ((k) == MM || (k) == MU)

static void make_files(mode_t mode)
{
	for (size_t k = 0; k < N(kind); k++)
		touch(kind[k].name, kind[k].uid, kind[k].gid, mode);
}

static void make_dirs(mode_t mode)
{
	for (size_t k = 0; k < N(kind); k++) {
		char path[64];

		EXPECT_OK(mkdir(kind[k].name, 0700));
		snprintf(path, sizeof(path), "%s/file", kind[k].name);
		touch(path, 0, 0, 0666);
		EXPECT_OK(chown(kind[k].name, kind[k].uid, kind[k].gid));
		EXPECT_OK(chmod(kind[k].name, mode));
	}
}

static int can_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return -1;
	EXPECT_OK(close(fd));
	return 0;
}

/* ---- kernel ids are what is compared ---- */

static void open_own(void)
{
	EXPECT_OK(can_open("by-owner", O_RDWR));
	EXPECT_OK(can_open("by-group", O_RDWR));
	EXPECT_OK(chmod("by-owner", 0640));
	EXPECT_ERR(can_open("number-owner", O_RDONLY), EACCES);
	EXPECT_ERR(can_open("number-group", O_RDONLY), EACCES);
	EXPECT_ERR(chmod("number-owner", 0666), EPERM);
	EXPECT_EQ(file_uid("number-owner"), OVERFLOW_ID);
}

static void open_foreign(void)
{
	EXPECT_ERR(can_open("by-owner", O_RDWR), EACCES);
	EXPECT_ERR(can_open("by-group", O_RDWR), EACCES);
	EXPECT_ERR(can_open("number-owner", O_RDONLY), EACCES);
	EXPECT_ERR(can_open("number-group", O_RDONLY), EACCES);
}

CASE(ownership_goes_by_kernel_id, "ACC-1")
{
	touch("by-owner", BASE + 5, 0, 0600);
	touch("by-group", 0, BASE + 5, 0060);
	touch("number-owner", 5, 0, 0600);
	touch("number-group", 0, 5, 0060);
	as_member(5, 0, open_own);
	as_member(7, 0, open_foreign);
}

/* Every capability inside, and the number 0. */
static void root_inside(void)
{
	EXPECT_ERR(can_open("root", O_RDONLY), EACCES);
	EXPECT_ERR(chmod("root", 0666), EPERM);
	EXPECT_ERR(chown("root", 0, 0), EPERM);
	EXPECT_ERR(unlink("root"), EACCES);
	EXPECT_ERR(can_open("owner", O_RDONLY), EACCES);
}

CASE(root_inside_is_not_root_outside, "ACC-1 CAP-4")
{
	touch("root", 0, 0, 0600);
	touch("owner", OWNER, OWNER, 0600);
	as_member(0, ALL_CAPS, root_inside);
}

/* ---- CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH ---- */

static void dac_override(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		harness_context("%s", kind[k].name);
		if (BOTH_MAPPED(k)) {
			EXPECT_OK(can_open(kind[k].name, O_RDONLY));
			EXPECT_OK(can_open(kind[k].name, O_RDWR));
		} else {
			EXPECT_ERR(can_open(kind[k].name, O_RDONLY), EACCES);
			EXPECT_ERR(can_open(kind[k].name, O_RDWR), EACCES);
		}
	}
}

static void nothing_opens(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		harness_context("%s", kind[k].name);
		EXPECT_ERR(can_open(kind[k].name, O_RDONLY), EACCES);
		EXPECT_ERR(can_open(kind[k].name, O_RDWR), EACCES);
	}
}

CASE(dac_override_needs_both_ids, "ACC-1")
{
	make_files(0);
	as_member(5, CAP_BIT(CAP_DAC_OVERRIDE), dac_override);
	as_member(5, ALL_CAPS, dac_override);
	as_member(5, ALL_CAPS & ~CAP_BIT(CAP_DAC_OVERRIDE) &
		  ~CAP_BIT(CAP_DAC_READ_SEARCH), nothing_opens);
}

static void dac_override_dirs(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		char path[64];

		harness_context("%s", kind[k].name);
		snprintf(path, sizeof(path), "%s/made", kind[k].name);
		if (BOTH_MAPPED(k)) {
			EXPECT_OK(can_open(path, O_CREAT | O_EXCL | O_WRONLY));
			EXPECT_OK(unlink(path));
			EXPECT_OK(can_open(kind[k].name, O_DIRECTORY));
		} else {
			EXPECT_ERR(can_open(path, O_CREAT | O_EXCL | O_WRONLY),
				   EACCES);
			EXPECT_ERR(can_open(kind[k].name, O_DIRECTORY),
				   EACCES);
		}
	}
}

CASE(dac_override_of_directories_needs_both_ids, "ACC-1")
{
	make_dirs(0);
	as_member(5, CAP_BIT(CAP_DAC_OVERRIDE), dac_override_dirs);
}

static void read_search_files(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		harness_context("%s", kind[k].name);
		if (BOTH_MAPPED(k))
			EXPECT_OK(can_open(kind[k].name, O_RDONLY));
		else
			EXPECT_ERR(can_open(kind[k].name, O_RDONLY), EACCES);
		EXPECT_ERR(can_open(kind[k].name, O_RDWR), EACCES);
	}
}

static void read_search_dirs(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		char path[64];

		harness_context("%s", kind[k].name);
		snprintf(path, sizeof(path), "%s/file", kind[k].name);
		if (BOTH_MAPPED(k)) {
			EXPECT_OK(can_open(kind[k].name, O_DIRECTORY));
			EXPECT_OK(can_open(path, O_RDONLY));
		} else {
			EXPECT_ERR(can_open(kind[k].name, O_DIRECTORY),
				   EACCES);
			EXPECT_ERR(can_open(path, O_RDONLY), EACCES);
		}
		snprintf(path, sizeof(path), "%s/made", kind[k].name);
		EXPECT_ERR(can_open(path, O_CREAT | O_EXCL | O_WRONLY),
			   EACCES);
	}
}

CASE(dac_read_search_needs_both_ids, "ACC-1")
{
	make_files(0);
	as_member(5, CAP_BIT(CAP_DAC_READ_SEARCH), read_search_files);
}

CASE(dac_read_search_of_directories_needs_both_ids, "ACC-1")
{
	make_dirs(0);
	as_member(5, CAP_BIT(CAP_DAC_READ_SEARCH), read_search_dirs);
}

/* access() asks for the real ids, with the capabilities of id 0 alone. */
static void access_as_root(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		harness_context("%s", kind[k].name);
		if (BOTH_MAPPED(k))
			EXPECT_OK(access(kind[k].name, R_OK | W_OK));
		else
			EXPECT_ERR(access(kind[k].name, R_OK), EACCES);
	}
}

static void access_as_other(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		harness_context("%s", kind[k].name);
		EXPECT_ERR(access(kind[k].name, R_OK), EACCES);
	}
	EXPECT_OK(can_open(kind[MM].name, O_RDWR));
}

CASE(access_counts_capabilities_of_id_0_inside, "ACC-1")
{
	make_files(0);
	as_member(0, ALL_CAPS, access_as_root);
	as_member(5, ALL_CAPS, access_as_other);
}

/* ---- CAP_CHOWN ---- */

static void chown_all(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		harness_context("%s", kind[k].name);
		if (BOTH_MAPPED(k)) {
			EXPECT_OK(chown(kind[k].name, 8, -1));
			EXPECT_OK(chown(kind[k].name, -1, 8));
			EXPECT_OK(chown(kind[k].name, 6, 6));
		} else {
			EXPECT_ERR(chown(kind[k].name, 8, -1), EPERM);
			EXPECT_ERR(chown(kind[k].name, -1, 8), EPERM);
			EXPECT_ERR(chown(kind[k].name, 8, 8), EPERM);
		}
	}
}

static void chown_none(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		harness_context("%s", kind[k].name);
		EXPECT_ERR(chown(kind[k].name, 8, -1), EPERM);
		EXPECT_ERR(chown(kind[k].name, -1, 8), EPERM);
	}
}

CASE(chown_needs_both_ids, "ACC-1")
{
	make_files(0666);
	as_member(5, CAP_BIT(CAP_CHOWN), chown_all);
	as_member(5, ALL_CAPS & ~CAP_BIT(CAP_CHOWN), chown_none);
}

/* Without the capability an owner may give the file to a group of its own. */
static void chgrp_by_owner(void)
{
	EXPECT_OK(chown(kind[MU].name, -1, 6));
	EXPECT_EQ(file_gid(kind[MU].name), 6);
	EXPECT_ERR(chown(kind[MU].name, -1, 7), EPERM);
	EXPECT_ERR(chown(kind[MU].name, 7, -1), EPERM);
	EXPECT_ERR(chown(kind[UM].name, -1, 6), EPERM);
}

CASE(an_owner_changes_the_group_to_its_own, "ACC-1")
{
	make_files(0600);
	as_member(6, 0, chgrp_by_owner);
	EXPECT_EQ(file_gid(kind[MU].name), BASE + 6);
}

/* ---- CAP_FOWNER ---- */

static void act_as_owner(void)
{
	static const struct timespec times[2] = { { 1, 0 }, { 2, 0 } };

	for (size_t k = 0; k < N(kind); k++) {
		const char *name = kind[k].name;

		harness_context("%s", name);
		if (UID_MAPPED(k)) {
			EXPECT_OK(chmod(name, 0666));
			EXPECT_OK(utimensat(AT_FDCWD, name, times, 0));
			EXPECT_OK(can_open(name, O_RDONLY | O_NOATIME));
		} else {
			EXPECT_ERR(chmod(name, 0666), EPERM);
			EXPECT_ERR(utimensat(AT_FDCWD, name, times, 0), EPERM);
			EXPECT_ERR(can_open(name, O_RDONLY | O_NOATIME), EPERM);
		}
	}
}

static void act_as_nobody(void)
{
	static const struct timespec times[2] = { { 1, 0 }, { 2, 0 } };

	for (size_t k = 0; k < N(kind); k++) {
		const char *name = kind[k].name;

		harness_context("%s", name);
		EXPECT_ERR(chmod(name, 0666), EPERM);
		EXPECT_ERR(utimensat(AT_FDCWD, name, times, 0), EPERM);
		EXPECT_ERR(can_open(name, O_RDONLY | O_NOATIME), EPERM);
	}
}

CASE(fowner_acts_as_owner_where_the_uid_has_an_id, "ACC-1")
{
	make_files(0644);
	as_member(5, CAP_BIT(CAP_FOWNER), act_as_owner);
	as_member(5, ALL_CAPS, act_as_owner);
	as_member(5, ALL_CAPS & ~CAP_BIT(CAP_FOWNER), act_as_nobody);
}

/* A sticky directory of root: what the capability may remove from it. */
static void remove_sticky(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		char path[64];

		harness_context("%s", kind[k].name);
		snprintf(path, sizeof(path), "sticky/%s", kind[k].name);
		if (!BOTH_MAPPED(k)) {
			EXPECT_ERR(unlink(path), EPERM);
			EXPECT_ERR(rename(path, "sticky/new"), EPERM);
		} else {
			EXPECT_OK(rename(path, "sticky/new"));
			EXPECT_OK(unlink("sticky/new"));
		}
	}
}

static void remove_nothing(void)
{
	for (size_t k = 0; k < N(kind); k++) {
		char path[64];

		harness_context("%s", kind[k].name);
		snprintf(path, sizeof(path), "sticky/%s", kind[k].name);
		EXPECT_ERR(unlink(path), EPERM);
		EXPECT_ERR(rename(path, "sticky/new"), EPERM);
	}
}

static void remove_own(void)
{
	/* The owner needs no capability, whatever the group. */
	EXPECT_OK(unlink("sticky/mapped-unmapped"));
	EXPECT_ERR(unlink("sticky/unmapped-mapped"), EPERM);
}

CASE(fowner_in_a_sticky_directory_needs_both_ids, "ACC-1")
{
	EXPECT_OK(mkdir("sticky", 0777));
	EXPECT_OK(chmod("sticky", 01777));
	EXPECT_OK(chdir("sticky"));
	make_files(0666);
	EXPECT_OK(chdir(".."));
	as_member(5, ALL_CAPS & ~CAP_BIT(CAP_FOWNER), remove_nothing);
	as_member(5, CAP_BIT(CAP_FOWNER), remove_sticky);
	as_member(6, 0, remove_own);
}

/* ---- CAP_FSETID and S_ISGID: CVE-2014-4014 ---- */

static int keeps_sgid(const char *name)
{
	struct stat st;

	EXPECT_OK(chmod(name, 0755));
	EXPECT_OK(chmod(name, 02755));
	EXPECT_OK(stat(name, &st));
	EXPECT_EQ(st.st_mode & 05777, 0755);
	return !!(st.st_mode & S_ISGID);
}

/* All run as the id 6 inside, the owner, whose group is 5 or 6. */
static void sgid_with_fsetid(void)
{
	EXPECT_EQ(keeps_sgid(kind[MM].name), 1);
	EXPECT_EQ(keeps_sgid(kind[MU].name), 0);
}

static void sgid_without_fsetid(void)
{
	EXPECT_EQ(keeps_sgid(kind[MM].name), 0);
	EXPECT_EQ(keeps_sgid(kind[MU].name), 0);
}

static void sgid_in_group(void)
{
	EXPECT_EQ(keeps_sgid(kind[MM].name), 1);
	EXPECT_EQ(keeps_sgid(kind[MU].name), 0);
}

CASE(set_group_id_needs_the_group_or_fsetid, "ACC-1")
{
	make_files(0755);
	/* By CAP_FOWNER, from another id and group. */
	as_member(5, CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID),
		  sgid_with_fsetid);
	as_member(5, ALL_CAPS, sgid_with_fsetid);
	as_member(5, CAP_BIT(CAP_FOWNER), sgid_without_fsetid);
	as_member(5, ALL_CAPS & ~CAP_BIT(CAP_FSETID), sgid_without_fsetid);
	/* By the owner, in the group of one of the two. */
	as_member(6, 0, sgid_in_group);
	as_member(6, CAP_BIT(CAP_FSETID), sgid_in_group);
}

/* A group of the caller counts by its kernel id, mapped or not. */
CASE(set_group_id_of_a_group_without_a_name, "ACC-1")
{
	static const gid_t groups[1] = { UNMAPPED };

	touch("file", OWNER, UNMAPPED, 0755);
	become(OWNER, OWNER, CREATOR_CAPS);
	EXPECT_OK(sys_setgroups(1, groups));
	enter_new(0, "0 1000 1", "0 1000 1");
	EXPECT_EQ(file_gid("file"), OVERFLOW_ID);
	caps_set(0, 0, 0);
	EXPECT_EQ(keeps_sgid("file"), 1);
}

/* ---- one level further down ---- */

CASE(a_nested_member_reaches_its_own_ids_only, "ACC-1")
{
	struct peer p;

	touch("level1", BASE + 900, BASE + 900, 0);
	touch("level2", BASE + 20, BASE + 20, 0);
	if (peer_start(&p, 0)) {
		struct peer q;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_OK(can_open("level1", O_RDWR));
		EXPECT_OK(can_open("level2", O_RDWR));
		if (peer_start(&q, 0)) {
			enter_new(0, "0 10 100", "0 10 100");
			member_ids(0, 0);
			EXPECT_EQ(file_uid("level2"), 10);
			EXPECT_EQ(file_uid("level1"), OVERFLOW_ID);
			EXPECT_OK(can_open("level2", O_RDWR));
			EXPECT_OK(chown("level2", 11, 11));
			EXPECT_ERR(can_open("level1", O_RDWR), EACCES);
			EXPECT_ERR(chown("level1", 11, 11), EPERM);
			EXPECT_ERR(chmod("level1", 0666), EPERM);
			done();
		}
		peer_join(&q);
		EXPECT_EQ(file_uid("level2"), 21);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(file_uid("level2"), BASE + 21);
}

/* ---- what asks init ---- */

static void make_nodes(void)
{
	EXPECT_ERR(mknod("dir/chr", S_IFCHR | 0666, 0x103), EPERM);
	EXPECT_ERR(mknod("dir/blk", S_IFBLK | 0666, 0x700), EPERM);
	EXPECT_OK(mknod("dir/fifo", S_IFIFO | 0666, 0));
	EXPECT_OK(mknod("dir/sock", S_IFSOCK | 0666, 0));
	EXPECT_OK(mknod("dir/file", S_IFREG | 0666, 0));
}

/* Writing takes the set-id bits away, but for those who could set them. */
static void write_to(const char *name, mode_t left)
{
	struct stat st;

	harness_context("%s: ", name);
	EXPECT_OK(write_text(name, "x"));
	EXPECT_OK(stat(name, &st));
	EXPECT_EQ(st.st_mode & 07777, left);
	harness_context("%s", "");
}

CASE(writing_keeps_set_id_bits_for_cap_fsetid, "ACC-1 CAP-4")
{
	struct peer p;

	EXPECT_OK(chmod(".", 0755));
	touch("own", OTHER, OTHER, 06777);
	touch("group", OTHER, OTHER, 02666);
	touch("kernels", 0, 0, 06777);
	touch("members", BASE + 5, BASE + 5, 06777);
	write_to("own", 06777);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, CAP_BIT(CAP_FSETID));
		write_to("kernels", 06777);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		write_to("own", 0777);
		/* Without a right to run it that bit is of another kind. */
		write_to("group", 02666);
		done();
	}
	peer_join(&p);
	/* All capabilities inside, but for files of others. */
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	write_to("kernels", 0777);
	caps_drop(CAP_BIT(CAP_FSETID));
	write_to("members", 0777);
}

CASE(device_nodes_ask_init, "ACC-1 CAP-4")
{
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_OK(chown("dir", BASE, BASE));
	as_member(0, ALL_CAPS, make_nodes);
	EXPECT_EQ(file_uid("dir/fifo"), BASE);
}

static void trusted_attributes(void)
{
	char value[8];

	EXPECT_ERR(setxattr("file", "trusted.test", "x", 1, 0), EPERM);
	EXPECT_ERR(getxattr("file", "trusted.test", value, sizeof(value)),
		   ENODATA);
	EXPECT_ERR(removexattr("file", "trusted.test"), EPERM);
}

CASE(trusted_attributes_ask_init, "ACC-1 CAP-4")
{
	char value[8];

	touch("file", BASE, BASE, 0666);
	if (setxattr("file", "trusted.test", "y", 1, 0) && errno == ENOTSUP)
		SKIP("the filesystem has no trusted attributes");
	as_member(0, ALL_CAPS, trusted_attributes);
	EXPECT_EQ(getxattr("file", "trusted.test", value, sizeof(value)), 1);
	EXPECT_EQ(value[0], 'y');
}

/* The BPF module of newer kernels, where it is active, lets these through. */
static void security_attributes(void)
{
	EXPECT_ERR(setxattr("file", "security.test", "x", 1, 0), EPERM);
	EXPECT_ERR(removexattr("file", "security.test"), EPERM);
}

CASE(security_attributes_ask_init, "ACC-1 CAP-4")
{
	touch("file", BASE, BASE, 0666);
	as_member(0, ALL_CAPS, security_attributes);
}

/* Version 2, cap_chown permitted. */
static const unsigned char file_caps[20] = {
	0, 0, 0, 2, 1,
};

static void security_capability(void)
{
	EXPECT_ERR(setxattr("file", "security.capability", file_caps,
			    sizeof(file_caps), 0), EPERM);
}

/* Linux has a form of it that names a namespace's root (4.14). */
CASE(file_capabilities_ask_init, "ACC-1 CAP-4")
{
	touch("file", BASE, BASE, 0755);
	as_member(0, ALL_CAPS, security_capability);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
