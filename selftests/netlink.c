// SPDX-License-Identifier: GPL-2.0
/* A netlink message is judged by who opened the socket and who sends (ACC-8). */
#define _GNU_SOURCE
#include <sched.h>
#include <linux/xfrm.h>

#include "userns.h"
#include "rtnl.h"

/* Ids of the process that opens, the capabilities that it has then. */
static int opened_by(uid_t uid, uint64_t caps, int protocol)
{
	struct peer p;
	int fd;

	if (peer_start(&p, 0)) {
		become(uid, uid, caps);
		peer_send_fd(&p, EXPECT_OK(socket(AF_NETLINK, SOCK_RAW,
						  protocol)));
		done();
	}
	fd = peer_recv_fd(&p);
	peer_join(&p);
	return fd;
}

/* The same with an address, which says that the sender means a message. */
static int talk_to_kernel(int fd, struct rtnl *m)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	EXPECT_EQ(sendto(fd, m, m->h.nlmsg_len, 0, (void *)&kernel,
			 sizeof(kernel)), m->h.nlmsg_len);
	return rtnl_answer(fd);
}

CASE(what_root_writes_to_a_socket_of_another_is_refused, "ACC-8")
{
	struct rtnl m;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	up_message(&m, "lo", 1);
	fd = opened_by(OTHER, 0, NETLINK_ROUTE);
	EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
	/* every capability but the one that counts */
	fd = opened_by(OTHER, ALL_CAPS & caps_known() & ~CAP_BIT(CAP_NET_ADMIN),
		       NETLINK_ROUTE);
	EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
	fd = opened_by(OTHER, CAP_BIT(CAP_NET_ADMIN), NETLINK_ROUTE);
	EXPECT_OK(rtnl_talk(fd, &m));
}

CASE(what_root_sends_to_the_kernel_is_its_own, "ACC-8 IDS-6")
{
	struct rtnl m;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	up_message(&m, "lo", 1);
	fd = opened_by(OTHER, 0, NETLINK_ROUTE);
	EXPECT_OK(talk_to_kernel(fd, &m));
	EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
}

CASE(what_others_write_to_a_socket_of_root_is_refused, "ACC-8")
{
	struct rtnl m;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	up_message(&m, "lo", 1);
	fd = rtnl_open();
	EXPECT_OK(rtnl_talk(fd, &m));
	become(OTHER, OTHER, 0);
	EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
	EXPECT_ERR(talk_to_kernel(fd, &m), EPERM);
}

CASE(the_opener_is_who_it_was_when_it_opened, "ACC-8")
{
	struct rtnl m;
	int before, fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	up_message(&m, "lo", 1);
	before = rtnl_open();
	caps_set(0, ALL_CAPS & caps_known(), 0);
	fd = rtnl_open();
	EXPECT_ERR(rtnl_talk(before, &m), EPERM);
	EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
	caps_set(ALL_CAPS, ALL_CAPS, 0);
	EXPECT_OK(rtnl_talk(before, &m));
	EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
	EXPECT_OK(talk_to_kernel(fd, &m));
}

CASE(reading_needs_neither, "ACC-8")
{
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	char buf[8192];
	struct rtnl m;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	fd = opened_by(OTHER, 0, NETLINK_ROUTE);
	become(OTHER + 1, OTHER + 1, 0);
	rtnl_start(&m, RTM_GETLINK, NLM_F_DUMP, &header, sizeof(header));
	EXPECT_EQ(write(fd, &m, m.h.nlmsg_len), m.h.nlmsg_len);
	EXPECT_OK(recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ(((struct nlmsghdr *)buf)->nlmsg_type, RTM_NEWLINK);
}

/* The case leads to the network of a namespace, and keeps its own by `own`. */
static void root_of_a_network(struct peer *p, int *own, int *below)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	*own = ns_fd(0, "net");
	if (peer_start(p, 0)) {
		int fd;

		enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		peer_send_fd(p, rtnl_open());
		/* now the other way round */
		fd = peer_recv_fd(p);
		struct rtnl m;

		up_message(&m, "lo", 1);
		EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
		EXPECT_ERR(talk_to_kernel(fd, &m), EPERM);
		peer_tell(p);
		peer_await(p);
		done();
	}
	*below = peer_recv_fd(p);
}

CASE(neither_reaches_beyond_its_own_network, "ACC-8 CAP-4")
{
	struct rtnl m;
	struct peer p;
	int own, below;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("dummy");
	need_kind("veth");
	root_of_a_network(&p, &own, &below);
	/* A member that sends on a socket of the network above: not its own. */
	peer_send_fd(&p, rtnl_open());
	peer_await(&p);
	/* Root of init that writes to one of the network below: both may. */
	up_message(&m, "lo", 1);
	EXPECT_OK(rtnl_talk(below, &m));
	/* But what the opener may not, namely here, it does not do. */
	rtnl_end(&m, rtnl_kind(&m, "d0", "dummy"));
	rtnl_u32(&m, IFLA_NET_NS_FD, own);
	EXPECT_ERR(rtnl_talk(below, &m), EPERM);
	veth_message(&m, "v0", "v1", 0);
	rtnl_u32(&m, IFLA_NET_NS_FD, own);
	EXPECT_ERR(rtnl_talk(below, &m), EPERM);
	EXPECT_EQ(if_nametoindex("d0"), 0);
	peer_end(&p);
}

CASE(the_far_end_of_a_veth_is_judged_by_both, "ACC-8")
{
	struct rtnl m;
	struct peer p;
	int own, below;

	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	need_kind("veth");
	root_of_a_network(&p, &own, &below);
	peer_send_fd(&p, rtnl_open());
	peer_await(&p);
	veth_message(&m, "v0", "v1", getpid());
	EXPECT_ERR(rtnl_talk(below, &m), EPERM);
	EXPECT_EQ(if_nametoindex("v1"), 0);
	EXPECT_OK(talk_to_kernel(below, &m));
	EXPECT(if_nametoindex("v1"));
	peer_end(&p);
}

CASE(other_protocols_ask_both_too, "ACC-8")
{
	struct xfrm_usersa_flush flush = { .proto = 50 };
	struct rtnl m;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM);

	if (fd < 0)
		SKIP("no NETLINK_XFRM: %s", errno_name(errno));
	EXPECT_OK(sys_unshare(CLONE_NEWNET));
	rtnl_start(&m, XFRM_MSG_FLUSHSA, 0, &flush, sizeof(flush));
	fd = opened_by(OTHER, 0, NETLINK_XFRM);
	EXPECT_ERR(rtnl_talk(fd, &m), EPERM);
	if (talk_to_kernel(fd, &m))
		EXPECT_EQ(errno, ESRCH);	/* nothing was there */
}

/*
 * Only some protocols let everybody hear a group, or speak to one: that of
 * programs among each other has the second, that of routes the first.
 */
static void groups(int err)
{
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int users = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				     NETLINK_USERSOCK));
	int routes = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				      NETLINK_ROUTE));
	int number = 1;

	EXPECT_OK(connect(users, (void *)&group, sizeof(group)));
	EXPECT_OK(setsockopt(routes, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			     &number, sizeof(number)));
	if (!err) {
		EXPECT_OK(setsockopt(users, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
				     &number, sizeof(number)));
		users = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
					 NETLINK_USERSOCK));
		EXPECT_OK(bind(users, (void *)&group, sizeof(group)));
		EXPECT_OK(connect(routes, (void *)&group, sizeof(group)));
		return;
	}
	EXPECT_ERR(setsockopt(users, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			      &number, sizeof(number)), err);
	EXPECT_ERR(bind(users, (void *)&group, sizeof(group)), err);
	EXPECT_ERR(connect(routes, (void *)&group, sizeof(group)), err);
	EXPECT_ERR(sendto(routes, "", 1, 0, (void *)&group, sizeof(group)), err);
}

CASE(groups_are_heard_and_spoken_to_with_the_capability, "ACC-8 CAP-4")
{
	struct peer p;

	groups(0);
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, ALL_CAPS & ~CAP_BIT(CAP_NET_ADMIN));
		groups(EPERM);
		done();
	}
	peer_join(&p);
	enter_new(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	groups(EPERM);
}

/* In 6.1 that of who owns the network. */
CASE(the_capability_over_groups_is_that_of_init, "ACC-8 CAP-6")
{
	enter_new(CLONE_NEWNET, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	groups(EPERM);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
