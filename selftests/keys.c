// SPDX-License-Identifier: GPL-2.0
/* Keyrings and the making of a namespace (NEW-13). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/keyctl.h>
#include <unistd.h>

#include "userns.h"

#define POSSESSOR_ONLY 0x3f000000

static long keyctl(int op, long a, long b, long c, long d)
{
	return syscall(SYS_keyctl, op, a, b, c, d);
}

static long keyring_id(int special, int create)
{
	return keyctl(KEYCTL_GET_KEYRING_ID, special, create, 0, 0);
}

/* A key that only possession of `ring` opens; skips the case without keys. */
static long hidden_key(int ring)
{
	long key = syscall(SYS_add_key, "user", "userns-test", "payload", 7UL,
			   (long)ring);

	if (key < 0 && errno == ENOSYS)
		SKIP("the kernel has no keys (CONFIG_KEYS)");
	EXPECT_OK(key);
	EXPECT_OK(keyctl(KEYCTL_SETPERM, key, POSSESSOR_ONLY, 0, 0));
	return key;
}

static void expect_key(long key)
{
	char buf[16] = "";

	EXPECT_EQ(keyctl(KEYCTL_READ, key, (long)buf, sizeof(buf), 0), 7);
	EXPECT_STR(buf, "payload");
}

CASE(clone_gives_fresh_thread_and_process_keyrings, "NEW-13")
{
	long process = hidden_key(KEY_SPEC_PROCESS_KEYRING);
	long thread = hidden_key(KEY_SPEC_THREAD_KEYRING);
	char buf[16];
	struct peer p;

	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		EXPECT_ERR(keyring_id(KEY_SPEC_THREAD_KEYRING, 0), ENOKEY);
		EXPECT_ERR(keyring_id(KEY_SPEC_PROCESS_KEYRING, 0), ENOKEY);
		EXPECT_ERR(keyctl(KEYCTL_READ, process, (long)buf, sizeof(buf),
				  0), EACCES);
		EXPECT_ERR(keyctl(KEYCTL_READ, thread, (long)buf, sizeof(buf),
				  0), EACCES);
		done();
	}
	write_maps(p.pid, "0 0 1", "0 0 1");
	peer_end(&p);
	expect_key(process);
	expect_key(thread);
}

static void keeps_keyrings(int ns_fd)
{
	long process = hidden_key(KEY_SPEC_PROCESS_KEYRING);
	long thread = hidden_key(KEY_SPEC_THREAD_KEYRING);
	long process_ring = EXPECT_OK(keyring_id(KEY_SPEC_PROCESS_KEYRING, 0));
	long thread_ring = EXPECT_OK(keyring_id(KEY_SPEC_THREAD_KEYRING, 0));

	if (ns_fd < 0)
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
	else
		EXPECT_OK(sys_setns(ns_fd, CLONE_NEWUSER));
	EXPECT_EQ(keyring_id(KEY_SPEC_PROCESS_KEYRING, 0), process_ring);
	EXPECT_EQ(keyring_id(KEY_SPEC_THREAD_KEYRING, 0), thread_ring);
	expect_key(process);
	expect_key(thread);
}

CASE(unshare_keeps_thread_and_process_keyrings, "NEW-13")
{
	keeps_keyrings(-1);
}

CASE(setns_keeps_thread_and_process_keyrings, "NEW-13 NSF-4")
{
	struct peer p;

	if (peer_start(&p, CLONE_NEWUSER)) {
		peer_await(&p);
		done();
	}
	keeps_keyrings(user_ns_fd(p.pid));
	peer_end(&p);
}

CASE(session_keyring_stays_possessed, "NEW-13")
{
	struct peer p, q;
	long key;
	int fd;

	if (keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) < 0 &&
	    errno == ENOSYS)
		SKIP("the kernel has no keys (CONFIG_KEYS)");
	key = hidden_key(KEY_SPEC_SESSION_KEYRING);
	if (peer_start(&p, CLONE_NEWUSER)) {
		expect_key(key);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	fd = user_ns_fd(p.pid);
	if (peer_start(&q, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		expect_key(key);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		become(OWNER, OWNER, CREATOR_CAPS);
		expect_key(key);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER));
		expect_key(key);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(user_keyrings_are_those_of_the_namespace, "NEW-13")
{
	static const int special[] = {
		KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING,
	};
	long outer[2];

	if (keyring_id(special[0], 1) < 0 && errno == ENOSYS)
		SKIP("the kernel has no keys (CONFIG_KEYS)");
	for (int i = 0; i < 2; i++)
		outer[i] = EXPECT_OK(keyring_id(special[i], 1));
	enter_new(0, "0 0 1", "0 0 1");
	for (int i = 0; i < 2; i++)
		EXPECT_NE(EXPECT_OK(keyring_id(special[i], 1)), outer[i]);
}

#define UPCALL "/sbin/request-key"

/*
 * The kernel runs this program as /sbin/request-key to build a key. The result
 * goes into the key itself: may a process instantiate it that had assumed the
 * authority before it made a namespace?
 */
static int upcall(int argc, char **argv)
{
	const char *result = "error";
	int status, ns;
	long key;
	pid_t pid;

	if (argc < 3 || strcmp(argv[1], "create"))
		return 1;
	key = strtol(argv[2], NULL, 10);
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, key, 0, 0, 0) < 0)
		return 1;
	pid = fork();
	if (pid < 0)
		return 1;
	if (!pid) {
		/* A refusal that says nothing about the key's state. */
		ns = sys_unshare(CLONE_NEWUSER);
		if (ns)
			_exit(2);
		if (!keyctl(KEYCTL_INSTANTIATE, key, (long)"kept", 4, 0))
			_exit(3);
		_exit(errno == EPERM ? 0 : 4);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	switch (WEXITSTATUS(status)) {
	case 0:
		result = "dropped";
		break;
	case 2:
		result = "no namespace";
		break;
	case 3:
		return 0;
	}
	return keyctl(KEYCTL_INSTANTIATE, key, (long)result, strlen(result), 0)
		? 1 : 0;
}

static void copy_program(const char *to)
{
	static char buf[1 << 16];
	int in = EXPECT_OK(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t n;

	if (out < 0)
		SKIP("%s: %s", to, errno_name(errno));
	while ((n = EXPECT_OK(read(in, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(out, buf, n), n);
	EXPECT_OK(close(in));
	EXPECT_OK(close(out));
}

CASE(request_key_authority_is_dropped, "NEW-13")
{
	char payload[32] = "";
	struct peer p;
	long key;

	if (keyring_id(KEY_SPEC_PROCESS_KEYRING, 1) < 0 && errno == ENOSYS)
		SKIP("the kernel has no keys (CONFIG_KEYS)");
	require_namespaces();
	if (mkdir("/sbin", 0755) && errno != EEXIST)
		SKIP("/sbin: %s", errno_name(errno));
	copy_program(UPCALL);
	if (peer_start(&p, 0)) {
		key = syscall(SYS_request_key, "user", "userns-upcall", "x",
			      (long)KEY_SPEC_PROCESS_KEYRING);
		if (key >= 0 && keyctl(KEYCTL_READ, key, (long)payload,
				       sizeof(payload) - 1, 0) < 0)
			key = -1;
		peer_send(&p, &key, sizeof(key));
		peer_send(&p, payload, sizeof(payload));
		done();
	}
	peer_recv(&p, &key, sizeof(key));
	peer_recv(&p, payload, sizeof(payload));
	EXPECT_OK(unlink(UPCALL));
	peer_join(&p);
	if (key < 0)
		SKIP("the kernel does not run " UPCALL);
	EXPECT_STR(payload, "dropped");
}

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], UPCALL))
		return upcall(argc, argv);
	return harness_main(argc, argv);
}
