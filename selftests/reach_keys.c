// SPDX-License-Identifier: GPL-2.0
/* Keys: old mistakes that anybody could have the kernel make (OLD-4). */
#define _GNU_SOURCE
#include <unistd.h>

#include "userns.h"
#include "keyctl.h"

static long request_key(const char *type, const char *name, long ring)
{
	return syscall(SYS_request_key, type, name, "info", ring);
}

/* There is no /sbin/request-key: what is asked for cannot be made. */
static void request_in_vain(const char *name, long ring)
{
	EXPECT_EQ(request_key("user", name, ring), -1);
	if (errno != ENOENT)
		EXPECT_ERR(request_key("user", name, ring), ENOKEY);
}

static size_t keys_in(long ring, int32_t *ids, size_t n)
{
	long len = EXPECT_OK(keyctl(KEYCTL_READ, ring, (long)ids,
				    n * sizeof(*ids), 0));

	return len / sizeof(*ids);
}

CASE(nobody_names_the_type_of_dead_keys, "OLD-4")
{
	require_keys();
	become(OTHER, OTHER, 0);
	for (int i = 0; i < 3; i++)
		EXPECT_ERR(request_key("dead", "x", KEY_SPEC_PROCESS_KEYRING),
			   ENOKEY);
	EXPECT_ERR(request_key(".dead", "x", KEY_SPEC_PROCESS_KEYRING), EPERM);
	EXPECT_ERR(add_key("dead", "x", "y", 1, KEY_SPEC_PROCESS_KEYRING),
		   ENODEV);
}

CASE(a_thread_keeps_its_keyring, "OLD-4")
{
	long ring, key;

	require_keys();
	become(OTHER, OTHER, 0);
	EXPECT_OK(keyctl(KEYCTL_SET_REQKEY_KEYRING,
			 KEY_REQKEY_DEFL_THREAD_KEYRING, 0, 0, 0));
	ring = EXPECT_OK(keyring_id(KEY_SPEC_THREAD_KEYRING, 0));
	key = EXPECT_OK(add_key("user", "held", "x", 1,
				KEY_SPEC_THREAD_KEYRING));
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(keyctl(KEYCTL_SET_REQKEY_KEYRING,
				 KEY_REQKEY_DEFL_THREAD_KEYRING, 0, 0, 0),
			  KEY_REQKEY_DEFL_THREAD_KEYRING);
	EXPECT_EQ(keyring_id(KEY_SPEC_THREAD_KEYRING, 0), ring);
	EXPECT_EQ(read_key(key), 1);
}

CASE(a_payload_at_address_0_is_refused, "OLD-4")
{
	long key;

	require_keys();
	become(OTHER, OTHER, 0);
	EXPECT_ERR(add_key("user", "x", NULL, 7, KEY_SPEC_PROCESS_KEYRING),
		   EFAULT);
	key = EXPECT_OK(add_key("user", "x", "old", 3,
				KEY_SPEC_PROCESS_KEYRING));
	EXPECT_ERR(keyctl(KEYCTL_UPDATE, key, 0, 7, 0), EFAULT);
	EXPECT_EQ(read_key(key), 3);
	/* None at all is up to the type. */
	EXPECT_OK(add_key("keyring", "r", NULL, 0, KEY_SPEC_PROCESS_KEYRING));
	EXPECT_ERR(add_key("user", "y", NULL, 0, KEY_SPEC_PROCESS_KEYRING),
		   EINVAL);
}

CASE(a_negative_key_has_nothing_to_read, "OLD-4")
{
	int32_t ids[8];

	require_keys();
	become(OTHER, OTHER, 0);
	EXPECT_OK(keyring_id(KEY_SPEC_PROCESS_KEYRING, 1));
	request_in_vain("nowhere", KEY_SPEC_PROCESS_KEYRING);
	EXPECT_EQ(keys_in(KEY_SPEC_PROCESS_KEYRING, ids, 8), 1);
	/* Before Linux 3.13 such a key is nobody's possession, and EACCES. */
	EXPECT_EQ(read_key(ids[0]), -1);
	EXPECT(errno == ENOKEY || errno == EACCES);
	/* An update makes a good one of it. */
	EXPECT_EQ(add_key("user", "nowhere", "here", 4,
			  KEY_SPEC_PROCESS_KEYRING), ids[0]);
	EXPECT_EQ(read_key(ids[0]), 4);
}

CASE(the_default_keyring_is_asked_for_permission, "OLD-4")
{
	const uint32_t no_write = KEY_POSSESSOR & ~0x04000000;
	int32_t ids[8];
	long ring;

	require_keys();
	become(OTHER, OTHER, 0);
	ring = EXPECT_OK(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0));
	EXPECT_OK(keyctl(KEYCTL_SET_REQKEY_KEYRING,
			 KEY_REQKEY_DEFL_SESSION_KEYRING, 0, 0, 0));
	request_in_vain("one", 0);
	EXPECT_EQ(keys_in(ring, ids, 8), 1);
	EXPECT_OK(keyctl(KEYCTL_SETPERM, ring, no_write, 0, 0));
	EXPECT_ERR(request_key("user", "two", 0), EACCES);
	EXPECT_ERR(request_key("user", "two", ring), EACCES);
	EXPECT_EQ(keys_in(ring, ids, 8), 1);
}

/* Whichever is the default, the key that could not be made is in it. */
CASE(each_default_keyring_is_used, "OLD-4")
{
	static const struct {
		int what, ring;
	} defaults[] = {
		{ KEY_REQKEY_DEFL_THREAD_KEYRING, KEY_SPEC_THREAD_KEYRING },
		{ KEY_REQKEY_DEFL_PROCESS_KEYRING, KEY_SPEC_PROCESS_KEYRING },
		{ KEY_REQKEY_DEFL_SESSION_KEYRING, KEY_SPEC_SESSION_KEYRING },
		{ KEY_REQKEY_DEFL_USER_KEYRING, KEY_SPEC_USER_KEYRING },
		{ KEY_REQKEY_DEFL_USER_SESSION_KEYRING,
		  KEY_SPEC_USER_SESSION_KEYRING },
	};
	int32_t ids[8];
	char name[16];
	size_t before;

	require_keys();
	become(OTHER + 7, OTHER, 0);
	EXPECT_OK(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0));
	/* What is to be possessed is below the session keyring. */
	EXPECT_OK(keyctl(KEYCTL_LINK, KEY_SPEC_USER_KEYRING,
			 KEY_SPEC_SESSION_KEYRING, 0, 0));
	EXPECT_OK(keyctl(KEYCTL_LINK, KEY_SPEC_USER_SESSION_KEYRING,
			 KEY_SPEC_SESSION_KEYRING, 0, 0));
	for (int i = 0; i < 5; i++) {
		harness_context("default %d", defaults[i].what);
		EXPECT_OK(keyring_id(defaults[i].ring, 1));
		EXPECT_OK(keyctl(KEYCTL_SET_REQKEY_KEYRING, defaults[i].what, 0,
				 0, 0));
		before = keys_in(defaults[i].ring, ids, 8);
		snprintf(name, sizeof(name), "default%d", i);
		request_in_vain(name, 0);
		EXPECT_EQ(keys_in(defaults[i].ring, ids, 8), before + 1);
	}
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
