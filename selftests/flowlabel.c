// SPDX-License-Identifier: GPL-2.0
/* A flow label of IPv6 that a user keeps for its processes (IDS-2), and their end. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userns.h"

#define LABEL 0x12345

/* As linux/in6.h has it, which does not go with netinet/in.h. */
enum { MANAGE = 32, GET = 0, CREATE = 1, OF_USER = 3 };
struct request {
	struct in6_addr dst;
	uint32_t label;
	uint8_t action, share;
	uint16_t flags, expires, linger;
	uint32_t padding;
};

static int flow_label(uint16_t flags)
{
	struct request r = {
		.dst = IN6ADDR_LOOPBACK_INIT, .label = htonl(LABEL),
		.action = GET, .share = OF_USER, .flags = flags,
	};
	int fd = EXPECT_OK(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	return setsockopt(fd, SOL_IPV6, MANAGE, &r, sizeof(r));
}

/* As an id of a namespace with this map, or of init. */
static void expect_label(const char *map, uid_t id, int err)
{
	struct peer p;

	harness_context("id %u of \"%s\": ", id, map ? map : "init");
	if (peer_start(&p, 0)) {
		if (map) {
			enter_owned(0, map, map);
			member_ids(id, id);
		} else {
			become(id, id, 0);
		}
		if (err)
			EXPECT_ERR(flow_label(0), err);
		else
			EXPECT_OK(flow_label(0));
		done();
	}
	peer_join(&p);
}

CASE(a_flow_label_of_a_user_is_shared_by_kernel_id, "IDS-2 CAP-4")
{
	static const char map[] = "0 100000 5\n5 2000 1\n6 1000 1";
	struct peer holder;
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		SKIP("the kernel has no IPv6");
	if (peer_start(&holder, 0)) {
		become(OTHER, OTHER, 0);
		EXPECT_OK(flow_label(CREATE));
		peer_tell(&holder);
		peer_await(&holder);
		done();
	}
	peer_await(&holder);
	expect_label(NULL, OTHER, 0);
	expect_label(NULL, OWNER, EPERM);
	expect_label(map, 5, 0);
	expect_label(map, 6, EPERM);
	expect_label(map, 0, EPERM);
	peer_end(&holder);

	/* And one that a member has made. */
	if (peer_start(&holder, 0)) {
		enter_owned(0, map, map);
		member_ids(5, 5);
		EXPECT_OK(flow_label(CREATE));
		peer_tell(&holder);
		peer_await(&holder);
		done();
	}
	peer_await(&holder);
	expect_label(NULL, OTHER, 0);
	expect_label(NULL, 5, EPERM);
	expect_label("5 2001 1\n0 2000 1", 5, EPERM);
	expect_label("5 2001 1\n0 2000 1", 0, 0);
	peer_end(&holder);
}

/*
 * And are freed by more than the timer that frees those that nobody uses: what
 * is wrong with their lock only a kernel with lockdep tells.
 */
CASE(flow_labels_end_with_their_network, "NEW-15 IDS-2")
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		SKIP("the kernel has no IPv6");
	for (int i = 0; i < 5; i++) {
		struct peer p;

		if (peer_start(&p, 0)) {
			enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
			EXPECT_ERR(flow_label(0), ENOENT);
			EXPECT_OK(flow_label(CREATE));
			EXPECT_OK(flow_label(0));
			done();
		}
		peer_join(&p);
	}
	/* The timer comes within six seconds. */
	sleep(8);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
