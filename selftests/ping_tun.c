// SPDX-License-Identifier: GPL-2.0
/* Groups that may ping, owners of tun devices: ids that name who may do what (IDS-2, IDS-3). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <linux/if_tun.h>
#include <unistd.h>

#include "userns.h"
#include "places.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define RANGE "/proc/sys/net/ipv4/ping_group_range"

/* Root of init is its own root inside, and so may write a sysctl there. */
#define ROOT_MAP "0 0 1\n1 100001 999"

static void expect_range(const char *want)
{
	char text[64];

	EXPECT_OK(read_file(RANGE, text, sizeof(text)));
	EXPECT_STR(text, want);
}

/* A member that is root of init, too, and what it gets for writing a range. */
static void member_writes(const char *text, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, ROOT_MAP, ROOT_MAP);
		member_ids(0, 0);
		harness_context("%s: ", text);
		if (err)
			EXPECT_ERR(write_text(RANGE, text), err);
		else
			EXPECT_OK(write_text(RANGE, text));
		done();
	}
	peer_join(&p);
}

/* As somebody of init with this group and one other. */
static void ping_socket(gid_t gid, gid_t other, int err)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_setgroups(1, &other));
		EXPECT_OK(setresgid(gid, gid, gid));
		EXPECT_OK(setresuid(OTHER, OTHER, OTHER));
		harness_context("group %u, and %u: ", gid, other);
		if (err)
			EXPECT_ERR(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP),
				   err);
		else
			EXPECT_OK(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
		done();
	}
	peer_join(&p);
}

CASE(a_range_of_groups_is_translated_both_ways, "IDS-2 IDS-3")
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	expect_range("1\t0\n");
	member_writes("5 7", 0);
	expect_range("100005\t100007\n");
	for (int at = 0; at < PLACES; at++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			char want[64];

			enter_place(at);
			snprintf(want, sizeof(want), "%u\t%u\n",
				 seen_from(at, BASE + 5),
				 seen_from(at, BASE + 7));
			harness_context("%s: ", place[at].name);
			expect_range(want);
			done();
		}
		peer_join(&p);
	}
	EXPECT_OK(write_text(RANGE, "3 9"));
	expect_range("3\t9\n");
}

CASE(a_range_opens_ping_sockets_to_the_groups_that_were_meant, "IDS-2")
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	ping_socket(BASE + 6, OTHER, EACCES);
	member_writes("5 7", 0);
	ping_socket(BASE + 5, OTHER, 0);
	ping_socket(BASE + 7, OTHER, 0);
	ping_socket(OTHER, BASE + 6, 0);
	ping_socket(BASE + 4, BASE + 8, EACCES);
	ping_socket(6, OTHER, EACCES);
	ping_socket(OTHER, 6, EACCES);
}

CASE(a_range_with_a_group_that_is_not_mapped_is_einval, "IDS-3")
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	EXPECT_OK(write_text(RANGE, "3 9"));
	member_writes("5 1000", EINVAL);
	member_writes("1000 2000", EINVAL);
	member_writes("0 2147483647", EINVAL);
	expect_range("3\t9\n");
	member_writes("5 999", 0);
	expect_range("100005\t100999\n");
}

/* Attaches to the device, or makes it; -1 and errno on failure. */
static int open_tun(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = EXPECT_OK(open("tun", O_RDWR | O_CLOEXEC));

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr)) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

/* The network namespace's devices under sys/, until the case ends. */
static void own_devices(void)
{
	int fd, err;

	EXPECT_OK(sys_unshare(CLONE_NEWNET | CLONE_NEWNS));
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	EXPECT_OK(mknod("tun", S_IFCHR | 0600, makedev(10, 200)));
	EXPECT_OK(chmod("tun", 0666));
	fd = open("tun", O_RDWR);
	err = errno;
	if (fd < 0) {
		EXPECT_OK(unlink("tun"));
		SKIP("no tun: %s", errno_name(err));
	}
	EXPECT_OK(close(fd));
	EXPECT_OK(mkdir("sys", 0755));
	EXPECT_OK(mount("sys", "sys", "sysfs", 0, NULL));
}

static void devices_end(void)
{
	EXPECT_OK(umount("sys"));
	EXPECT_OK(rmdir("sys"));
	EXPECT_OK(unlink("tun"));
}

static long long tun_attribute(const char *name)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "sys/class/net/tun9/%s", name);
	EXPECT_OK(read_file(path, text, sizeof(text)));
	return atoll(text);
}

CASE(owner_and_group_of_a_tun_device_are_translated, "IDS-2 IDS-3")
{
	static const uid_t unmapped[] = { COUNT, OTHER, BASE, NO_ID };
	int tun;

	own_devices();
	tun = EXPECT_OK(open_tun("tun9"));
	EXPECT_EQ(tun_attribute("owner"), -1);
	EXPECT_EQ(tun_attribute("group"), -1);
	for (int at = 0; at < PLACES; at++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			enter_place(at);
			harness_context("%s: ", place[at].name);
			EXPECT_OK(ioctl(tun, TUNSETOWNER, 18));
			EXPECT_OK(ioctl(tun, TUNSETGROUP, 19));
			EXPECT_EQ(tun_attribute("owner"), 18);
			EXPECT_EQ(tun_attribute("group"), 19);
			for (size_t i = 0; at != INIT && i < N(unmapped); i++) {
				EXPECT_ERR(ioctl(tun, TUNSETOWNER, unmapped[i]),
					   EINVAL);
				EXPECT_ERR(ioctl(tun, TUNSETGROUP, unmapped[i]),
					   EINVAL);
			}
			done();
		}
		peer_join(&p);
		harness_context("set in %s: ", place[at].name);
		EXPECT_EQ(tun_attribute("owner"), place[at].first + 18);
		EXPECT_EQ(tun_attribute("group"), place[at].first + 19);
	}
	harness_context("%s", "");
	EXPECT_ERR(ioctl(tun, TUNSETOWNER, NO_ID), EINVAL);
	EXPECT_ERR(ioctl(tun, TUNSETGROUP, NO_ID), EINVAL);
	if (sizeof(long) > 4)
		EXPECT_OK(ioctl(tun, TUNSETOWNER, 4294967294U));
	devices_end();
}

CASE(a_tun_device_is_attached_by_whom_a_member_gave_it_to, "IDS-5")
{
	static const struct {
		uid_t uid;
		gid_t gid;
		int err;
	} row[] = {
		{ BASE + 5, BASE + 6, 0 },
		{ 5, 6, EPERM },
		{ BASE + 5, 6, EPERM },
		{ 5, BASE + 6, EPERM },
	};
	struct peer p;
	int tun;

	own_devices();
	tun = EXPECT_OK(open_tun("tun9"));
	EXPECT_OK(ioctl(tun, TUNSETPERSIST, 1));
	if (peer_start(&p, 0)) {
		enter_place(CHILD);
		EXPECT_OK(ioctl(tun, TUNSETOWNER, 5));
		EXPECT_OK(ioctl(tun, TUNSETGROUP, 6));
		done();
	}
	peer_join(&p);
	EXPECT_OK(close(tun));
	for (size_t i = 0; i < N(row); i++) {
		if (peer_start(&p, 0)) {
			EXPECT_OK(sys_setgroups(0, NULL));
			EXPECT_OK(setresgid(row[i].gid, row[i].gid,
					    row[i].gid));
			EXPECT_OK(setresuid(row[i].uid, row[i].uid,
					    row[i].uid));
			harness_context("row %zu: ", i);
			if (row[i].err)
				EXPECT_ERR(open_tun("tun9"), row[i].err);
			else
				EXPECT_OK(open_tun("tun9"));
			done();
		}
		peer_join(&p);
	}
	tun = EXPECT_OK(open_tun("tun9"));
	EXPECT_OK(ioctl(tun, TUNSETPERSIST, 0));
	devices_end();
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
