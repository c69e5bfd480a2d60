// SPDX-License-Identifier: GPL-2.0
/* Keyrings and the making of a namespace, and who builds keys (NEW-13, IDS-2). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyctl.h"

/* A key that only possession of `ring` opens; skips the case without keys. */
static long hidden_key(int ring)
{
	long key = add_key("user", "userns-test", "payload", 7, ring);

	if (key < 0 && errno == ENOSYS)
		SKIP("the kernel has no keys (CONFIG_KEYS)");
	EXPECT_OK(key);
	EXPECT_OK(keyctl(KEYCTL_SETPERM, key, KEY_POSSESSOR, 0, 0));
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

CASE(session_keyring_stays_possessed, "NEW-13 ACC-7")
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
#define NEGATED "userns-negated"	/* there shall be no such key */

/*
 * The kernel runs this program as /sbin/request-key to build a key. The result
 * goes into the key itself: may a process instantiate it that had assumed the
 * authority before it made a namespace? And for whom is the key said to be?
 * Or it makes a negative key, which everybody may read.
 */
static int upcall(int argc, char **argv)
{
	const char *result = "error";
	char payload[128] = "";
	int status, ns;
	long key;
	pid_t pid;

	if (argc < 5 || strcmp(argv[1], "create"))
		return 1;
	key = strtol(argv[2], NULL, 10);
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, key, 0, 0, 0) < 0)
		return 1;
	if (keyctl(KEYCTL_DESCRIBE, key, (long)payload, sizeof(payload), 0) > 0 &&
	    strstr(payload, NEGATED))
		return keyctl(KEYCTL_SETPERM, key, KEY_EVERYBODY, 0, 0) ||
		       keyctl(KEYCTL_NEGATE, key, 60, 0, 0) ? 1 : 0;
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
	snprintf(payload, sizeof(payload), "%s, for %s/%s", result, argv[3],
		 argv[4]);
	return keyctl(KEYCTL_INSTANTIATE, key, (long)payload, strlen(payload),
		      0) ? 1 : 0;
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

/* As these ids of a namespace with BLOCK_MAP, or as root of init. */
static void expect_built(int member, uid_t uid, gid_t gid, const char *name,
			 const char *want)
{
	char payload[64] = "";
	struct peer p;
	int32_t made;
	long key;

	require_keys();
	if (mkdir("/sbin", 0755) && errno != EEXIST)
		SKIP("/sbin: %s", errno_name(errno));
	copy_program(UPCALL);
	if (peer_start(&p, 0)) {
		if (member) {
			enter_owned(0, BLOCK_MAP, BLOCK_MAP);
			member_ids(uid, gid);
		}
		key = syscall(SYS_request_key, "user", name, "x",
			      (long)KEY_SPEC_PROCESS_KEYRING);
		if (key < 0 && errno == ENOKEY &&
		    keyctl(KEYCTL_READ, KEY_SPEC_PROCESS_KEYRING, (long)&made,
			   sizeof(made), 0) == sizeof(made))
			key = made;
		if (key >= 0 && keyctl(KEYCTL_READ, key, (long)payload,
				       sizeof(payload) - 1, 0) < 0)
			strcpy(payload, errno_name(errno));
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
	EXPECT_STR(payload, want);
}

CASE(request_key_authority_is_dropped, "NEW-13")
{
	expect_built(0, 0, 0, "userns-upcall", "dropped, for 0/0");
}

CASE(the_builder_of_a_key_is_told_ids_of_init, "IDS-2")
{
	expect_built(1, 5, 7, "userns-upcall", "dropped, for 100005/100007");
}

CASE(an_open_negative_key_has_nothing_to_read, "OLD-4")
{
	expect_built(0, 0, 0, NEGATED, "ENOKEY");
	expect_built(1, 5, 7, NEGATED, "ENOKEY");
}

static long join_new_session(void)
{
	return EXPECT_OK(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0));
}

/* A child of equal ids may replace the keyring of its parent. */
CASE(a_session_keyring_is_given_within_a_namespace_only, "ACC-7 CAP-4")
{
	struct peer p;
	long mine;

	require_keys();
	mine = join_new_session();
	if (peer_start(&p, CLONE_NEWUSER)) {
		join_new_session();
		EXPECT_ERR(keyctl(KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0), EPERM);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(keyring_id(KEY_SPEC_SESSION_KEYRING, 0), mine);
	if (peer_start(&p, 0)) {
		join_new_session();
		EXPECT_OK(keyctl(KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0));
		done();
	}
	peer_join(&p);
	EXPECT_NE(keyring_id(KEY_SPEC_SESSION_KEYRING, 0), mine);
}

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], UPCALL))
		return upcall(argc, argv);
	return harness_main(argc, argv);
}
