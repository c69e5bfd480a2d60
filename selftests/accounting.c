// SPDX-License-Identifier: GPL-2.0
/* Process accounting and taskstats of members of namespaces (IDS-2). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/acct.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <unistd.h>

#include "userns.h"

/* Process accounting. */

/* As uid and gid of a namespace with BLOCK_MAP, or of one below it in which all ids move by 100. */
static void member(uid_t uid, gid_t gid, int nested)
{
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	if (nested)
		enter_new(0, "0 100 100", "0 100 100");
	member_ids(uid, gid);
}

/* Runs a process to its end while accounting is on; its record must show these ids. */
static void expect_record(void (*become_somebody)(void), uid_t uid, gid_t gid)
{
	struct acct_v3 rec;
	int fd, status, found = 0;
	pid_t pid;

	/* The file needs a filesystem that counts free blocks. */
	fd = EXPECT_OK(open("acct/file", O_RDWR | O_CREAT | O_TRUNC, 0600));
	errno = 0;
	if (syscall(SYS_acct, "acct/file") < 0 && errno == ENOSYS)
		SKIP("no process accounting");
	EXPECT_EQ(errno, 0);
	pid = fork();
	if (!pid) {
		become_somebody();
		done();
	}
	/* Whatever became of it, accounting goes off first. */
	waitpid(pid, &status, 0);
	EXPECT_OK(syscall(SYS_acct, NULL));
	EXPECT(WIFEXITED(status));
	if (WEXITSTATUS(status) == RESULT_SKIP)
		_exit(RESULT_SKIP);
	EXPECT_EQ(WEXITSTATUS(status), 0);
	while (read(fd, &rec, sizeof(rec)) == sizeof(rec)) {
		if ((rec.ac_version & 0xf) != 3)
			SKIP("accounting records of version %d",
			     rec.ac_version & 0xf);
		if (rec.ac_pid != (uint32_t)pid)
			continue;
		EXPECT_EQ(rec.ac_uid, uid);
		EXPECT_EQ(rec.ac_gid, gid);
		found++;
	}
	EXPECT_EQ(found, 1);
	EXPECT_OK(close(fd));
}

static void in_init(void)
{
	become(OTHER, OTHER + 1, 0);
}

static void five_and_six(void)
{
	member(5, 6, 0);
}

static void nested_five_and_six(void)
{
	member(5, 6, 1);
}

static void no_id_inside(void)
{
	become(OWNER, OWNER, CREATOR_CAPS);
	EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	EXPECT_EQ(getuid(), OVERFLOW_ID);
}

CASE(a_record_has_the_ids_of_who_turned_accounting_on, "IDS-2")
{
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount("", "/", "", MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("acct", 0700));
	EXPECT_OK(mount("acct", "acct", "tmpfs", 0, NULL));
	expect_record(in_init, OTHER, OTHER + 1);
	expect_record(five_and_six, BASE + 5, BASE + 6);
	expect_record(nested_five_and_six, BASE + 105, BASE + 106);
	expect_record(no_id_inside, OWNER, OWNER);
	EXPECT_OK(umount("acct"));
	EXPECT_OK(rmdir("acct"));
}

CASE(accounting_is_turned_on_and_off_by_init, "CAP-6")
{
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		member(0, 0, 0);
		EXPECT_ERR(syscall(SYS_acct, NULL), EPERM);
		EXPECT_ERR(syscall(SYS_acct, "file"), EPERM);
		done();
	}
	peer_join(&p);
}

/* taskstats, over generic netlink. */

struct message {
	struct nlmsghdr n;
	struct genlmsghdr g;
	char attrs[2048];
};

static int netlink_socket(void)
{
	return EXPECT_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				NETLINK_GENERIC));
}

static void request(int fd, int family, int cmd, int type, const void *data,
		    size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlattr *a;
	struct message m;

	memset(&m, 0, sizeof(m));
	m.n.nlmsg_type = family;
	m.n.nlmsg_flags = NLM_F_REQUEST;
	m.g.cmd = cmd;
	m.g.version = 1;
	a = (struct nlattr *)m.attrs;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(m.attrs + NLA_HDRLEN, data, len);
	m.n.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + NLA_ALIGN(a->nla_len);
	EXPECT_OK(sendto(fd, &m, m.n.nlmsg_len, 0, (void *)&kernel,
			 sizeof(kernel)));
}

/* Receives one message: 0, or the error that it tells about. */
static int reply(int fd, struct message *m)
{
	ssize_t n;

	memset(m, 0, sizeof(*m));
	n = EXPECT_OK(recv(fd, m, sizeof(*m), 0));
	EXPECT(n >= (ssize_t)NLMSG_HDRLEN);
	if (m->n.nlmsg_type == NLMSG_ERROR)
		return -((struct nlmsgerr *)NLMSG_DATA(&m->n))->error;
	return 0;
}

/* The attribute of this type among those that lie in data, or NULL. */
static void *attribute(void *data, size_t len, int type)
{
	struct nlattr *a;

	for (size_t at = 0; at + NLA_HDRLEN <= len;
	     at += NLA_ALIGN(a->nla_len)) {
		a = (void *)((char *)data + at);
		if (a->nla_len < NLA_HDRLEN)
			break;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
	}
	return NULL;
}

static void *inside(struct nlattr *a)
{
	return (char *)a + NLA_HDRLEN;
}

static int taskstats_family(int fd)
{
	struct message m;
	struct nlattr *a;

	request(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
		TASKSTATS_GENL_NAME, sizeof(TASKSTATS_GENL_NAME));
	if (reply(fd, &m) == ENOENT)
		SKIP("no taskstats");
	a = attribute(m.attrs, m.n.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN,
		      CTRL_ATTR_FAMILY_ID);
	EXPECT(a);
	return *(uint16_t *)inside(a);
}

/* The statistics of one process in a message. */
static struct taskstats *stats_in(struct message *m, pid_t *pid)
{
	struct nlattr *aggr, *a;
	size_t len;

	aggr = attribute(m->attrs, m->n.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN,
			 TASKSTATS_TYPE_AGGR_PID);
	EXPECT(aggr);
	len = aggr->nla_len - NLA_HDRLEN;
	a = attribute(inside(aggr), len, TASKSTATS_TYPE_PID);
	EXPECT(a);
	*pid = *(uint32_t *)inside(a);
	a = attribute(inside(aggr), len, TASKSTATS_TYPE_STATS);
	EXPECT(a);
	return inside(a);
}

static void expect_stats(struct message *m, pid_t pid, uid_t uid, gid_t gid)
{
	struct taskstats s;
	pid_t got;

	memcpy(&s, stats_in(m, &got), sizeof(s));
	EXPECT_EQ(got, pid);
	EXPECT_EQ(s.ac_uid, uid);
	EXPECT_EQ(s.ac_gid, gid);
}

CASE(taskstats_shows_ids_of_init, "IDS-2")
{
	int fd = netlink_socket(), family = taskstats_family(fd);
	struct message m;
	struct peer p;
	uint32_t pid;

	if (peer_start(&p, 0)) {
		member(5, 6, 1);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	pid = p.pid;
	request(fd, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID, &pid,
		sizeof(pid));
	EXPECT_EQ(reply(fd, &m), 0);
	expect_stats(&m, p.pid, BASE + 105, BASE + 106);
	peer_end(&p);
}

CASE(taskstats_tells_of_the_end_with_ids_of_init, "IDS-2")
{
	int fd = netlink_socket(), family = taskstats_family(fd);
	char cpus[32];
	struct message m;
	struct peer p;
	pid_t pid;

	snprintf(cpus, sizeof(cpus), "0-%ld", sysconf(_SC_NPROCESSORS_CONF) - 1);
	request(fd, family, TASKSTATS_CMD_GET,
		TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus, strlen(cpus) + 1);
	member_start(&p, BLOCK_MAP, BLOCK_MAP, 5, 6);
	peer_end(&p);
	/* Helpers of the member have ended, too. */
	do {
		EXPECT_EQ(reply(fd, &m), 0);
		stats_in(&m, &pid);
	} while (pid != p.pid);
	expect_stats(&m, p.pid, BASE + 5, BASE + 6);
}

CASE(taskstats_answers_init_only, "IDS-2 CAP-6")
{
	int fd = netlink_socket(), family = taskstats_family(fd);
	struct message m;
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		int own;
		uint32_t pid = getpid();

		member(0, 0, 0);
		own = netlink_socket();
		request(own, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID,
			&pid, sizeof(pid));
		EXPECT_EQ(reply(own, &m), EPERM);
		request(own, family, TASKSTATS_CMD_GET,
			TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, "0", 2);
		EXPECT_EQ(reply(own, &m), EPERM);
		/* Who opened the socket does not help. */
		request(fd, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID,
			&pid, sizeof(pid));
		EXPECT_EQ(reply(fd, &m), EPERM);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
