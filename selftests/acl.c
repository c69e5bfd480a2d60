// SPDX-License-Identifier: GPL-2.0
/* POSIX ACLs: the ids in their attributes, and whom they let in. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

#define ACCESS	"system.posix_acl_access"
#define DEFAULT	"system.posix_acl_default"

enum { USER_OBJ = 1, USER = 2, GROUP_OBJ = 4, GROUP = 8, MASK = 16, OTHERS = 32 };

/* As the attribute has it, in the byte order of little-endian machines. */
struct entry {
	uint16_t tag, perm;
	uint32_t id;
};

#define NAMED_MAX 8
struct acl {
	uint32_t version;
	struct entry e[NAMED_MAX + 4];
};

/* To be read for an id that is not mapped: Linux shows NO_ID. */
#define STRANGER ((uint32_t)-2)

static size_t acl_size(size_t entries)
{
	return sizeof(uint32_t) + entries * sizeof(struct entry);
}

/* The named users, then groups, among the entries that each ACL has. */
static size_t acl_fill(struct acl *acl, const struct entry *named, size_t n)
{
	struct entry *e = acl->e;
	size_t i = 0;

	acl->version = 2;
	*e++ = (struct entry){ USER_OBJ, 6, NO_ID };
	for (; i < n && named[i].tag == USER; i++)
		*e++ = named[i];
	*e++ = (struct entry){ GROUP_OBJ, 0, NO_ID };
	for (; i < n; i++)
		*e++ = named[i];
	*e++ = (struct entry){ MASK, 7, NO_ID };
	*e++ = (struct entry){ OTHERS, 0, NO_ID };
	return e - acl->e;
}

static int acl_set(const char *path, const char *attr,
		   const struct entry *named, size_t n)
{
	struct acl acl;
	size_t entries = acl_fill(&acl, named, n);

	return setxattr(path, attr, &acl, acl_size(entries), 0);
}

static void acl_expect(const char *path, const char *attr,
		       const struct entry *named, size_t n)
{
	struct acl want, got;
	size_t entries = acl_fill(&want, named, n);

	EXPECT_EQ(EXPECT_OK(getxattr(path, attr, &got, sizeof(got))),
		  acl_size(entries));
	EXPECT_EQ(got.version, 2);
	for (size_t i = 0; i < entries; i++) {
		harness_context("entry %zu", i);
		EXPECT_EQ(got.e[i].tag, want.e[i].tag);
		if (want.e[i].id == STRANGER && got.e[i].id == NO_ID)
			continue;
		EXPECT_EQ(got.e[i].id, want.e[i].id == STRANGER ?
			  OVERFLOW_ID : want.e[i].id);
		if (want.e[i].tag & (USER | GROUP))
			EXPECT_EQ(got.e[i].perm, want.e[i].perm);
	}
	harness_context("%s", "");
}

#define SET(path, attr, ...)						\
	acl_set(path, attr, (struct entry[]){ __VA_ARGS__ },		\
		N(((struct entry[]){ __VA_ARGS__ })))
#define EXPECT_ACL(path, attr, ...)					\
	acl_expect(path, attr, (struct entry[]){ __VA_ARGS__ },		\
		   N(((struct entry[]){ __VA_ARGS__ })))

static void require_acls(void)
{
	require_namespaces();
	touch("probe", 0, 0, 0600);
	if (SET("probe", ACCESS, { USER, 4, OTHER }) && errno == ENOTSUP)
		SKIP("the filesystem has no access lists");
	EXPECT_OK(unlink("probe"));
}

/* fn as a user of init without capabilities. */
static void as_user(uid_t uid, void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, uid, 0);
		fn();
		done();
	}
	peer_join(&p);
}

/* ---- ids in and out ---- */

static void set_inside(void)
{
	EXPECT_OK(SET("file", ACCESS, { USER, 4, 5 }, { USER, 6, 7 },
		      { GROUP, 4, 8 }));
	EXPECT_ACL("file", ACCESS, { USER, 4, 5 }, { USER, 6, 7 },
		   { GROUP, 4, 8 });
	EXPECT_OK(chmod("file", 0600));
}

CASE(a_member_names_users_of_its_namespace, "IDS-2 IDS-3 IDS-5")
{
	require_acls();
	touch("file", BASE + 5, BASE + 5, 0600);
	as_member(5, 0, set_inside);
	EXPECT_ACL("file", ACCESS, { USER, 4, BASE + 5 },
		   { USER, 6, BASE + 7 }, { GROUP, 4, BASE + 8 });
}

static void read_inside(void)
{
	struct acl acl;

	EXPECT_ACL("file", ACCESS, { USER, 4, OVERFLOW_ID }, { USER, 6, 5 },
		   { USER, 2, OVERFLOW_ID }, { GROUP, 4, OVERFLOW_ID },
		   { GROUP, 1, 6 }, { GROUP, 0, OVERFLOW_ID });
	EXPECT_EQ(getxattr("file", ACCESS, NULL, 0), acl_size(10));
	EXPECT_ERR(getxattr("file", ACCESS, &acl, acl_size(9)), ERANGE);
}

CASE(a_member_sees_the_overflow_id_for_strangers, "IDS-2")
{
	static const struct entry named[] = {
		{ USER, 4, 5 }, { USER, 6, BASE + 5 }, { USER, 2, UNMAPPED },
		{ GROUP, 4, 6 }, { GROUP, 1, BASE + 6 }, { GROUP, 0, UNMAPPED },
	};

	require_acls();
	touch("file", 0, 0, 0644);
	EXPECT_OK(acl_set("file", ACCESS, named, N(named)));
	as_member(7, 0, read_inside);
	acl_expect("file", ACCESS, named, N(named));
}

static void set_unmapped(void)
{
	static const uint32_t none[] = {
		COUNT, BASE + 5, UNMAPPED, OVERFLOW_ID, NO_ID - 1, NO_ID,
	};

	for (size_t i = 0; i < N(none); i++) {
		harness_context("%u", none[i]);
		EXPECT_ERR(SET("dir", ACCESS, { USER, 4, none[i] }), EINVAL);
		EXPECT_ERR(SET("dir", ACCESS, { GROUP, 4, none[i] }), EINVAL);
		EXPECT_ERR(SET("dir", DEFAULT, { USER, 4, none[i] }), EINVAL);
		EXPECT_ERR(SET("dir", ACCESS, { USER, 4, 5 },
			       { USER, 4, none[i] }, { GROUP, 4, 5 }), EINVAL);
	}
	EXPECT_OK(SET("dir", ACCESS, { USER, 4, 0 }, { USER, 4, COUNT - 1 },
		      { GROUP, 4, COUNT - 1 }));
}

CASE(an_id_that_is_not_mapped_is_refused, "IDS-3")
{
	require_acls();
	EXPECT_OK(mkdir("dir", 0700));
	EXPECT_OK(chown("dir", BASE + 5, BASE + 5));
	as_member(5, ALL_CAPS, set_unmapped);
	EXPECT_ACL("dir", ACCESS, { USER, 4, BASE },
		   { USER, 4, BASE + COUNT - 1 }, { GROUP, 4, BASE + COUNT - 1 });
	EXPECT_ERR(getxattr("dir", DEFAULT, NULL, 0), ENODATA);
}

CASE(before_the_map_nobody_can_be_named, "IDS-2 IDS-3 NEW-11")
{
	struct peer p;

	require_acls();
	touch("file", OWNER, OWNER, 0644);
	EXPECT_OK(SET("file", ACCESS, { USER, 4, OWNER }, { GROUP, 4, 0 }));
	if (peer_start(&p, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_ACL("file", ACCESS, { USER, 4, STRANGER },
			   { GROUP, 4, STRANGER });
		EXPECT_ERR(SET("file", ACCESS, { USER, 4, 0 }), EINVAL);
		EXPECT_ERR(SET("file", ACCESS, { GROUP, 4, 0 }), EINVAL);
		/* No id, nothing to translate. */
		EXPECT_OK(acl_set("file", ACCESS, NULL, 0));
		done();
	}
	peer_join(&p);
	acl_expect("file", ACCESS, NULL, 0);
}

/*
 * init: BASE + 10...; its child: 10...; the grandchild: 0... A sibling of
 * the child has other ids.
 */
CASE(three_levels_and_a_sibling_each_see_their_own, "IDS-2 IDS-3 IDS-5")
{
	struct peer child, grandchild, sibling;

	require_acls();
	touch("file", BASE + 10, BASE + 10, 0644);
	if (peer_start(&child, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&grandchild, 0)) {
			enter_new(0, "0 10 20", "0 10 20");
			member_ids(0, 0);
			EXPECT_OK(SET("file", ACCESS, { USER, 4, 3 },
				      { GROUP, 4, 4 }));
			peer_tell(&grandchild);
			peer_await(&grandchild);
			EXPECT_ACL("file", ACCESS, { USER, 6, STRANGER },
				   { USER, 4, 4 }, { GROUP, 4, 5 });
			EXPECT_ERR(SET("file", ACCESS, { USER, 4, 20 }),
				   EINVAL);
			done();
		}
		peer_await(&grandchild);
		EXPECT_ACL("file", ACCESS, { USER, 4, 13 }, { GROUP, 4, 14 });
		EXPECT_OK(SET("file", ACCESS, { USER, 6, 2 }, { USER, 4, 14 },
			      { GROUP, 4, 15 }));
		peer_end(&grandchild);
		done();
	}
	peer_join(&child);
	EXPECT_ACL("file", ACCESS, { USER, 6, BASE + 2 },
		   { USER, 4, BASE + 14 }, { GROUP, 4, BASE + 15 });

	if (peer_start(&sibling, 0)) {
		enter_owned(0, "0 200000 100\n100 100014 1", "0 200000 100");
		member_ids(0, 0);
		EXPECT_ACL("file", ACCESS, { USER, 6, STRANGER },
			   { USER, 4, 100 }, { GROUP, 4, STRANGER });
		done();
	}
	peer_join(&sibling);
}

static void is_writable(void)
{
	EXPECT_OK(access("file", W_OK));
}

/*
 * Ids that ascend inside may descend outside, and filesystems are particular
 * about the order. What is read can be written back.
 */
CASE(order_is_a_matter_of_the_namespace, "IDS-3")
{
	struct peer p;

	require_acls();
	touch("file", BASE + 1, BASE + 1, 0644);
	if (peer_start(&p, 0)) {
		struct acl acl;
		ssize_t len;

		enter_owned(0, "0 100001 1\n1 100000 1",
			    "0 100001 1\n1 100000 1");
		member_ids(0, 0);
		EXPECT_OK(SET("file", ACCESS, { USER, 4, 0 }, { USER, 6, 1 },
			      { GROUP, 4, 0 }, { GROUP, 6, 1 }));
		len = EXPECT_OK(getxattr("file", ACCESS, &acl, sizeof(acl)));
		EXPECT_OK(setxattr("file", ACCESS, &acl, len, 0));
		done();
	}
	peer_join(&p);
	as_user(BASE, is_writable);
}

/* ---- what a kernel refuses, it refuses in every namespace ---- */

static void set_malformed(void)
{
	static const struct {
		const char *what;
		struct acl acl;
		size_t size;
		int error;
	} bad[] = {
		{ "half a header", { 2, { } }, 3, EINVAL },
		{ "half an entry", { 2, { { USER_OBJ, 6, 0 } } }, 8, EINVAL },
		{ "an entry and a byte", { 2, { { USER_OBJ, 6, 0 } } }, 13,
		  EINVAL },
		{ "version 1", { 1, { { USER_OBJ, 6, 0 }, { GROUP_OBJ, 6, 0 },
				      { OTHERS, 6, 0 } } }, 28, EOPNOTSUPP },
		{ "no others", { 2, { { USER_OBJ, 6, 0 },
				      { GROUP_OBJ, 6, 0 } } }, 20, EINVAL },
		{ "no mask", { 2, { { USER_OBJ, 6, 0 }, { USER, 6, 5 },
				    { GROUP_OBJ, 6, 0 },
				    { OTHERS, 6, 0 } } }, 36, EINVAL },
		{ "a strange tag", { 2, { { USER_OBJ, 6, 0 }, { 3, 6, 5 },
					  { GROUP_OBJ, 6, 0 }, { MASK, 6, 0 },
					  { OTHERS, 6, 0 } } }, 44, EINVAL },
		{ "out of order", { 2, { { GROUP_OBJ, 6, 0 },
					 { USER_OBJ, 6, 0 },
					 { OTHERS, 6, 0 } } }, 28, EINVAL },
	};

	for (size_t i = 0; i < N(bad); i++) {
		harness_context("%s", bad[i].what);
		EXPECT_ERR(setxattr("file", ACCESS, &bad[i].acl, bad[i].size,
				    0), bad[i].error);
	}
	harness_context("%s", "");
}

CASE(malformed_lists_fail_as_they_do_in_init, "IDS-3 IDS-6")
{
	require_acls();
	touch("file", BASE + 5, BASE + 5, 0600);
	set_malformed();
	as_member(5, ALL_CAPS, set_malformed);
	EXPECT_ERR(getxattr("file", ACCESS, NULL, 0), ENODATA);
}

static int twice_in_init;

static int set_twice(uint32_t id)
{
	return SET("file", ACCESS, { USER, 4, id }, { USER, 6, id },
		   { GROUP, 4, id }) ? errno : 0;
}

static void set_twice_inside(void)
{
	void *volatile nowhere = (void *)8;

	EXPECT_EQ(set_twice(7), twice_in_init);
	EXPECT_OK(SET("file", ACCESS, { USER, 4, 7 }));
	EXPECT_ERR(getxattr("file", ACCESS, nowhere, 1000), EFAULT);
}

/* Which is no error to every kernel. */
CASE(who_is_named_twice_is_so_in_every_namespace, "IDS-3 IDS-6")
{
	require_acls();
	touch("file", BASE + 5, BASE + 5, 0600);
	twice_in_init = set_twice(BASE + 7);
	as_member(5, ALL_CAPS, set_twice_inside);
}

/* ---- default lists ---- */

static void make_in_dir(void)
{
	EXPECT_OK(SET("dir", DEFAULT, { USER, 6, 7 }, { GROUP, 4, 8 }));
	touch("dir/file", NO_ID, NO_ID, 0660);
	EXPECT_OK(mkdir("dir/sub", 0770));
	EXPECT_ACL("dir/sub", DEFAULT, { USER, 6, 7 }, { GROUP, 4, 8 });
}

CASE(default_lists_are_inherited_by_kernel_id, "IDS-2 IDS-3")
{
	require_acls();
	EXPECT_OK(mkdir("dir", 0755));
	EXPECT_OK(chown("dir", BASE + 5, BASE + 5));
	as_member(5, 0, make_in_dir);
	EXPECT_ACL("dir", DEFAULT, { USER, 6, BASE + 7 },
		   { GROUP, 4, BASE + 8 });
	EXPECT_ACL("dir/sub", DEFAULT, { USER, 6, BASE + 7 },
		   { GROUP, 4, BASE + 8 });
	EXPECT_ACL("dir/file", ACCESS, { USER, 6, BASE + 7 },
		   { GROUP, 4, BASE + 8 });
}

/* ---- whom a list lets in ---- */

static void open_listed(void)
{
	static const char *const files[] = {
		"user", "group", "number-user", "number-group", "not-user",
	};

	for (size_t i = 0; i < N(files); i++) {
		int fd = open(files[i], O_RDWR | O_CLOEXEC);

		harness_context("%s", files[i]);
		EXPECT_EQ(fd >= 0, i < 2);
		if (fd >= 0)
			EXPECT_OK(close(fd));
	}
}

CASE(a_list_lets_in_kernel_ids, "ACC-1")
{
	require_acls();
	touch("user", 0, 0, 0600);
	touch("group", 0, 0, 0600);
	touch("number-user", 0, 0, 0600);
	touch("number-group", 0, 0, 0600);
	touch("not-user", 0, 0, 0666);
	EXPECT_OK(SET("user", ACCESS, { USER, 6, BASE + 5 }));
	EXPECT_OK(SET("group", ACCESS, { GROUP, 6, BASE + 5 }));
	EXPECT_OK(SET("number-user", ACCESS, { USER, 6, 5 }));
	EXPECT_OK(SET("number-group", ACCESS, { GROUP, 6, 5 }));
	EXPECT_OK(SET("not-user", ACCESS, { USER, 0, BASE + 5 },
		      { GROUP, 6, BASE + 5 }));
	as_member(5, 0, open_listed);
	as_user(BASE + 5, open_listed);
}

static void let_in(void)
{
	EXPECT_OK(SET("file", ACCESS, { USER, 6, 7 }));
}

static void is_in(void)
{
	EXPECT_OK(access("file", R_OK | W_OK));
}

static void is_out(void)
{
	EXPECT_ERR(access("file", R_OK), EACCES);
}

CASE(a_member_lets_in_its_own_users, "ACC-1 IDS-3")
{
	require_acls();
	touch("file", BASE + 5, BASE + 5, 0600);
	as_member(5, 0, let_in);
	as_user(BASE + 7, is_in);
	as_member(7, 0, is_in);
	as_user(7, is_out);
	as_member(8, 0, is_out);
}

/* ---- who may change a list ---- */

static void with_fowner(void)
{
	EXPECT_OK(SET("mapped", ACCESS, { USER, 4, 7 }));
	EXPECT_OK(SET("uid-mapped", ACCESS, { USER, 4, 7 }));
	EXPECT_ERR(SET("gid-mapped", ACCESS, { USER, 4, 7 }), EPERM);
	EXPECT_ERR(SET("unmapped", ACCESS, { USER, 4, 7 }), EPERM);
	EXPECT_OK(removexattr("mapped", ACCESS));
	EXPECT_ERR(removexattr("listed", ACCESS), EPERM);
}

static void without_fowner(void)
{
	EXPECT_ERR(SET("mapped", ACCESS, { USER, 4, 7 }), EPERM);
	EXPECT_ERR(SET("uid-mapped", ACCESS, { USER, 4, 7 }), EPERM);
	EXPECT_ERR(removexattr("listed", ACCESS), EPERM);
}

CASE(cap_fowner_needs_the_owner_mapped, "ACC-1 CAP-4")
{
	require_acls();
	touch("mapped", BASE + 6, BASE + 6, 0600);
	touch("uid-mapped", BASE + 6, UNMAPPED, 0600);
	touch("gid-mapped", UNMAPPED, BASE + 6, 0600);
	touch("unmapped", 0, 0, 0600);
	touch("listed", 0, 0, 0600);
	EXPECT_OK(SET("listed", ACCESS, { USER, 6, BASE + 5 }));
	as_member(5, ALL_CAPS & ~CAP_BIT(CAP_FOWNER), without_fowner);
	as_member(5, CAP_BIT(CAP_FOWNER), with_fowner);
	as_member(0, ALL_CAPS, with_fowner);
	EXPECT_ACL("listed", ACCESS, { USER, 6, BASE + 5 });
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	EXPECT_OK(stat(path, &st));
	return st.st_mode & 07777;
}

static void list_for_sgid(void)
{
	EXPECT_OK(SET("in-group", ACCESS, { GROUP, 5, 7 }));
	EXPECT_OK(SET("mapped-group", ACCESS, { GROUP, 5, 7 }));
	EXPECT_OK(SET("foreign-group", ACCESS, { GROUP, 5, 7 }));
	EXPECT_ERR(SET("not-mine", ACCESS, { GROUP, 5, 7 }), EPERM);
}

static void touch_again(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	unlink(path);
	touch(path, uid, gid, mode);
}

static void sgid_files(void)
{
	touch_again("in-group", BASE + 5, BASE + 5, 02600);
	touch_again("mapped-group", BASE + 5, BASE + 6, 02600);
	touch_again("foreign-group", BASE + 5, UNMAPPED, 02600);
	touch_again("not-mine", 0, UNMAPPED, 02600);
}

/* As chmod() does (CVE-2016-7097). */
CASE(a_list_does_not_keep_the_setgid_bit_of_strangers, "ACC-1")
{
	require_acls();
	sgid_files();
	as_member(5, ALL_CAPS & ~CAP_BIT(CAP_FSETID), list_for_sgid);
	EXPECT_EQ(mode_of("in-group"), 02670);
	EXPECT_EQ(mode_of("mapped-group"), 0670);
	EXPECT_EQ(mode_of("foreign-group"), 0670);
	EXPECT_EQ(mode_of("not-mine"), 02600);

	sgid_files();
	as_member(5, CAP_BIT(CAP_FSETID), list_for_sgid);
	EXPECT_EQ(mode_of("in-group"), 02670);
	EXPECT_EQ(mode_of("mapped-group"), 02670);
	EXPECT_EQ(mode_of("foreign-group"), 0670);
	EXPECT_EQ(mode_of("not-mine"), 02600);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
