// SPDX-License-Identifier: GPL-2.0
/* Addresses, routes, rules and neighbours ask the owner of the network (ACC-8). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/route.h>
#include <sched.h>
#include <linux/sockios.h>

#include "userns.h"
#include "rtnl.h"

/* A pair of veth in the network of the caller, up. */
static void devices(void)
{
	EXPECT_OK(veth_add("v0", "v1", 0));
	EXPECT_OK(link_up("v0", 1));
	EXPECT_OK(link_up("v1", 1));
}

static void own_network(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	new_network();
	devices();
}

static int has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	EXPECT_OK(close(fd));
	return 1;
}

static struct sockaddr sockaddr_of(const char *ip)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
	} a = { .in = { .sin_family = AF_INET } };

	EXPECT_EQ(inet_pton(AF_INET, ip, &a.in.sin_addr), 1);
	return a.any;
}

static int address_ioctl(unsigned long request, const char *name,
			 const char *ip)
{
	struct ifreq ifr = { .ifr_addr = sockaddr_of(ip) };

	strcpy(ifr.ifr_name, name);
	return if_ioctl(request, &ifr);
}

static int route_ioctl(unsigned long request, char *name, const char *ip,
		       int flags)
{
	struct rtentry rt = {
		.rt_dst = sockaddr_of(ip), .rt_genmask = sockaddr_of("255.255.255.0"),
		.rt_flags = RTF_UP | flags, .rt_dev = name, .rt_mtu = 1400,
	};

	return if_ioctl(request, (void *)&rt);
}

CASE(addresses_are_the_owners, "ACC-8")
{
	own_network();
	EXPECT_OK(address(RTM_NEWADDR, "v0", "10.1.0.1", 24));
	EXPECT_ERR(address(RTM_NEWADDR, "v0", "10.1.0.1", 24), EEXIST);
	EXPECT_OK(address(RTM_DELADDR, "v0", "10.1.0.1", 24));
	EXPECT_OK(address_ioctl(SIOCSIFADDR, "v0", "10.2.0.1"));
	EXPECT_OK(address_ioctl(SIOCSIFNETMASK, "v0", "255.255.0.0"));
	EXPECT_OK(address_ioctl(SIOCSIFBRDADDR, "v0", "10.2.255.255"));
	if (has_ipv6()) {
		EXPECT_OK(address(RTM_NEWADDR, "v0", "fd00::1", 64));
		EXPECT_OK(address(RTM_DELADDR, "v0", "fd00::1", 64));
	}
}

CASE(routes_are_the_owners, "ACC-8")
{
	own_network();
	EXPECT_OK(route(RTM_NEWROUTE, "v0", "10.3.0.0", 24));
	EXPECT_OK(route(RTM_DELROUTE, "v0", "10.3.0.0", 24));
	EXPECT_OK(route_ioctl(SIOCADDRT, "v0", "10.4.0.0", 0));
	EXPECT_OK(route_ioctl(SIOCDELRT, "v0", "10.4.0.0", 0));
	if (has_ipv6()) {
		EXPECT_OK(route(RTM_NEWROUTE, "v0", "fd01::", 64));
		EXPECT_OK(route(RTM_DELROUTE, "v0", "fd01::", 64));
	}
}

CASE(rules_are_the_owners, "ACC-8")
{
	struct peer p;

	own_network();
	if (rule(RTM_NEWRULE, 100))
		SKIP("no rules: %s", errno_name(errno));
	EXPECT_OK(rule(RTM_DELRULE, 100));
	if (peer_start(&p, 0)) {
		enter_new(0, "0 0 1", "0 0 1");
		EXPECT_ERR(rule(RTM_NEWRULE, 101), EPERM);
		done();
	}
	peer_join(&p);
}

CASE(neighbours_are_the_owners, "ACC-8")
{
	own_network();
	EXPECT_OK(address(RTM_NEWADDR, "v0", "10.1.0.1", 24));
	EXPECT_OK(neighbour(RTM_NEWNEIGH, "v0", "10.1.0.2", NUD_REACHABLE));
	EXPECT_OK(neighbour(RTM_NEWNEIGH, "v0", "10.1.0.3", NUD_PERMANENT));
	EXPECT_OK(neighbour(RTM_DELNEIGH, "v0", "10.1.0.3", 0));
}

static int datagram_socket(const char *ip, uint16_t port, struct sockaddr_in *a)
{
	int fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	*a = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	EXPECT_EQ(inet_pton(AF_INET, ip, &a->sin_addr), 1);
	EXPECT_OK(bind(fd, (void *)a, sizeof(*a)));
	return fd;
}

CASE(a_pair_of_veth_carries_packets_to_another_network, "ACC-8")
{
	struct sockaddr_in a, from;
	socklen_t len = sizeof(from);
	int fd, priority = 6;
	struct peer p;
	char c;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_unshare(CLONE_NEWNET));
		peer_tell(&p);
		peer_await(&p);
		EXPECT_OK(link_up("v1", 1));
		EXPECT_OK(address(RTM_NEWADDR, "v1", "10.1.0.2", 24));
		fd = datagram_socket("10.1.0.2", 7000, &a);
		peer_tell(&p);
		EXPECT_EQ(recvfrom(fd, &c, 1, 0, (void *)&from, &len), 1);
		EXPECT_EQ(from.sin_addr.s_addr, htonl(0x0a010001));
		EXPECT_EQ(sendto(fd, "y", 1, 0, (void *)&from, len), 1);
		done();
	}
	peer_await(&p);
	EXPECT_OK(veth_add("v0", "v1", p.pid));
	EXPECT_OK(link_up("v0", 1));
	EXPECT_OK(address(RTM_NEWADDR, "v0", "10.1.0.1", 24));
	peer_tell(&p);
	fd = datagram_socket("10.1.0.1", 7001, &a);
	EXPECT_OK(setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority,
			     sizeof(priority)));
	peer_await(&p);
	EXPECT_EQ(inet_pton(AF_INET, "10.1.0.2", &a.sin_addr), 1);
	a.sin_port = htons(7000);
	EXPECT_EQ(sendto(fd, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	EXPECT_EQ(recv(fd, &c, 1, 0), 1);
	EXPECT_EQ(c, 'y');
	peer_join(&p);
}

/* Everything that is refused to who does not own the network. */
static void all_refused(void)
{
	EXPECT_ERR(address(RTM_NEWADDR, "v0", "10.1.0.1", 24), EPERM);
	EXPECT_ERR(address(RTM_DELADDR, "v0", "10.1.0.1", 24), EPERM);
	EXPECT_ERR(address(RTM_NEWADDR, "v0", "fd00::1", 64), EPERM);
	EXPECT_ERR(route(RTM_NEWROUTE, "v0", "10.3.0.0", 24), EPERM);
	EXPECT_ERR(route(RTM_DELROUTE, "v0", "10.3.0.0", 24), EPERM);
	EXPECT_ERR(route(RTM_NEWROUTE, "v0", "fd01::", 64), EPERM);
	EXPECT_ERR(route_ioctl(SIOCADDRT, "v0", "10.4.0.0", 0), EPERM);
	EXPECT_ERR(route_ioctl(SIOCDELRT, "v0", "10.4.0.0", 0), EPERM);
	EXPECT_ERR(neighbour(RTM_NEWNEIGH, "v0", "10.1.0.2", NUD_REACHABLE),
		   EPERM);
	EXPECT_ERR(neighbour(RTM_DELNEIGH, "v0", "10.1.0.2", 0), EPERM);
	EXPECT_ERR(rule(RTM_NEWRULE, 100), EPERM);
	/* 3.4 says EACCES, Linux 6.1 EPERM */
	EXPECT_EQ(address_ioctl(SIOCSIFADDR, "v0", "10.2.0.1"), -1);
	EXPECT(errno == EACCES || errno == EPERM);
	EXPECT_EQ(address_ioctl(SIOCSIFFLAGS, "v0", "10.2.0.1"), -1);
	EXPECT(errno == EACCES || errno == EPERM);
}

CASE(addresses_of_the_parents_network_are_not_ones_own, "ACC-8 CAP-4")
{
	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	devices();
	refused_to_others(own_network, "0 0 1", all_refused);
	caps_drop(CAP_BIT(CAP_NET_ADMIN));
	all_refused();
}

CASE(metrics_of_routes_ask_init, "ACC-8")
{
	uint32_t segment = 12;
	struct rtattr *nest;
	struct rtnl m;

	own_network();
	route_message(&m, RTM_NEWROUTE, "v0", "10.3.0.0", 24);
	nest = rtnl_put(&m, RTA_METRICS, NULL, 0);
	rtnl_put(&m, RTAX_ADVMSS, &segment, sizeof(segment));
	rtnl_end(&m, nest);
	EXPECT_ERR(rtnl_do(&m), EPERM);
	EXPECT_ERR(route_ioctl(SIOCADDRT, "v0", "10.4.0.0", RTF_MTU), EPERM);
}

/* All networks share a few chains of these, without a limit. */
CASE(proxies_of_neighbours_ask_init, "ACC-8")
{
	struct ndmsg header = {
		.ndm_family = AF_INET, .ndm_flags = NTF_PROXY,
		.ndm_state = NUD_PERMANENT,
	};
	struct peer p;
	struct rtnl m;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	for (int owner = 0; owner < 2; owner++) {
		if (peer_start(&p, 0)) {
			if (owner)
				own_network();
			else
				devices();
			header.ndm_ifindex = if_nametoindex("v0");
			rtnl_start(&m, RTM_NEWNEIGH, NLM_F_CREATE, &header,
				   sizeof(header));
			rtnl_u32(&m, NDA_DST, htonl(0x0a010009));
			if (owner)
				EXPECT_ERR(rtnl_do(&m), EPERM);
			else
				EXPECT_OK(rtnl_do(&m));
			done();
		}
		peer_join(&p);
	}
}

/* What takes them away costs the square, and holds the lock of all networks. */
CASE_SECONDS(addresses_of_a_device_have_an_end, "ACC-8", 60)
{
	char ip[32];
	int i;

	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(link_up("lo", 1));
	for (i = 0; i < 2000; i++) {
		snprintf(ip, sizeof(ip), "10.1.%d.%d", i / 250, i % 250 + 1);
		if (address(RTM_NEWADDR, "lo", ip, 8))
			break;
	}
	EXPECT_EQ(errno, ENOSPC);
	/* 127.0.0.1 is one of them. */
	EXPECT_EQ(i, 1023);
	EXPECT_ERR(address_ioctl(SIOCSIFADDR, "lo:1", "10.9.0.1"), ENOSPC);
	/* One that is given back can be had again. */
	EXPECT_OK(address(RTM_DELADDR, "lo", "10.1.0.9", 8));
	EXPECT_OK(address(RTM_NEWADDR, "lo", "10.9.0.1", 8));
}

CASE_SECONDS(the_machine_has_as_many_addresses_as_it_wants, "ACC-8 IDS-6", 60)
{
	char ip[32];

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	EXPECT_OK(link_up("lo", 1));
	for (int i = 0; i < 1100; i++) {
		snprintf(ip, sizeof(ip), "10.1.%d.%d", i / 250, i % 250 + 1);
		EXPECT_OK(address(RTM_NEWADDR, "lo", ip, 8));
	}
}

/* The table of neighbours is shared; what an owner nails to it is counted. */
CASE_SECONDS(permanent_neighbours_leave_room_for_others, "ACC-8", 60)
{
	struct peer p;
	char ip[32];
	int i;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	if (peer_start(&p, 0)) {
		enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		devices();
		for (i = 0; i < 5000; i++) {
			snprintf(ip, sizeof(ip), "10.1.%d.%d", i / 250,
				 i % 250 + 1);
			if (neighbour(RTM_NEWNEIGH, "v0", ip, NUD_PERMANENT))
				break;
		}
		EXPECT_EQ(errno, ENOBUFS);
		EXPECT(i >= 100 && i < 5000);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	devices();
	for (i = 1; i < 200; i++) {
		snprintf(ip, sizeof(ip), "10.1.0.%d", i);
		EXPECT_OK(neighbour(RTM_NEWNEIGH, "v0", ip, NUD_PERMANENT));
	}
	peer_end(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
