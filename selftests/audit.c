// SPDX-License-Identifier: GPL-2.0
/* Audit rules and records hold ids of init, whatever they are about (IDS-2, CAP-6). */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "userns.h"

/* Not called by anything else here. */
#define AUDITED	SYS_getsid

struct message {
	struct nlmsghdr n;
	char data[8192];
};

static int audit_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0)
		SKIP("no audit: %s", errno_name(errno));
	return fd;
}

/* The kernel's answer to a request: 0 or an error. Records that come before it are lost. */
static int request(int fd, int type, const void *data, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct message m;

	memset(&m, 0, sizeof(m.n));
	m.n.nlmsg_len = NLMSG_SPACE(len);
	m.n.nlmsg_type = type;
	m.n.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	memcpy(m.data, data, len);
	if (sendto(fd, &m, m.n.nlmsg_len, 0, (void *)&kernel,
		   sizeof(kernel)) < 0)
		return errno;
	do {
		EXPECT(recv(fd, &m, sizeof(m), 0) >= (ssize_t)NLMSG_HDRLEN);
	} while (m.n.nlmsg_type != NLMSG_ERROR);
	return -((struct nlmsgerr *)NLMSG_DATA(&m.n))->error;
}

/* Records go to this process, or to nobody. */
static int listen_to(int fd, int on)
{
	struct audit_status s;

	memset(&s, 0, sizeof(s));
	s.mask = AUDIT_STATUS_PID | AUDIT_STATUS_ENABLED;
	s.pid = on ? getpid() : 0;
	s.enabled = on;
	return request(fd, AUDIT_SET, &s, sizeof(s));
}

static int rule(int fd, int type, uint32_t field, uint32_t value)
{
	struct audit_rule_data r;

	memset(&r, 0, sizeof(r));
	r.flags = AUDIT_FILTER_EXIT;
	r.action = AUDIT_ALWAYS;
	r.mask[AUDIT_WORD(AUDITED)] = AUDIT_BIT(AUDITED);
	r.field_count = 1;
	r.fields[0] = field;
	r.values[0] = value;
	r.fieldflags[0] = AUDIT_EQUAL;
	return request(fd, type, &r, sizeof(r));
}

static long number(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

/* The next record of the audited call. */
static void next_record(int fd, char *text, size_t size)
{
	struct message m;
	ssize_t n;

	do {
		n = EXPECT_OK(recv(fd, &m, sizeof(m) - 1, 0));
		((char *)&m)[n] = 0;
		snprintf(text, size, "%s", m.data);
	} while (m.n.nlmsg_type != AUDIT_SYSCALL ||
		 number(text, " syscall=") != AUDITED);
}

static pid_t call_in_init(uid_t uid, gid_t gid)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, gid, 0);
		syscall(AUDITED, 0);
		done();
	}
	peer_join(&p);
	return p.pid;
}

static pid_t call_in_member(uid_t uid, gid_t gid)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(uid, gid);
		syscall(AUDITED, 0);
		done();
	}
	peer_join(&p);
	return p.pid;
}

CASE(rules_and_records_hold_ids_of_init, "IDS-2")
{
	static const struct {
		uint32_t field, value;
	} rules[] = {
		{ AUDIT_UID, BASE + 5 }, { AUDIT_EUID, BASE + 5 },
		{ AUDIT_FSUID, BASE + 5 }, { AUDIT_GID, BASE + 6 },
		{ AUDIT_EGID, BASE + 6 }, { AUDIT_LOGINUID, BASE + 7 },
	};
	int fd = audit_socket(), err = listen_to(fd, 1);
	char text[8192];
	pid_t pid;

	if (err)
		SKIP("nobody can listen to audit: %s", errno_name(err));
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		harness_context("field %u", rules[i].field);
		EXPECT_EQ(rule(fd, AUDIT_ADD_RULE, rules[i].field,
			       rules[i].value), 0);
		/* The same numbers in init are not meant. */
		if (!proc_write(0, "loginuid", "7"))
			call_in_init(5, 6);
		if (proc_write(0, "loginuid", "100007"))
			SKIP("no /proc/PID/loginuid");
		pid = call_in_member(5, 6);
		next_record(fd, text, sizeof(text));
		EXPECT_EQ(number(text, " pid="), pid);
		EXPECT_EQ(number(text, " auid="), BASE + 7);
		EXPECT_EQ(number(text, " uid="), BASE + 5);
		EXPECT_EQ(number(text, " gid="), BASE + 6);
		EXPECT_EQ(number(text, " euid="), BASE + 5);
		EXPECT_EQ(number(text, " fsgid="), BASE + 6);
		EXPECT_EQ(rule(fd, AUDIT_DEL_RULE, rules[i].field,
			       rules[i].value), 0);
	}
	harness_context("%s", "");
	EXPECT_EQ(listen_to(fd, 0), 0);
}

CASE(rules_are_made_by_init, "CAP-6")
{
	int fd = audit_socket();
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		int own;

		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		own = audit_socket();
		/* As where there is no audit: programs go on without. */
		EXPECT_EQ(rule(own, AUDIT_ADD_RULE, AUDIT_UID, 5),
			  ECONNREFUSED);
		EXPECT_EQ(listen_to(own, 1), ECONNREFUSED);
		EXPECT_EQ(request(own, AUDIT_USER, "login", 6), ECONNREFUSED);
		/* Who opened the socket does not help. */
		EXPECT_EQ(rule(fd, AUDIT_ADD_RULE, AUDIT_UID, 5),
			  ECONNREFUSED);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
