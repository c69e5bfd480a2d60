// SPDX-License-Identifier: GPL-2.0
/* What is no file: IPC, sockets, keys. */
#include "bench.h"

#include <arpa/inet.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int unix_pair[2], netlink;
static long user_keyring;

/* i386 has one system call for all of IPC: there libc's functions are part of the figure. */
static long op_msg(void)
{
	struct msqid_ds ds;
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

	if (id < 0 || msgctl(id, IPC_STAT, &ds) < 0)
		return -1;
	return msgctl(id, IPC_RMID, NULL);
}

static long op_shm(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	return id < 0 ? id : shmctl(id, IPC_RMID, NULL);
}

static long op_pipe(void)
{
	int fds[2];

	if (syscall(SYS_pipe, fds) < 0 || syscall(SYS_close, fds[0]) < 0)
		return -1;
	return syscall(SYS_close, fds[1]);
}

/* A low port, so that a capability is asked for. */
static long op_socket_bind(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(100),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0)
		return -1;
	return syscall(SYS_close, fd);
}

static long op_unix_credentials(void)
{
	char byte = 0;
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct ucred ucred = { .pid = getpid() };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(ucred));
	memcpy(CMSG_DATA(c), &ucred, sizeof(ucred));
	if (sendmsg(unix_pair[0], &msg, 0) != 1)
		return -1;
	memset(&control, 0, sizeof(control));
	msg.msg_controllen = sizeof(control);
	if (recvmsg(unix_pair[1], &msg, 0) != 1)
		return -1;
	return msg.msg_controllen ? 0 : -1;
}

/* A message that does nothing and wants to be acknowledged. */
static long op_netlink(void)
{
	static const struct nlmsghdr no_op = {
		.nlmsg_len = sizeof(no_op),
		.nlmsg_type = NLMSG_NOOP,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec iov = { .iov_base = (void *)&no_op, .iov_len = sizeof(no_op) };
	struct msghdr msg = {
		.msg_name = &kernel, .msg_namelen = sizeof(kernel),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	char ack[128];

	if (sendmsg(netlink, &msg, 0) < 0)
		return -1;
	return recv(netlink, ack, sizeof(ack), 0);
}

static long op_key_describe(void)
{
	char text[128];

	return syscall(SYS_keyctl, KEYCTL_DESCRIBE, user_keyring, text,
		       sizeof(text));
}

static long op_key_id(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
		       KEY_SPEC_USER_KEYRING, 1);
}

void bench_objects(void)
{
	int on = 1;

	bench("msgget_stat_rmid", op_msg, NULL);
	bench("shmget_rmid", op_shm, NULL);
	bench("pipe_close", op_pipe, NULL);
	bench("socket_bind_close", op_socket_bind, NULL);

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, unix_pair) < 0 ||
	    setsockopt(unix_pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		die("socketpair");
	bench("unix_credentials", op_unix_credentials, NULL);
	close(unix_pair[0]);
	close(unix_pair[1]);

	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (netlink < 0)
		die("netlink");
	bench("netlink_acknowledged", op_netlink, NULL);
	close(netlink);

	user_keyring = op_key_id();
	if (user_keyring < 0) {
		bench_absent("keyctl_describe");
		bench_absent("keyctl_keyring_id");
		return;
	}
	bench("keyctl_describe", op_key_describe, NULL);
	bench("keyctl_keyring_id", op_key_id, NULL);
}
