// SPDX-License-Identifier: GPL-2.0
/* Root of a namespace reaches no message queue and no control group outside (CAP-4, ACC-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adversary.h"

/* ---- message queues ---- */

#define QUEUE	"adversary-outside"
#define OPEN	"adversary-open"	/* for everybody, but not everybody's */

static long queue_open(const char *name, int flags, const struct mq_attr *a)
{
	return syscall(SYS_mq_open, name, flags, 0600, a);
}

static long queue_unlink(const char *name)
{
	return syscall(SYS_mq_unlink, name);
}

/* More or longer messages than init allows its users. */
static long queue_beyond(long messages, long size)
{
	struct mq_attr a = { .mq_maxmsg = messages, .mq_msgsize = size };
	long fd = queue_open("adversary-new", O_RDWR | O_CREAT, &a);

	if (fd < 0)
		return -1;
	close(fd);
	queue_unlink("adversary-new");
	return 0;
}

static void attack_queues(const struct outside *o)
{
	(void)o;
	/* In an ipc namespace of his own the names mean nothing. */
	TRY(EACCES, ENOENT, queue_open(QUEUE, O_RDONLY, NULL));
	TRY(EACCES, ENOENT, queue_open(QUEUE, O_WRONLY, NULL));
	TRY(EACCES, ENOENT, queue_open(QUEUE, O_RDWR, NULL));
	TRY(EPERM, ENOENT, queue_unlink(QUEUE));
	TRY(EPERM, ENOENT, queue_unlink(OPEN));
	TRY(EINVAL, EINVAL, queue_beyond(1000, 64));
	TRY(EINVAL, EINVAL, queue_beyond(5, 1 << 20));
}

/* Root's, with one message. */
static void queue_is_as_it_was(int fd)
{
	struct mq_attr a;
	struct stat st;

	EXPECT_OK(syscall(SYS_mq_getsetattr, fd, NULL, &a));
	EXPECT_EQ(a.mq_curmsgs, 1);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_uid, 0);
	EXPECT_EQ(st.st_nlink, 1);
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_message_queues_outside,
	     "CAP-4 ACC-6", 120)
{
	static const char *const names[] = { QUEUE, OPEN };
	int fd[2];

	for (int i = 0; i < 2; i++) {
		fd[i] = queue_open(names[i], O_RDWR | O_CREAT | O_EXCL, NULL);
		if (fd[i] < 0 && errno == ENOSYS)
			SKIP("the kernel has no message queues");
		EXPECT_OK(fd[i]);
		EXPECT_OK(syscall(SYS_mq_timedsend, fd[i], "x", 1UL, 0UL, NULL));
	}
	EXPECT_OK(fchmod(fd[1], 0666));
	run_attack(attack_queues);
	for (int i = 0; i < 2; i++) {
		queue_is_as_it_was(fd[i]);
		EXPECT_OK(queue_unlink(names[i]));
		close(fd[i]);
	}
}

/* ---- control groups ---- */

static struct peer bystander;

static long attach(const char *file, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return write_text(file, text);
}

/* Linux 6.1 reads the options first, and says EINVAL. */
static long other_agent(void)
{
	long ret = mount(NULL, "cg", NULL, MS_REMOUNT,
			 "none,name=adversary,release_agent=/tmp/x");

	if (ret < 0 && errno == EINVAL)
		errno = EPERM;
	return ret;
}

static void attack_groups(const struct outside *o)
{
	/* Files that root left open to everybody. */
	TRY(EACCES, ESRCH, attach("cg/open/tasks", o->root.pid));
	TRY(EACCES, ESRCH, attach("cg/open/tasks", o->other.pid));
	TRY(EACCES, ESRCH, attach("cg/open/cgroup.procs", o->root.pid));
	/* Of another user, who is no process of init. */
	TRY(EACCES, ESRCH, attach("cg/open/tasks", bystander.pid));
	/* The program that the kernel runs as root when a group is empty. */
	TRY(EPERM, EPERM, write_text("cg/release_agent", "/tmp/x"));
	/* And what the permissions keep. */
	TRY(EACCES, EACCES, attach("cg/shut/tasks", getpid()));
	TRY(EACCES, EACCES, attach("cg/shut/cgroup.procs", getpid()));
	TRY(EACCES, EACCES, write_text("cg/shut/notify_on_release", "1"));
	TRY(EACCES, EACCES, mkdir("cg/shut/new", 0777));
	TRY(EACCES, EACCES, rmdir("cg/open"));
	TRY(EPERM, EPERM, chmod("cg/shut/tasks", 0666));
	TRY(EPERM, EPERM, chown("cg/shut/tasks", 0, 0));
	/* Hierarchies, of which there is one set for the machine. */
	TRY(EPERM, EPERM, mount("cg", "mine/dir", "cgroup", 0, "none,name=adversary"));
	TRY(EPERM, EPERM, mount("cg", "mine/dir", "cgroup", 0, "none,name=another"));
	TRY(EPERM, EPERM, other_agent());
}

static const char *agent(void)
{
	static char text[64];

	EXPECT_OK(read_file("cg/release_agent", text, sizeof(text)));
	return text;
}

static void is_empty(const char *tasks)
{
	char text[64];

	EXPECT_OK(read_file(tasks, text, sizeof(text)));
	EXPECT_STR(text, "");
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_control_groups_outside,
	     "CAP-4 CAP-6", 120)
{
	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount("", "/", "", MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mkdir("cg", 0755));
	if (mount("cg", "cg", "cgroup", 0, "none,name=adversary") < 0)
		SKIP("no control groups: %s", errno_name(errno));
	EXPECT_OK(mkdir("cg/open", 0755));
	EXPECT_OK(mkdir("cg/shut", 0755));
	EXPECT_OK(chmod("cg/open/tasks", 0666));
	EXPECT_OK(chmod("cg/open/cgroup.procs", 0666));
	EXPECT_OK(write_text("cg/release_agent", "/as/it/was"));
	EXPECT_OK(chmod("cg/release_agent", 0666));
	if (peer_start(&bystander, 0)) {
		become(OTHER, OTHER, 0);
		peer_tell(&bystander);
		peer_await(&bystander);
		done();
	}
	peer_await(&bystander);
	run_attack(attack_groups);
	EXPECT_STR(agent(), "/as/it/was\n");
	is_empty("cg/open/tasks");
	is_empty("cg/shut/tasks");
	peer_end(&bystander);
	EXPECT_OK(rmdir("cg/open"));
	EXPECT_OK(rmdir("cg/shut"));
	EXPECT_OK(umount("cg"));
	EXPECT_OK(rmdir("cg"));
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
