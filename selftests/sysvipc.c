// SPDX-License-Identifier: GPL-2.0
/* System V IPC: ids of objects, and who may use them (IDS-2, IDS-3, ACC-6). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "userns.h"

enum { MSG, SEM, SHM, KINDS };

static const char *const kind_name[KINDS] = { "msg", "sem", "shm" };

struct object {
	int id[KINDS];
};

/* One of each kind. */
static void make(struct object *o, int mode)
{
	o->id[MSG] = msgget(IPC_PRIVATE, mode);
	if (o->id[MSG] < 0 && errno == ENOSYS)
		SKIP("the kernel has no System V IPC");
	EXPECT_OK(o->id[MSG]);
	o->id[SEM] = EXPECT_OK(semget(IPC_PRIVATE, 1, mode));
	o->id[SHM] = EXPECT_OK(shmget(IPC_PRIVATE, 4096, mode));
}

union semun {
	int val;
	struct semid_ds *buf;
};

static int control(const struct object *o, int kind, int cmd,
		   struct ipc_perm *perm)
{
	struct msqid_ds msg;
	struct semid_ds sem;
	struct shmid_ds shm;
	int ret;

	if (kind == MSG) {
		/* IPC_SET takes the size of the queue from it, too. */
		if (cmd == IPC_SET && msgctl(o->id[MSG], IPC_STAT, &msg))
			msg.msg_qbytes = 1024;
		if (perm)
			msg.msg_perm = *perm;
		ret = msgctl(o->id[MSG], cmd, &msg);
		if (perm)
			*perm = msg.msg_perm;
	} else if (kind == SEM) {
		if (perm)
			sem.sem_perm = *perm;
		ret = semctl(o->id[SEM], 0, cmd, (union semun) { .buf = &sem });
		if (perm)
			*perm = sem.sem_perm;
	} else {
		if (perm)
			shm.shm_perm = *perm;
		ret = shmctl(o->id[SHM], cmd, &shm);
		if (perm)
			*perm = shm.shm_perm;
	}
	return ret;
}

static void remove_all(const struct object *o)
{
	for (int i = 0; i < KINDS; i++)
		EXPECT_OK(control(o, i, IPC_RMID, NULL));
}

static void expect_ids(const struct object *o, uid_t uid, gid_t gid,
		       uid_t cuid, gid_t cgid)
{
	for (int i = 0; i < KINDS; i++) {
		struct ipc_perm perm = { .uid = 0 };

		harness_context("%s", kind_name[i]);
		EXPECT_OK(control(o, i, IPC_STAT, &perm));
		EXPECT_EQ(perm.uid, uid);
		EXPECT_EQ(perm.gid, gid);
		EXPECT_EQ(perm.cuid, cuid);
		EXPECT_EQ(perm.cgid, cgid);
	}
	harness_context("%s", "");
}

static void set_owner(const struct object *o, uid_t uid, gid_t gid, int err)
{
	for (int i = 0; i < KINDS; i++) {
		struct ipc_perm perm = { .uid = uid, .gid = gid, .mode = 0644 };

		harness_context("%s to %u, %u", kind_name[i], uid, gid);
		if (err)
			EXPECT_ERR(control(o, i, IPC_SET, &perm), err);
		else
			EXPECT_OK(control(o, i, IPC_SET, &perm));
	}
	harness_context("%s", "");
}

/* Run fn(o) as these ids of a namespace of OWNER with this map. */
static void in_member(const char *map, uid_t uid, gid_t gid,
		      void (*fn)(const struct object *), const struct object *o)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, map, map);
		member_ids(uid, gid);
		fn(o);
		done();
	}
	peer_join(&p);
}

static void sees_block(const struct object *o)
{
	expect_ids(o, 5, 7, OVERFLOW_ID, OVERFLOW_ID);
}

static void sees_nested(const struct object *o)
{
	enter_new(0, "500 0 100", "600 0 100");
	expect_ids(o, 505, 607, OVERFLOW_ID, OVERFLOW_ID);
}

static void sees_nobody(const struct object *o)
{
	expect_ids(o, OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID);
}

CASE(owners_are_shown_as_the_reader_numbers_them, "IDS-2")
{
	struct object o;
	struct peer p;

	require_namespaces();
	make(&o, 0644);
	set_owner(&o, BASE + 5, BASE + 7, 0);
	expect_ids(&o, BASE + 5, BASE + 7, 0, 0);
	in_member(BLOCK_MAP, 0, 0, sees_block, &o);
	in_member(BLOCK_MAP, 0, 0, sees_nested, &o);
	in_member("0 200000 10", 0, 0, sees_nobody, &o);
	remove_all(&o);

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(3, 4);
		make(&o, 0644);
		expect_ids(&o, 3, 4, 3, 4);
		set_owner(&o, 5, 7, 0);
		expect_ids(&o, 5, 7, 3, 4);
		peer_send(&p, &o, sizeof(o));
		done();
	}
	peer_recv(&p, &o, sizeof(o));
	expect_ids(&o, BASE + 5, BASE + 7, BASE + 3, BASE + 4);
	peer_join(&p);
	remove_all(&o);
}

CASE(an_owner_without_a_kernel_id_is_einval, "IDS-3")
{
	static const uid_t bad[] = { COUNT, BASE, OTHER, OVERFLOW_ID, NO_ID };
	struct object o;
	struct peer p;

	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(5, 6);
		make(&o, 0600);
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			set_owner(&o, bad[i], 6, EINVAL);
			set_owner(&o, 5, bad[i], EINVAL);
		}
		expect_ids(&o, 5, 6, 5, 6);
		/* Not the mode either. */
		for (int i = 0; i < KINDS; i++) {
			struct ipc_perm perm = { .uid = 0 };

			EXPECT_OK(control(&o, i, IPC_STAT, &perm));
			EXPECT_EQ(perm.mode & 0777, 0600);
		}
		remove_all(&o);
		done();
	}
	peer_join(&p);
}

/* ---- /proc/sysvipc ---- */

/* The line of an object, from its first field on. */
static void expect_line(int fd, int kind, int id, const unsigned int ids[4])
{
	static const char *const format[KINDS] = {
		"%*d %d %*o %*u %*u %*u %*u %u %u %u %u",
		"%*d %d %*o %*u %u %u %u %u",
		"%*d %d %*o %*u %*u %*u %*u %u %u %u %u",
	};
	static char text[1 << 16];
	unsigned int got[4];
	size_t len = 0;
	ssize_t n;
	int found;

	harness_context("%s", kind_name[kind]);
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	while ((n = EXPECT_OK(read(fd, text + len, sizeof(text) - 1 - len))))
		len += n;
	text[len] = 0;
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
		if (sscanf(l, format[kind], &found, got, got + 1, got + 2,
			   got + 3) == 5 && found == id) {
			for (int i = 0; i < 4; i++)
				EXPECT_EQ(got[i], ids[i]);
			harness_context("%s", "");
			return;
		}
	FAIL("no line for %d", id);
}

static int proc_file(int kind)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/sysvipc/%s", kind_name[kind]);
	return EXPECT_OK(open(path, O_RDONLY | O_CLOEXEC));
}

CASE(proc_shows_owners_as_the_opener_numbers_them, "IDS-2")
{
	static const unsigned int outside[] = { BASE + 5, BASE + 7, 0, 0 };
	static const unsigned int inside[] = {
		5, 7, OVERFLOW_ID, OVERFLOW_ID
	};
	int upper[KINDS], lower[KINDS];
	struct object o;
	struct peer p;

	require_namespaces();
	make(&o, 0644);
	set_owner(&o, BASE + 5, BASE + 7, 0);
	for (int i = 0; i < KINDS; i++)
		upper[i] = proc_file(i);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		for (int i = 0; i < KINDS; i++) {
			/* The opener counts, not the reader. */
			expect_line(upper[i], i, o.id[i], outside);
			lower[i] = proc_file(i);
			expect_line(lower[i], i, o.id[i], inside);
			peer_send_fd(&p, lower[i]);
		}
		peer_await(&p);
		done();
	}
	for (int i = 0; i < KINDS; i++) {
		lower[i] = peer_recv_fd(&p);
		expect_line(lower[i], i, o.id[i], inside);
		expect_line(upper[i], i, o.id[i], outside);
	}
	peer_end(&p);
	remove_all(&o);
}

/* ---- permission ---- */

static int read_access(const struct object *o, int kind)
{
	struct ipc_perm perm = { .uid = 0 };

	return control(o, kind, IPC_STAT, &perm);
}

static void expect_access(const struct object *o, int err)
{
	for (int i = 0; i < KINDS; i++) {
		harness_context("%s", kind_name[i]);
		if (err)
			EXPECT_ERR(read_access(o, i), err);
		else
			EXPECT_OK(read_access(o, i));
	}
	harness_context("%s", "");
}

static void may_read(const struct object *o)
{
	expect_access(o, 0);
}

static void may_not_read(const struct object *o)
{
	expect_access(o, EACCES);
	for (int i = 0; i < KINDS; i++)
		EXPECT_ERR(control(o, i, IPC_RMID, NULL), EPERM);
	EXPECT_ERR(shmctl(o->id[SHM], SHM_LOCK, NULL), EPERM);
	set_owner(o, 0, 0, EPERM);
}

static void may_own(const struct object *o)
{
	struct object copy = *o;

	set_owner(&copy, geteuid(), getegid(), 0);
}

#define WITH_OTHER "5 2000 1\n10 100010 900"

/* In an ipc namespace of init a capability of another namespace is nothing. */
CASE(the_owner_is_a_kernel_id, "ACC-6")
{
	struct object o;
	struct peer p;

	require_namespaces();
	make(&o, 0600);
	set_owner(&o, OTHER, OTHER, 0);
	for (int i = 0; i < KINDS; i++) {
		struct ipc_perm perm = { .uid = OTHER, .gid = OTHER,
					 .mode = 0600 };

		EXPECT_OK(control(&o, i, IPC_SET, &perm));
	}
	in_member(WITH_OTHER, 5, 5, may_read, &o);
	in_member(WITH_OTHER, 10, 10, may_not_read, &o);
	/* The same number, and a namespace that has the owner in its map. */
	in_member("2000 100000 1\n0 2000 1", 2000, 2000, may_not_read, &o);
	in_member(WITH_OTHER, 5, 5, may_own, &o);
	remove_all(&o);

	/* Upwards. */
	if (peer_start(&p, 0)) {
		enter_owned(0, WITH_OTHER, WITH_OTHER);
		member_ids(5, 5);
		make(&o, 0600);
		peer_send(&p, &o, sizeof(o));
		peer_await(&p);
		remove_all(&o);
		done();
	}
	peer_recv(&p, &o, sizeof(o));
	in_member("77 2000 1", 77, 77, may_read, &o);
	in_member("5 100000 1", 5, 5, may_not_read, &o);
	for (int i = 0; i < 2; i++) {
		struct peer q;

		if (peer_start(&q, 0)) {
			become(i ? 5 : OTHER, i ? 5 : OTHER, 0);
			if (i)
				may_not_read(&o);
			else
				may_read(&o);
			done();
		}
		peer_join(&q);
	}
	peer_end(&p);
}

CASE(the_group_is_a_kernel_id, "ACC-6")
{
	struct object o;

	require_namespaces();
	make(&o, 0600);
	for (int i = 0; i < KINDS; i++) {
		struct ipc_perm perm = { .uid = UNMAPPED, .gid = OTHER,
					 .mode = 0640 };

		EXPECT_OK(control(&o, i, IPC_SET, &perm));
	}
	in_member(WITH_OTHER, 10, 5, may_read, &o);
	in_member(WITH_OTHER, 10, 10, may_not_read, &o);
	in_member("2000 100000 1", 2000, 2000, may_not_read, &o);
	remove_all(&o);
}

/* As 9 of the caller's namespace with one capability. */
static void with_capability(int cap, void (*fn)(const struct object *),
			    const struct object *o)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		member_ids(9, 9);
		caps_set(cap < 0 ? 0 : CAP_BIT(cap), cap < 0 ? 0 : CAP_BIT(cap),
			 0);
		fn(o);
		done();
	}
	peer_join(&p);
}

static void may_lock(const struct object *o)
{
	EXPECT_OK(shmctl(o->id[SHM], SHM_LOCK, NULL));
	EXPECT_OK(shmctl(o->id[SHM], SHM_UNLOCK, NULL));
}

static void may_remove(const struct object *o)
{
	expect_access(o, EACCES);
	set_owner(o, 3, 3, 0);
	remove_all(o);
}

CASE(capabilities_count_in_the_owner_of_the_ipc_namespace,
	"ACC-6 CAP-1 CAP-2 CAP-4")
{
	struct object o;
	struct peer p, q;
	int fd;

	require_namespaces();
	if (peer_start(&p, 0)) {
		enter_owned(CLONE_NEWIPC, BLOCK_MAP, BLOCK_MAP);
		member_ids(3, 3);
		make(&o, 0600);
		with_capability(-1, may_not_read, &o);
		with_capability(CAP_SYS_RESOURCE, may_not_read, &o);
		with_capability(CAP_IPC_OWNER, may_read, &o);
		with_capability(CAP_IPC_LOCK, may_lock, &o);
		/* One level down: all capabilities, the same ids, but there. */
		if (peer_start(&q, 0)) {
			member_ids(9, 9);
			enter_new(0, "9 9 1\n3 3 1", "9 9 1\n3 3 1");
			member_ids(9, 9);
			may_not_read(&o);
			done();
		}
		peer_join(&q);
		peer_send(&p, &o, sizeof(o));
		peer_await(&p);
		with_capability(CAP_SYS_ADMIN, may_remove, &o);
		done();
	}
	peer_recv(&p, &o, sizeof(o));
	fd = EXPECT_OK(proc_open(p.pid, "ns/ipc", O_RDONLY));
	/* From above, with a capability there, and without. */
	for (int i = 0; i < 2; i++) {
		if (peer_start(&q, 0)) {
			EXPECT_OK(sys_setns(fd, CLONE_NEWIPC));
			become(OTHER, OTHER, i ? CAP_BIT(CAP_IPC_OWNER) : 0);
			expect_access(&o, i ? 0 : EACCES);
			done();
		}
		peer_join(&q);
	}
	/* The owner of a namespace has them all. */
	if (peer_start(&q, 0)) {
		EXPECT_OK(sys_setns(fd, CLONE_NEWIPC));
		become(OWNER, OWNER, 0);
		expect_access(&o, 0);
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

CASE(limits_ask_init, "ACC-6 CAP-4")
{
	struct rlimit none = { 0, 0 };
	struct msqid_ds ds;
	struct peer p;

	require_namespaces();
	if (peer_start(&p, 0)) {
		struct object o;

		enter_owned(CLONE_NEWIPC, BLOCK_MAP, BLOCK_MAP);
		member_ids(0, 0);
		make(&o, 0600);
		EXPECT_OK(msgctl(o.id[MSG], IPC_STAT, &ds));
		ds.msg_qbytes += 1;
		EXPECT_ERR(msgctl(o.id[MSG], IPC_SET, &ds), EPERM);
		/* Memory stays with the limit of the user. */
		EXPECT_OK(setrlimit(RLIMIT_MEMLOCK, &none));
		EXPECT_ERR(shmctl(o.id[SHM], SHM_LOCK, NULL), ENOMEM);
		done();
	}
	peer_join(&p);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
