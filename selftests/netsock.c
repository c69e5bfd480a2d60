// SPDX-License-Identifier: GPL-2.0
/* Sockets and tun of a network namespace ask its owner; what else is left to init (ACC-8). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <net/route.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/mroute.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/pkt_sched.h>
#include <linux/sockios.h>
#include <linux/xfrm.h>

#include "userns.h"
#include "rtnl.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void own_network(void)
{
	new_network();
	EXPECT_OK(link_up("lo", 1));
}

static int bind_to(int family, int type, uint16_t port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a = { .any.sa_family = family };
	int fd = socket(family, type, 0), ret;

	if (fd < 0)
		return -1;
	a.in.sin_port = htons(port);
	ret = bind(fd, &a.any, sizeof(a));
	if (!ret)
		EXPECT_OK(close(fd));
	return ret;
}

static int option_of(int family, int level, int name, int value)
{
	int fd = EXPECT_OK(socket(family, SOCK_DGRAM, 0));
	int ret = setsockopt(fd, level, name, &value, sizeof(value));
	int err = errno;

	EXPECT_OK(close(fd));
	errno = err;
	return ret;
}

static int option(int level, int name, int value)
{
	return option_of(AF_INET, level, name, value);
}

static int option6(int name, int value)
{
	return option_of(AF_INET6, SOL_IPV6, name, value);
}

static int bind_to_device(void)
{
	int fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM, 0));
	int ret = setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	int err = errno;

	EXPECT_OK(close(fd));
	errno = err;
	return ret;
}

CASE(raw_sockets_and_low_ports_are_the_owners, "ACC-8")
{
	own_network();
	EXPECT_OK(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	EXPECT_OK(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
	EXPECT_OK(bind_to(AF_INET, SOCK_STREAM, 80));
	EXPECT_OK(bind_to(AF_INET, SOCK_DGRAM, 53));
	EXPECT_OK(bind_to_device());
	EXPECT_OK(option(SOL_SOCKET, SO_MARK, 5));
	EXPECT_OK(option(SOL_IP, IP_TRANSPARENT, 1));
	if (socket(AF_INET6, SOCK_DGRAM, 0) < 0)
		return;
	EXPECT_OK(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
	EXPECT_OK(bind_to(AF_INET6, SOCK_STREAM, 81));
	EXPECT_OK(option6(IPV6_TRANSPARENT, 1));
}

static void all_refused(void)
{
	EXPECT_ERR(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM);
	EXPECT_ERR(bind_to(AF_INET, SOCK_STREAM, 80), EACCES);
	EXPECT_ERR(bind_to(AF_INET, SOCK_DGRAM, 53), EACCES);
	EXPECT_ERR(option(SOL_SOCKET, SO_MARK, 5), EPERM);
	EXPECT_ERR(option(SOL_IP, IP_TRANSPARENT, 1), EPERM);
	EXPECT_OK(bind_to(AF_INET, SOCK_STREAM, 8080));
	if (socket(AF_INET6, SOCK_DGRAM, 0) < 0)
		return;
	EXPECT_ERR(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), EPERM);
	EXPECT_ERR(bind_to(AF_INET6, SOCK_STREAM, 81), EACCES);
	EXPECT_ERR(option6(IPV6_TRANSPARENT, 1), EPERM);
}

CASE(sockets_of_the_parents_network_are_not_ones_own, "ACC-8 CAP-4")
{
	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	refused_to_others(own_network, "0 0 1", all_refused);
	caps_drop(CAP_BIT(CAP_NET_RAW) | CAP_BIT(CAP_NET_ADMIN) |
		  CAP_BIT(CAP_NET_BIND_SERVICE));
	all_refused();
}

/* Later kernels let everybody do it once. */
CASE(a_socket_leaves_its_device_with_the_capability, "ACC-8")
{
	int fd;

	own_network();
	fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM, 0));
	EXPECT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	caps_drop(CAP_BIT(CAP_NET_RAW));
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 1), EPERM);
}

/* A socket made before belongs to where it was made. */
CASE(a_socket_asks_the_owner_of_its_own_network, "ACC-8")
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };
	int value = 5, old;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	old = EXPECT_OK(socket(AF_INET, SOCK_DGRAM, 0));
	own_network();
	EXPECT_ERR(bind(old, (void *)&a, sizeof(a)), EACCES);
	EXPECT_ERR(setsockopt(old, SOL_SOCKET, SO_MARK, &value, sizeof(value)),
		   EPERM);
	EXPECT_OK(bind_to(AF_INET, SOCK_DGRAM, 80));
}

CASE(an_owner_pings, "ACC-8")
{
	struct sockaddr_in lo = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct icmphdr echo = {
		.type = ICMP_ECHO, .un.echo.id = 7,
		.checksum = (uint16_t)~(ICMP_ECHO + 7),
	};
	unsigned char buf[128];
	int fd;

	own_network();
	fd = EXPECT_OK(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	EXPECT_EQ(sendto(fd, &echo, sizeof(echo), 0, (void *)&lo, sizeof(lo)),
		  sizeof(echo));
	do {	/* the request comes by as well */
		EXPECT_EQ(recv(fd, buf, sizeof(buf), 0), 20 + sizeof(echo));
	} while (buf[20] != ICMP_ECHOREPLY);
}

/* /dev/net/tun, opened where the caller is. */
static int tun_open(void)
{
	int fd = open("tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		SKIP("no tun: %s", errno_name(errno));
	return fd;
}

static int tun_make(int fd, int flags)
{
	struct ifreq ifr = { .ifr_name = "t0", .ifr_flags = flags };

	return ioctl(fd, TUNSETIFF, &ifr);
}

static void tun_node(void)
{
	EXPECT_OK(mknod("tun", S_IFCHR | 0600, makedev(10, 200)));
	EXPECT_OK(chmod("tun", 0666));
	EXPECT_OK(chmod(".", 0777));
}

CASE(tun_devices_are_the_owners, "ACC-8")
{
	struct peer p;
	int fd, old, zero = 0;

	tun_node();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	old = tun_open();
	if (peer_start(&p, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_ERR(tun_make(tun_open(), IFF_TUN), EPERM);
		done();
	}
	peer_join(&p);
	own_network();
	EXPECT_ERR(tun_make(old, IFF_TUN), EPERM);
	fd = tun_open();
	EXPECT_OK(tun_make(fd, IFF_TUN | IFF_NO_PI));
	/* Who writes would wait for room without end. */
	EXPECT_ERR(ioctl(fd, TUNSETSNDBUF, &zero), EINVAL);
	EXPECT_OK(link_up("t0", 1));
	EXPECT_OK(close(fd));
	EXPECT_EQ(if_nametoindex("t0"), 0);
	fd = tun_open();
	EXPECT_OK(tun_make(fd, IFF_TAP));
	EXPECT_OK(link_del("t0"));
}

CASE(virtio_headers_and_types_of_tun_ask_init, "ACC-8")
{
	int fd;

	tun_node();
	own_network();
	fd = tun_open();
	EXPECT_ERR(tun_make(fd, IFF_TUN | IFF_VNET_HDR), EPERM);
	EXPECT_OK(tun_make(fd, IFF_TUN));
	EXPECT_ERR(ioctl(fd, TUNSETLINK, 280), EPERM);
	EXPECT_ERR(ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM), EPERM);
}

static int packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static int netlink_xfrm(void)
{
	struct xfrm_usersa_flush flush = { .proto = 50 };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM);
	struct rtnl m;

	rtnl_start(&m, XFRM_MSG_FLUSHSA, 0, &flush, sizeof(flush));
	return fd < 0 ? -1 : rtnl_talk(fd, &m);
}

static int iptables(void)
{
	char info[84] = "filter";
	socklen_t len = sizeof(info);
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	return fd < 0 ? -1 : getsockopt(fd, SOL_IP, 64, info, &len);
}

static int qdisc(void)
{
	struct tcmsg header = {
		.tcm_ifindex = if_nametoindex("lo"), .tcm_parent = TC_H_ROOT,
	};
	struct rtnl m;

	rtnl_start(&m, RTM_NEWQDISC, NLM_F_CREATE, &header, sizeof(header));
	rtnl_text(&m, TCA_KIND, "prio");
	return rtnl_do(&m);
}

static int neighbour_table(void)
{
	struct ndtmsg header = { .ndtm_family = AF_INET };
	struct rtnl m;

	rtnl_start(&m, RTM_SETNEIGHTBL, 0, &header, sizeof(header));
	rtnl_text(&m, NDTA_NAME, "arp_cache");
	rtnl_u32(&m, NDTA_THRESH1, 128);
	return rtnl_do(&m);
}

static int multicast_router(void)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_IGMP), on = 1;

	return fd < 0 ? -1 :
	       setsockopt(fd, SOL_IP, MRT_INIT, &on, sizeof(on));
}

static int multicast_router6(void)
{
	int fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), on = 1;

	return fd < 0 ? -1 : setsockopt(fd, SOL_IPV6, 200, &on, sizeof(on));
}

static int netfilter(void)
{
	struct nfgenmsg header = { .nfgen_family = AF_INET };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	struct rtnl m;

	rtnl_start(&m, NFNL_SUBSYS_ULOG << 8, 0, &header, sizeof(header));
	return fd < 0 ? -1 : rtnl_talk(fd, &m);
}

static int static_arp(void)
{
	struct arpreq {
		struct sockaddr pa, ha;
		int flags;
		struct sockaddr netmask;
		char dev[16];
	} r = { .pa.sa_family = AF_INET, .ha.sa_family = 772, .flags = 6,
		.dev = "lo" };

	return if_ioctl(SIOCSARP, (void *)&r);
}

static int ethtool(void)
{
	struct ethtool_value value = { .cmd = ETHTOOL_SGSO, .data = 1 };
	struct ifreq ifr = { .ifr_name = "lo", .ifr_data = (void *)&value };

	return if_ioctl(SIOCETHTOOL, &ifr);
}

static int multicast_list(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };

	return if_ioctl(SIOCADDMULTI, &ifr);
}

static int send_buffer(void)
{
	return option(SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
}

static int receive_buffer(void)
{
	return option(SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20);
}

static int priority(void)
{
	return option(SOL_SOCKET, SO_PRIORITY, 7);
}

static int hop_options(void)
{
	static const char opt[8] = { 0, 0, 1, 4 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	return fd < 0 ? -1 :
	       setsockopt(fd, SOL_IPV6, 54, opt, sizeof(opt));
}

static const struct {
	const char *what;
	int (*call)(void);
} of_init[] = {
	{ "packet sockets", packet }, { "IPsec", netlink_xfrm },
	{ "iptables", iptables }, { "qdiscs", qdisc },
	{ "neighbour tables", neighbour_table },
	{ "netfilter", netfilter }, { "multicast routing", multicast_router },
	{ "multicast routing of IPv6", multicast_router6 }, { "SIOCSARP", static_arp },
	{ "ethtool", ethtool }, { "SIOCADDMULTI", multicast_list },
	{ "SO_SNDBUFFORCE", send_buffer }, { "SO_RCVBUFFORCE", receive_buffer },
	{ "SO_PRIORITY above 6", priority },
	{ "hop-by-hop options", hop_options },
};

CASE(what_root_of_a_namespace_must_not_reach_asks_init, "ACC-8 CAP-6")
{
	struct peer p;
	int net, known = 0;

	if (peer_start(&p, 0)) {
		own_network();
		for (size_t i = 0; i < N(of_init); i++) {
			peer_await(&p);
			EXPECT_EQ(of_init[i].call(), -1);
			peer_send(&p, &errno, sizeof(errno));
		}
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	for (size_t i = 0; i < N(of_init); i++) {
		int err;

		harness_context("%s: ", of_init[i].what);
		peer_tell(&p);
		peer_recv(&p, &err, sizeof(err));
		if (err == EPERM)
			known++;
		else	/* the kernel lacks it */
			EXPECT(err == EAFNOSUPPORT || err == EPROTONOSUPPORT ||
			       err == ENOPROTOOPT || err == EOPNOTSUPP);
	}
	harness_context("%s", "");
	EXPECT(known >= 5);
	peer_await(&p);
	/* Root of init gets further in the same network. */
	net = ns_fd(p.pid, "net");
	EXPECT_OK(sys_setns(net, CLONE_NEWNET));
	for (size_t i = 0; i < N(of_init); i++) {
		harness_context("%s: ", of_init[i].what);
		if (of_init[i].call() == -1)
			EXPECT(errno != EPERM && errno != EACCES);
	}
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
