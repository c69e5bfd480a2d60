// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that an owner of a network could not have made: of kinds that stay
 * with init, put there by init, or in every network (ACC-8).
 */
#define _GNU_SOURCE
#include <sched.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <unistd.h>

#include "userns.h"
#include "rtnl.h"

static void request_of(const char *name, unsigned long request, int value, int err)
{
	struct ifreq ifr = { .ifr_ifindex = value };

	harness_context("%s of %#lx: ", name, request);
	strcpy(ifr.ifr_name, name);
	if (err)
		EXPECT_ERR(if_ioctl(request, &ifr), err);
	else
		EXPECT_OK(if_ioctl(request, &ifr));
	harness_context("%s", "");
}

static void macvlan_message(struct rtnl *m, int flags, const char *name,
			    const char *below)
{
	struct rtattr *info, *data;

	rtnl_link(m, RTM_NEWLINK, flags, name);
	info = rtnl_put(m, IFLA_LINKINFO, NULL, 0);
	rtnl_text(m, IFLA_INFO_KIND, "macvlan");
	data = rtnl_put(m, IFLA_INFO_DATA, NULL, 0);
	rtnl_u32(m, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	rtnl_end(m, data);
	rtnl_end(m, info);
	if (below)
		rtnl_u32(m, IFLA_LINK, if_nametoindex(below));
}

static int macvlan_add(const char *name, const char *below)
{
	struct rtnl m;

	macvlan_message(&m, NLM_F_CREATE | NLM_F_EXCL, name, below);
	return rtnl_do(&m);
}

static int macvlan_change(const char *name)
{
	struct rtnl m;

	macvlan_message(&m, 0, name, NULL);
	return rtnl_do(&m);
}

static void need_kinds(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("dummy");
	need_kind("veth");
	need_kind("bridge");
	need_kind("vlan");
	need_kind("bond");
	EXPECT_OK(link_add("d0", "dummy"));
	if (macvlan_add("m0", "d0"))
		SKIP("no links of kind macvlan: %s", errno_name(errno));
}

/*
 * A member, root of a namespace with a network where it has made d0, v0, b0
 * and b1, and init a bond x0, a macvlan m0, a vlan of b0, and x1, whose slave
 * is v1.
 */
static void with_links_of_init(void (*fn)(void))
{
	struct peer member, init;
	int net;

	need_kinds();
	if (peer_start(&member, 0)) {
		enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_OK(link_add("d0", "dummy"));
		EXPECT_OK(veth_add("v0", "v1", 0));
		EXPECT_OK(link_add("b0", "bridge"));
		EXPECT_OK(link_add("b1", "bridge"));
		peer_tell(&member);
		peer_await(&member);
		fn();
		done();
	}
	peer_await(&member);
	net = ns_fd(member.pid, "net");
	if (peer_start(&init, 0)) {
		EXPECT_OK(sys_setns(net, CLONE_NEWNET));
		EXPECT_OK(link_add("x0", "bond"));
		EXPECT_OK(link_add("x1", "bond"));
		EXPECT_OK(link_up("x1", 1));
		EXPECT_OK(link_u32("v1", IFLA_MASTER, if_nametoindex("x1")));
		EXPECT_OK(vlan_add("b0.5", "b0", 5));
		EXPECT_OK(macvlan_add("m0", "d0"));
		EXPECT_OK(macvlan_change("m0"));
		done();
	}
	peer_join(&init);
	peer_end(&member);
}

static void makes_none(void)
{
	EXPECT_ERR(link_add("x9", "bond"), EPERM);
	EXPECT_ERR(macvlan_add("m9", "d0"), EPERM);
	EXPECT_EQ(if_nametoindex("x9"), 0);
	EXPECT_EQ(if_nametoindex("m9"), 0);
}

CASE(an_owner_makes_no_links_of_other_kinds, "ACC-8")
{
	with_links_of_init(makes_none);
}

static void drives_none(void)
{
	static const char *const names[] = { "x0", "m0" };

	for (int i = 0; i < 2; i++) {
		const char *name = names[i];

		harness_context("%s", name);
		EXPECT_ERR(link_del(name), EPERM);
		EXPECT_ERR(link_u32(name, IFLA_MTU, 1400), EPERM);
		EXPECT_ERR(link_attribute(name, IFLA_ADDRESS, "\2\0\0\0\0\7", 6),
			   EPERM);
		request_of(name, SIOCSIFMTU, 1400, EPERM);
		request_of(name, SIOCSIFHWADDR, 0, EPERM);
		request_of(name, SIOCBRADDIF, 1, EPERM);
		request_of(name, SIOCBRDELIF, 1, EPERM);
		request_of(name, SIOCBONDENSLAVE, 0, EPERM);
	}
	EXPECT_ERR(macvlan_change("m0"), EPERM);
	/* What is on neither side of a driver is the owner's. */
	EXPECT_OK(link_up("m0", 1));
	request_of("m0", SIOCSIFFLAGS, 0, 0);
}

CASE(an_owner_does_not_drive_what_it_could_not_make, "ACC-8")
{
	with_links_of_init(drives_none);
}

static void binds_none(void)
{
	EXPECT_ERR(link_u32("v0", IFLA_MASTER, if_nametoindex("x0")), EPERM);
	EXPECT_ERR(link_u32("v1", IFLA_MASTER, 0), EPERM);
	EXPECT_ERR(link_u32("v1", IFLA_MASTER, if_nametoindex("x0")), EPERM);
	/* Nor a bridge to another by what init has made between them. */
	EXPECT_ERR(link_u32("b0.5", IFLA_MASTER, if_nametoindex("b1")), EPERM);
}

CASE(an_owner_binds_no_link_to_a_master_of_init, "ACC-8")
{
	with_links_of_init(binds_none);
}

CASE(the_tunnel_of_every_network_is_set_up_by_init, "ACC-8")
{
	static const char *const names[] = { "tunl0", "sit0" };
	int seen = 0;

	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	for (int i = 0; i < 2; i++) {
		struct ifreq ifr = { .ifr_newname = "other" };

		if (!if_nametoindex(names[i]))
			continue;
		seen++;
		harness_context("%s", names[i]);
		EXPECT_ERR(link_up(names[i], 1), EPERM);
		EXPECT_ERR(link_attribute(names[i], IFLA_IFNAME, "other", 6),
			   EPERM);
		strcpy(ifr.ifr_name, names[i]);
		EXPECT_ERR(if_ioctl(SIOCSIFNAME, &ifr), EPERM);
		/* Through IPv4, which has always said EACCES, and past it. */
		ifr.ifr_flags = IFF_UP;
		EXPECT_ERR(if_ioctl(SIOCSIFFLAGS, &ifr), EACCES);
		EXPECT_ERR(ioctl(EXPECT_OK(socket(AF_UNIX, SOCK_DGRAM, 0)),
				 SIOCSIFFLAGS, &ifr), EPERM);
	}
	if (!seen)
		SKIP("no tunnel is in every network");
}

/* Counters of routing realms, one table for the machine. */
CASE(an_owner_sees_no_counters_of_realms, "ACC-8 NEW-12")
{
	if (access("/proc/self/net/rt_acct", F_OK))
		SKIP("no counters of realms");
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	EXPECT_ERR(access("/proc/self/net/rt_acct", F_OK), ENOENT);
	EXPECT_OK(access("/proc/self/net/rt_cache", F_OK));
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
