// SPDX-License-Identifier: GPL-2.0
/* No program is run as root of the machine for the owner of a network (ACC-8). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <linux/if_bridge.h>
#include <linux/sockios.h>

#include "userns.h"
#include "rtnl.h"

/* The kernel runs this program by these names; what it says goes here. */
#define STP	"/sbin/bridge-stp"
#define HOTPLUG	"/hotplug-helper"
#define SAID	"/helper-said"

static void say(const char *text)
{
	int fd = open(SAID, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		_exit(1);
	_exit(0);
}

/* A program of that name, and a pipe to hear from it. */
static int helper(const char *name)
{
	char self[256];
	ssize_t len = EXPECT_OK(readlink("/proc/self/exe", self,
					 sizeof(self) - 1));

	self[len] = 0;
	mkdir("/sbin", 0755);
	unlink(SAID);
	EXPECT_OK(mkfifo(SAID, 0600));
	if (symlink(self, name))
		SKIP("%s: %s", name, errno_name(errno));
	return EXPECT_OK(open(SAID, O_RDWR | O_CLOEXEC));
}

static int spanning_tree(const char *name)
{
	unsigned long args[4] = { BRCTL_SET_BRIDGE_STP_STATE, 1 };
	struct ifreq ifr = { .ifr_data = (void *)args };

	strcpy(ifr.ifr_name, name);
	return if_ioctl(SIOCDEVPRIVATE, &ifr);
}

/* All that has been said up to now. */
static const char *heard(int fd)
{
	static char buf[4096];
	ssize_t n;

	EXPECT_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	n = read(fd, buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = 0;
	EXPECT_OK(fcntl(fd, F_SETFL, 0));
	return buf;
}

CASE(a_spanning_tree_runs_no_program, "ACC-8")
{
	struct peer p;
	int fd;

	need_kind("bridge");
	fd = helper(STP);
	if (peer_start(&p, 0)) {
		enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_OK(link_add("stp1", "bridge"));
		EXPECT_OK(spanning_tree("stp1"));
		done();
	}
	peer_join(&p);
	EXPECT_STR(heard(fd), "");
	/* For the machine's own bridge it is, and has been when the call returns. */
	EXPECT_OK(link_add("stp0", "bridge"));
	EXPECT_OK(spanning_tree("stp0"));
	EXPECT_STR(heard(fd), "stp0 start\n");
	EXPECT_OK(link_del("stp0"));
	EXPECT_OK(unlink(STP));
	EXPECT_OK(unlink(SAID));
}

/* Until the helper has named this device. */
static void expect_heard(int fd, const char *device, const char *never)
{
	char buf[8192];
	size_t have = 0;

	while (have < sizeof(buf) - 1) {
		ssize_t n = EXPECT_OK(read(fd, buf + have,
					   sizeof(buf) - 1 - have));

		buf[have += n] = 0;
		if (strstr(buf, never))
			FAIL("heard of %s: %s", never, buf);
		if (strstr(buf, device))
			return;
	}
	FAIL("nothing of %s: %s", device, buf);
}

CASE(the_uevent_helper_is_run_for_nothing_of_an_owner, "ACC-8")
{
	struct peer p;
	char old[64] = "";
	int fd;

	need_kind("dummy");
	if (read_file("/proc/sys/kernel/hotplug", old, sizeof(old)) < 0)
		SKIP("no uevent helper: %s", errno_name(errno));
	fd = helper(HOTPLUG);
	EXPECT_OK(write_text("/proc/sys/kernel/hotplug", HOTPLUG));
	if (peer_start(&p, 0)) {
		enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_OK(link_add("inside0", "dummy"));
		EXPECT_OK(link_del("inside0"));
		done();
	}
	peer_join(&p);
	EXPECT_OK(link_add("outside0", "dummy"));
	expect_heard(fd, "outside0", "inside0");
	EXPECT_OK(link_del("outside0"));
	EXPECT_OK(write_text("/proc/sys/kernel/hotplug", "\n"));
	EXPECT_OK(unlink(HOTPLUG));
	EXPECT_OK(unlink(SAID));
}

int main(int argc, char **argv)
{
	char text[512];

	if (!strcmp(argv[0], STP)) {
		snprintf(text, sizeof(text), "%s %s\n", argv[1], argv[2]);
		say(text);
	}
	if (!strcmp(argv[0], HOTPLUG)) {
		snprintf(text, sizeof(text), "%s\n", getenv("DEVPATH"));
		say(text);
	}
	return harness_main(argc, argv);
}
