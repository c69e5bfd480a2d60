// SPDX-License-Identifier: GPL-2.0
/* Old holes that namespaces would put in everybody's reach: limits, sockets (OLD-1, OLD-5). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <unistd.h>

#include "userns.h"
#include "settings.h"

/* ---- limits by user ---- */

#define FILES 8

/* Sends until it is refused; how often it was not. */
static int send_until_refused(int sock)
{
	int n = 0;

	while (n < 4 * FILES && send_fd(sock, 0, MSG_DONTWAIT) == 1)
		n++;
	EXPECT_EQ(errno, ETOOMANYREFS);
	return n;
}

static void with_limit(void)
{
	EXPECT_OK(setrlimit(RLIMIT_NOFILE,
			    &(struct rlimit){ FILES, FILES }));
}

CASE(files_on_their_way_are_counted_by_user, "OLD-1")
{
	struct peer p, q;
	int fds[2];
	char c;

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		with_limit();
		EXPECT_EQ(send_until_refused(fds[0]), FILES + 1);
		/* What is received makes room, for one message. */
		EXPECT_EQ(read(fds[1], &c, 1), 1);
		EXPECT_EQ(send_fd(fds[0], 0, MSG_DONTWAIT), 1);
		EXPECT_EQ(send_fd(fds[0], 0, MSG_DONTWAIT), -1);
		peer_tell(&p);
		peer_await(&p);
		/* So does what nobody can receive any more. */
		EXPECT_EQ(send_fd(fds[0], 0, MSG_DONTWAIT), -1);
		EXPECT_OK(close(fds[0]));
		EXPECT_OK(close(fds[1]));
		EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
		EXPECT_EQ(send_until_refused(fds[0]), FILES + 1);
		done();
	}
	peer_await(&p);
	/* The same user elsewhere, with every capability there. */
	if (peer_start(&q, 0)) {
		enter_owned(0, "0 2000 1", "0 2000 1");
		member_ids(0, 0);
		with_limit();
		EXPECT_ERR(send_fd(fds[0], 0, MSG_DONTWAIT), ETOOMANYREFS);
		done();
	}
	peer_join(&q);
	/* Another one. */
	if (peer_start(&q, 0)) {
		become(OWNER, OWNER, 0);
		with_limit();
		EXPECT_EQ(send_fd(fds[0], 0, MSG_DONTWAIT), 1);
		done();
	}
	peer_join(&q);
	EXPECT_OK(close(fds[0]));
	EXPECT_OK(close(fds[1]));
	peer_end(&p);
}

#define SOFT "/proc/sys/fs/pipe-user-pages-soft"
#define HARD "/proc/sys/fs/pipe-user-pages-hard"

/* In pages; it stays open. */
static long new_pipe(void)
{
	int fds[2];

	if (pipe(fds) < 0)
		return -1;
	return EXPECT_OK(fcntl(fds[0], F_GETPIPE_SZ)) / getpagesize();
}

static void limited_pipes(void)
{
	long page = getpagesize();
	struct peer p, q;
	int fds[2];

	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_OK(pipe(fds));
		for (int i = 1; i < 4; i++)
			EXPECT_EQ(new_pipe(), 16);
		EXPECT_EQ(new_pipe(), 2);
		EXPECT_ERR(fcntl(fds[0], F_SETPIPE_SZ, 32 * page), EPERM);
		EXPECT_EQ(fcntl(fds[0], F_GETPIPE_SZ), 16 * page);
		EXPECT_EQ(new_pipe(), 2);
		EXPECT_ERR(new_pipe(), ENFILE);
		/* Shrinking makes room. */
		EXPECT_EQ(fcntl(fds[0], F_SETPIPE_SZ, 8 * page), 8 * page);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	/* The same user elsewhere, with every capability there. */
	if (peer_start(&q, 0)) {
		enter_owned(0, "0 2000 1", "0 2000 1");
		member_ids(0, 0);
		for (int i = 0; i < 4; i++)
			EXPECT_EQ(new_pipe(), 2);
		EXPECT_ERR(new_pipe(), ENFILE);
		done();
	}
	peer_join(&q);
	/* Another one, and root. */
	if (peer_start(&q, 0)) {
		become(OWNER, OWNER, 0);
		EXPECT_EQ(new_pipe(), 16);
		done();
	}
	peer_join(&q);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(new_pipe(), 16);
	peer_end(&p);
	/* What is closed is not counted any more. */
	if (peer_start(&q, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_EQ(new_pipe(), 16);
		done();
	}
	peer_join(&q);
}

CASE(pages_in_pipes_are_counted_by_user, "OLD-1")
{
	const struct setting s[] = { { SOFT, "64" }, { HARD, "68" } };

	with_settings(s, 2, limited_pipes);
}

/* ---- sockets ---- */

#define LISTENS 20000

static void listen_often(struct peer *p, int sock, uid_t uid)
{
	if (!peer_start(p, 0))
		return;
	become(uid, uid, 0);
	peer_await(p);
	for (int i = 0; i < LISTENS; i++)
		EXPECT_OK(listen(sock, 5));
	done();
}

/* Each listen() replaces pid and ids, which belong together. */
CASE(credentials_of_a_listener_are_those_of_one_process, "OLD-5")
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct peer p, q;
	struct ucred got;
	socklen_t len = sizeof(got);
	int sock;

	sock = EXPECT_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	EXPECT_OK(bind(sock, (struct sockaddr *)&name, sizeof(sa_family_t)));
	EXPECT_OK(listen(sock, 5));
	listen_often(&p, sock, OWNER);
	listen_often(&q, sock, OTHER);
	peer_tell(&p);
	peer_tell(&q);
	for (int left = 2; left;) {
		siginfo_t info = { .si_pid = 0 };

		EXPECT_OK(getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &got,
				     &len));
		if (got.pid == p.pid)
			EXPECT_EQ(got.uid, OWNER);
		else if (got.pid == q.pid)
			EXPECT_EQ(got.uid, OTHER);
		else
			EXPECT_EQ(got.pid, getpid());
		left = 0;
		EXPECT_OK(waitid(P_PID, p.pid, &info,
				 WEXITED | WNOHANG | WNOWAIT));
		left += !info.si_pid;
		info.si_pid = 0;
		EXPECT_OK(waitid(P_PID, q.pid, &info,
				 WEXITED | WNOHANG | WNOWAIT));
		left += !info.si_pid;
	}
	peer_join(&p);
	peer_join(&q);
}

/* In a network namespace of the caller's, whose lo is up with this MTU. */
static struct ifreq new_net(int mtu)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int sock;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	sock = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	lo.ifr_mtu = mtu;
	EXPECT_OK(ioctl(sock, SIOCSIFMTU, &lo));
	lo.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	EXPECT_OK(ioctl(sock, SIOCSIFFLAGS, &lo));
	EXPECT_OK(close(sock));
	return lo;
}

/* A bound socket, and its name. */
static int bound(int type, struct sockaddr_in *name)
{
	socklen_t len = sizeof(*name);
	int sock = EXPECT_OK(socket(AF_INET, type | SOCK_CLOEXEC, 0));

	*name = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	EXPECT_OK(bind(sock, (struct sockaddr *)name, len));
	EXPECT_OK(getsockname(sock, (struct sockaddr *)name, &len));
	return sock;
}

static int joined(void)
{
	char text[4096];

	EXPECT_OK(read_file("/proc/self/net/igmp", text, sizeof(text)));
	return strstr(text, "630000E0") != NULL;
}

CASE(an_accepted_socket_has_not_joined_the_listeners_groups, "OLD-5")
{
	struct group_req group;
	struct sockaddr_in name = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xe0000063),
	};
	int sock, from, to;

	require_namespaces();
	new_net(16436);
	if (access("/proc/self/net/igmp", F_OK) < 0)
		SKIP("the kernel lists no groups (CONFIG_IP_MULTICAST)");
	group.gr_interface = if_nametoindex("lo");
	memcpy(&group.gr_group, &name, sizeof(name));
	sock = bound(SOCK_STREAM, &name);
	/* The older IP_ADD_MEMBERSHIP refuses such sockets. */
	EXPECT_OK(setsockopt(sock, IPPROTO_IP, MCAST_JOIN_GROUP, &group,
			     sizeof(group)));
	EXPECT(joined());
	EXPECT_OK(listen(sock, 5));
	from = EXPECT_OK(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	EXPECT_OK(connect(from, (struct sockaddr *)&name, sizeof(name)));
	to = EXPECT_OK(accept(sock, NULL, NULL));
	EXPECT_OK(close(to));
	EXPECT_OK(close(from));
	EXPECT(joined());
	EXPECT_OK(close(sock));
	EXPECT(!joined());
}

/* Large parts go to a device that fragments them (UFO) at once. */
static void set_ufo(struct ifreq *lo, uint32_t on)
{
	struct ethtool_value value = { ETHTOOL_SUFO, on };
	int sock = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	lo->ifr_data = (void *)&value;
	(void)ioctl(sock, SIOCETHTOOL, lo);	/* no later kernel has it */
	EXPECT_OK(close(sock));
}

CASE(a_corked_datagram_arrives_as_it_was_sent, "OLD-5")
{
	static const int parts[][3] = {
		{ 3000, 100, 0 }, { 100, 3000, 50 }, { 1400, 40, 3000 },
		{ 3000, 3000, 3000 }, { 1, 1471, 1473 },
	};
	static char out[10000], in[10001];
	struct sockaddr_in name;
	struct ifreq lo;
	int from, to, len;

	require_namespaces();
	lo = new_net(1500);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	to = bound(SOCK_DGRAM, &name);
	from = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	EXPECT_OK(connect(from, (struct sockaddr *)&name, sizeof(name)));
	for (int i = 0; i < 4 * 5; i++) {
		const int *part = parts[i / 4];

		harness_context("%d, %d, %d bytes, UFO %d then %d", part[0],
				part[1], part[2], i & 1, i >> 1 & 1);
		len = 0;
		set_ufo(&lo, i & 1);
		for (int j = 0; j < 3; j++) {
			EXPECT_EQ(send(from, out + len, part[j],
				       j < 2 ? MSG_MORE : 0), part[j]);
			len += part[j];
			set_ufo(&lo, i >> 1 & 1);
		}
		EXPECT_EQ(recv(to, in, sizeof(in), 0), len);
		EXPECT_EQ(memcmp(in, out, len), 0);
	}
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
