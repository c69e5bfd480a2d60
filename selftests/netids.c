// SPDX-License-Identifier: GPL-2.0
/* Owners of sockets as files and diagnosis show them (IDS-2). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <unistd.h>

#include "userns.h"
#include "places.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Mapped in every place but the sibling, or in no place but init. */
static const uid_t owner[] = { BASE + 18, BASE + 3, UNMAPPED };

/* Belongs to `uid`, made with the capabilities of the caller. */
static int socket_of(uid_t uid, int domain, int type, int protocol)
{
	int fd, err;

	setfsuid(uid);
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	err = errno;
	setfsuid(0);
	errno = err;
	return fd;
}

static unsigned long inode_of(int fd)
{
	struct stat st;

	EXPECT_OK(fstat(fd, &st));
	return st.st_ino;
}

/* Field number n, from 0, of a line; -1 where it has less. */
static long long field(const char *line, int n)
{
	char word[64];
	int len;

	for (int i = 0; sscanf(line, "%63s%n", word, &len) == 1; i++) {
		if (i == n)
			return strtoll(word, NULL, 10);
		line += len;
	}
	return -1;
}

struct listing {
	const char *file;
	int domain, type, protocol;
	int uid_field, inode_field;
};

static const struct listing listing[] = {
	{ "tcp", AF_INET, SOCK_STREAM, 0, 7, 9 },
	{ "tcp6", AF_INET6, SOCK_STREAM, 0, 7, 9 },
	{ "udp", AF_INET, SOCK_DGRAM, 0, 7, 9 },
	{ "udp6", AF_INET6, SOCK_DGRAM, 0, 7, 9 },
	{ "raw", AF_INET, SOCK_RAW, IPPROTO_UDP, 7, 9 },
	{ "raw6", AF_INET6, SOCK_RAW, IPPROTO_UDP, 7, 9 },
	{ "icmp", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 7, 9 },
	{ "packet", AF_PACKET, SOCK_RAW, 0, 7, 8 },
};

/* What an open /proc/net file shows as the owner of a socket. */
static long long shown_owner(int fd, const struct listing *l,
			     unsigned long inode)
{
	FILE *f;
	char line[512];
	long long uid = -1;

	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	f = fdopen(EXPECT_OK(dup(fd)), "r");
	EXPECT(f != NULL);
	while (uid < 0 && fgets(line, sizeof(line), f))
		if (field(line, l->inode_field) == (long long)inode)
			uid = field(line, l->uid_field);
	fclose(f);
	if (uid < 0)
		FAIL("inode %lu is not in /proc/net/%s", inode, l->file);
	return uid;
}

static int open_listing(const struct listing *l)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/net/%s", l->file);
	return EXPECT_OK(open(path, O_RDONLY | O_CLOEXEC));
}

/* Gives the loopback device these flags; what it had. */
static short loopback(short flags)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	short had;

	EXPECT_OK(ioctl(fd, SIOCGIFFLAGS, &lo));
	had = lo.ifr_flags;
	lo.ifr_flags = flags;
	EXPECT_OK(ioctl(fd, SIOCSIFFLAGS, &lo));
	EXPECT_OK(close(fd));
	return had;
}

/* A network namespace that nobody else uses, with groups that may ping. */
static void own_network(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	loopback(IFF_UP);
	EXPECT_OK(write_text("/proc/sys/net/ipv4/ping_group_range",
			     "0 2147483647"));
}

/* Bound, and listening if it can. */
static int listed_socket(const struct listing *l, uid_t uid)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} name;
	int fd = socket_of(uid, l->domain, l->type, l->protocol);

	if (fd < 0 && errno == EAFNOSUPPORT)
		return -1;
	EXPECT_OK(fd);
	if (l->domain == AF_PACKET)
		return fd;
	memset(&name, 0, sizeof(name));
	name.any.sa_family = l->domain;
	EXPECT_OK(bind(fd, &name.any, l->domain == AF_INET ? sizeof(name.in) :
		       sizeof(name.in6)));
	if (l->type == SOCK_STREAM)
		EXPECT_OK(listen(fd, 1));
	return fd;
}

CASE(files_of_proc_net_show_owners_as_the_reader_knows_them, "IDS-2")
{
	own_network();
	for (size_t i = 0; i < N(listing); i++) {
		const struct listing *l = &listing[i];
		unsigned long inode[N(owner)];
		int missing = 0;

		for (size_t o = 0; o < N(owner); o++) {
			int fd = listed_socket(l, owner[o]);

			missing = fd < 0;
			if (missing)
				break;
			inode[o] = inode_of(fd);
		}
		if (missing) {
			NOTE("no %s here", l->file);
			continue;
		}
		for (int at = 0; at < PLACES; at++) {
			struct peer p;

			if (peer_start(&p, 0)) {
				int fd;

				enter_place(at);
				fd = open_listing(l);
				for (size_t o = 0; o < N(owner); o++) {
					harness_context("%s in %s: ", l->file,
							place[at].name);
					EXPECT_EQ(shown_owner(fd, l, inode[o]),
						  seen_from(at, owner[o]));
				}
				done();
			}
			peer_join(&p);
		}
	}
}

CASE(files_of_proc_net_are_translated_for_the_opener, "IDS-2")
{
	const struct listing *l = &listing[0];
	int outside, fd;
	unsigned long inode;
	struct peer p;

	own_network();
	inode = inode_of(listed_socket(l, BASE + 18));
	outside = open_listing(l);
	if (peer_start(&p, 0)) {
		enter_place(CHILD);
		EXPECT_EQ(shown_owner(outside, l, inode), BASE + 18);
		fd = open_listing(l);
		EXPECT_EQ(shown_owner(fd, l, inode), 18);
		peer_send_fd(&p, fd);
		done();
	}
	fd = peer_recv_fd(&p);
	peer_join(&p);
	EXPECT_EQ(shown_owner(fd, l, inode), 18);
}

/*
 * A connection that the listener has not heard of: it waits for data. The
 * client end; *port is the listener's.
 */
static int half_open(uid_t uid, in_port_t *port, int *listener)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	socklen_t len = sizeof(name);
	int client;

	*listener = EXPECT_OK(socket_of(uid, AF_INET, SOCK_STREAM, 0));
	EXPECT_OK(setsockopt(*listener, IPPROTO_TCP, TCP_DEFER_ACCEPT,
			     &(int){ 30 }, sizeof(int)));
	EXPECT_OK(bind(*listener, (void *)&name, sizeof(name)));
	EXPECT_OK(listen(*listener, 1));
	EXPECT_OK(getsockname(*listener, (void *)&name, &len));
	*port = ntohs(name.sin_port);
	client = EXPECT_OK(socket_of(uid, AF_INET, SOCK_STREAM, 0));
	EXPECT_OK(connect(client, (void *)&name, sizeof(name)));
	return client;
}

CASE(a_connection_in_the_making_has_the_owner_of_its_listener, "IDS-2")
{
	in_port_t port;
	int listener;

	own_network();
	half_open(BASE + 18, &port, &listener);
	for (int at = 0; at < PLACES; at++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			char want[32], line[512];
			int found = 0;
			FILE *f;

			enter_place(at);
			harness_context("%s: ", place[at].name);
			/* local address, any other, state SYN_RECV */
			snprintf(want, sizeof(want), "0100007F:%04X", port);
			f = fopen("/proc/self/net/tcp", "re");
			EXPECT(f != NULL);
			while (fgets(line, sizeof(line), f)) {
				char local[32], state[8];

				if (sscanf(line, "%*s %31s %*s %7s", local,
					   state) != 2 ||
				    strcmp(local, want) || strcmp(state, "03"))
					continue;
				found = 1;
				EXPECT_EQ(field(line, 7),
					  seen_from(at, BASE + 18));
			}
			EXPECT(found);
			done();
		}
		peer_join(&p);
	}
}

/*
 * The owner that inet_diag tells of the socket with a local port, in one of
 * the states; -1 if it is not told.
 */
static long long diag_owner(int protocol, in_port_t port, uint32_t states)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 body;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.body = {
			.sdiag_family = AF_INET, .sdiag_protocol = protocol,
			.idiag_states = states,
		},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			NETLINK_SOCK_DIAG);
	static char buf[16384];
	long long uid = -1;
	int ended = 0;

	if (fd < 0)
		SKIP("no NETLINK_SOCK_DIAG: %s", errno_name(errno));
	EXPECT_OK(send(fd, &request, sizeof(request), 0));
	while (!ended) {
		ssize_t n = EXPECT_OK(recv(fd, buf, sizeof(buf), 0));
		struct nlmsghdr *h = (void *)buf;

		for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			struct inet_diag_msg *d = NLMSG_DATA(h);

			ended = h->nlmsg_type == NLMSG_DONE;
			if (h->nlmsg_type == NLMSG_ERROR)
				SKIP("no inet_diag: %s", errno_name(
				     -((struct nlmsgerr *)d)->error));
			if (ended)
				break;
			if (ntohs(d->id.idiag_sport) == port)
				uid = d->idiag_uid;
		}
	}
	EXPECT_OK(close(fd));
	return uid;
}

CASE(inet_diag_tells_the_owner_as_the_asker_knows_it, "IDS-2")
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof(name);
	in_port_t tcp, udp;
	int listener, fd;
	long long half;
	/* 3.4 tells of the initial network namespace only. */
	short had = loopback(IFF_UP);

	half_open(BASE + 18, &tcp, &listener);
	fd = EXPECT_OK(socket_of(BASE + 3, AF_INET, SOCK_DGRAM, 0));
	EXPECT_OK(bind(fd, (void *)&name, sizeof(name)));
	EXPECT_OK(getsockname(fd, (void *)&name, &len));
	udp = ntohs(name.sin_port);
	/* Since 4.4 such a connection has no owner of its own, so 0. */
	half = diag_owner(IPPROTO_TCP, tcp, 1U << TCP_SYN_RECV);
	EXPECT(half == BASE + 18 || !half);
	for (int at = 0; at < PLACES; at++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			enter_place(at);
			harness_context("%s: ", place[at].name);
			EXPECT_EQ(diag_owner(IPPROTO_TCP, tcp,
					     1U << TCP_LISTEN),
				  seen_from(at, BASE + 18));
			EXPECT_EQ(diag_owner(IPPROTO_TCP, tcp,
					     1U << TCP_SYN_RECV),
				  half ? seen_from(at, half) : 0);
			EXPECT_EQ(diag_owner(IPPROTO_UDP, udp, ~0U),
				  seen_from(at, BASE + 3));
			done();
		}
		peer_join(&p);
	}
	loopback(had);
}

/*
 * The error that unix_diag answers with when asked for the socket of a file;
 * 0 if it tells of it.
 */
static int unix_diag_error(int file)
{
	struct stat st;
	struct {
		struct nlmsghdr header;
		struct unix_diag_req body;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.body = {
			.sdiag_family = AF_UNIX, .udiag_states = ~0U,
			.udiag_cookie = { ~0U, ~0U },
		},
	};
	struct {
		struct nlmsghdr header;
		union {
			struct nlmsgerr error;
			char room[1024];
		};
	} answer;
	int fd = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				  NETLINK_SOCK_DIAG));

	EXPECT_OK(fstat(file, &st));
	request.body.udiag_ino = st.st_ino;
	EXPECT_OK(send(fd, &request, sizeof(request), 0));
	EXPECT_OK(recv(fd, &answer, sizeof(answer), 0));
	EXPECT_OK(close(fd));
	return answer.header.nlmsg_type == NLMSG_ERROR ?
	       -answer.error.error : 0;
}

/* A bound socket of a type, and its port. */
static in_port_t any_port(int type)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof(name);
	int fd = EXPECT_OK(socket(AF_INET, type, 0));

	EXPECT_OK(bind(fd, (void *)&name, sizeof(name)));
	if (type == SOCK_STREAM)
		EXPECT_OK(listen(fd, 1));
	EXPECT_OK(getsockname(fd, (void *)&name, &len));
	return ntohs(name.sin_port);
}

CASE(sockets_of_another_network_are_not_told_of, "NEW-12 IDS-2")
{
	struct peer p;
	int file;

	for (unsigned long flags = 0; ; flags = CLONE_NEWNET) {
		in_port_t port[2];

		if (peer_start(&p, flags)) {
			port[0] = any_port(SOCK_STREAM);
			port[1] = any_port(SOCK_DGRAM);
			peer_send(&p, port, sizeof(port));
			peer_send_fd(&p, EXPECT_OK(socket(AF_UNIX, SOCK_DGRAM,
							  0)));
			peer_await(&p);
			done();
		}
		peer_recv(&p, port, sizeof(port));
		file = peer_recv_fd(&p);
		harness_context(flags ? "another network: " : "own: ");
		EXPECT_EQ(diag_owner(IPPROTO_TCP, port[0], 1U << TCP_LISTEN),
			  flags ? -1 : 0);
		EXPECT_EQ(diag_owner(IPPROTO_UDP, port[1], ~0U),
			  flags ? -1 : 0);
		EXPECT_EQ(unix_diag_error(file), flags ? ENOENT : 0);
		EXPECT_OK(close(file));
		peer_end(&p);
		if (flags)
			break;
	}
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
