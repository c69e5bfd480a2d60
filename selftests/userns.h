/* SPDX-License-Identifier: GPL-2.0 */
/* What the user namespace tests share: processes, credentials, maps, files of /proc. */
#ifndef USERNS_H
#define USERNS_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <linux/capability.h>

#include "harness.h"

/* Ids of the initial namespace that nothing else uses. */
#define OWNER	1000	/* owns the namespaces under test */
#define OTHER	2000	/* another ordinary user */
#define BASE	100000	/* first id of a block given to a namespace */
#define COUNT	1000	/* size of that block */
#define UNMAPPED 300000	/* given to no namespace */
#define OVERFLOW_ID 65534
#define NO_ID	((uid_t)-1)

#define CAP_BIT(cap)	(UINT64_C(1) << (cap))
#define ALL_CAPS	(~UINT64_C(0))
/*
 * Of a creator that is not root. None is needed to make a namespace while that
 * is not switched off (unprivileged.c); some cases map several ids with these.
 */
#define CREATOR_CAPS	(CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_SETUID) | \
			 CAP_BIT(CAP_SETGID))

/* Block of ids BASE.. of init as 0.. inside, used for uids and gids alike. */
#define BLOCK_MAP	"0 100000 1000"

/* Raw calls: a libc may hide flags, errors or a thread. */
int sys_unshare(unsigned long flags);
int sys_setns(int fd, int type);
pid_t sys_clone(unsigned long flags);	/* like fork(), SIGCHLD included */
/* clone() with a stack of its own; fn may share memory with the caller */
pid_t clone_fn(unsigned long flags, int (*fn)(void *), void *arg);
int return_at_once(void *unused);	/* for clone_fn() */
/* Waits for a byte, as a thread's function; arg points to a descriptor. */
void *block_on(void *arg);
int sys_setgroups(size_t n, const gid_t *list);

/*
 * A child in lock-step with its parent over a socket pair. peer_start()
 * returns 1 in the child, where the same struct leads to the parent.
 * peer_join() waits for the child and passes its failure or skip on.
 */
struct peer {
	pid_t pid;	/* of the child; 0 in the child */
	int fd;
};

int peer_start(struct peer *p, unsigned long clone_flags);
void peer_tell(struct peer *p);
void peer_await(struct peer *p);
void peer_send(struct peer *p, const void *data, size_t len);
void peer_recv(struct peer *p, void *data, size_t len);
void peer_send_fd(struct peer *p, int fd);
int send_fd(int sock, int fd, int flags);	/* with one byte; as sendmsg() */
int peer_recv_fd(struct peer *p);
void peer_join(struct peer *p);
void peer_end(struct peer *p);	/* tell, then join */
void peer_kill(struct peer *p);
void done(void) __attribute__((noreturn));	/* end of a child, success */

/* Credentials. Everything but the last three fails the case on an error. */
struct caps {
	uint64_t effective, permitted, inheritable;
};

uint64_t caps_known(void);	/* every capability of this kernel */
void caps_get(struct caps *c);
int caps_of(pid_t pid, struct caps *c);
void caps_set(uint64_t effective, uint64_t permitted, uint64_t inheritable);
void caps_drop(uint64_t lost);	/* from effective and permitted */
uint64_t caps_bounding(void);
int has_effective(int cap);
/* All ids become uid and gid, no groups, just these capabilities; dumpable. */
void become(uid_t uid, gid_t gid, uint64_t caps);
/* The same by three ids; -1 keeps. */
void become_res(uid_t r, uid_t e, uid_t s, gid_t g, uint64_t caps);
void set_dumpable(void);

/* Files: -1 and errno on failure. */
int write_file(const char *path, const void *data, size_t len);
int write_text(const char *path, const char *text);
ssize_t read_file(const char *path, char *buf, size_t size);	/* ends it with 0 */
/* "/proc/PID/file"; pid 0 is self. Some buffers in turn. */
const char *proc_path(pid_t pid, const char *file);
int proc_write(pid_t pid, const char *file, const char *text);
/* Contents of /proc/PID/file, or fails the case. Some buffers in turn. */
const char *proc_read(pid_t pid, const char *file);
int proc_open(pid_t pid, const char *file, int flags);
/* Write through an open descriptor, all or nothing. */
int fd_write(int fd, const char *text);
void touch(const char *path, uid_t uid, gid_t gid, mode_t mode);
/* A copy of this program, owned so; skips where it could not be set-id. */
void copy_self(const char *name, uid_t uid, gid_t gid, mode_t mode);
uid_t file_uid(const char *path);
gid_t file_gid(const char *path);

/* Namespaces. */
#define MAP_TEXT_MAX 4096
struct extent {
	uint32_t inside, outside, count;
};

/* As a map is written, and as the kernel shows it. */
void map_text(char *buf, const struct extent *e, size_t n);
void map_shown(char *buf, size_t size, const struct extent *e, size_t n);
/* The text that the kernel shows for one line. */
const char *shown(uint32_t inside, uint32_t outside, uint32_t count);

/*
 * The caller becomes the member of a new namespace, with these maps written
 * from the old one by a process with the caller's credentials. NULL: no map.
 */
void enter_new(unsigned long more_flags, const char *uids, const char *gids);
/* As root of init: OWNER makes the namespace, root maps it. */
void enter_owned(unsigned long more_flags, const char *uids, const char *gids);
/* A member of a new namespace without maps, made by the caller, that waits. */
void target_start(struct peer *p);
/* The same, made by OWNER; the caller is root of init. */
void owned_target_start(struct peer *p);
/* The same, with maps and these ids inside, every capability, dumpable. */
void member_start(struct peer *p, const char *uids, const char *gids,
		  uid_t uid, gid_t gid);
/*
 * In a member: take these ids, keep every capability of the namespace and
 * stay dumpable.
 */
void member_ids(uid_t uid, gid_t gid);
/*
 * fn() as member `id` of a namespace of OWNER with BLOCK_MAP, with these
 * capabilities only.
 */
void as_member(uid_t id, uint64_t caps, void (*fn)(void));
/*
 * A member with these capabilities that waits, of a namespace with this map,
 * made by OWNER or by the caller.
 */
void member_waits(struct peer *p, int owned, const char *map, uid_t id,
		  uint64_t caps);
void write_maps(pid_t pid, const char *uids, const char *gids);
/* The types of namespace besides user; the last has a null name. */
extern const struct ns_type {
	const char *name;	/* in /proc/PID/ns */
	int flag;
} ns_types[6];
/* An open /proc/PID/ns/TYPE, its number, and that of an open one. */
int ns_fd(pid_t pid, const char *type);
ino_t ns_number(pid_t pid, const char *type);
ino_t fd_number(int fd);
int user_ns_fd(pid_t pid);
ino_t user_ns_number(pid_t pid);
/*
 * Fails the case unless a namespace can be made and mapped. A case whose own
 * checks are all refusals starts with it: on a kernel without the feature
 * they would hold for the wrong reason.
 */
void require_namespaces(void);
/* Neither unshare nor clone makes a namespace. */
void expect_no_creation(int err);

/*
 * Objects in every slab cache, for leaks. A leaked object is in some cache
 * (caches are merged, so in which is left open); the limit leaves room for
 * what the allocator counts inexactly. Where the kernel has no /proc/slabinfo,
 * the bytes of all caches together.
 */
#define SLABS_MAX 512
struct slabs {
	unsigned long bytes;
	size_t n;
	struct {
		char name[32];
		unsigned long objects;
	} cache[SLABS_MAX];
};

void slabs_read(struct slabs *s);
/* Frees are deferred: waits a bounded time until no cache grew by `limit`. */
void slabs_expect_growth_below(const struct slabs *before, unsigned long limit);

#endif
