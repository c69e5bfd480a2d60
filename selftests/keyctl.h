/* SPDX-License-Identifier: GPL-2.0 */
/* The calls on keys, which libc lacks. */
#ifndef KEYCTL_H
#define KEYCTL_H

#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <linux/keyctl.h>
#include <unistd.h>

#include "userns.h"

/* A digit pair each for possessor, owner, group and others. */
#define KEY_POSSESSOR	0x3f000000
#define KEY_OWNER	0x003f0000
#define KEY_GROUP	0x00003f00
#define KEY_OTHERS	0x0000003f
#define KEY_EVERYBODY	0x3f3f3f3f

static inline long keyctl(int op, long a, long b, long c, long d)
{
	return syscall(SYS_keyctl, op, a, b, c, d);
}

static inline long add_key(const char *type, const char *name,
			   const char *payload, size_t len, int ring)
{
	return syscall(SYS_add_key, type, name, payload, len, (long)ring);
}

static inline long keyring_id(int special, int create)
{
	return keyctl(KEYCTL_GET_KEYRING_ID, special, create, 0, 0);
}

static inline void require_keys(void)
{
	if (keyring_id(KEY_SPEC_PROCESS_KEYRING, 1) < 0 && errno == ENOSYS)
		SKIP("the kernel has no keys (CONFIG_KEYS)");
	require_namespaces();
}

/* A new key with these permissions, in the process keyring. */
static inline long make_key(uint32_t perm)
{
	static int keys;
	char name[32];
	long key;

	snprintf(name, sizeof(name), "userns-test-%d", keys++);
	key = EXPECT_OK(add_key("user", name, "payload", 7,
				KEY_SPEC_PROCESS_KEYRING));
	EXPECT_OK(keyctl(KEYCTL_SETPERM, key, perm, 0, 0));
	return key;
}

static inline long read_key(long key)
{
	char buf[16];

	return keyctl(KEYCTL_READ, key, (long)buf, sizeof(buf), 0);
}

static inline void expect_key_owner(long key, uid_t uid, gid_t gid)
{
	char text[128] = "";
	uid_t u = 0;
	gid_t g = 0;

	EXPECT_OK(keyctl(KEYCTL_DESCRIBE, key, (long)text, sizeof(text), 0));
	EXPECT_EQ(sscanf(text, "%*[^;];%u;%u;", &u, &g), 2);
	EXPECT_EQ(u, uid);
	EXPECT_EQ(g, gid);
}

#endif
