// SPDX-License-Identifier: GPL-2.0
/*
 * Root of a namespace configures nothing of init's network, by whichever
 * socket (CAP-4, CAP-6, ACC-8).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adversary.h"

/* What this kernel does not have says so in many ways. */
static long absent(long ret)
{
	static const int t[] = {
		ENOPROTOOPT, EOPNOTSUPP, ENOPKG, ENOTTY, EPROTONOSUPPORT,
		EAFNOSUPPORT,
	};

	for (size_t i = 0; ret < 0 && i < sizeof(t) / sizeof(t[0]); i++)
		if (errno == t[i])
			errno = ENOSYS;
	return ret;
}

/* Linux 3.4 says EACCES of flags and addresses, later ones EPERM. */
static long refused(long ret)
{
	if (ret < 0 && errno == EACCES)
		errno = EPERM;
	return absent(ret);
}

/* ---- by ioctl ---- */

static struct ifreq *lo(void)
{
	static struct ifreq r;

	memset(&r, 0, sizeof(r));
	strcpy(r.ifr_name, "lo");
	return &r;
}

static long address(int fd, unsigned long request)
{
	struct ifreq *r = lo();
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_addr = { htonl(0x0a000001) },
	};

	memcpy(&r->ifr_addr, &a, sizeof(a));
	return ioctl(fd, request, r);
}

static long neighbour(int fd, unsigned long request)
{
	struct arpreq r = { .arp_flags = ATF_COM | ATF_PERM, .arp_dev = "lo" };
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_addr = { htonl(0x0a000002) },
	};

	memcpy(&r.arp_pa, &a, sizeof(a));
	return ioctl(fd, request, &r);
}

static long ethtool(int fd)
{
	struct ethtool_value v = { .cmd = ETHTOOL_SGSO, .data = 0 };
	struct ifreq *r = lo();

	r->ifr_data = (void *)&v;
	return ioctl(fd, SIOCETHTOOL, r);
}

static long vlan(int fd)
{
	struct vlan_ioctl_args v = {
		.cmd = ADD_VLAN_CMD, .device1 = "lo", .u = { .VID = 5 },
	};

	return absent(ioctl(fd, SIOCSIFVLAN, &v));
}

/* The struct of the kernel for addresses of IPv6, which libc hides. */
static long address6(int fd, unsigned long request)
{
	struct {
		struct in6_addr addr;
		uint32_t prefix;
		int index;
	} r = { { { { 0xfd, 1 } } }, 64, 1 };

	return ioctl(fd, request, &r);
}

static long route6(int fd, unsigned long request)
{
	/* struct in6_rtmsg: three addresses, then eight numbers. */
	struct {
		struct in6_addr dst, src, gateway;
		uint32_t type;
		uint16_t dst_len, src_len;
		uint32_t metric;
		unsigned long info;
		uint32_t flags;
		int index;
	} r = { .dst = { { { 0xfd, 2 } } }, .dst_len = 64, .flags = 1, .index = 1 };

	return ioctl(fd, request, &r);
}

static int inet6 = -1;

static void attack_by_ioctl(const struct outside *o)
{
	static const unsigned long of_device[] = {
		SIOCSIFFLAGS, SIOCSIFMETRIC, SIOCSIFHWADDR, SIOCSIFTXQLEN,
		SIOCSIFMAP, SIOCADDMULTI, SIOCDELMULTI, SIOCSIFHWBROADCAST,
		SIOCSMIIREG, SIOCSIFSLAVE,
	};
	static const unsigned long of_address[] = {
		SIOCSIFADDR, SIOCSIFBRDADDR, SIOCSIFDSTADDR, SIOCSIFNETMASK,
	};

	for (size_t i = 0; i < sizeof(of_device) / sizeof(of_device[0]); i++) {
		harness_context("request %lx", of_device[i]);
		TRY(EPERM, EPERM, refused(ioctl(o->inet, of_device[i], lo())));
	}
	for (size_t i = 0; i < sizeof(of_address) / sizeof(of_address[0]); i++) {
		harness_context("request %lx", of_address[i]);
		TRY(EPERM, EPERM, refused(address(o->inet, of_address[i])));
	}
	harness_context("%s", "");
	TRY(EPERM, EPERM, neighbour(o->inet, SIOCSARP));
	TRY(EPERM, EPERM, neighbour(o->inet, SIOCDARP));
	TRY(EPERM, EPERM, ethtool(o->inet));
	TRY(EPERM, EPERM, vlan(o->inet));
	TRY(EPERM, EPERM, absent(ioctl(o->inet, SIOCBRADDBR, "adversary")));
	TRY(EPERM, EPERM, absent(ioctl(o->inet, SIOCBRDELBR, "adversary")));
	if (inet6 < 0)
		return;
	TRY(EPERM, EPERM, address6(inet6, SIOCSIFADDR));
	TRY(EPERM, EPERM, address6(inet6, SIOCDIFADDR));
	TRY(EPERM, EPERM, route6(inet6, SIOCADDRT));
	TRY(EPERM, EPERM, route6(inet6, SIOCDELRT));
}

CASE_SECONDS(root_of_a_namespace_configures_no_device_outside,
	     "CAP-4 CAP-6 ACC-8", 120)
{
	inet6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	run_attack(attack_by_ioctl);
	close(inet6);
}

/* ---- by option ---- */

static int igmp;	/* a raw socket, which root made and let go */

static long option(int fd, int level, int name, const void *value, socklen_t len)
{
	return absent(setsockopt(fd, level, name, value, len));
}

static long see_tables(int level)
{
	char info[84] = "filter";
	socklen_t len = sizeof(info);

	return absent(getsockopt(igmp, level, 64, info, &len));
}

static long extension_header(void)
{
	char control[CMSG_SPACE(8)] = "";
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6, .sin6_port = htons(9),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	struct iovec byte = { "x", 1 };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &byte,
		.msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_HOPOPTS;
	c->cmsg_len = CMSG_LEN(8);
	return sendmsg(inet6, &m, 0);
}

static void attack_by_option(const struct outside *o)
{
	static const unsigned char security[4] = { 130, 4, 0, 0 };
	static const char rule[128] = "filter", hops[8] = "";
	static const struct {
		struct in6_addr addr;
		int index;
	} anycast = { { { { 0xfd, 3 } } }, 1 };
	int one = 1;

	TRY(EPERM, EPERM, option(o->inet, SOL_SOCKET, SO_SNDBUFFORCE, &one, sizeof(one)));
	TRY(EINVAL, EINVAL, option(o->inet, SOL_IP, IP_OPTIONS, security, sizeof(security)));
	TRY(EPERM, EPERM, option(o->inet, SOL_IP, IP_XFRM_POLICY, rule, sizeof(rule)));
	TRY(EPERM, EPERM, option(o->inet, SOL_IP, IP_IPSEC_POLICY, rule, sizeof(rule)));
	/* Tables of filters: replace, add counters, read. */
	TRY(EPERM, EPERM, option(igmp, SOL_IP, 64, rule, sizeof(rule)));
	TRY(EPERM, EPERM, option(igmp, SOL_IP, 65, rule, sizeof(rule)));
	TRY(EPERM, EPERM, see_tables(SOL_IP));
	if (inet6 < 0)
		return;
	TRY(EPERM, EPERM, option(inet6, SOL_IPV6, IPV6_TRANSPARENT, &one, sizeof(one)));
	TRY(EPERM, EPERM, option(inet6, SOL_IPV6, IPV6_HOPOPTS, hops, sizeof(hops)));
	TRY(EPERM, EPERM, option(inet6, SOL_IPV6, IPV6_DSTOPTS, hops, sizeof(hops)));
	TRY(EPERM, EPERM, option(inet6, SOL_IPV6, IPV6_IPSEC_POLICY, rule, sizeof(rule)));
	TRY(EPERM, EPERM, option(inet6, SOL_IPV6, IPV6_JOIN_ANYCAST, &anycast, sizeof(anycast)));
	TRY(EPERM, EPERM, option(inet6, SOL_IPV6, 64, rule, sizeof(rule)));
	TRY(EPERM, EPERM, extension_header());
}

CASE_SECONDS(root_of_a_namespace_sets_no_option_of_root_outside,
	     "CAP-4 CAP-6 ACC-8", 120)
{
	inet6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	igmp = EXPECT_OK(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IGMP));
	run_attack(attack_by_option);
	close(igmp);
	close(inet6);
}

/* ---- by message ---- */

static long ask(int fd, int type, int family)
{
	struct {
		struct nlmsghdr n;
		char body[512];
	} m = {
		.n = { sizeof(m), type, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		.body = { family },
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int err;

	if (fd < 0)
		return absent(-1);
	m.n.nlmsg_len = NLMSG_LENGTH(64);
	if (sendto(fd, &m, m.n.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) < 0)
		return -1;
	EXPECT_OK(recv(fd, &m, sizeof(m), 0));
	EXPECT_EQ(m.n.nlmsg_type, NLMSG_ERROR);
	err = -((struct nlmsgerr *)NLMSG_DATA(&m.n))->error;
	errno = err;
	return err ? -1 : 0;
}

/* To all who listen, not to the kernel. */
static long shout(int fd)
{
	struct nlmsghdr n = { sizeof(n), NLMSG_NOOP, NLM_F_REQUEST, 1, 0 };
	struct sockaddr_nl all = { .nl_family = AF_NETLINK, .nl_groups = 1, .nl_pid = 1 };

	return sendto(fd, &n, sizeof(n), 0, (void *)&all, sizeof(all));
}

static long listen_to(int protocol, unsigned int groups)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	long ret = fd < 0 ? absent(-1) : bind(fd, (void *)&a, sizeof(a));
	int err = errno;

	close(fd);
	errno = err;
	return ret;
}

/* Later kernels do not answer at all outside of init's namespaces. */
static long ask_audit(int type)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	long ret = ask(fd, type, 0);
	int err = errno;

	close(fd);
	errno = err == ECONNREFUSED ? EPERM : err;
	return ret;
}

static long ask_xfrm(int type)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	long ret = ask(fd, type, 0);
	int err = errno;

	close(fd);
	errno = err;
	return ret;
}

static int attribute[3];

static void attack_by_message(const struct outside *o)
{
	static const int types[] = {
		RTM_NEWLINK, RTM_DELLINK, RTM_SETLINK, RTM_NEWADDR, RTM_DELADDR,
		RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWNEIGH, RTM_DELNEIGH,
		RTM_NEWRULE, RTM_DELRULE, RTM_NEWQDISC, RTM_DELQDISC,
		RTM_NEWTCLASS, RTM_DELTCLASS, RTM_NEWTFILTER, RTM_DELTFILTER,
		RTM_SETNEIGHTBL,
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		harness_context("message %d", types[i]);
		TRY(EPERM, EPERM, ask(o->route, types[i], AF_INET));
		TRY(EPERM, EPERM, ask(o->route, types[i], AF_UNSPEC));
		if (inet6 >= 0)
			TRY(EPERM, EPERM, ask(o->route, types[i], AF_INET6));
	}
	harness_context("%s", "");
	TRY(EPERM, EPERM, shout(o->route));
	TRY(EPERM, NOT_HERE, listen_to(NETLINK_XFRM, 1));
	TRY(EPERM, NOT_HERE, ask_xfrm(0x10));
	TRY(EPERM, NOT_HERE, ask_xfrm(0x1c));
	TRY(EPERM, EPERM, ask_audit(AUDIT_SET));
	TRY(EPERM, EPERM, ask_audit(AUDIT_USER));
	TRY(EPERM, EPERM, ask_audit(AUDIT_ADD_RULE));
	/* Attributes of a device, by files that root opened. */
	TRY(EPERM, EPERM, write(attribute[0], "5", 1));
	TRY(EPERM, EPERM, write(attribute[1], "x", 1));
	if (attribute[2] >= 0)
		TRY(EPERM, EPERM, write(attribute[2], "1", 1));
}

CASE_SECONDS(root_of_a_namespace_asks_for_nothing_by_netlink_outside,
	     "CAP-4 CAP-6 ACC-8", 120)
{
	static const char *const t[] = { "tx_queue_len", "ifalias", "queues/rx-0/rps_cpus" };
	char path[64];

	inet6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/sys/class/net/lo/%s", t[i]);
		attribute[i] = open(path, O_RDWR | O_CLOEXEC);
	}
	run_attack(attack_by_message);
	for (int i = 0; i < 3; i++)
		close(attribute[i]);
	close(inet6);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
