// SPDX-License-Identifier: GPL-2.0
/* What one network namespace learns of an address is no other's (ACC-8). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/if_tun.h>

#include "userns.h"

#define HERE	"10.99.9.1"
#define THERE	"10.99.9.7"

static struct sockaddr_in address(const char *text, int port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};

	EXPECT_EQ(inet_pton(AF_INET, text, &a.sin_addr), 1);
	return a;
}

static void bring_up(int fd, const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_UP | IFF_RUNNING };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	EXPECT_OK(ioctl(fd, SIOCSIFFLAGS, &r));
}

/* A network with one device, which leads to THERE. */
static void network(void)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	struct sockaddr_in a = address(HERE, 0);
	int fd, tun;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	tun = EXPECT_OK(open("tun", O_RDWR | O_CLOEXEC));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "p0");
	EXPECT_OK(ioctl(tun, TUNSETIFF, &r));
	fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	bring_up(fd, "lo");
	memcpy(&r.ifr_addr, &a, sizeof(a));
	EXPECT_OK(ioctl(fd, SIOCSIFADDR, &r));
	a = address("255.255.255.0", 0);
	memcpy(&r.ifr_netmask, &a, sizeof(a));
	EXPECT_OK(ioctl(fd, SIOCSIFNETMASK, &r));
	bring_up(fd, "p0");
	EXPECT_OK(close(fd));
}

/* A socket that sends from port 1000 to port 2000 THERE. */
static int connected(void)
{
	int fd = EXPECT_OK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	struct sockaddr_in from = address(HERE, 1000), to = address(THERE, 2000);

	EXPECT_OK(bind(fd, (void *)&from, sizeof(from)));
	EXPECT_OK(connect(fd, (void *)&to, sizeof(to)));
	return fd;
}

/* The longest packet that goes THERE whole. */
static int path_mtu(void)
{
	int fd = connected(), mtu;
	socklen_t len = sizeof(mtu);

	EXPECT_OK(getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len));
	EXPECT_OK(close(fd));
	return mtu;
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t sum = 0;

	for (; len > 1; len -= 2)
		sum += *p++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Somebody on the way says that a packet of ours was too long. */
static void hear_of_mtu(int mtu)
{
	struct {
		struct icmphdr icmp;
		struct iphdr ip;
		struct udphdr udp;
	} m = {
		.icmp = { .type = ICMP_DEST_UNREACH, .code = ICMP_FRAG_NEEDED },
		.ip = {
			.version = 4, .ihl = 5, .tot_len = htons(1500),
			.frag_off = htons(IP_DF), .ttl = 60,
			.protocol = IPPROTO_UDP,
			.saddr = address(HERE, 0).sin_addr.s_addr,
			.daddr = address(THERE, 0).sin_addr.s_addr,
		},
	};
	struct sockaddr_in to = address(HERE, 0);
	int fd = EXPECT_OK(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
	int socket = connected();

	m.udp.source = htons(1000);
	m.udp.dest = htons(2000);
	m.udp.len = htons(1480);
	m.ip.check = checksum(&m.ip, sizeof(m.ip));
	m.icmp.un.frag.mtu = htons(mtu);
	m.icmp.checksum = checksum(&m, sizeof(m));
	EXPECT_EQ(sendto(fd, &m, sizeof(m), 0, (void *)&to, sizeof(to)), sizeof(m));
	EXPECT_OK(close(socket));
	EXPECT_OK(close(fd));
}

static void require_tun(void)
{
	int fd;

	require_namespaces();
	EXPECT_OK(mknod("tun", S_IFCHR | 0600, makedev(10, 200)));
	fd = open("tun", O_RDWR);
	if (fd < 0)
		SKIP("no tun: %s", errno_name(errno));
	EXPECT_OK(close(fd));
}

CASE(a_path_is_learned_by_one_network_only, "ACC-8 CAP-4")
{
	struct peer other, next;

	require_tun();
	if (peer_start(&other, 0)) {
		network();
		EXPECT_EQ(path_mtu(), 1500);
		peer_tell(&other);
		peer_await(&other);
		EXPECT_EQ(path_mtu(), 1500);
		done();
	}
	peer_await(&other);
	network();
	EXPECT_EQ(path_mtu(), 1500);
	hear_of_mtu(700);
	/* Or the rest would prove nothing. */
	EXPECT_EQ(path_mtu(), 700);
	peer_end(&other);
	/* Nor does one that is made later, when the entry is still there. */
	if (peer_start(&next, 0)) {
		network();
		EXPECT_EQ(path_mtu(), 1500);
		done();
	}
	peer_join(&next);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
