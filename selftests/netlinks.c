// SPDX-License-Identifier: GPL-2.0
/* Links of a network namespace ask its owner (ACC-8). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <linux/if_vlan.h>
#include <linux/sockios.h>

#include "userns.h"
#include "rtnl.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Root of a new namespace, with a network of its own. */
/* In a network namespace of this case, so that nothing stays behind. */
static void need(const char *kind)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind(kind);
}

/* Made, set up, changed, renamed and removed. */
static void life_of(const char *name)
{
	struct ifreq ifr = { .ifr_mtu = 1400 };

	EXPECT_OK(link_u32(name, IFLA_MTU, 1300));
	EXPECT_OK(link_attribute(name, IFLA_ADDRESS, "\2\0\0\0\0\7", 6));
	EXPECT_OK(link_attribute(name, IFLA_IFNAME, "other", 6));
	EXPECT_EQ(if_nametoindex(name), 0);
	EXPECT_OK(link_up("other", 1));
	EXPECT_OK(link_up("other", 0));
	strcpy(ifr.ifr_name, "other");
	EXPECT_OK(if_ioctl(SIOCSIFMTU, &ifr));
	EXPECT_OK(if_ioctl(SIOCGIFMTU, &ifr));
	EXPECT_EQ(ifr.ifr_mtu, 1400);
	EXPECT_OK(if_ioctl(SIOCGIFHWADDR, &ifr));
	ifr.ifr_hwaddr.sa_data[5] = 8;
	EXPECT_OK(if_ioctl(SIOCSIFHWADDR, &ifr));
	ifr.ifr_flags = IFF_UP;
	EXPECT_OK(if_ioctl(SIOCSIFFLAGS, &ifr));
	ifr.ifr_flags = 0;
	EXPECT_OK(if_ioctl(SIOCSIFFLAGS, &ifr));
	strcpy(ifr.ifr_newname, "again");
	EXPECT_OK(if_ioctl(SIOCSIFNAME, &ifr));
	EXPECT_OK(link_del("again"));
	EXPECT_EQ(if_nametoindex("again"), 0);
}

CASE(loopback_is_set_up_by_the_owner, "ACC-8")
{
	struct ifreq ifr = { .ifr_name = "lo" };

	new_network();
	EXPECT_OK(link_up("lo", 1));
	EXPECT_OK(if_ioctl(SIOCGIFFLAGS, &ifr));
	EXPECT(ifr.ifr_flags & IFF_UP);
	EXPECT_OK(link_u32("lo", IFLA_MTU, 1500));
}

CASE(dummies_are_the_owners, "ACC-8")
{
	need("dummy");
	new_network();
	EXPECT_OK(link_add("d0", "dummy"));
	life_of("d0");
}

CASE(pairs_of_veth_are_the_owners, "ACC-8")
{
	need("veth");
	new_network();
	EXPECT_OK(veth_add("v0", "v1", 0));
	EXPECT(if_nametoindex("v1"));
	life_of("v0");
	EXPECT_EQ(if_nametoindex("v1"), 0);
}

CASE(vlans_are_the_owners, "ACC-8")
{
	need("veth");
	need("vlan");
	new_network();
	EXPECT_OK(veth_add("v0", "v1", 0));
	EXPECT_OK(link_up("v0", 1));
	EXPECT_OK(vlan_add("n0", "v0", 5));
	life_of("n0");
}

CASE(bridges_are_the_owners, "ACC-8")
{
	struct ifreq ifr = { .ifr_name = "b1" };

	need("veth");
	need("bridge");
	new_network();
	EXPECT_OK(link_add("b0", "bridge"));
	EXPECT_OK(veth_add("v0", "v1", 0));
	EXPECT_OK(link_u32("v0", IFLA_MASTER, if_nametoindex("b0")));
	EXPECT_OK(link_u32("v0", IFLA_MASTER, 0));
	life_of("b0");
	EXPECT_OK(if_ioctl(SIOCBRADDBR, (void *)"b1"));
	ifr.ifr_ifindex = if_nametoindex("v0");
	EXPECT_OK(if_ioctl(SIOCBRADDIF, &ifr));
	EXPECT_OK(if_ioctl(SIOCBRDELIF, &ifr));
	EXPECT_OK(if_ioctl(SIOCBRDELBR, (void *)"b1"));
}

/* Everything that is refused to who does not own the network. */
static void all_refused(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_mtu = 1500 };

	EXPECT_ERR(link_up("lo", 1), EPERM);
	EXPECT_ERR(link_u32("lo", IFLA_MTU, 1500), EPERM);
	EXPECT_ERR(link_add("d9", "dummy"), EPERM);
	EXPECT_ERR(link_add("b9", "bridge"), EPERM);
	EXPECT_ERR(veth_add("v8", "v9", 0), EPERM);
	EXPECT_ERR(link_del("lo"), EPERM);
	EXPECT_ERR(if_ioctl(SIOCSIFMTU, &ifr), EPERM);
	EXPECT_ERR(if_ioctl(SIOCSIFTXQLEN, &ifr), EPERM);
	EXPECT_ERR(if_ioctl(SIOCSIFNAME, &ifr), EPERM);
}

CASE(links_of_the_parent_are_not_ones_own, "ACC-8 CAP-4")
{
	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	refused_to_others(new_network, "0 0 1", all_refused);
	EXPECT_OK(link_up("lo", 1));
}

CASE(a_member_without_the_capability_changes_no_links, "ACC-8")
{
	new_network();
	EXPECT_OK(link_up("lo", 1));
	caps_drop(CAP_BIT(CAP_NET_ADMIN));
	all_refused();
}

CASE(who_is_above_changes_links_below, "ACC-8 CAP-2")
{
	struct peer p;

	enter_network_below(&p, new_network);
	EXPECT_OK(link_up("lo", 1));
	peer_end(&p);
}

CASE(a_link_moves_with_the_leave_of_both_owners, "ACC-8")
{
	struct peer below, sibling;
	pid_t outside = getpid();

	need("veth");
	if (peer_start(&sibling, 0)) {
		new_network();
		set_dumpable();
		peer_tell(&sibling);
		peer_await(&sibling);
		done();
	}
	peer_await(&sibling);
	EXPECT_OK(veth_add("r0", "r1", sibling.pid));	/* root may */
	EXPECT_OK(link_u32("r0", IFLA_NET_NS_PID, sibling.pid));
	int above = ns_fd(outside, "net"), beside = ns_fd(sibling.pid, "net");

	new_network();
	EXPECT_OK(veth_add("v0", "v1", 0));
	EXPECT_ERR(link_u32("v0", IFLA_NET_NS_FD, above), EPERM);
	EXPECT_ERR(link_u32("v0", IFLA_NET_NS_FD, beside), EPERM);
	EXPECT_ERR(link_u32("v0", IFLA_NET_NS_PID, sibling.pid), EPERM);
	EXPECT(if_nametoindex("v0"));
	if (peer_start(&below, 0)) {
		enter_new(CLONE_NEWNET, "0 0 1", "0 0 1");
		set_dumpable();
		peer_tell(&below);
		peer_await(&below);
		EXPECT(if_nametoindex("v0"));
		/* and not back */
		EXPECT_ERR(link_u32("v0", IFLA_NET_NS_PID, getppid()), EPERM);
		EXPECT_OK(link_up("v0", 1));
		EXPECT_OK(link_del("v0"));
		done();
	}
	peer_await(&below);
	EXPECT_OK(link_u32("v0", IFLA_NET_NS_PID, below.pid));
	peer_end(&below);
	EXPECT_EQ(if_nametoindex("v1"), 0);
	peer_end(&sibling);
}

CASE(a_link_is_made_elsewhere_with_the_leave_of_both_owners, "ACC-8")
{
	struct rtnl m;
	struct peer below;

	need("dummy");
	int above = ns_fd(getpid(), "net");

	new_network();
	rtnl_end(&m, rtnl_kind(&m, "d0", "dummy"));
	rtnl_u32(&m, IFLA_NET_NS_FD, above);
	EXPECT_ERR(rtnl_do(&m), EPERM);
	if (peer_start(&below, 0)) {
		enter_new(CLONE_NEWNET, "0 0 1", "0 0 1");
		peer_tell(&below);
		peer_await(&below);
		EXPECT(if_nametoindex("d0"));
		done();
	}
	peer_await(&below);
	rtnl_end(&m, rtnl_kind(&m, "d0", "dummy"));
	rtnl_u32(&m, IFLA_NET_NS_PID, below.pid);
	EXPECT_OK(rtnl_do(&m));
	peer_end(&below);
}

CASE(the_far_end_of_a_veth_takes_the_leave_of_both_owners, "ACC-8")
{
	pid_t outside = getpid();
	struct peer p;

	need("veth");
	if (peer_start(&p, 0)) {
		new_network();
		EXPECT_ERR(veth_add("v0", "v1", outside), EPERM);
		EXPECT_EQ(if_nametoindex("v0"), 0);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(if_nametoindex("v1"), 0);
}

CASE(some_attributes_of_links_ask_init, "ACC-8")
{
	static const struct {
		int type;
		uint32_t value;
	} row[] = {
		{ IFLA_MTU, 1279 }, { IFLA_MTU, 65536 }, { IFLA_TXQLEN, 1001 },
		{ IFLA_GROUP, 1 }, { IFLA_IFALIAS, 0x61616161 },
	};
	struct ifreq ifr = { .ifr_name = "v0" };
	struct rtnl m;

	need("dummy");
	need("veth");
	new_network();
	EXPECT_OK(veth_add("v0", "v1", 0));
	for (size_t i = 0; i < N(row); i++) {
		harness_context("row %zu: ", i);
		EXPECT_ERR(link_u32("v0", row[i].type, row[i].value), EPERM);
		rtnl_end(&m, rtnl_kind(&m, "d0", "dummy"));
		rtnl_u32(&m, row[i].type, row[i].value);
		EXPECT_ERR(rtnl_do(&m), EPERM);
	}
	harness_context("%s", "");
	ifr.ifr_mtu = 1279;
	EXPECT_ERR(if_ioctl(SIOCSIFMTU, &ifr), EPERM);
	ifr.ifr_qlen = 10;
	EXPECT_ERR(if_ioctl(SIOCSIFTXQLEN, &ifr), EPERM);
	EXPECT_OK(link_u32("v0", IFLA_MTU, 1280));
	EXPECT_OK(link_u32("v0", IFLA_MTU, 65535));
	EXPECT_OK(link_u32("v0", IFLA_TXQLEN, 1000));
}

CASE(vlans_of_an_owner_are_stacked_eight_deep, "ACC-8")
{
	char name[8], below[8] = "v0";

	need("veth");
	need("vlan");
	new_network();
	EXPECT_OK(veth_add("v0", "v1", 0));
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		harness_context("%s on %s: ", name, below);
		EXPECT_OK(vlan_add(name, below, 7));
		strcpy(below, name);
	}
	harness_context("%s", "");
	EXPECT_ERR(vlan_add("n8", below, 7), EPERM);
}

CASE(an_owner_has_no_vlan_of_a_bridge, "ACC-8")
{
	struct vlan_ioctl_args v = {
		.cmd = ADD_VLAN_CMD, .device1 = "b0", .u.VID = 7,
	};

	need("vlan");
	need("bridge");
	new_network();
	EXPECT_OK(link_add("b0", "bridge"));
	EXPECT_ERR(vlan_add("n0", "b0", 7), EPERM);
	EXPECT_ERR(if_ioctl(SIOCSIFVLAN, (void *)&v), EPERM);
}

/* A map of priorities, or GVRP, which speaks for the device below. */
CASE(some_attributes_of_vlans_ask_init, "ACC-8")
{
	static const struct ifla_vlan_qos_mapping map = { 1, 2 };
	static const struct ifla_vlan_flags gvrp = {
		VLAN_FLAG_GVRP, VLAN_FLAG_GVRP,
	};

	need("veth");
	need("vlan");
	new_network();
	EXPECT_OK(veth_add("v0", "v1", 0));
	for (int i = 0; i < 3; i++) {
		struct rtnl m;
		struct rtattr *info = rtnl_kind(&m, "v0.5", "vlan"), *data, *qos;
		uint16_t id = 5;

		data = rtnl_put(&m, IFLA_INFO_DATA, NULL, 0);
		rtnl_put(&m, IFLA_VLAN_ID, &id, sizeof(id));
		if (i == 1)
			rtnl_put(&m, IFLA_VLAN_FLAGS, &gvrp, sizeof(gvrp));
		if (i == 2) {
			qos = rtnl_put(&m, IFLA_VLAN_EGRESS_QOS, NULL, 0);
			rtnl_put(&m, IFLA_VLAN_QOS_MAPPING, &map, sizeof(map));
			rtnl_end(&m, qos);
		}
		rtnl_end(&m, data);
		rtnl_end(&m, info);
		rtnl_u32(&m, IFLA_LINK, if_nametoindex("v0"));
		if (i) {
			EXPECT_ERR(rtnl_do(&m), EPERM);
		} else {
			EXPECT_OK(rtnl_do(&m));
			EXPECT_OK(link_del("v0.5"));
		}
	}
}

/* On a socket that is no internet one, where these calls come in by another door. */
CASE(a_socket_of_any_kind_sets_up_links, "ACC-8")
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	new_network();
	fd = EXPECT_OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	EXPECT_OK(ioctl(fd, SIOCSIFFLAGS, &ifr));
	ifr.ifr_flags = 0;
	EXPECT_OK(ioctl(fd, SIOCGIFFLAGS, &ifr));
	EXPECT(ifr.ifr_flags & IFF_UP);
	caps_drop(CAP_BIT(CAP_NET_ADMIN));
	EXPECT_ERR(ioctl(fd, SIOCSIFFLAGS, &ifr), EPERM);
}

CASE(a_link_without_ports_takes_none, "ACC-8")
{
	struct ifreq ifr = { .ifr_name = "v0" };

	need("veth");
	new_network();
	EXPECT_OK(veth_add("v0", "v1", 0));
	ifr.ifr_ifindex = if_nametoindex("v1");
	EXPECT_ERR(if_ioctl(SIOCBRADDIF, &ifr), EOPNOTSUPP);
	EXPECT_ERR(if_ioctl(SIOCBRDELIF, &ifr), EOPNOTSUPP);
	EXPECT_ERR(link_u32("v0", IFLA_MASTER, if_nametoindex("v1")),
		   EOPNOTSUPP);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
