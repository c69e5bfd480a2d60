// SPDX-License-Identifier: GPL-2.0
/* Ids of keys, who may use them, and whose quota they take (IDS-2, IDS-3, ACC-7). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>

#include "keyctl.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Run fn(arg) as these ids of a namespace of OWNER with this map. */
static void in_member(const char *map, uid_t uid, gid_t gid,
		      void (*fn)(const void *), const void *arg)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, map, map);
		member_ids(uid, gid);
		fn(arg);
		done();
	}
	peer_join(&p);
}

/* A key of these ids of init, held by the caller's process keyring. */
static long key_of(uid_t uid, gid_t gid, uint32_t perm)
{
	long key = make_key(KEY_EVERYBODY);

	EXPECT_OK(keyctl(KEYCTL_CHOWN, key, uid, gid, 0));
	EXPECT_OK(keyctl(KEYCTL_SETPERM, key, perm, 0, 0));
	return key;
}

/* A member with these ids makes a key and waits. */
static long member_key_start(struct peer *p, const char *map, uid_t uid,
			     gid_t gid, uint32_t perm)
{
	long key;

	if (peer_start(p, 0)) {
		enter_owned(0, map, map);
		member_ids(uid, gid);
		key = make_key(perm);
		peer_send(p, &key, sizeof(key));
		peer_await(p);
		done();
	}
	peer_recv(p, &key, sizeof(key));
	return key;
}

struct owned {
	long key;
	uid_t uid;
	gid_t gid;
};

static void sees_owner(const void *arg)
{
	const struct owned *o = arg;

	expect_key_owner(o->key, o->uid, o->gid);
}

static void sees_owner_nested(const void *arg)
{
	enter_new(0, "500 0 100", "600 0 100");
	sees_owner(arg);
}

CASE(an_owner_is_shown_as_the_reader_numbers_it, "IDS-2")
{
	struct owned o;
	struct peer p;

	require_keys();
	o = (struct owned) { key_of(BASE + 5, BASE + 7, KEY_EVERYBODY), 5, 7 };
	in_member(BLOCK_MAP, 0, 0, sees_owner, &o);
	o.uid = 505;
	o.gid = 607;
	in_member(BLOCK_MAP, 0, 0, sees_owner_nested, &o);
	o.uid = o.gid = OVERFLOW_ID;
	in_member("0 200000 10", 0, 0, sees_owner, &o);
	expect_key_owner(o.key, BASE + 5, BASE + 7);

	o.key = member_key_start(&p, BLOCK_MAP, 3, 4, KEY_EVERYBODY);
	expect_key_owner(o.key, BASE + 3, BASE + 4);
	o.uid = 13;
	o.gid = 14;
	in_member("10 100000 10", 10, 10, sees_owner, &o);
	peer_end(&p);

	o.key = key_of(OTHER, BASE + 1, KEY_EVERYBODY);
	o.uid = OVERFLOW_ID;
	o.gid = 1;
	in_member(BLOCK_MAP, 0, 0, sees_owner, &o);
}

static void chown_unmapped(const void *unused __attribute__((unused)))
{
	static const uid_t bad[] = { COUNT, BASE, OTHER, OVERFLOW_ID,
				     4294967294U };
	long key = make_key(KEY_EVERYBODY);

	for (size_t i = 0; i < N(bad); i++) {
		harness_context("id %u", bad[i]);
		EXPECT_ERR(keyctl(KEYCTL_CHOWN, key, bad[i], NO_ID, 0),
			   EINVAL);
		EXPECT_ERR(keyctl(KEYCTL_CHOWN, key, NO_ID, bad[i], 0),
			   EINVAL);
		EXPECT_ERR(keyctl(KEYCTL_CHOWN, key, 5, bad[i], 0), EINVAL);
		EXPECT_ERR(keyctl(KEYCTL_CHOWN, key, bad[i], 6, 0), EINVAL);
		/* Before anything is said about the key. */
		EXPECT_ERR(keyctl(KEYCTL_CHOWN, 1, bad[i], NO_ID, 0), EINVAL);
	}
	harness_context("%s", "");
	EXPECT_EQ(keyctl(KEYCTL_CHOWN, key, NO_ID, NO_ID, 0), 0);
	expect_key_owner(key, 5, 6);
}

CASE(an_owner_without_a_kernel_id_is_einval, "IDS-3")
{
	require_keys();
	in_member(BLOCK_MAP, 5, 6, chown_unmapped, NULL);
}

static void gives_away(const void *unused __attribute__((unused)))
{
	static const gid_t groups[2] = { 6, 9 };
	long key;

	EXPECT_OK(sys_setgroups(2, groups));
	key = make_key(KEY_EVERYBODY);
	/* A key is nobody's but its owner's: every capability is not enough. */
	EXPECT_ERR(keyctl(KEYCTL_CHOWN, key, 0, NO_ID, 0), EACCES);
	EXPECT_ERR(keyctl(KEYCTL_CHOWN, key, NO_ID, 7, 0), EACCES);
	EXPECT_OK(keyctl(KEYCTL_CHOWN, key, 5, 9, 0));
	expect_key_owner(key, 5, 9);
}

CASE(giving_a_key_away_asks_init, "ACC-7 CAP-4")
{
	struct peer p;
	long key;

	require_keys();
	in_member(BLOCK_MAP, 5, 6, gives_away, NULL);
	key = member_key_start(&p, BLOCK_MAP, 5, 6, KEY_EVERYBODY);
	EXPECT_OK(keyctl(KEYCTL_CHOWN, key, BASE + 8, BASE + 9, 0));
	expect_key_owner(key, BASE + 8, BASE + 9);
	peer_end(&p);
}

static void reads(const void *key)
{
	EXPECT_EQ(read_key(*(const long *)key), 7);
}

static void is_refused(const void *key)
{
	EXPECT_ERR(read_key(*(const long *)key), EACCES);
}

static void read_from_init(long key, uid_t uid, gid_t gid, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, gid, 0);
		if (err)
			EXPECT_ERR(read_key(key), err);
		else
			EXPECT_EQ(read_key(key), 7);
		done();
	}
	peer_join(&p);
}

/* 5 is OTHER, the rest of the block is in its usual place. */
#define WITH_OTHER "5 2000 1\n10 100010 900"

CASE(the_owner_is_a_kernel_id, "ACC-7")
{
	struct peer p, q;
	long key;

	require_keys();
	/* From above. */
	if (peer_start(&q, 0)) {
		become(OTHER, OWNER, 0);
		key = make_key(KEY_OWNER | KEY_POSSESSOR);
		peer_send(&q, &key, sizeof(key));
		peer_await(&q);
		done();
	}
	peer_recv(&q, &key, sizeof(key));
	in_member(WITH_OTHER, 5, 10, reads, &key);
	in_member(WITH_OTHER, 10, 5, is_refused, &key);
	/* The same number is not the same user. */
	in_member("2000 100000 1", 2000, 2000, is_refused, &key);
	peer_end(&q);

	/* From below and the side. */
	key = member_key_start(&p, WITH_OTHER, 5, 10,
			       KEY_OWNER | KEY_POSSESSOR);
	read_from_init(key, OTHER, OTHER, 0);
	read_from_init(key, 5, 5, EACCES);
	read_from_init(key, 0, 0, EACCES);
	in_member("77 2000 1", 77, 77, reads, &key);
	in_member("5 100000 1", 5, 5, is_refused, &key);
	peer_end(&p);
}

CASE(the_group_is_a_kernel_id, "ACC-7")
{
	struct peer p;
	long key;

	require_keys();
	key = member_key_start(&p, WITH_OTHER, 10, 5,
			       KEY_GROUP | KEY_POSSESSOR);
	read_from_init(key, UNMAPPED, OTHER, 0);
	read_from_init(key, UNMAPPED, 5, EACCES);
	in_member("77 2000 1", 77, 77, reads, &key);
	in_member("5 100000 1", 5, 5, is_refused, &key);
	peer_end(&p);
}

static void cannot_change(const void *arg)
{
	long key = *(const long *)arg;

	is_refused(arg);
	EXPECT_ERR(keyctl(KEYCTL_SETPERM, key, KEY_EVERYBODY, 0, 0), EACCES);
	EXPECT_ERR(keyctl(KEYCTL_CHOWN, key, 0, 0, 0), EACCES);
}

CASE(capabilities_do_not_open_keys, "ACC-7 CAP-4")
{
	long key;

	require_keys();
	/* Of a user of the namespace, and 0x20: others may set attributes. */
	key = key_of(BASE + 5, BASE + 5, KEY_OWNER | 0x20);
	in_member(BLOCK_MAP, 0, 0, cannot_change, &key);
	/* Root of the machine may. */
	EXPECT_OK(keyctl(KEYCTL_SETPERM, key, KEY_EVERYBODY, 0, 0));
}

/* ---- quota ---- */

#define SPENDER 4100	/* nobody else's quota */

static long big_key(const char *name)
{
	static const char payload[12000];

	return add_key("user", name, payload, sizeof(payload),
		       KEY_SPEC_PROCESS_KEYRING);
}

CASE(one_quota_for_a_user_in_all_namespaces, "ACC-7")
{
	struct peer p, q;

	require_keys();
	if (peer_start(&p, 0)) {
		become(SPENDER, SPENDER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_OK(big_key("a"));
		EXPECT_ERR(big_key("b"), EDQUOT);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	/* The same user, outside and in another one. */
	if (peer_start(&q, 0)) {
		become(SPENDER, SPENDER, CREATOR_CAPS);
		EXPECT_ERR(big_key("c"), EDQUOT);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		EXPECT_ERR(big_key("d"), EDQUOT);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		enter_owned(0, "0 4100 2", "0 4100 2");
		member_ids(0, 0);
		/* Root of a namespace has the quota of an ordinary user. */
		EXPECT_ERR(big_key("e"), EDQUOT);
		member_ids(1, 1);
		EXPECT_OK(big_key("f"));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* ---- /proc ---- */

static char text[1 << 16];

static void read_fd(int fd)
{
	size_t len = 0;
	ssize_t n;

	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	while ((n = EXPECT_OK(read(fd, text + len, sizeof(text) - 1 - len))))
		len += n;
	text[len] = 0;
}

/* Is there such a line in /proc/keys? Then these are its ids. */
static int key_line(int fd, long key, uid_t *uid, gid_t *gid)
{
	char start[16], *line;

	read_fd(fd);
	snprintf(start, sizeof(start), "%08lx ", key);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, start, strlen(start))) {
			EXPECT_EQ(sscanf(line, "%*s %*s %*s %*s %*s %u %u",
					 uid, gid), 2);
			return 1;
		}
	return 0;
}

static int user_line(int fd, uid_t uid)
{
	char start[16], *line;

	read_fd(fd);
	snprintf(start, sizeof(start), "%5u: ", uid);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, start, strlen(start)))
			return 1;
	return 0;
}

static int open_or_skip(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		SKIP("the kernel has no %s", path);
	return EXPECT_OK(fd);
}

CASE(proc_keys_shows_what_the_opener_would_see, "IDS-2 ACC-7")
{
	long mapped, other;
	struct peer p;
	uid_t uid;
	gid_t gid;
	int fd;

	require_keys();
	fd = open_or_skip("/proc/keys");
	mapped = key_of(BASE + 5, BASE + 7, KEY_EVERYBODY);
	other = key_of(OTHER, BASE + 7, KEY_EVERYBODY);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		/* The opener is in init. */
		EXPECT(key_line(fd, mapped, &uid, &gid));
		EXPECT_EQ(uid, BASE + 5);
		EXPECT_EQ(gid, BASE + 7);
		EXPECT(key_line(fd, other, &uid, &gid));
		EXPECT_EQ(uid, OTHER);
		fd = open_or_skip("/proc/keys");
		EXPECT(key_line(fd, mapped, &uid, &gid));
		EXPECT_EQ(uid, 5);
		EXPECT_EQ(gid, 7);
		EXPECT(!key_line(fd, other, &uid, &gid));
		peer_send_fd(&p, fd);
		peer_await(&p);
		done();
	}
	fd = peer_recv_fd(&p);
	EXPECT(key_line(fd, mapped, &uid, &gid));
	EXPECT_EQ(uid, 5);
	EXPECT_EQ(gid, 7);
	EXPECT(!key_line(fd, other, &uid, &gid));
	peer_end(&p);
}

CASE(proc_key_users_shows_what_the_opener_would_see, "IDS-2 ACC-7")
{
	struct peer p;
	int fd;

	require_keys();
	fd = open_or_skip("/proc/key-users");
	key_of(BASE + 205, BASE, KEY_EVERYBODY);
	key_of(OTHER, BASE, KEY_EVERYBODY);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT(user_line(fd, BASE + 205));
		EXPECT(user_line(fd, OTHER));
		fd = open_or_skip("/proc/key-users");
		EXPECT(user_line(fd, 205));
		EXPECT(!user_line(fd, BASE + 205));
		EXPECT(!user_line(fd, OTHER));
		EXPECT(!user_line(fd, OVERFLOW_ID));
		peer_send_fd(&p, fd);
		peer_await(&p);
		done();
	}
	fd = peer_recv_fd(&p);
	EXPECT(user_line(fd, 205));
	EXPECT(!user_line(fd, BASE + 205));
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
