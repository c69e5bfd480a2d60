// SPDX-License-Identifier: GPL-2.0
/* Credentials that sockets pass on: SO_PEERCRED, SCM_CREDENTIALS, netlink (IDS-2, IDS-3, IDS-5). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include "userns.h"
#include "places.h"
#include "credmsg.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int from[CHANNELS], to[CHANNELS];

static struct ucred peer_of(int fd)
{
	struct ucred got;
	socklen_t len = sizeof(got);

	EXPECT_OK(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &got, &len));
	EXPECT_EQ(len, sizeof(got));
	return got;
}

/* What an actor is told to do; with the kernel ids that it must find. */
struct order {
	enum { SEND, RECEIVE, PEER, LISTEN, CONNECT, ACCEPT, QUIT } what;
	int channel;
	struct ucred want;
};

static void abstract_name(struct sockaddr_un *name, pid_t owner)
{
	memset(name, 0, sizeof(*name));
	name->sun_family = AF_UNIX;
	snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1,
		 "userns-sockets-%d", owner);
}

/* want.pid is the listener's in LISTEN and CONNECT. */
static void obey(int place, const struct order *o)
{
	static int listener = -1, connected = -1;
	struct sockaddr_un name;
	struct ucred want = o->want;
	int fd;

	want.uid = seen_from(place, want.uid);
	want.gid = seen_from(place, want.gid);
	switch (o->what) {
	case SEND:
		EXPECT_EQ(send_creds(from[o->channel], NULL), 1);
		break;
	case RECEIVE:
		expect_creds(recv_creds(to[o->channel]), want.pid, want.uid,
			     want.gid);
		break;
	case PEER:
		expect_creds(peer_of(from[o->channel]), want.pid, want.uid,
			     want.gid);
		break;
	case LISTEN:
		abstract_name(&name, getpid());
		close(listener);
		listener = EXPECT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
		EXPECT_OK(bind(listener, (void *)&name, sizeof(name)));
		EXPECT_OK(listen(listener, 1));
		break;
	case CONNECT:
		abstract_name(&name, want.pid);
		close(connected);
		connected = EXPECT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
		EXPECT_OK(connect(connected, (void *)&name, sizeof(name)));
		expect_creds(peer_of(connected), want.pid, want.uid, want.gid);
		break;
	case ACCEPT:
		fd = EXPECT_OK(accept(listener, NULL, NULL));
		expect_creds(peer_of(fd), want.pid, want.uid, want.gid);
		EXPECT_OK(close(fd));
		break;
	case QUIT:
		done();
	}
}

static struct peer actor[PLACES];

static void actors_start(void)
{
	for (int i = 0; i < PLACES; i++) {
		if (peer_start(&actor[i], 0)) {
			struct order o;

			enter_place(i);
			peer_tell(&actor[i]);
			for (;;) {
				peer_recv(&actor[i], &o, sizeof(o));
				harness_context("%s, order %d, channel %d: ",
						place[i].name, o.what,
						o.channel);
				obey(i, &o);
				peer_tell(&actor[i]);
			}
		}
		peer_await(&actor[i]);
	}
}

/* About the credentials of the actor at `other`. */
static void order(int i, int what, int channel, int other)
{
	struct order o = {
		.what = what, .channel = channel,
		.want = { actor[other].pid, place[other].uid,
			  place[other].gid },
	};

	harness_context("%s and %s: ", place[i].name, place[other].name);
	peer_send(&actor[i], &o, sizeof(o));
	peer_await(&actor[i]);
}

static void actors_end(void)
{
	struct order o = { .what = QUIT };

	for (int i = 0; i < PLACES; i++) {
		peer_send(&actor[i], &o, sizeof(o));
		peer_join(&actor[i]);
	}
}

/* Every pair of: init, three levels below each other, and a sibling. */
static void every_pair_sends(int channel)
{
	make_channels(from, to);
	actors_start();
	for (int i = 0; i < PLACES; i++) {
		for (int j = 0; j < PLACES; j++) {
			order(i, SEND, channel, i);
			order(j, RECEIVE, channel, i);
		}
	}
	actors_end();
}

CASE(a_datagram_tells_the_receiver_its_own_name_for_the_sender, "IDS-2 IDS-5")
{
	every_pair_sends(DGRAM);
}

CASE(a_stream_tells_the_receiver_its_own_name_for_the_sender, "IDS-2 IDS-5")
{
	every_pair_sends(STREAM);
}

CASE(netlink_tells_the_receiver_its_own_name_for_the_sender, "IDS-2 IDS-5")
{
	every_pair_sends(NETLINK);
}

CASE(peercred_tells_the_reader_its_own_name_for_the_peer, "IDS-2 NEW-11")
{
	actors_start();
	for (int i = 0; i < PLACES; i++) {
		for (int j = 0; j < PLACES; j++) {
			if (i == j)
				continue;
			order(i, LISTEN, 0, i);
			order(j, CONNECT, 0, i);
			order(i, ACCEPT, 0, j);
		}
	}
	actors_end();
}

CASE(a_socket_pair_has_its_maker_as_the_peer, "IDS-2")
{
	make_channels(from, to);
	actors_start();
	for (int i = 0; i < PLACES; i++) {
		struct order o = {
			.what = PEER, .channel = STREAM,
			.want = { .pid = getpid(), .uid = 0, .gid = 0 },
		};

		peer_send(&actor[i], &o, sizeof(o));
		peer_await(&actor[i]);
	}
	actors_end();
}

CASE(a_socket_without_a_peer_keeps_4294967295, "IDS-2")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		int unconnected = EXPECT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
		int inet = EXPECT_OK(socket(AF_INET, SOCK_STREAM, 0));

		expect_creds(peer_of(unconnected), 0, NO_ID, NO_ID);
		enter_place(CHILD);
		expect_creds(peer_of(unconnected), 0, NO_ID, NO_ID);
		expect_creds(peer_of(inet), 0, NO_ID, NO_ID);
		done();
	}
	peer_join(&p);
	require_namespaces();
}

CASE(without_maps_sockets_show_the_overflow_id, "NEW-11 IDS-2")
{
	struct peer p;

	make_channels(from, to);
	if (peer_start(&p, 0)) {
		int fds[2];

		enter_owned(0, NULL, NULL);
		EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
		expect_creds(peer_of(fds[0]), getpid(), OVERFLOW_ID,
			     OVERFLOW_ID);
		for (int c = 0; c < CHANNELS; c++) {
			harness_context("channel %d: ", c);
			EXPECT_EQ(send_creds(from[c], NULL), 1);
			expect_creds(recv_creds(to[c]), getpid(), OVERFLOW_ID,
				     OVERFLOW_ID);
		}
		done();
	}
	peer_join(&p);
}

CASE(what_comes_from_the_kernel_comes_from_root_of_init, "IDS-2")
{
	struct {
		struct nlmsghdr header;
		struct rtgenmsg body;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.body = { .rtgen_family = AF_UNSPEC },
	};
	static const struct {
		int place;
		uid_t seen;
	} row[] = { { INIT, 0 }, { CHILD, OVERFLOW_ID } };

	for (size_t i = 0; i < N(row); i++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			int fd = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW,
						  NETLINK_ROUTE));
			union creds_message u;
			char data[8192];
			struct iovec iov = { data, sizeof(data) };
			struct msghdr msg = {
				.msg_iov = &iov, .msg_iovlen = 1,
				.msg_control = &u, .msg_controllen = sizeof(u),
			};
			struct ucred got;

			enter_place(row[i].place);
			pass_creds(fd);
			EXPECT_OK(send(fd, &request, sizeof(request), 0));
			EXPECT_OK(recvmsg(fd, &msg, 0));
			EXPECT(CMSG_FIRSTHDR(&msg) != NULL);
			memcpy(&got, CMSG_DATA(&u.header), sizeof(got));
			expect_creds(got, 0, row[i].seen, row[i].seen);
			done();
		}
		peer_join(&p);
	}
}

CASE(a_message_without_credentials_is_nobodys, "IDS-2")
{
	struct peer p;

	if (peer_start(&p, 0)) {
		int fds[2];

		enter_place(CHILD);
		EXPECT_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
		EXPECT_EQ(send_creds(fds[0], NULL), 1);
		pass_creds(fds[1]);
		expect_creds(recv_creds(fds[1]), 0, OVERFLOW_ID, OVERFLOW_ID);
		done();
	}
	peer_join(&p);
}

CASE(a_stream_does_not_mix_what_two_users_wrote, "IDS-5")
{
	struct peer p;

	make_channels(from, to);
	for (int place = CHILD; place <= GRANDCHILD; place++) {
		if (peer_start(&p, 0)) {
			enter_place(place);
			EXPECT_EQ(send_creds(from[STREAM], NULL), 1);
			/* The same process as somebody else. */
			member_ids(0, 0);
			EXPECT_EQ(send_creds(from[STREAM], NULL), 1);
			done();
		}
		peer_join(&p);
	}
	/* recv_creds() expects one byte, although room is for eight. */
	EXPECT_EQ(recv_creds(to[STREAM]).uid, place[CHILD].uid);
	EXPECT_EQ(recv_creds(to[STREAM]).uid, place[CHILD].first);
	EXPECT_EQ(recv_creds(to[STREAM]).uid, place[GRANDCHILD].uid);
	EXPECT_EQ(recv_creds(to[STREAM]).uid, place[GRANDCHILD].first);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
