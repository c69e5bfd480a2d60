// SPDX-License-Identifier: GPL-2.0
/*
 * What the owner of a network may pile up of it: devices, and addresses of IPv6
 * (ACC-8). Those of IPv4 are in netaddr.c.
 */
#define _GNU_SOURCE
#include <linux/if_link.h>
#include <netinet/icmp6.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userns.h"
#include "rtnl.h"

#define DEVICES_MAX	1024
#define ADDRESSES_MAX	1024

static const char *indexed(const char *what, int i)
{
	static char name[64];

	snprintf(name, sizeof(name), what, i);
	return name;
}

static void need_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0)
		SKIP("no IPv6");
	close(fd);
}

/* Until one is refused; how many were not. */
static int fill_with_devices(const char *what)
{
	int n = 0;

	while (n < 2 * DEVICES_MAX && !link_add(indexed(what, n), "dummy"))
		n++;
	return n;
}

static int fill_with_addresses(const char *device)
{
	int n = 0;

	while (n < 2 * ADDRESSES_MAX &&
	       !address(RTM_NEWADDR, device, indexed("fd00:1::%x", n + 1), 128))
		n++;
	return n;
}

/* To end a network has its routes read for each of them, and holds up all others. */
CASE_SECONDS(devices_of_an_owner_have_an_end, "ACC-8", 120)
{
	struct peer p;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("dummy");
	if (peer_start(&p, 0)) {
		enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		fill_with_devices("d%d");
		EXPECT_EQ(errno, ENOSPC);
		EXPECT_EQ(if_nametoindex(indexed("d%d", DEVICES_MAX)), 0);
		/* One that is given back can be had again. */
		EXPECT_OK(link_del("d9"));
		EXPECT_OK(link_add("e0", "dummy"));
		EXPECT_ERR(link_add("e1", "dummy"), ENOSPC);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	/* Nor are they moved there. */
	EXPECT_OK(link_add("f0", "dummy"));
	EXPECT_ERR(link_u32("f0", IFLA_NET_NS_PID, p.pid), ENOSPC);
	EXPECT(if_nametoindex("f0") > 0);
	peer_end(&p);
}

CASE_SECONDS(the_machine_has_as_many_devices_as_it_wants, "ACC-8 IDS-6", 120)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("dummy");
	for (int i = 0; i < DEVICES_MAX + 20; i++)
		EXPECT_OK(link_add(indexed("d%d", i), "dummy"));
}

/* Those of all networks stand in the same few chains. */
CASE_SECONDS(ipv6_addresses_of_a_device_have_an_end, "ACC-8", 120)
{
	need_ipv6();
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(link_up("lo", 1));
	/* ::1 is one of them. */
	EXPECT_EQ(fill_with_addresses("lo"), ADDRESSES_MAX - 1);
	EXPECT_EQ(errno, ENOSPC);
	EXPECT_OK(address(RTM_DELADDR, "lo", "fd00:1::9", 128));
	EXPECT_OK(address(RTM_NEWADDR, "lo", "fd00:2::1", 128));
	EXPECT_ERR(address(RTM_NEWADDR, "lo", "fd00:2::2", 128), ENOSPC);
	EXPECT_OK(link_up("lo", 0));
}

CASE_SECONDS(the_machine_has_as_many_ipv6_addresses_as_it_wants, "ACC-8 IDS-6", 120)
{
	need_ipv6();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	EXPECT_OK(link_up("lo", 1));
	for (int i = 1; i < ADDRESSES_MAX + 20; i++)
		EXPECT_OK(address(RTM_NEWADDR, "lo", indexed("fd00:1::%x", i), 128));
}

/* A router's word that every host has an address in fd00:5::/64. */
static void advertise(const char *device)
{
	struct {
		struct nd_router_advert head;
		struct nd_opt_prefix_info prefix;
	} ra = {
		.head = { .nd_ra_type = ND_ROUTER_ADVERT },
		.prefix = {
			.nd_opt_pi_type = ND_OPT_PREFIX_INFORMATION,
			.nd_opt_pi_len = 4,
			.nd_opt_pi_prefix_len = 64,
			.nd_opt_pi_flags_reserved = ND_OPT_PI_FLAG_AUTO,
			.nd_opt_pi_valid_time = htonl(86400 * 7),
			.nd_opt_pi_preferred_time = htonl(86400 * 6),
		},
	};
	struct sockaddr_in6 all = {
		.sin6_family = AF_INET6, .sin6_scope_id = if_nametoindex(device),
	};
	int fd = EXPECT_OK(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)), hops = 255, tries = 0;

	EXPECT_EQ(inet_pton(AF_INET6, "ff02::1", &all.sin6_addr), 1);
	EXPECT_EQ(inet_pton(AF_INET6, "fd00:5::", &ra.prefix.nd_opt_pi_prefix), 1);
	EXPECT_OK(setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)));
	/* Until the link is up and the sender has an address. */
	while (sendto(fd, &ra, sizeof(ra), 0, (void *)&all, sizeof(all)) < 0) {
		EXPECT(tries++ < 100);
		usleep(100000);
	}
	close(fd);
}

/* Advertises until v0 has so many addresses in fd00:5::/64; what is refused stays so. */
static void advertise_until(const char *device, int want)
{
	int n = 0;

	for (int tries = 0; tries < 200; tries++) {
		char line[128];
		FILE *f = fopen("/proc/self/net/if_inet6", "re");

		EXPECT(f != NULL);
		n = 0;
		while (fgets(line, sizeof(line), f))
			n += !strncmp(line, "fd00000500000000", 16) && strstr(line, "v0");
		fclose(f);
		if (n > want)
			break;
		if (n == want && tries > 4)
			return;
		advertise(device);
		usleep(100000);
	}
	FAIL("%d addresses of the prefix, want %d", n, want);
}

#define CONF "/proc/sys/net/ipv6/conf/"

/* It was, as often as the owner liked, with a processor that did nothing else. */
CASE_SECONDS(a_temporary_address_without_room_is_not_tried_again, "ACC-8", 120)
{
	char text[16];

	need_ipv6();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	if (access(CONF "lo/use_tempaddr", F_OK))
		SKIP("no temporary addresses");
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	EXPECT_OK(write_text(CONF "default/dad_transmits", "0"));
	EXPECT_OK(write_text(CONF "default/use_tempaddr", "0"));
	EXPECT_OK(veth_add("v0", "v1", 0));
	EXPECT_OK(link_up("v1", 1));
	EXPECT_OK(link_up("v0", 1));
	advertise_until("v1", 1);
	fill_with_addresses("v0");
	if (errno != ENOSPC)
		SKIP("addresses have no end here");
	EXPECT_OK(write_text(CONF "v0/regen_max_retry", "1000"));
	EXPECT_OK(write_text(CONF "v0/use_tempaddr", "1"));
	advertise_until("v1", 1);
	/* -1 says that it was tried so often that it was given up. */
	EXPECT(read_file(CONF "v0/use_tempaddr", text, sizeof(text)) > 0);
	EXPECT_STR(text, "1\n");
	/* With room there is one. */
	EXPECT_OK(address(RTM_DELADDR, "v0", "fd00:1::9", 128));
	advertise_until("v1", 2);
	EXPECT_ERR(address(RTM_NEWADDR, "v0", "fd00:2::1", 128), ENOSPC);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
