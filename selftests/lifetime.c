// SPDX-License-Identifier: GPL-2.0
/* Failed creation and the end of namespaces leave nothing behind (NEW-14, NEW-15). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define FAILURES 2000
#define QUEUES 600	/* leaves other cases enough where namespaces leak */

CASE_SECONDS(failed_creation_leaves_nothing_behind, "NEW-14", 60)
{
	struct slabs before;
	struct peer p;
	int jail;

	require_namespaces();
	EXPECT_OK(mkdir("jail", 0755));
	jail = EXPECT_OK(open("jail", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	slabs_read(&before);
	/* Refused before anything is made: NEW-4, NEW-5. */
	if (peer_start(&p, 0)) {
		EXPECT_OK(fchdir(jail));
		EXPECT_OK(chroot("."));
		for (int i = 0; i < FAILURES; i++)
			expect_no_creation(EPERM);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, CLONE_NEWUSER)) {
		for (int i = 0; i < FAILURES; i++)
			expect_no_creation(EPERM);
		done();
	}
	peer_join(&p);
	/* Refused after the user namespace was made, by another flag. */
	for (int i = 0; i < FAILURES; i++)
		EXPECT_ERR(sys_clone(CLONE_NEWUSER | CLONE_NEWIPC |
				     CLONE_SYSVSEM), EINVAL);
	slabs_expect_growth_below(&before, FAILURES / 2);
}

CASE(failed_clone_leaves_no_process_counted, "NEW-14")
{
	struct rlimit few = { 20, 20 };
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		int status;
		pid_t pid;

		become(OWNER, OWNER, CREATOR_CAPS);
		for (int i = 0; i < 200; i++)
			EXPECT_ERR(sys_clone(CLONE_NEWUSER | CLONE_NEWIPC |
					     CLONE_SYSVSEM), EINVAL);
		EXPECT_OK(setrlimit(RLIMIT_NPROC, &few));
		caps_drop(ALL_CAPS);
		pid = EXPECT_OK(fork());
		if (!pid)
			_exit(0);
		EXPECT_OK(waitpid(pid, &status, 0));
		done();
	}
	peer_join(&p);
}

CASE_SECONDS(a_namespace_is_freed_with_its_last_member, "NEW-15", 60)
{
	struct slabs before;

	require_namespaces();
	slabs_read(&before);
	for (int i = 0; i < FAILURES; i++) {
		pid_t pid = EXPECT_OK(clone_fn(CLONE_NEWUSER, return_at_once,
					       NULL));
		int status;

		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT_EQ(status, 0);
	}
	slabs_expect_growth_below(&before, FAILURES / 2);
}

/* Its memory belongs to the namespace. */
CASE_SECONDS(what_is_executed_inside_keeps_nothing, "NEW-15 ACC-4", 60)
{
	enum { ROUNDS = 300 };
	struct slabs before;
	struct peer p;

	require_namespaces();
	slabs_read(&before);
	for (int i = 0; i < ROUNDS; i++) {
		if (peer_start(&p, CLONE_NEWUSER)) {
			execl("/proc/self/exe", "lifetime", "nothing", NULL);
			FAIL("a program cannot be executed");
		}
		peer_join(&p);
	}
	slabs_expect_growth_below(&before, ROUNDS / 2);
}

/* Many at once, with ids that come and go: counts and references must agree. */
CASE_SECONDS(parallel_creation_leaves_nothing_behind, "NEW-14 NEW-15", 60)
{
	enum { WORKERS = 4, ROUNDS = 300 };
	struct peer worker[WORKERS];
	struct slabs before;

	require_namespaces();
	slabs_read(&before);
	for (int w = 0; w < WORKERS; w++)
		if (peer_start(&worker[w], 0)) {
			for (int i = 0; i < ROUNDS; i++) {
				struct peer p;

				if (peer_start(&p, 0)) {
					enter_new(0, BLOCK_MAP, BLOCK_MAP);
					member_ids(i % 7, i % 5);
					EXPECT_OK(sys_unshare(CLONE_NEWUSER));
					done();
				}
				peer_join(&p);
			}
			done();
		}
	for (int w = 0; w < WORKERS; w++)
		peer_join(&worker[w]);
	slabs_expect_growth_below(&before, WORKERS * ROUNDS / 2);
}

/* Reads the first entries of a directory, as often as there is room for few. */
static void read_in_part(const char *path)
{
	char few[80];
	int fd = open(path, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return;
	for (int i = 0; i < 5; i++)
		syscall(SYS_getdents64, fd, few, sizeof(few));
	EXPECT_OK(close(fd));
}

/*
 * CVE-2016-9191: whoever stopped in the middle kept the table for good. In a
 * proc of its own, for what that caches goes with it.
 */
CASE_SECONDS(a_network_namespace_goes_after_its_sysctls_were_read, "NEW-15", 60)
{
	enum { ROUNDS = 60 };
	struct slabs before;
	struct peer p;

	require_namespaces();
	EXPECT_OK(mkdir("m", 0755));
	slabs_read(&before);
	for (int i = 0; i < ROUNDS; i++) {
		if (peer_start(&p, CLONE_NEWUSER | CLONE_NEWNET |
				   CLONE_NEWPID | CLONE_NEWNS)) {
			EXPECT_OK(mount("none", "m", "proc", 0, NULL));
			read_in_part("m/sys/net");
			read_in_part("m/sys/net/core");
			read_in_part("m/sys/net/ipv4");
			read_in_part("m/sys/net/ipv4/conf");
			read_in_part("m/sys/net/ipv4/conf/lo");
			done();
		}
		peer_join(&p);
	}
	/* Each has 16 entries in sysfs, and more elsewhere. */
	slabs_expect_growth_below(&before, 10 * ROUNDS);
}

/* A namespace with a map and no member, held by the descriptor alone. */
static int abandoned_ns(void)
{
	struct peer p;
	int fd;

	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		done();
	}
	write_maps(p.pid, "3 0 1", "4 0 1");
	fd = user_ns_fd(p.pid);
	peer_end(&p);
	return fd;
}

CASE(an_open_file_keeps_a_namespace, "NEW-15")
{
	int fd = abandoned_ns();
	struct stat st;

	EXPECT_OK(fstat(fd, &st));
	EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
	EXPECT_EQ(user_ns_number(0), st.st_ino);
	EXPECT_EQ(getuid(), 3);
	EXPECT_EQ(getgid(), 4);
}

CASE(an_open_map_file_keeps_a_namespace, "NEW-15 MAP-4")
{
	char text[64];
	struct peer p;
	int fd, other;

	target_start(&p);
	fd = EXPECT_OK(proc_open(p.pid, "uid_map", O_RDWR));
	other = EXPECT_OK(proc_open(p.pid, "setgroups", O_RDWR));
	peer_end(&p);
	EXPECT_EQ(read(fd, text, sizeof(text)), 0);
	EXPECT_OK(fd_write(fd, "3 0 1"));
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(read(fd, text, sizeof(text) - 1), 33);
	text[33] = 0;
	EXPECT_STR(text, shown(3, 0, 1));
	EXPECT_OK(fd_write(other, "deny"));
}

CASE(a_bind_mount_keeps_a_namespace, "NEW-15 NSF-1")
{
	struct stat st, held;
	struct peer p;
	int fd;

	EXPECT_OK(sys_unshare(CLONE_NEWNS));
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	touch("ns", 0, 0, 0600);
	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		done();
	}
	write_maps(p.pid, "3 0 1", "4 0 1");
	EXPECT_OK(stat(proc_path(p.pid, "ns/user"), &st));
	EXPECT_OK(mount(proc_path(p.pid, "ns/user"), "ns", NULL, MS_BIND,
			NULL));
	peer_end(&p);

	EXPECT_OK(stat("ns", &held));
	EXPECT_EQ(held.st_ino, st.st_ino);
	EXPECT_EQ(held.st_dev, st.st_dev);
	fd = EXPECT_OK(open("ns", O_RDONLY | O_CLOEXEC));
	if (peer_start(&p, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_EQ(getuid(), 3);
		EXPECT_EQ(getgid(), 4);
		done();
	}
	peer_join(&p);
	EXPECT_OK(close(fd));
	EXPECT_OK(umount2("ns", MNT_DETACH));
}

CASE(a_descendant_keeps_a_namespace, "NEW-15")
{
	struct peer upper, outer;
	pid_t lower;

	if (peer_start(&outer, 0)) {
		if (peer_start(&upper, 0)) {
			struct peer l;

			enter_new(0, BLOCK_MAP, BLOCK_MAP);
			member_ids(5, 5);
			if (peer_start(&l, CLONE_NEWUSER)) {
				struct peer *p = &outer;

				/* Told when the upper one has no member. */
				peer_await(p);
				EXPECT_OK(proc_write(0, "uid_map", "0 5 1"));
				EXPECT_EQ(getuid(), 0);
				EXPECT_STR(proc_read(0, "uid_map"),
					   shown(0, 5, 1));
				peer_tell(p);
				peer_await(p);
				done();
			}
			peer_send(&upper, &l.pid, sizeof(l.pid));
			done();
		}
		peer_recv(&upper, &lower, sizeof(lower));
		peer_join(&upper);
		peer_send(&outer, &lower, sizeof(lower));
		/* Its end of the socket is the lower one's from here on. */
		done();
	}
	peer_recv(&outer, &lower, sizeof(lower));
	EXPECT_OK(waitpid(outer.pid, NULL, 0));
	EXPECT_EQ(file_uid(proc_path(lower, "")), BASE + 5);
	peer_tell(&outer);
	peer_await(&outer);
	EXPECT_STR(proc_read(lower, "uid_map"), shown(0, BASE + 5, 1));
	peer_tell(&outer);
}

CASE(an_owned_uts_namespace_keeps_a_namespace, "NEW-15")
{
	char name[65];
	struct peer p;
	int fd;

	require_namespaces();
	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWUTS, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sethostname("held", 4));
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	fd = EXPECT_OK(proc_open(p.pid, "ns/uts", O_RDONLY));
	peer_end(&p);
	/* Asks the owner of the uts namespace, which nothing else holds. */
	EXPECT_OK(sys_setns(fd, CLONE_NEWUTS));
	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, "held");
	EXPECT_OK(sethostname("again", 5));
}

CASE(an_owned_ipc_namespace_keeps_a_namespace, "NEW-15")
{
	struct msqid_ds ds;
	struct peer p;
	int fd, id;

	require_namespaces();
	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWIPC, BLOCK_MAP, BLOCK_MAP);
		member_ids(1, 1);
		id = EXPECT_OK(msgget(IPC_PRIVATE, 0600));
		peer_send(&p, &id, sizeof(id));
		peer_await(&p);
		done();
	}
	peer_recv(&p, &id, sizeof(id));
	fd = EXPECT_OK(proc_open(p.pid, "ns/ipc", O_RDONLY));
	peer_end(&p);
	EXPECT_OK(sys_setns(fd, CLONE_NEWIPC));
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
}

static int ask_for_notice(void *queue)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };

	return syscall(SYS_mq_notify, *(int *)queue, &event) ? 1 : 0;
}

/*
 * Who waits for a notice of a message queue and shares his descriptors may be
 * gone without having closed it: it is for somebody else to close.
 */
CASE_SECONDS(a_message_queue_keeps_no_namespace, "NEW-15", 60)
{
	struct slabs before;
	int fd, status;
	pid_t pid;

	require_namespaces();
	EXPECT_OK(sys_unshare(CLONE_NEWIPC));
	if (syscall(SYS_mq_unlink, "q") < 0 && errno == ENOSYS)
		SKIP("the kernel has no message queues");
	slabs_read(&before);
	for (int i = 0; i < QUEUES; i++) {
		fd = EXPECT_OK(syscall(SYS_mq_open, "q", O_RDWR | O_CREAT, 0600,
				       NULL));
		pid = EXPECT_OK(clone_fn(CLONE_NEWUSER | CLONE_FILES,
					 ask_for_notice, &fd));
		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT_EQ(status, 0);
		EXPECT_OK(close(fd));
		EXPECT_OK(syscall(SYS_mq_unlink, "q"));
	}
	slabs_expect_growth_below(&before, QUEUES / 2);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "nothing"))
		return 0;
	return harness_main(argc, argv);
}
