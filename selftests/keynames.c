// SPDX-License-Identifier: GPL-2.0
/* Names of keyrings and the keyrings of users belong to a namespace (ACC-7). */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>

#include "keyctl.h"

static long join(const char *name)
{
	return EXPECT_OK(keyctl(KEYCTL_JOIN_SESSION_KEYRING, (long)name, 0, 0,
				0));
}

/* Join, and let everybody who finds it join it. */
static long join_open(const char *name)
{
	long ring = join(name);

	EXPECT_OK(keyctl(KEYCTL_SETPERM, ring, KEY_EVERYBODY, 0, 0));
	return ring;
}

CASE(a_name_is_found_in_its_namespace, "ACC-7")
{
	struct peer p, q;
	long ring, inner;

	require_keys();
	ring = join_open("userns-a");
	if (peer_start(&p, 0)) {
		join("userns-other");
		EXPECT_EQ(join("userns-a"), ring);
		enter_new(0, "0 0 1", "0 0 1");
		inner = join_open("userns-a");
		EXPECT_NE(inner, ring);
		if (peer_start(&q, 0)) {
			join("userns-other");
			EXPECT_EQ(join("userns-a"), inner);
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
}

/* Its owner, whom it is not given to, is its owner only. */
CASE(a_name_without_search_is_not_found, "ACC-7")
{
	struct peer p;
	long ring;

	require_keys();
	ring = join_open("userns-hidden");
	for (int hidden = 0; hidden < 2; hidden++) {
		if (hidden)
			EXPECT_OK(keyctl(KEYCTL_SETPERM, ring, KEY_EVERYBODY &
					 ~0x08080808, 0, 0));
		if (peer_start(&p, 0)) {
			join("userns-other");
			if (hidden)
				EXPECT_NE(join("userns-hidden"), ring);
			else
				EXPECT_EQ(join("userns-hidden"), ring);
			done();
		}
		peer_join(&p);
	}
}

/* The same user everywhere: nothing but the namespace tells them apart. */
CASE(a_name_is_not_found_from_another_namespace, "ACC-7")
{
	struct peer p, q;
	long up, low, deep, inner;
	int fd;

	require_keys();
	up = join_open("userns-b");
	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		low = join_open("userns-b");
		EXPECT_NE(low, up);
		inner = join_open("userns-inner");
		if (peer_start(&q, 0)) {
			/* Three levels. */
			enter_new(0, "0 0 1", "0 0 1");
			deep = join_open("userns-b");
			EXPECT_NE(deep, low);
			EXPECT_NE(deep, up);
			done();
		}
		peer_join(&q);
		peer_send(&p, &inner, sizeof(inner));
		peer_await(&p);
		done();
	}
	peer_recv(&p, &inner, sizeof(inner));
	fd = user_ns_fd(p.pid);
	/* From above, */
	EXPECT_NE(join("userns-inner"), inner);
	if (peer_start(&q, 0)) {
		/* from the side, */
		enter_new(0, "0 0 1", "0 0 1");
		EXPECT_NE(join("userns-inner"), inner);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		/* but by who has entered it, who finds no other. */
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_EQ(join("userns-inner"), inner);
		EXPECT_NE(join("userns-b"), up);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(a_name_stays_where_the_keyring_was_made, "ACC-7")
{
	struct peer p, q;
	long ring;

	require_keys();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(3, 3);
		ring = join_open("userns-c");
		peer_send(&p, &ring, sizeof(ring));
		peer_await(&p);
		if (peer_start(&q, 0)) {
			join("userns-other");
			EXPECT_EQ(join("userns-c"), ring);
			done();
		}
		peer_join(&q);
		done();
	}
	peer_recv(&p, &ring, sizeof(ring));
	/* Somebody of another namespace gives it to somebody else. */
	EXPECT_OK(keyctl(KEYCTL_CHOWN, ring, BASE + 4, BASE + 4, 0));
	EXPECT_NE(join("userns-c"), ring);
	peer_end(&p);
}

/* ---- keyrings of users ---- */

static long user_ring(int special)
{
	return EXPECT_OK(keyring_id(special, 1));
}

/* CVE-2017-18270: by somebody who may make a keyring of any name. */
static void take_names(uid_t victim)
{
	static const char *const format[] = { "_uid.%u", "_uid_ses.%u" };
	char name[32];
	long ring;

	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), format[i], victim);
		ring = EXPECT_OK(add_key("keyring", name, NULL, 0,
					 KEY_SPEC_PROCESS_KEYRING));
		EXPECT_OK(keyctl(KEYCTL_SETPERM, ring, KEY_EVERYBODY, 0, 0));
	}
}

static void expect_own_user_rings(uid_t uid)
{
	expect_key_owner(user_ring(KEY_SPEC_USER_KEYRING), uid, OVERFLOW_ID);
	expect_key_owner(user_ring(KEY_SPEC_USER_SESSION_KEYRING), uid,
			 OVERFLOW_ID);
}

#define VICTIM 4200	/* in no other case, so that he has no keyrings yet */

CASE(nobody_makes_the_keyrings_of_somebody_else, "ACC-7")
{
	struct peer p, q;

	require_keys();
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		take_names(VICTIM);
		take_names(VICTIM + 1);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	if (peer_start(&q, 0)) {
		long ring[2];

		become(VICTIM, VICTIM, 0);
		ring[0] = user_ring(KEY_SPEC_USER_KEYRING);
		ring[1] = user_ring(KEY_SPEC_USER_SESSION_KEYRING);
		for (int i = 0; i < 2; i++) {
			char text[64] = "";
			uid_t owner;

			EXPECT_OK(keyctl(KEYCTL_DESCRIBE, ring[i], (long)text,
					 sizeof(text) - 1, 0));
			EXPECT_EQ(sscanf(text, "keyring;%u;", &owner), 1);
			EXPECT_EQ(owner, VICTIM);
		}
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(nobody_makes_the_keyrings_of_somebody_else_inside, "ACC-7")
{
	struct peer p, q;

	require_keys();
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		if (peer_start(&q, 0)) {
			member_ids(7, 7);
			/* Whichever number the name has. */
			take_names(201);
			take_names(BASE + 201);
			take_names(NO_ID);
			peer_tell(&q);
			peer_await(&q);
			done();
		}
		peer_await(&q);
		member_ids(201, 201);
		expect_own_user_rings(201);
		peer_end(&q);
		done();
	}
	peer_join(&p);
}

CASE(users_without_an_id_have_keyrings_of_their_own, "ACC-7")
{
	static const uid_t uid[2] = { VICTIM + 2, VICTIM + 3 };
	long ring[2][2];
	struct peer p, q[2];
	int fd;

	require_keys();
	target_start(&p);
	fd = user_ns_fd(p.pid);
	for (int i = 0; i < 2; i++) {
		if (peer_start(&q[i], 0)) {
			become(uid[i], uid[i], CAP_BIT(CAP_SYS_ADMIN));
			EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
			EXPECT_EQ(getuid(), OVERFLOW_ID);
			ring[i][0] = user_ring(KEY_SPEC_USER_KEYRING);
			ring[i][1] = user_ring(KEY_SPEC_USER_SESSION_KEYRING);
			peer_send(&q[i], ring[i], sizeof(ring[i]));
			peer_await(&q[i]);
			done();
		}
		peer_recv(&q[i], ring[i], sizeof(ring[i]));
	}
	EXPECT_NE(ring[0][0], ring[1][0]);
	EXPECT_NE(ring[0][1], ring[1][1]);
	peer_end(&q[0]);
	peer_end(&q[1]);
	peer_end(&p);
}

CASE(each_namespace_has_user_keyrings, "ACC-7 NEW-13")
{
	static const int special[2] = {
		KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING,
	};
	struct peer p, q;
	long up[2];

	require_keys();
	for (int i = 0; i < 2; i++)
		up[i] = user_ring(special[i]);
	if (peer_start(&p, 0)) {
		long low[2];

		enter_new(0, "0 0 1\n1 2000 1", "0 0 1\n1 2000 1");
		for (int i = 0; i < 2; i++)
			low[i] = user_ring(special[i]);
		if (peer_start(&q, 0)) {
			/* The same for another process of that user there. */
			for (int i = 0; i < 2; i++)
				EXPECT_EQ(user_ring(special[i]), low[i]);
			/* Another user's are others. */
			member_ids(1, 1);
			for (int i = 0; i < 2; i++)
				EXPECT_NE(user_ring(special[i]), low[i]);
			done();
		}
		peer_join(&q);
		if (peer_start(&q, 0)) {
			enter_new(0, "0 0 1", "0 0 1");
			for (int i = 0; i < 2; i++) {
				EXPECT_NE(user_ring(special[i]), low[i]);
				EXPECT_NE(user_ring(special[i]), up[i]);
			}
			done();
		}
		peer_join(&q);
		done();
	}
	peer_join(&p);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(user_ring(special[i]), up[i]);
}

/* A session may keep them while the user has no process. */
CASE(a_user_finds_his_keyrings_again, "ACC-7 IDS-6")
{
	long ring[2], again[2];
	struct peer p, held;

	require_keys();
	for (int i = 0; i < 2; i++) {
		if (peer_start(&p, 0)) {
			become(VICTIM + 4, VICTIM + 4, 0);
			again[0] = user_ring(KEY_SPEC_USER_KEYRING);
			again[1] = user_ring(KEY_SPEC_USER_SESSION_KEYRING);
			EXPECT_OK(keyctl(KEYCTL_SETPERM, again[0],
					 KEY_EVERYBODY, 0, 0));
			EXPECT_OK(keyctl(KEYCTL_SETPERM, again[1],
					 KEY_EVERYBODY, 0, 0));
			peer_send(&p, again, sizeof(again));
			peer_await(&p);
			done();
		}
		peer_recv(&p, again, sizeof(again));
		if (i == 0) {
			memcpy(ring, again, sizeof(ring));
			if (peer_start(&held, 0)) {
				for (int j = 0; j < 2; j++)
					EXPECT_OK(keyctl(KEYCTL_LINK, ring[j],
						KEY_SPEC_PROCESS_KEYRING, 0,
						0));
				peer_tell(&held);
				peer_await(&held);
				done();
			}
			peer_await(&held);
		}
		peer_end(&p);
	}
	EXPECT_EQ(again[0], ring[0]);
	EXPECT_EQ(again[1], ring[1]);
	peer_end(&held);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
