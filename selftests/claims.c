// SPDX-License-Identifier: GPL-2.0
/* Credentials that a sender claims: ids and pids, its own and others' (IDS-3, IDS-5). */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "userns.h"
#include "places.h"
#include "credmsg.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int from[CHANNELS], to[CHANNELS];

/* By every channel: success, or this error. */
static void claim(pid_t pid, uid_t uid, gid_t gid, int err)
{
	struct ucred claim = { pid, uid, gid };

	for (int c = 0; c < CHANNELS; c++) {
		harness_context("channel %d, claim %d %u %u: ", c, pid, uid,
				gid);
		if (err)
			EXPECT_ERR(send_creds(from[c], &claim), err);
		else
			EXPECT_EQ(send_creds(from[c], &claim), 1);
	}
	harness_context("%s", "");
}

/* What claim() sent is there, once by each channel. */
static void arrives(pid_t pid, uid_t uid, gid_t gid)
{
	for (int c = 0; c < CHANNELS; c++) {
		harness_context("channel %d: ", c);
		expect_creds(recv_creds(to[c]), pid, uid, gid);
	}
	harness_context("%s", "");
}

CASE(a_claimed_id_is_translated, "IDS-5 IDS-2")
{
	static const int reader[] = { INIT, CHILD, GRANDCHILD, SIBLING };

	make_channels(from, to);
	for (size_t i = 0; i < N(reader); i++) {
		struct peer sender, receiver;

		if (peer_start(&sender, 0)) {
			enter_place(CHILD);
			claim(getpid(), 7, 8, 0);
			done();
		}
		peer_join(&sender);
		if (peer_start(&receiver, 0)) {
			enter_place(reader[i]);
			arrives(sender.pid, seen_from(reader[i], BASE + 7),
				seen_from(reader[i], BASE + 8));
			done();
		}
		peer_join(&receiver);
	}
}

CASE(a_claimed_id_that_is_not_mapped_is_einval, "IDS-3")
{
	static const uid_t unmapped[] = {
		COUNT, OTHER, OVERFLOW_ID, BASE, BASE + 3, NO_ID,
	};
	struct peer p;

	make_channels(from, to);
	if (peer_start(&p, 0)) {
		enter_place(CHILD);
		for (size_t i = 0; i < N(unmapped); i++) {
			claim(getpid(), unmapped[i], 4, EINVAL);
			claim(getpid(), 3, unmapped[i], EINVAL);
			/* Neither capabilities nor the pid are looked at. */
			claim(getppid(), unmapped[i], 4, EINVAL);
		}
		caps_set(0, 0, 0);
		claim(getpid(), COUNT, 4, EINVAL);
		claim(getpid(), 3, 4, 0);
		arrives(getpid(), 3, 4);
		done();
	}
	peer_join(&p);
}

CASE(nobody_claims_4294967295, "IDS-3 IDS-6")
{
	make_channels(from, to);
	claim(getpid(), NO_ID, 0, EINVAL);
	claim(getpid(), 0, NO_ID, EINVAL);
	claim(getpid(), 4294967294U, 4294967294U, 0);
	arrives(getpid(), 4294967294U, 4294967294U);
	require_namespaces();
}

CASE(an_unprivileged_member_claims_its_own_ids_only, "IDS-5")
{
	struct peer p;

	make_channels(from, to);
	if (peer_start(&p, 0)) {
		enter_place(CHILD);
		EXPECT_OK(setresgid(21, 22, 23));
		EXPECT_OK(setresuid(11, 12, 13));
		caps_set(0, 0, 0);
		for (int i = 1; i <= 3; i++) {
			claim(getpid(), 10 + i, 20 + i, 0);
			/* The effective id, too, arrives as what it is. */
			arrives(getpid(), 10 + i, 20 + i);
		}
		claim(getpid(), 0, 21, EPERM);
		claim(getpid(), 14, 21, EPERM);
		claim(getpid(), 11, 24, EPERM);
		claim(getppid(), 11, 21, EPERM);
		done();
	}
	peer_join(&p);
}

CASE(capabilities_count_in_ones_own_namespace, "IDS-5 CAP-4")
{
	static const struct {
		uint64_t caps;
		int uid_err, gid_err;
	} row[] = {
		{ 0, EPERM, EPERM },
		{ CAP_BIT(CAP_SETUID), 0, EPERM },
		{ CAP_BIT(CAP_SETGID), EPERM, 0 },
		{ CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID), 0, 0 },
		{ ~(CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID)), EPERM, EPERM },
	};

	make_channels(from, to);
	for (int i = CHILD; i <= GRANDCHILD; i++) {
		for (size_t r = 0; r < N(row); r++) {
			struct peer p;

			if (peer_start(&p, 0)) {
				enter_place(i);
				caps_set(row[r].caps, row[r].caps, 0);
				claim(getpid(), 30, 4, row[r].uid_err);
				if (!row[r].uid_err)
					arrives(getpid(), 30, 4);
				claim(getpid(), 3, 40, row[r].gid_err);
				if (!row[r].gid_err)
					arrives(getpid(), 3, 40);
				done();
			}
			peer_join(&p);
		}
	}
}

/* CVE-2013-4300: every capability below init is not enough. */
CASE(another_pid_is_claimed_with_the_owner_of_the_pid_namespace, "IDS-5")
{
	struct peer p;

	make_channels(from, to);
	for (int i = INIT; i <= DEEP; i++) {
		if (peer_start(&p, 0)) {
			enter_place(i);
			claim(getppid(), place[i].uid - place[i].first,
			      place[i].gid - place[i].first, EPERM);
			claim(1, place[i].uid - place[i].first,
			      place[i].gid - place[i].first, EPERM);
			done();
		}
		peer_join(&p);
	}
	claim(1, 0, 0, 0);
	arrives(1, 0, 0);
	require_namespaces();
}

CASE(a_unix_socket_translates_the_pid, "IDS-5")
{
	struct peer p;

	make_channels(from, to);
	EXPECT_EQ(send_creds(from[DGRAM], NULL), 1);
	if (peer_start(&p, CLONE_NEWPID)) {
		struct ucred own = { getpid(), 0, 0 };

		EXPECT_EQ(own.pid, 1);
		expect_creds(recv_creds(to[DGRAM]), 0, 0, 0);
		EXPECT_EQ(send_creds(from[DGRAM], &own), 1);
		expect_creds(recv_creds(to[DGRAM]), 1, 0, 0);
		EXPECT_EQ(send_creds(from[DGRAM], &own), 1);
		done();
	}
	peer_join(&p);
	expect_creds(recv_creds(to[DGRAM]), p.pid, 0, 0);
	require_namespaces();
}

CASE(netlink_translates_the_pid, "IDS-5")
{
	struct peer p;

	make_channels(from, to);
	EXPECT_EQ(send_creds(from[NETLINK], NULL), 1);
	if (peer_start(&p, CLONE_NEWPID)) {
		struct ucred own = { getpid(), 0, 0 };

		EXPECT_EQ(own.pid, 1);
		expect_creds(recv_creds(to[NETLINK]), 0, 0, 0);
		EXPECT_EQ(send_creds(from[NETLINK], &own), 1);
		expect_creds(recv_creds(to[NETLINK]), 1, 0, 0);
		EXPECT_EQ(send_creds(from[NETLINK], NULL), 1);
		done();
	}
	/* Also of a sender that is gone, as ever. */
	peer_join(&p);
	expect_creds(recv_creds(to[NETLINK]), p.pid, 0, 0);
}

/* What two users have written is not read as if it were one's. */
CASE(a_stream_stops_where_another_user_writes_on, "IDS-5")
{
	make_channels(from, to);
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(5, 5);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(send_creds(from[STREAM], NULL), 1);
	EXPECT_OK(setresuid(6, 6, 6));
	EXPECT_EQ(send_creds(from[STREAM], NULL), 1);
	EXPECT_EQ(recv_bytes(to[STREAM], 2).uid, 5);
	EXPECT_EQ(recv_bytes(to[STREAM], 1).uid, 6);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
