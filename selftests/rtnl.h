/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages to the kernel's rtnetlink, and devices of a network namespace.
 * Calls return 0, or -1 and errno as the kernel acknowledged.
 */
#ifndef RTNL_H
#define RTNL_H

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "userns.h"

#define MAYBE __attribute__((unused))

struct rtnl {
	struct nlmsghdr h;
	char body[1000];
};

static MAYBE int rtnl_open(void)
{
	return EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				NETLINK_ROUTE));
}

static MAYBE void rtnl_start(struct rtnl *m, int type, int flags,
			     const void *header, size_t len)
{
	memset(m, 0, sizeof(*m));
	m->h.nlmsg_type = type;
	m->h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	m->h.nlmsg_len = NLMSG_LENGTH(len);
	memcpy(m->body, header, len);
}

/* The attribute, of which a nest begins with its own data. */
static MAYBE struct rtattr *rtnl_put(struct rtnl *m, int type, const void *data,
				     size_t len)
{
	struct rtattr *a = (void *)((char *)m + NLMSG_ALIGN(m->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	m->h.nlmsg_len = NLMSG_ALIGN(m->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static MAYBE void rtnl_end(struct rtnl *m, struct rtattr *nest)
{
	nest->rta_len = (char *)m + m->h.nlmsg_len - (char *)nest;
}

static MAYBE void rtnl_u32(struct rtnl *m, int type, uint32_t value)
{
	rtnl_put(m, type, &value, sizeof(value));
}

static MAYBE void rtnl_text(struct rtnl *m, int type, const char *text)
{
	rtnl_put(m, type, text, strlen(text) + 1);
}

/* What the kernel says to what has been sent. */
static MAYBE int rtnl_answer(int fd)
{
	char buf[4096];
	struct nlmsghdr *h = (void *)buf;
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0)
		return -1;
	if ((size_t)n < NLMSG_LENGTH(sizeof(struct nlmsgerr)) ||
	    h->nlmsg_type != NLMSG_ERROR)
		FAIL("answer of %zd bytes and type %d is no acknowledgement", n,
		     h->nlmsg_type);
	errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
	return errno ? -1 : 0;
}

/* Written, as a program does that does not know what it writes to. */
static MAYBE int rtnl_talk(int fd, struct rtnl *m)
{
	EXPECT_EQ(write(fd, m, m->h.nlmsg_len), m->h.nlmsg_len);
	return rtnl_answer(fd);
}

/* The same on a socket of the caller's own. */
static MAYBE int rtnl_do(struct rtnl *m)
{
	int fd = rtnl_open();
	int ret = rtnl_talk(fd, m);
	int err = errno;

	EXPECT_OK(close(fd));
	errno = err;
	return ret;
}

static MAYBE void rtnl_link(struct rtnl *m, int type, int flags,
			    const char *name)
{
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };

	if (name && type != RTM_NEWLINK)
		header.ifi_index = if_nametoindex(name);
	rtnl_start(m, type, flags, &header, sizeof(header));
	if (name && type == RTM_NEWLINK)
		rtnl_text(m, IFLA_IFNAME, name);
}

/* A new link of a kind; rtnl_end() with what it returns ends the nest. */
static MAYBE struct rtattr *rtnl_kind(struct rtnl *m, const char *name,
				      const char *kind)
{
	struct rtattr *nest;

	rtnl_link(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name);
	nest = rtnl_put(m, IFLA_LINKINFO, NULL, 0);
	rtnl_text(m, IFLA_INFO_KIND, kind);
	return nest;
}

static MAYBE int link_add(const char *name, const char *kind)
{
	struct rtnl m;

	rtnl_end(&m, rtnl_kind(&m, name, kind));
	return rtnl_do(&m);
}

/* A pair of veth; the peer in the network namespace of pid, if that is not 0. */
static MAYBE void veth_message(struct rtnl *m, const char *name,
			       const char *peer, pid_t pid)
{
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	struct rtattr *info = rtnl_kind(m, name, "veth");
	struct rtattr *data = rtnl_put(m, IFLA_INFO_DATA, NULL, 0);
	struct rtattr *far = rtnl_put(m, VETH_INFO_PEER, &header,
				      sizeof(header));

	rtnl_text(m, IFLA_IFNAME, peer);
	if (pid)
		rtnl_u32(m, IFLA_NET_NS_PID, pid);
	rtnl_end(m, far);
	rtnl_end(m, data);
	rtnl_end(m, info);
}

static MAYBE int veth_add(const char *name, const char *peer, pid_t pid)
{
	struct rtnl m;

	veth_message(&m, name, peer, pid);
	return rtnl_do(&m);
}

static MAYBE int vlan_add(const char *name, const char *below, uint16_t id)
{
	struct rtnl m;
	struct rtattr *info = rtnl_kind(&m, name, "vlan");
	struct rtattr *data = rtnl_put(&m, IFLA_INFO_DATA, NULL, 0);

	rtnl_put(&m, IFLA_VLAN_ID, &id, sizeof(id));
	rtnl_end(&m, data);
	rtnl_end(&m, info);
	rtnl_u32(&m, IFLA_LINK, if_nametoindex(below));
	return rtnl_do(&m);
}

static MAYBE int link_del(const char *name)
{
	struct rtnl m;

	rtnl_link(&m, RTM_DELLINK, 0, name);
	return rtnl_do(&m);
}

/* By name: the number of a device differs between network namespaces. */
static MAYBE void up_message(struct rtnl *m, const char *name, int up)
{
	struct ifinfomsg header = {
		.ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP,
	};

	rtnl_start(m, RTM_NEWLINK, 0, &header, sizeof(header));
	rtnl_text(m, IFLA_IFNAME, name);
}

static MAYBE int link_up(const char *name, int up)
{
	struct rtnl m;

	up_message(&m, name, up);
	return rtnl_do(&m);
}

static MAYBE int link_attribute(const char *name, int type, const void *data,
				size_t len)
{
	struct rtnl m;

	rtnl_link(&m, RTM_SETLINK, 0, name);
	rtnl_put(&m, type, data, len);
	return rtnl_do(&m);
}

static MAYBE int link_u32(const char *name, int type, uint32_t value)
{
	return link_attribute(name, type, &value, sizeof(value));
}

static MAYBE int address(int type, const char *name, const char *ip, int bits)
{
	int family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	struct ifaddrmsg header = {
		.ifa_family = family, .ifa_prefixlen = bits,
		.ifa_index = if_nametoindex(name),
	};
	char a[16];
	struct rtnl m;

	EXPECT_EQ(inet_pton(family, ip, a), 1);
	rtnl_start(&m, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0,
		   &header, sizeof(header));
	rtnl_put(&m, IFA_LOCAL, a, family == AF_INET ? 4 : 16);
	if (family == AF_INET)
		rtnl_put(&m, IFA_ADDRESS, a, 4);
	return rtnl_do(&m);
}

static MAYBE void route_message(struct rtnl *m, int type, const char *name,
				const char *ip, int bits)
{
	int family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	struct rtmsg header = {
		.rtm_family = family, .rtm_dst_len = bits,
		.rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST,
	};
	char a[16];

	EXPECT_EQ(inet_pton(family, ip, a), 1);
	rtnl_start(m, type, type == RTM_NEWROUTE ? NLM_F_CREATE | NLM_F_EXCL : 0,
		   &header, sizeof(header));
	rtnl_put(m, RTA_DST, a, family == AF_INET ? 4 : 16);
	rtnl_u32(m, RTA_OIF, if_nametoindex(name));
}

static MAYBE int route(int type, const char *name, const char *ip, int bits)
{
	struct rtnl m;

	route_message(&m, type, name, ip, bits);
	return rtnl_do(&m);
}

static MAYBE int neighbour(int type, const char *name, const char *ip,
			   int state)
{
	struct ndmsg header = {
		.ndm_family = AF_INET, .ndm_ifindex = if_nametoindex(name),
		.ndm_state = state,
	};
	struct in_addr a;
	struct rtnl m;

	EXPECT_EQ(inet_pton(AF_INET, ip, &a), 1);
	rtnl_start(&m, type, type == RTM_NEWNEIGH ? NLM_F_CREATE : 0, &header,
		   sizeof(header));
	rtnl_put(&m, NDA_DST, &a, sizeof(a));
	rtnl_put(&m, NDA_LLADDR, "\2\0\0\0\0\1", 6);
	return rtnl_do(&m);
}

static MAYBE int rule(int type, uint32_t preference)
{
	struct fib_rule_hdr header = {
		.family = AF_INET, .table = RT_TABLE_MAIN,
		.action = FR_ACT_TO_TBL,
	};
	struct rtnl m;

	rtnl_start(&m, type, type == RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0,
		   &header, sizeof(header));
	rtnl_u32(&m, FRA_PRIORITY, preference);
	return rtnl_do(&m);
}

/* An interface ioctl on a socket of any family. */
static MAYBE int if_ioctl(unsigned long request, struct ifreq *ifr)
{
	int fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	int ret = ioctl(fd, request, ifr);
	int err = errno;

	EXPECT_OK(close(fd));
	errno = err;
	return ret;
}

/*
 * Skips the case where the kernel lacks a kind of link.  To be asked of init:
 * who may load no module gets the same answer as who lacks one.
 */
static MAYBE void need_kind(const char *kind)
{
	struct rtnl m;
	int vlan = !strcmp(kind, "vlan");
	int ret;

	if (vlan)
		ret = vlan_add("need0", "lo", 1);	/* lo takes none */
	else if (!strcmp(kind, "veth"))
		ret = veth_add("need0", "need1", 0);
	else
		ret = link_add("need0", kind);
	if (!ret) {
		EXPECT_OK(link_del("need0"));
		return;
	}
	if (vlan) {	/* by its own error for an impossible id */
		uint16_t id = 4095;
		struct rtattr *info = rtnl_kind(&m, "need0", "vlan");
		struct rtattr *data = rtnl_put(&m, IFLA_INFO_DATA, NULL, 0);

		rtnl_put(&m, IFLA_VLAN_ID, &id, sizeof(id));
		rtnl_end(&m, data);
		rtnl_end(&m, info);
		ret = rtnl_do(&m);
		if (errno == ERANGE)
			return;
	}
	SKIP("no links of kind %s: %s", kind, errno_name(errno));
}

/* ---- whose network it is ---- */

/* Root of a new namespace with a network of its own. */
static MAYBE void new_network(void)
{
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
}

/*
 * Runs refused() as root of a namespace in the network of the caller's, then,
 * once own() has given the caller another, as root with this map in that one.
 */
static MAYBE void refused_to_others(void (*own)(void), const char *map,
				    void (*refused)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_new(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		refused();
		done();
	}
	peer_join(&p);
	own();
	if (peer_start(&p, 0)) {
		enter_new(0, map, map);
		member_ids(0, 0);
		refused();
		done();
	}
	peer_join(&p);
}

/* The caller goes into the network that own() gives a child; peer_end() it. */
static MAYBE void enter_network_below(struct peer *p, void (*own)(void))
{
	if (peer_start(p, 0)) {
		own();
		peer_tell(p);
		peer_await(p);
		done();
	}
	peer_await(p);
	EXPECT_OK(sys_setns(ns_fd(p->pid, "net"), CLONE_NEWNET));
}

#endif
