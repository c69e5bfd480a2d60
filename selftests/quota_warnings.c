// SPDX-License-Identifier: GPL-2.0
/* What the kernel sends when somebody is over quota: ids of init. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/quota.h>

#include "disk.h"
#include "userns.h"

#define WIDE_MAP	"0 100000 10000"
#define KERNEL_ID(id)	(100000 + (id))

struct message {
	struct nlmsghdr n;
	struct genlmsghdr g;
	char attributes[1024];
};

/* The value of an attribute, or NULL. */
static const void *attribute(const struct message *m, int type)
{
	size_t left = m->n.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
	const char *p = m->attributes;

	while (left >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)p;
		size_t len = NLA_ALIGN(a->nla_len);

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return p + NLA_HDRLEN;
		if (len < NLA_HDRLEN || len > left)
			break;
		p += len;
		left -= len;
	}
	return NULL;
}

static uint64_t number(const struct message *m, int type)
{
	const void *value = attribute(m, type);
	uint64_t n;

	if (!value)
		FAIL("a warning without attribute %d", type);
	memcpy(&n, value, sizeof(n));
	return n;
}

/* False if there is none: it is sent before the call that causes it returns. */
static int receive(int s, struct message *m)
{
	ssize_t n = recv(s, m, sizeof(*m), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 0;
	EXPECT(n >= (ssize_t)NLMSG_LENGTH(GENL_HDRLEN));
	EXPECT(NLMSG_OK(&m->n, (size_t)n));
	return 1;
}

/* The group of the warnings has the number of their family. */
static int listen_for_warnings(void)
{
	static const char name[] = "VFS_DQUOT";
	int s = EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				 NETLINK_GENERIC));
	struct message m = {
		.n = {
			.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + NLA_HDRLEN +
				     NLA_ALIGN(sizeof(name)),
			.nlmsg_type = GENL_ID_CTRL,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.g = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
	};
	struct nlattr a = {
		.nla_len = NLA_HDRLEN + sizeof(name),
		.nla_type = CTRL_ATTR_FAMILY_NAME,
	};
	const void *id;
	uint16_t family;
	int group;

	memcpy(m.attributes, &a, sizeof(a));
	memcpy(m.attributes + NLA_HDRLEN, name, sizeof(name));
	EXPECT_EQ(send(s, &m, m.n.nlmsg_len, 0), m.n.nlmsg_len);
	EXPECT(receive(s, &m));
	if (m.n.nlmsg_type == NLMSG_ERROR)
		SKIP("this kernel sends no quota warnings");
	id = attribute(&m, CTRL_ATTR_FAMILY_ID);
	EXPECT(id != NULL);
	memcpy(&family, id, sizeof(family));
	group = family;
	EXPECT_OK(setsockopt(s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			     sizeof(group)));
	return s;
}

static void as_root_inside(void (*fn)(void))
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, WIDE_MAP, WIDE_MAP);
		member_ids(0, 0);
		fn();
		done();
	}
	peer_join(&p);
}

/* The file is another's: who is over quota, and who did it, are two. */
static void fill(void)
{
	static char piece[65536];
	int fd, n = 0;

	fd = EXPECT_OK(open("file", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
			    0644));
	EXPECT_OK(fchown(fd, 4000, -1));
	while (write(fd, piece, sizeof(piece)) == sizeof(piece) && n++ < 64)
		;
	EXPECT_EQ(errno, EDQUOT);
	EXPECT_OK(close(fd));
}

static void are_about_ids_of_init(const char *type)
{
	struct if_dqblk limit = { .dqb_valid = QIF_LIMITS };
	struct message m;
	int s;

	disk_enter_quota(type);
	limit.dqb_bhardlimit = 512;
	EXPECT_OK(disk_quotactl(Q_SETQUOTA, USRQUOTA, KERNEL_ID(4000), &limit));
	s = listen_for_warnings();
	as_root_inside(fill);
	if (!receive(s, &m))
		FAIL("no warning was sent");
	EXPECT_EQ(m.g.cmd, QUOTA_NL_C_WARNING);
	EXPECT_EQ(number(&m, QUOTA_NL_A_EXCESS_ID), KERNEL_ID(4000));
	EXPECT_EQ(number(&m, QUOTA_NL_A_CAUSED_ID), KERNEL_ID(0));
	limit.dqb_bhardlimit = 0;
	EXPECT_OK(disk_quotactl(Q_SETQUOTA, USRQUOTA, KERNEL_ID(4000), &limit));
}

ON(ext4, are_about_ids_of_init, "IDS-2")
ON(xfs, are_about_ids_of_init, "IDS-2")

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
