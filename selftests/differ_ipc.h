/* SPDX-License-Identifier: GPL-2.0 */
/* Steps of `differ': host names, System V IPC, sockets, keys. */
#ifndef DIFFER_IPC_H
#define DIFFER_IPC_H

#include "differ.h"
#include "keyctl.h"

/* Other namespaces */

static void do_sethostname(char **w)
{
	say_result(sethostname(w[0], strlen(w[0])));
}

static void do_hostname(char **w)
{
	char name[65] = "";

	(void)w;
	if (gethostname(name, sizeof(name) - 1) < 0)
		say_result(-1);
	else
		say("%s", name);
}

static int ipc_id(const char *kind, const char *key, int flags)
{
	switch (kind[0]) {
	case 'm':
		return msgget(number(key), flags);
	case 's':
		return semget(number(key), flags & IPC_CREAT ? 1 : 0, flags);
	default:
		return shmget(number(key), flags & IPC_CREAT ? 4096 : 0, flags);
	}
}

static void do_ipcget(char **w)
{
	say_result(ipc_id(w[0], w[1], IPC_CREAT | IPC_EXCL | octal(w[2])));
}

static void do_ipcopen(char **w)
{
	say_result(ipc_id(w[0], w[1], octal(w[2])));
}

static void do_ipcctl(char **w)
{
	int cmd = !strcmp(w[2], "stat") ? IPC_STAT : !strcmp(w[2], "rm") ? IPC_RMID : IPC_SET;
	int id = ipc_id(w[0], w[1], 0), err = -1;
	union {
		struct shmid_ds shm;
		struct msqid_ds msg;
		struct semid_ds sem;
		struct ipc_perm perm;	/* the first of each */
	} u;
	union {
		void *p;
		int n;
	} arg = { &u };

	if (id < 0) {
		say("get:");
		say_result(id);
		return;
	}
	memset(&u, 0, sizeof(u));
	u.msg.msg_qbytes = 16384;
	if (cmd == IPC_SET) {
		u.perm.uid = number(w[3]);
		u.perm.gid = number(w[4]);
		u.perm.mode = octal(w[5]);
	}
	if (w[0][0] == 'm')
		err = msgctl(id, cmd, &u.msg);
	else if (w[0][0] == 's')
		err = semctl(id, 0, cmd, arg);
	else
		err = shmctl(id, cmd, &u.shm);
	say_result(err);
	if (!err && cmd == IPC_STAT)
		say(":%u,%u,%u,%u,%o", u.perm.uid, u.perm.gid, u.perm.cuid,
		    u.perm.cgid, u.perm.mode & 0777);
}

/* Sockets: of all actors together, by abstract name */

static socklen_t socket_name(const char *word, struct sockaddr_un *a)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "differ-%s", word);
}

static void do_listen(char **w)
{
	struct sockaddr_un a;
	socklen_t len = socket_name(w[0], &a);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0) {
		say_result(-1);
		close(fd);
		return;
	}
	say_result(listen(fd, 8));
	keep(&sock_slot[slot_of(w[0])], fd);
}

static void say_peer(int fd)
{
	struct ucred c;
	socklen_t len = sizeof(c);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &len) < 0)
		say_result(-1);
	else
		say("%s,%u,%u", name_of(c.pid), c.uid, c.gid);
}

static void do_connect(char **w)
{
	struct sockaddr_un a;
	socklen_t len = socket_name(w[0], &a);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, len) < 0) {
		say_result(-1);
		close(fd);
		return;
	}
	say_peer(fd);
	keep(&file_slot[SLOTS - 1], fd);
}

static void do_accept(char **w)
{
	int listening = sock_slot[slot_of(w[0])], fd;

	fd = accept4(listening > 0 ? listening : -1, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) {
		say_result(-1);
		return;
	}
	say_peer(fd);
	close(fd);
}

static void do_receiver(char **w)
{
	struct sockaddr_un a;
	socklen_t len = socket_name(w[0], &a);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0) {
		say_result(-1);
		close(fd);
		return;
	}
	say_result(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	keep(&sock_slot[slot_of(w[0])], fd);
}

union credentials {
	struct cmsghdr header;
	char buf[CMSG_SPACE(sizeof(struct ucred))];
};

static void do_send(char **w)
{
	struct sockaddr_un a;
	struct iovec iov = { "x", 1 };
	union credentials u = { .buf = { 0 } };
	struct msghdr msg = {
		.msg_name = &a, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		say_result(fd);
		return;
	}
	msg.msg_namelen = socket_name(w[0], &a);
	if (!strcmp(w[1], "@")) {
		msg.msg_controllen = 0;
	} else {
		struct ucred c = { pid_of(w[1]), number(w[2]), number(w[3]) };

		u.header.cmsg_level = SOL_SOCKET;
		u.header.cmsg_type = SCM_CREDENTIALS;
		u.header.cmsg_len = CMSG_LEN(sizeof(c));
		memcpy(CMSG_DATA(&u.header), &c, sizeof(c));
	}
	say_result(sendmsg(fd, &msg, 0));
	close(fd);
}

static void do_receive(char **w)
{
	char c;
	struct iovec iov = { &c, 1 };
	union credentials u;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	int fd = sock_slot[slot_of(w[0])];
	struct cmsghdr *h;

	if (recvmsg(fd > 0 ? fd : -1, &msg, 0) < 0) {
		say_result(-1);
		return;
	}
	h = CMSG_FIRSTHDR(&msg);
	if (h && h->cmsg_type == SCM_CREDENTIALS) {
		struct ucred got;

		memcpy(&got, CMSG_DATA(h), sizeof(got));
		say("%s,%u,%u", name_of(got.pid), got.uid, got.gid);
	} else {
		say("ok");
	}
}

/* Keys: of all actors together, by slot */

/* What others possess by nothing but their user id they may do less to since 3.6. */
static int ring_of(const char *word)
{
	return !strcmp(word, "process") ? KEY_SPEC_PROCESS_KEYRING : KEY_SPEC_SESSION_KEYRING;
}

static void do_add_key(char **w)
{
	static int keys;
	char name[96];
	long key;

	/* A second key of a name would be an update of the first. */
	snprintf(name, sizeof(name), "differ-%s-%d-%d", program, me, keys++);
	key = add_key("user", name, "x", 1, ring_of(w[1]));
	if (key > 0) {
		shared->key[slot_of(w[0])] = key;
		key = keyctl(KEYCTL_SETPERM, key, strtoul(w[2], NULL, 16), 0, 0);
	}
	say_result(key);
}

static void do_key(char **w)
{
	long key = shared->key[slot_of(w[0])];
	char text[128] = "";
	unsigned int uid, gid, perm;

	if (!key)
		say("gone");
	else if (!strcmp(w[1], "read"))
		say_result(keyctl(KEYCTL_READ, key, (long)text, sizeof(text), 0));
	else if (!strcmp(w[1], "revoke"))
		say_result(keyctl(KEYCTL_REVOKE, key, 0, 0, 0));
	else if (!strcmp(w[1], "update"))
		say_result(keyctl(KEYCTL_UPDATE, key, (long)"y", 1, 0));
	else if (!strcmp(w[1], "link"))
		say_result(keyctl(KEYCTL_LINK, key, KEY_SPEC_PROCESS_KEYRING, 0, 0));
	else if (keyctl(KEYCTL_DESCRIBE, key, (long)text, sizeof(text), 0) < 0)
		say_result(-1);
	else if (sscanf(text, "%*[^;];%u;%u;%x", &uid, &gid, &perm) == 3)
		say("%u,%u,%x", uid, gid, perm);
}

static void do_chown_key(char **w)
{
	say_result(keyctl(KEYCTL_CHOWN, shared->key[slot_of(w[0])], (int)number(w[1]),
			  (int)number(w[2]), 0));
}

static void do_key_perm(char **w)
{
	say_result(keyctl(KEYCTL_SETPERM, shared->key[slot_of(w[0])],
			  strtoul(w[1], NULL, 16), 0, 0));
}

#endif
