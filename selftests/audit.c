// SPDX-License-Identifier: GPL-2.0
/* Audit rules and records hold ids of init, whatever they are about (IDS-2, CAP-6). */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "userns.h"

/* What rules are about: a call that nothing else here makes. */
static long audited = SYS_getsid;

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
	r.mask[AUDIT_WORD(audited)] = AUDIT_BIT(audited);
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
		 number(text, " syscall=") != audited);
}

static pid_t call_in_init(uid_t uid, gid_t gid)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, gid, 0);
		syscall(SYS_getsid, 0);
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
		syscall(SYS_getsid, 0);
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
		{ AUDIT_SUID, BASE + 5 }, { AUDIT_SGID, BASE + 6 },
		{ AUDIT_FSGID, BASE + 6 },
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

/* A member with these ids: of the process, effective, saved, of files; the same of groups. */
static pid_t compared_call(const uid_t *u)
{
	struct peer p;
	pid_t pid;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		EXPECT_OK(setresgid(u[0], u[1], u[2]));
		setfsgid(u[3]);
		/* A fourth uid takes the capability, which goes with the first. */
		EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
		EXPECT_OK(setresuid(u[0], u[1], u[2]));
		caps_set(CAP_BIT(CAP_SETUID), CAP_BIT(CAP_SETUID), 0);
		setfsuid(u[3]);
		if (audited == SYS_getsid)
			syscall(SYS_getsid, 0);
		else
			EXPECT_OK(syscall(SYS_access, "object", F_OK));
		done();
	}
	pid = p.pid;
	peer_join(&p);
	return pid;
}

#define COMPARISON 111	/* AUDIT_FIELD_COMPARE: of two ids of what is audited */

CASE_SECONDS(ids_are_compared_by_their_ids_of_init, "IDS-2", 60)
{
	static const uid_t all_differ[4] = { 1, 2, 3, 4 };
	static const uid_t all_equal[4] = { 5, 5, 5, 5 };
	int fd = audit_socket(), err = listen_to(fd, 1);
	char text[8192];
	pid_t pid;

	if (err)
		SKIP("nobody can listen to audit: %s", errno_name(err));
	require_namespaces();
	touch("object", BASE + 5, BASE + 5, 0644);
	EXPECT_OK(chmod(".", 0755));
	/* From AUDIT_COMPARE_UID_TO_OBJ_UID to AUDIT_COMPARE_SGID_TO_FSGID. */
	for (uint32_t which = 1; which <= 25; which++) {
		harness_context("comparison %u", which);
		/* With the owner of a file: in a call that names one. */
		audited = which < 10 ? SYS_access : SYS_getsid;
		if (rule(fd, AUDIT_ADD_RULE, COMPARISON, which))
			SKIP("audit compares no ids");
		if (proc_write(0, "loginuid", "100009"))
			SKIP("no /proc/PID/loginuid");
		compared_call(all_differ);
		EXPECT_OK(proc_write(0, "loginuid", "100005"));
		pid = compared_call(all_equal);
		next_record(fd, text, sizeof(text));
		EXPECT_EQ(number(text, " pid="), pid);
		EXPECT_EQ(rule(fd, AUDIT_DEL_RULE, COMPARISON, which), 0);
	}
	harness_context("%s", "");
	audited = SYS_getsid;
	EXPECT_EQ(listen_to(fd, 0), 0);
	EXPECT_OK(unlink("object"));
}

/* The next message of a type. */
static void next_message(int fd, int type, struct message *m)
{
	ssize_t n;

	do {
		n = EXPECT_OK(recv(fd, m, sizeof(*m) - 1, 0));
		((char *)m)[n] = 0;
	} while (m->n.nlmsg_type != type);
}

/* A message to audit from somebody of init. */
static void say(const char *what, uid_t uid, gid_t gid)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		become(uid, gid, 0);
		EXPECT_EQ(request(audit_socket(), AUDIT_USER, what,
				  strlen(what) + 1), EPERM);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		become(uid, gid, CAP_BIT(CAP_AUDIT_WRITE));
		EXPECT_EQ(request(audit_socket(), AUDIT_USER, what,
				  strlen(what) + 1), 0);
		done();
	}
	peer_join(&p);
}

CASE(messages_of_users_are_filtered_by_ids_of_init, "IDS-2")
{
	static const uint32_t fields[] = { AUDIT_UID, AUDIT_GID };
	int fd = audit_socket(), err = listen_to(fd, 1);
	struct audit_rule_data r;
	struct message m;

	if (err)
		SKIP("nobody can listen to audit: %s", errno_name(err));
	require_namespaces();
	for (int i = 0; i < 2; i++) {
		harness_context("field %u", fields[i]);
		memset(&r, 0, sizeof(r));
		r.flags = AUDIT_FILTER_USER;
		r.action = AUDIT_NEVER;
		r.field_count = 1;
		r.fields[0] = fields[i];
		r.values[0] = BASE + 5;
		r.fieldflags[0] = AUDIT_EQUAL;
		memset(r.mask, 0xff, sizeof(r.mask));
		EXPECT_EQ(request(fd, AUDIT_ADD_RULE, &r, sizeof(r)), 0);
		say("unheard", BASE + 5, BASE + 5);
		say("heard", BASE + 6, BASE + 6);
		next_message(fd, AUDIT_USER, &m);
		EXPECT(strstr(m.data, "'heard"));
		EXPECT_EQ(number(m.data, " uid="), BASE + 6);
		EXPECT_EQ(request(fd, AUDIT_DEL_RULE, &r, sizeof(r)), 0);
	}
	harness_context("%s", "");
	EXPECT_EQ(listen_to(fd, 0), 0);
}

CASE(who_ends_the_daemon_is_told_by_the_id_of_init, "IDS-2")
{
	int fd = audit_socket(), err = listen_to(fd, 1);
	struct message m;
	struct peer p;
	pid_t self = getpid();
	/* No header has the whole of it: uid, pid and what a module adds. */
	struct { uint32_t uid; int32_t pid; } *info = (void *)m.data;

	if (err)
		SKIP("nobody can listen to audit: %s", errno_name(err));
	require_namespaces();
	EXPECT(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	for (int with = 0; with < 2; with++) {
		harness_context("%s login id", with ? "with a" : "with no");
		if (peer_start(&p, 0)) {
			if (with && proc_write(0, "loginuid", "100007"))
				SKIP("no /proc/PID/loginuid");
			if (!with && strcmp(proc_read(0, "loginuid"),
					    "4294967295"))
				done();
			/* Root of the machine by its kernel id, but a member. */
			enter_new(0, "0 100000 1000\n5000 0 1",
				  "0 100000 1000\n5000 0 1");
			EXPECT_EQ(getuid(), 5000);
			EXPECT_OK(kill(self, SIGUSR1));
			peer_tell(&p);
			done();
		}
		if (with || !strcmp(proc_read(0, "loginuid"), "4294967295")) {
			peer_await(&p);
			memset(&m, 0, sizeof(m.n));
			m.n.nlmsg_len = NLMSG_LENGTH(0);
			m.n.nlmsg_type = AUDIT_SIGNAL_INFO;
			m.n.nlmsg_flags = NLM_F_REQUEST;
			EXPECT_EQ(send(fd, &m, m.n.nlmsg_len, 0),
				  m.n.nlmsg_len);
			next_message(fd, AUDIT_SIGNAL_INFO, &m);
			EXPECT_EQ(info->uid, with ? BASE + 7 : 0);
			EXPECT_EQ(info->pid, p.pid);
		}
		peer_join(&p);
	}
	harness_context("%s", "");
	EXPECT_EQ(listen_to(fd, 0), 0);
}

CASE(a_login_is_recorded_with_ids_of_init, "IDS-2")
{
	int fd = audit_socket(), err = listen_to(fd, 1);
	struct message m;
	struct peer p;

	if (err)
		SKIP("nobody can listen to audit: %s", errno_name(err));
	require_namespaces();
	if (peer_start(&p, 0)) {
		become(BASE + 5, BASE + 5, CAP_BIT(CAP_AUDIT_CONTROL));
		if (proc_write(0, "loginuid", "100008"))
			SKIP("no login id can be set");
		done();
	}
	peer_join(&p);
	next_message(fd, AUDIT_LOGIN, &m);
	EXPECT_EQ(number(m.data, "pid="), p.pid);
	EXPECT_EQ(number(m.data, " uid="), BASE + 5);
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

/* Nor that somebody else opened the socket, who has it. */
CASE(in_init_rules_take_the_capability, "CAP-6 IDS-6")
{
	int fd = audit_socket();
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		become(OTHER, OTHER, ALL_CAPS & ~CAP_BIT(CAP_AUDIT_CONTROL) &
				     ~CAP_BIT(CAP_AUDIT_WRITE));
		for (int i = 0; i < 2; i++) {
			EXPECT_EQ(rule(fd, AUDIT_ADD_RULE, AUDIT_UID, 5), EPERM);
			EXPECT_EQ(listen_to(fd, 1), EPERM);
			EXPECT_EQ(request(fd, AUDIT_USER, "login", 6), EPERM);
			fd = audit_socket();
		}
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
