// SPDX-License-Identifier: GPL-2.0
/* Old holes in sockets that a packet or a message reaches (OLD-1, OLD-5). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userns.h"
#include "rtnl.h"

/* ---- files that are peeked at ---- */

union control {
	struct cmsghdr header;
	char buf[CMSG_SPACE(sizeof(int))];
};

static void send_file(int sock, int fd)
{
	EXPECT_EQ(send_fd(sock, fd, MSG_DONTWAIT), 1);
}

static int received_file(int sock, int flags)
{
	union control u;
	char c;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = sizeof(u),
	};
	int fd;

	EXPECT_EQ(recvmsg(sock, &msg, flags | MSG_DONTWAIT), 1);
	EXPECT_EQ(c, 'x');
	EXPECT_EQ(msg.msg_controllen, CMSG_SPACE(sizeof(int)));
	EXPECT_EQ(u.header.cmsg_type, SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(&u.header), sizeof(fd));
	return fd;
}

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/*
 * A socket in flight to itself, held by nothing else, is what is collected;
 * one that was peeked at is held again, and what waits in it stays.
 */
static void peeked_at(int type)
{
	int way[2], in_flight[2], peeked, taken;
	char c = 0;

	EXPECT_OK(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, way));
	EXPECT_OK(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, in_flight));
	EXPECT_EQ(write(in_flight[0], "y", 1), 1);
	send_file(way[0], in_flight[1]);
	EXPECT_OK(close(in_flight[1]));
	peeked = received_file(way[1], MSG_PEEK);
	/* A collection is made by closing a socket while others are in flight. */
	EXPECT_OK(close(EXPECT_OK(socket(AF_UNIX, type, 0))));
	EXPECT_EQ(recv(peeked, &c, 1, MSG_DONTWAIT | MSG_PEEK), 1);
	EXPECT_EQ(c, 'y');
	taken = received_file(way[1], 0);
	EXPECT(is_open(peeked));
	EXPECT_NE(peeked, taken);
	EXPECT_OK(close(peeked));
	EXPECT_EQ(recv(taken, &c, 1, MSG_DONTWAIT), 1);
	EXPECT_ERR(recv(way[1], &c, 1, MSG_DONTWAIT), EAGAIN);
}

CASE(a_file_that_is_peeked_at_is_there_twice, "OLD-5")
{
	become(OTHER, OTHER, 0);
	peeked_at(SOCK_STREAM);
	peeked_at(SOCK_DGRAM);
	peeked_at(SOCK_SEQPACKET);
}

/* ---- datagrams ---- */

static void own_network(void)
{
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(link_up("lo", 1));
}

static const struct sockaddr_in loopback = {
	.sin_family = AF_INET, .sin_addr = { 0x0100007f },
};

CASE(a_datagram_with_less_than_a_header_is_refused, "OLD-5")
{
	char packet[sizeof(struct iphdr)] = { 0x45 };
	int fd;

	own_network();
	fd = EXPECT_OK(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
	for (size_t len = 0; len < sizeof(packet); len++) {
		harness_context("%zu bytes", len);
		EXPECT_ERR(sendto(fd, packet, len, 0, (void *)&loopback,
				  sizeof(loopback)), EINVAL);
	}
	harness_context("%s", "");
	EXPECT_EQ(sendto(fd, packet, sizeof(packet), 0, (void *)&loopback,
			 sizeof(loopback)), sizeof(packet));
}

CASE(a_socket_that_is_disconnected_has_no_port, "OLD-5")
{
	struct sockaddr_in a = loopback;
	socklen_t len = sizeof(a);
	int fd;

	own_network();
	fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	a.sin_port = htons(7000);
	EXPECT_OK(connect(fd, (void *)&a, sizeof(a)));
	EXPECT_OK(getsockname(fd, (void *)&a, &len));
	EXPECT_NE(a.sin_port, 0);
	a.sin_family = AF_UNSPEC;
	EXPECT_OK(connect(fd, (void *)&a, sizeof(a)));
	EXPECT_OK(getsockname(fd, (void *)&a, &len));
	EXPECT_EQ(a.sin_port, 0);
	EXPECT_EQ(a.sin_addr.s_addr, 0);
	EXPECT_ERR(getpeername(fd, (void *)&a, &len), ENOTCONN);
}

CASE(a_message_may_carry_no_files, "OLD-1")
{
	union control u = { .header = {
		.cmsg_len = CMSG_LEN(0),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = CMSG_LEN(0),
	};
	int way[2];
	char c;

	become(OTHER, OTHER, 0);
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, way));
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(sendmsg(way[0], &msg, 0), 1);
		EXPECT_EQ(read(way[1], &c, 1), 1);
	}
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
