/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that pass credentials on, and a message of one byte with them. */
#ifndef CREDMSG_H
#define CREDMSG_H

#include <sys/socket.h>
#include <linux/netlink.h>

#include "harness.h"

/* Ways to send credentials along. */
enum { DGRAM, STREAM, NETLINK, CHANNELS };

static inline void pass_creds(int fd)
{
	EXPECT_OK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &(int){ 1 },
			     sizeof(int)));
}

static inline void netlink_pair(int *sender, int *receiver)
{
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(name);

	*receiver = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				     NETLINK_USERSOCK));
	EXPECT_OK(bind(*receiver, (struct sockaddr *)&name, sizeof(name)));
	EXPECT_OK(getsockname(*receiver, (struct sockaddr *)&name, &len));
	*sender = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				   NETLINK_USERSOCK));
	EXPECT_OK(connect(*sender, (struct sockaddr *)&name, sizeof(name)));
}

static inline void make_channels(int from[CHANNELS], int to[CHANNELS])
{
	int fds[2];

	EXPECT_OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds));
	from[DGRAM] = fds[0];
	to[DGRAM] = fds[1];
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	from[STREAM] = fds[0];
	to[STREAM] = fds[1];
	netlink_pair(&from[NETLINK], &to[NETLINK]);
	for (int c = 0; c < CHANNELS; c++)
		pass_creds(to[c]);
}

union creds_message {
	struct cmsghdr header;
	char buf[CMSG_SPACE(sizeof(struct ucred))];
};

/* Sends a byte, with a claim unless that is null; what sendmsg() returns. */
static inline int send_creds(int fd, const struct ucred *claim)
{
	union creds_message u;
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (claim) {
		memset(&u, 0, sizeof(u));
		u.header.cmsg_len = CMSG_LEN(sizeof(*claim));
		u.header.cmsg_level = SOL_SOCKET;
		u.header.cmsg_type = SCM_CREDENTIALS;
		memcpy(CMSG_DATA(&u.header), claim, sizeof(*claim));
		msg.msg_control = &u;
		msg.msg_controllen = sizeof(u);
	}
	return sendmsg(fd, &msg, 0);
}

/* What one recvmsg() gives must be so many bytes. */
static inline struct ucred recv_bytes(int fd, int want)
{
	union creds_message u;
	char data[8];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = sizeof(u),
	};
	struct ucred got;

	EXPECT_EQ(recvmsg(fd, &msg, 0), want);
	EXPECT(CMSG_FIRSTHDR(&msg) != NULL);
	EXPECT_EQ(u.header.cmsg_type, SCM_CREDENTIALS);
	memcpy(&got, CMSG_DATA(&u.header), sizeof(got));
	return got;
}

static inline struct ucred recv_creds(int fd)
{
	return recv_bytes(fd, 1);
}

static inline void expect_creds(struct ucred got, pid_t pid, uid_t uid, gid_t gid)
{
	EXPECT_EQ(got.pid, pid);
	EXPECT_EQ(got.uid, uid);
	EXPECT_EQ(got.gid, gid);
}

#endif
