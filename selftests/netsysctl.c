// SPDX-License-Identifier: GPL-2.0
/* Settings of a network namespace ask its owner (ACC-8). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "userns.h"
#include "rtnl.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define NET "/proc/sys/net/"

/* Data of the network namespace, and what is written to it. */
static const struct {
	const char *file, *text;
} own[] = {
	{ "ipv4/ip_forward", "1" },
	{ "ipv4/conf/all/rp_filter", "1" },
	{ "ipv4/conf/default/accept_redirects", "0" },
	{ "ipv4/conf/lo/forwarding", "1" },
	{ "ipv4/icmp_echo_ignore_all", "1" },
	{ "ipv4/icmp_ratelimit", "500" },
	{ "ipv4/ping_group_range", "0 5" },
	{ "ipv6/conf/all/disable_ipv6", "1" },
	{ "ipv6/conf/lo/accept_ra", "0" },
	{ "ipv6/bindv6only", "1" },
};

/* Limits, parameters of what all share, and what is global. */
static const char *const of_init[] = {
	"core/somaxconn", "core/wmem_max", "unix/max_dgram_qlen",
	"ipv4/tcp_mem", "ipv4/ipfrag_high_thresh", "ipv4/route/flush",
	"ipv4/route/gc_thresh", "ipv4/tcp_syncookies",
	"ipv4/ip_local_port_range", "ipv4/neigh/lo/unres_qlen",
	"ipv6/ip6frag_high_thresh", "ipv6/route/max_size",
	"ipv6/neigh/lo/gc_stale_time", "netfilter/nf_conntrack_max",
	"core/xfrm_acq_expires",
};

static const char *path_of(const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), NET "%s", file);
	return path;
}

CASE(settings_of_a_network_are_the_owners, "ACC-8")
{
	char text[64];

	new_network();
	for (size_t i = 0; i < N(own); i++) {
		const char *path = path_of(own[i].file);

		harness_context("%s: ", path);
		if (access(path, F_OK))
			continue;
		EXPECT_OK(write_text(path, own[i].text));
		EXPECT_OK(read_file(path, text, sizeof(text)));
		EXPECT_EQ(atoi(text), atoi(own[i].text));
	}
}

static void all_refused(void)
{
	for (size_t i = 0; i < N(own); i++) {
		const char *path = path_of(own[i].file);

		harness_context("%s: ", path);
		if (!access(path, F_OK))
			EXPECT_ERR(write_text(path, own[i].text), EACCES);
	}
	harness_context("%s", "");
}

CASE(settings_of_the_parent_are_not_ones_own, "ACC-8 CAP-4")
{
	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	refused_to_others(new_network, "0 5 1", all_refused);
	member_ids(7, 7);
	caps_drop(CAP_BIT(CAP_NET_ADMIN));
	all_refused();
}

CASE(who_is_above_sets_what_is_below, "ACC-8 CAP-2")
{
	struct peer p;

	enter_network_below(&p, new_network);
	EXPECT_OK(write_text(path_of(own[0].file), "1"));
	peer_end(&p);
}

/* Directories of a network namespace stay its own when who has them leaves. */
CASE(an_open_directory_is_that_of_another_network, "ACC-8")
{
	int dir, fd;

	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	dir = EXPECT_OK(open(NET "ipv4/conf/lo", O_RDONLY | O_DIRECTORY));
	fd = EXPECT_OK(openat(dir, "forwarding", O_WRONLY));
	new_network();
	EXPECT_EQ(openat(dir, "forwarding", O_WRONLY), -1);
	EXPECT(errno == EACCES || errno == ENOENT);
	EXPECT_EQ(write(fd, "1", 1), -1);
	EXPECT(errno == EACCES || errno == EPERM);
	EXPECT_OK(write_text(NET "ipv4/conf/lo/forwarding", "1"));
}

CASE(limits_ask_init, "ACC-8 CAP-6")
{
	char text[64];
	int known = 0;

	new_network();
	for (size_t i = 0; i < N(of_init); i++) {
		const char *path = path_of(of_init[i]);

		harness_context("%s: ", path);
		if (access(path, F_OK))
			continue;
		if (read_file(path, text, sizeof(text)) < 0)
			strcpy(text, "1");
		EXPECT_ERR(write_text(path, text), EACCES);
		known++;
	}
	harness_context("%s", "");
	EXPECT(known >= 4);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
