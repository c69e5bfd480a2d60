// SPDX-License-Identifier: GPL-2.0
/*
 * The older calls that set up links, addresses, routes, bridges and vlans ask
 * the owner of the network, too (ACC-8).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/route.h>
#include <sched.h>
#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "userns.h"
#include "rtnl.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/*
 * As linux/ipv6.h and linux/ipv6_route.h have them, which do not go with these
 * headers.
 */
struct ifreq6 {
	struct in6_addr addr;
	uint32_t bits;
	int index;
};

struct route6 {
	struct in6_addr dst, src, gateway;
	uint32_t type;
	uint16_t dst_bits, src_bits;
	uint32_t metric;
	unsigned long info;
	uint32_t flags;
	int index;
};

static int ipv6_ioctl(unsigned long request, void *arg)
{
	int fd = EXPECT_OK(socket(AF_INET6, SOCK_DGRAM, 0));
	int ret = ioctl(fd, request, arg), err = errno;

	EXPECT_OK(close(fd));
	errno = err;
	return ret;
}

static int address6(unsigned long request)
{
	struct ifreq6 r = { .bits = 64, .index = if_nametoindex("v0") };

	inet_pton(AF_INET6, "fd00::7", &r.addr);
	return ipv6_ioctl(request, &r);
}

static int route6(unsigned long request)
{
	struct route6 r = { .dst_bits = 64, .metric = 1, .flags = RTF_UP,
			    .index = if_nametoindex("v0") };

	inet_pton(AF_INET6, "fd07::", &r.dst);
	return ipv6_ioctl(request, &r);
}

/* SIOCDEVPRIVATE of a bridge, the oldest way. */
static int bridge_private(unsigned long what, unsigned long first, unsigned long second)
{
	unsigned long args[4] = { what, first, second };
	struct ifreq ifr = { .ifr_name = "b0", .ifr_data = (void *)args };

	return if_ioctl(SIOCDEVPRIVATE, &ifr);
}

static int bridge_private_port(unsigned long what, unsigned long first, unsigned long second)
{
	return bridge_private(what, if_nametoindex("v0"), second + first);
}

static int bridge_named(unsigned long request, const char *name)
{
	return if_ioctl(request, (void *)name);
}

static int bridge_old(unsigned long what, const char *name)
{
	unsigned long args[3] = { what, (unsigned long)name };

	return if_ioctl(SIOCSIFBR, (void *)args);
}

static int bridge_port(unsigned long request)
{
	struct ifreq ifr = { .ifr_name = "b0", .ifr_ifindex = if_nametoindex("v0") };

	return if_ioctl(request, &ifr);
}

static int vlan(int cmd, const char *name)
{
	struct vlan_ioctl_args r = { .cmd = cmd };

	strcpy(r.device1, name);
	if (cmd == SET_VLAN_NAME_TYPE_CMD)
		r.u.name_type = VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD;
	else
		r.u.VID = 5;
	return if_ioctl(SIOCSIFVLAN, (void *)&r);
}

/*
 * In this order an owner may do all of it. Kernels without a call answer
 * something else than EPERM to everybody: those of today no longer know the
 * private ones of bridges.
 */
static const struct {
	const char *what;
	int (*one)(unsigned long request);
	unsigned long request;
	int (*bridge)(unsigned long what, unsigned long first, unsigned long second);
	unsigned long first, second;
	int (*named)(unsigned long what, const char *name);
	int (*on)(int cmd, const char *name);
	const char *name;
} calls[] = {
	{ .what = "address of IPv6", .one = address6, .request = SIOCSIFADDR },
	{ .what = "route of IPv6", .one = route6, .request = SIOCADDRT },
	{ .what = "no route of IPv6", .one = route6, .request = SIOCDELRT },
	{ .what = "no address of IPv6", .one = address6, .request = SIOCDIFADDR },
	{ .what = "port of a bridge", .one = bridge_port, .request = SIOCBRADDIF },
	{ .what = "no port of a bridge", .one = bridge_port, .request = SIOCBRDELIF },
	{ .what = "port by the private call", .bridge = bridge_private_port,
	  .request = BRCTL_ADD_IF },
	{ .what = "no port by the private call", .bridge = bridge_private_port,
	  .request = BRCTL_DEL_IF },
	{ .what = "forward delay", .bridge = bridge_private,
	  .request = BRCTL_SET_BRIDGE_FORWARD_DELAY, .first = 400 },
	{ .what = "hello time", .bridge = bridge_private,
	  .request = BRCTL_SET_BRIDGE_HELLO_TIME, .first = 200 },
	{ .what = "max age", .bridge = bridge_private,
	  .request = BRCTL_SET_BRIDGE_MAX_AGE, .first = 800 },
	{ .what = "ageing time", .bridge = bridge_private,
	  .request = BRCTL_SET_AGEING_TIME, .first = 30000 },
	{ .what = "no spanning tree", .bridge = bridge_private,
	  .request = BRCTL_SET_BRIDGE_STP_STATE },
	{ .what = "priority of a bridge", .bridge = bridge_private,
	  .request = BRCTL_SET_BRIDGE_PRIORITY, .first = 5 },
	{ .what = "a bridge by the old call", .named = bridge_old,
	  .request = BRCTL_ADD_BRIDGE, .name = "b1" },
	{ .what = "no bridge by the old call", .named = bridge_old,
	  .request = BRCTL_DEL_BRIDGE, .name = "b1" },
	{ .what = "a bridge", .named = bridge_named, .request = SIOCBRADDBR, .name = "b2" },
	{ .what = "no bridge", .named = bridge_named, .request = SIOCBRDELBR, .name = "b2" },
	{ .what = "names of vlans", .on = vlan, .request = SET_VLAN_NAME_TYPE_CMD, .name = "" },
	{ .what = "vlan", .on = vlan, .request = ADD_VLAN_CMD, .name = "v0" },
	{ .what = "no vlan", .on = vlan, .request = DEL_VLAN_CMD, .name = "v0.5" },
};

static int call(size_t i)
{
	if (calls[i].one)
		return calls[i].one(calls[i].request);
	if (calls[i].bridge)
		return calls[i].bridge(calls[i].request, calls[i].first, calls[i].second);
	if (calls[i].named)
		return calls[i].named(calls[i].request, calls[i].name);
	return calls[i].on(calls[i].request, calls[i].name);
}

static void devices(void)
{
	EXPECT_OK(link_add("b0", "bridge"));
	EXPECT_OK(veth_add("v0", "v1", 0));
	(void)vlan_add("v0.5", "v0", 5);	/* where there are vlans */
	EXPECT_OK(link_up("v0", 1));
	EXPECT_OK(link_up("v1", 1));
}

static int unknown(int err)
{
	return err == EOPNOTSUPP || err == EINVAL || err == ENOTTY ||
	       err == ENOPKG || err == ENOSYS || err == EAFNOSUPPORT;
}

/* Refused, unless the kernel has no such call at all. */
static void all_refused(void)
{
	int known = 0;

	for (size_t i = 0; i < N(calls); i++) {
		harness_context("%s: ", calls[i].what);
		EXPECT_EQ(call(i), -1);
		if (errno == EPERM)
			known++;
		else
			EXPECT(unknown(errno));
	}
	harness_context("%s", "");
	EXPECT(known >= 6);
}

static void kinds(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	need_kind("bridge");
}

CASE(the_owner_does_all_by_ioctl, "ACC-8")
{
	int known = 0;

	kinds();
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	devices();
	(void)link_del("v0.5");
	for (size_t i = 0; i < N(calls); i++) {
		harness_context("%s: ", calls[i].what);
		if (call(i) == 0)
			known++;
		else
			EXPECT(unknown(errno));
	}
	harness_context("%s", "");
	EXPECT(known >= 6);
}

CASE(without_the_capability_nothing_by_ioctl, "ACC-8")
{
	kinds();
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	devices();
	caps_drop(CAP_BIT(CAP_NET_ADMIN));
	all_refused();
}

CASE(nothing_by_ioctl_in_a_parents_network, "ACC-8 CAP-4")
{
	kinds();
	devices();
	enter_new(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	all_refused();
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
