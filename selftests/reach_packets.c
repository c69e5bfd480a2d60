// SPDX-License-Identifier: GPL-2.0
/* What root of a network namespace sends himself must not harm the kernel (OLD-5). */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "userns.h"
#include "rtnl.h"

static void own_network(void)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(link_up("lo", 1));
	EXPECT_OK(veth_add("v0", "v1", 0));
	EXPECT_OK(link_up("v0", 1));
	EXPECT_OK(link_up("v1", 1));
}

static void require_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		SKIP("the kernel has no IPv6");
	EXPECT_OK(close(fd));
}

static struct in6_addr ip6(const char *text)
{
	struct in6_addr a;

	EXPECT_EQ(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static void headers(unsigned char *p, int length, int next, struct in6_addr from,
		    struct in6_addr to)
{
	memset(p, 0, 40);
	p[0] = 0x60;
	p[4] = length >> 8;
	p[5] = length;
	p[6] = next;
	p[7] = 255;
	memcpy(p + 8, &from, 16);
	memcpy(p + 24, &to, 16);
}

static void sum_icmpv6(unsigned char *p, int length)
{
	unsigned char *icmp = p + 40;
	uint32_t s = length + IPPROTO_ICMPV6;

	for (int i = 8; i < 40 + length; i += 2)
		s += p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	icmp[2] = ~s >> 8;
	icmp[3] = ~s;
}

/* That packets to this address must be fragmented, whatever their length. */
static void packet_too_big(int raw, struct in6_addr about)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback,
	};
	unsigned char p[40 + 8 + 48] = { 0 };

	headers(p, 8 + 48, IPPROTO_ICMPV6, in6addr_loopback, in6addr_loopback);
	p[40] = 2;
	p[46] = 1;	/* an MTU of 256 */
	headers(p + 48, 8, IPPROTO_UDP, ip6("fd00::1"), about);
	memset(p + 88, 1, 8);
	sum_icmpv6(p, 8 + 48);
	EXPECT_EQ(sendto(raw, p, sizeof(p), 0, (struct sockaddr *)&to,
			 sizeof(to)), sizeof(p));
}

/* How often it was tried to cut a packet, in this network. */
static unsigned long fragmented(void)
{
	static const char *const names[] = { "Ip6FragOKs", "Ip6FragFails" };
	unsigned long sum = 0;
	char text[8192];

	EXPECT_OK(read_file("/proc/self/net/snmp6", text, sizeof(text)));
	for (int i = 0; i < 2; i++) {
		const char *line = strstr(text, names[i]);

		EXPECT(line != NULL);
		sum += strtoul(line + strlen(names[i]), NULL, 10);
	}
	return sum;
}

CASE(extension_headers_beyond_the_packet_are_not_believed, "OLD-5")
{
	/* far beyond the packet, beyond it, and no room behind them */
	static const struct {
		int size, at;
	} end[] = { { 1200, 2088 }, { 1200, 1248 }, { 1280, 1272 } };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	static unsigned char p[1280];
	int raw;

	require_ipv6();
	own_network();
	EXPECT_OK(address(RTM_NEWADDR, "v0", "fd00::1", 64));
	raw = EXPECT_OK(socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
	to.sin6_addr = ip6("fd00::2");
	sleep(2);	/* until the address is known to be nobody else's */
	packet_too_big(raw, to.sin6_addr);
	for (size_t row = 0; row < sizeof(end) / sizeof(end[0]); row++) {
		memset(p, 0x41, sizeof(p));
		headers(p, end[row].size - 40, 0, ip6("fd00::1"), to.sin6_addr);
		p[40] = IPPROTO_UDP;
		p[41] = (end[row].at - 40) / 8 - 1;
		for (int i = 0; i < 4; i++)
			sendto(raw, p, end[row].size, 0, (struct sockaddr *)&to,
			       sizeof(to));
	}
	/* not even a header */
	EXPECT_ERR(sendto(raw, p, 8, 0, (struct sockaddr *)&to, sizeof(to)),
		   EINVAL);
	if (!fragmented())
		SKIP("this kernel cuts no packet that is as short as this");
}

CASE_SECONDS(a_report_of_many_groups_is_not_written_beyond_its_page, "OLD-5", 60)
{
	int fd = -1;

	require_ipv6();
	own_network();
	EXPECT_OK(link_u32("v0", IFLA_MTU, 65535));
	for (int i = 0; i < 400; i++) {
		struct ipv6_mreq m = {
			.ipv6mr_interface = if_nametoindex("v0"),
		};
		char group[32];

		/* One socket may only hold so many. */
		if (i % 20 == 0)
			fd = EXPECT_OK(socket(AF_INET6, SOCK_DGRAM, 0));
		sprintf(group, "ff05::%x", i + 0x100);
		m.ipv6mr_multiaddr = ip6(group);
		EXPECT_OK(setsockopt(fd, SOL_IPV6, IPV6_JOIN_GROUP, &m,
				     sizeof(m)));
	}
	sleep(4);
}

CASE(options_are_turned_round_by_the_route_that_they_came, "OLD-5")
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	unsigned char record[8] = { 7, 7, 4 };
	char byte, control[200];
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	socklen_t len = sizeof(to);
	int receiver, sender, on = 1;

	own_network();
	receiver = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	sender = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	EXPECT_OK(bind(receiver, (struct sockaddr *)&to, len));
	EXPECT_OK(getsockname(receiver, (struct sockaddr *)&to, &len));
	EXPECT_OK(setsockopt(receiver, SOL_IP, IP_RETOPTS, &on, sizeof(on)));
	EXPECT_OK(setsockopt(sender, SOL_IP, IP_OPTIONS, record, sizeof(record)));
	EXPECT_EQ(sendto(sender, "x", 1, 0, (struct sockaddr *)&to, len), 1);
	EXPECT_EQ(recvmsg(receiver, &m, 0), 1);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
