/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_USER_NAMESPACE_H
#define _LINUX_USER_NAMESPACE_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/cred.h>
#include <linux/highuid.h>
#include <linux/kconfig.h>
#include <linux/llist.h>
#include <linux/ucount.h>
#include <linux/uidgid.h>
#include <linux/userns_map.h>

struct file_operations;

/* Levels 1 to 32 may exist below the initial namespace, which is level 0. */
#define USER_NS_MAX_LEVEL	32

enum userns_map_type {
	USERNS_UID_MAP,
	USERNS_GID_MAP,
	USERNS_PROJID_MAP,
	USERNS_MAPS
};

/**
 * struct user_namespace - a set of ids and the power over what they own
 * @map: for each type NULL until it is written, once: user_ns_map()
 * @parent: the namespace it was made in, NULL for the initial one; counted
 * @level: how many ancestors it has
 * @owner: effective user that made it, who has every capability over it
 *	while a member of @parent
 * @group: effective group that made it
 * @ucounts: what @owner has in @parent, which is charged for what any member
 *	has; NULL for the initial namespace; counted
 * @setgroups_denied: no member may drop a group, nor any in a descendant;
 *	never taken back
 * @creator_setfcap: the creator had CAP_SETFCAP in effect
 * @max_namespaces: how many namespaces of each type one user may make here,
 *	those in namespaces that the user owns included; changed at any time
 * @rlimit: what all members together may use of what counts for @owner in
 *	@parent, @owner's own use there included; not for the initial namespace
 * @proc_inum: inode number of the file in /proc/PID/ns
 * @serial: a number that no other namespace has, had or will have, 0 for the
 *	initial one: for what belongs to it but shall not keep it
 * @count: references: credentials, child namespaces, objects it owns, files.
 *	The initial namespace is not counted.
 * @free: links it to be freed once @count is 0
 * @small: room for maps of a few extents
 *
 * @map, @small and @setgroups_denied change under a mutex and are read without:
 * @setgroups_denied only counts once the gid map is there.  @count, @free and
 * @max_namespaces apart, the rest is set before anybody else sees the
 * namespace.
 */
struct user_namespace {
	const struct id_map	*map[USERNS_MAPS];
	struct user_namespace	*parent;
	int			level;
	kuid_t			owner;
	kgid_t			group;
	struct ucounts		*ucounts;
	bool			setgroups_denied;
	bool			creator_setfcap;
	int			max_namespaces[UCOUNT_NS_TYPES];
	unsigned long		rlimit[UCOUNT_RLIMITS];
	unsigned int		proc_inum;
	u64			serial;
	atomic_t		count;
	struct llist_node	free;
#ifdef CONFIG_USER_NS
	struct id_map		small[USERNS_MAPS];
#endif
};

extern struct user_namespace init_user_ns;

#ifdef CONFIG_USER_NS

extern const struct file_operations proc_uid_map_operations;
extern const struct file_operations proc_gid_map_operations;
extern const struct file_operations proc_projid_map_operations;
extern const struct file_operations proc_setgroups_operations;

extern bool user_ns_switched_off(void);
extern int create_user_ns(struct cred *new);
extern bool user_ns_may_setgroups(struct user_namespace *ns);
extern void __put_user_ns(struct user_namespace *ns);

/**
 * get_user_ns - take a reference
 * @ns: the namespace, which somebody must hold meanwhile
 *
 * Return: @ns
 * Context: any.
 */
static inline struct user_namespace *get_user_ns(struct user_namespace *ns)
{
	if (ns != &init_user_ns)
		atomic_inc(&ns->count);
	return ns;
}

/**
 * put_user_ns - drop a reference
 * @ns: the namespace, or NULL
 *
 * Context: any; the last reference leaves the rest to a worker.
 */
static inline void put_user_ns(struct user_namespace *ns)
{
	if (ns && ns != &init_user_ns && atomic_dec_and_test(&ns->count))
		__put_user_ns(ns);
}

/**
 * get_cred_user_ns - take the references that credentials hold on a namespace
 * @cred: a copy of credentials that somebody holds meanwhile
 *
 * Context: any.
 */
static inline void get_cred_user_ns(struct cred *cred)
{
	if (cred->user_ns != &init_user_ns) {
		get_user_ns(cred->user_ns);
		get_ucounts(cred->ucounts);
	}
}

/**
 * put_cred_user_ns - drop the references that credentials hold on a namespace
 * @cred: the credentials, perhaps blank
 *
 * Context: any.
 */
static inline void put_cred_user_ns(struct cred *cred)
{
	if (cred->user_ns && cred->user_ns != &init_user_ns) {
		put_ucounts(cred->ucounts);
		put_user_ns(cred->user_ns);
	}
}

#else

static inline struct user_namespace *get_user_ns(struct user_namespace *ns)
{
	return &init_user_ns;
}

static inline bool user_ns_may_setgroups(struct user_namespace *ns)
{
	return true;
}

static inline void get_cred_user_ns(struct cred *cred)
{
}

static inline void put_cred_user_ns(struct cred *cred)
{
}

static inline bool user_ns_switched_off(void)
{
	return false;
}

static inline int create_user_ns(struct cred *new)
{
	return -EINVAL;
}

static inline void put_user_ns(struct user_namespace *ns)
{
}

#endif

/* Does this namespace use the ids of the kernel as they are? */
static inline bool is_init_user_ns(const struct user_namespace *ns)
{
	return !IS_ENABLED(CONFIG_USER_NS) || likely(ns == &init_user_ns);
}

/**
 * in_userns - is a namespace another one, or below it?
 * @ancestor: the other one
 * @child: the namespace
 *
 * Return: true if it is.
 * Context: any.
 */
static inline bool in_userns(const struct user_namespace *ancestor,
			     const struct user_namespace *child)
{
	while (child->level > ancestor->level)
		child = child->parent;
	return child == ancestor;
}

/**
 * ucounts_add - count what a user takes or gives back, here and above
 * @ucounts: the counts of the user in the user namespace
 * @type: what it is
 * @nr: how much, negative for what is given back
 *
 * What is given back must be taken off the counts that it was added to, which
 * may not be those of the user that the process then has.
 *
 * Context: any.
 */
static inline void ucounts_add(struct ucounts *ucounts, enum ucount_rlimit type,
			       long nr)
{
	for (; ucounts; ucounts = ucounts->ns->ucounts)
		atomic_long_add(nr, &ucounts->used[type]);
}

/**
 * ucounts_within - would a user be within the limits, here and above?
 * @ucounts: the counts of the user in the user namespace
 * @type: what is asked for
 * @nr: how much more, 0 for what has been added already
 * @limit: the rlimit of the process; further up it is that of whoever made the
 *	namespace below, when it was made
 *
 * Return: true if so.  It is still so when it is added, if a lock of the
 * caller is held from here until then.
 * Context: any.
 */
static inline bool ucounts_within(struct ucounts *ucounts,
				  enum ucount_rlimit type, unsigned long nr,
				  unsigned long limit)
{
	unsigned long used;

	for (; ucounts; ucounts = ucounts->ns->ucounts) {
		used = atomic_long_read(&ucounts->used[type]);
		if (used + nr < used || used + nr > limit)
			return false;
		limit = ucounts->ns->rlimit[type];
	}
	return true;
}

/**
 * user_ns_map - a map of a namespace
 * @ns: the namespace
 * @type: which map
 *
 * Return: the map, NULL if it has not been written.
 * Context: any; takes no lock: a map is complete when it is published, never
 * changes and lives as long as its namespace.
 */
static inline const struct id_map *
user_ns_map(const struct user_namespace *ns, enum userns_map_type type)
{
	const struct id_map *map = ACCESS_ONCE(ns->map[type]);

	/* Pairs with the barrier before the map was published. */
	smp_read_barrier_depends();
	return map;
}

/**
 * make_kuid - translate a user id of a namespace to a kernel id
 * @ns: the namespace that @uid is an id of
 * @uid: the id
 *
 * Return: the kernel id, INVALID_UID where the namespace has no such id.  A
 * caller that acts on the result tests it with uid_valid() first.
 * Context: any; takes no lock.
 */
static inline kuid_t make_kuid(struct user_namespace *ns, uid_t uid)
{
	if (is_init_user_ns(ns))
		return KUIDT_INIT(uid);
	return KUIDT_INIT(id_map_to_kernel(user_ns_map(ns, USERNS_UID_MAP),
					   uid));
}

/**
 * make_kgid - translate a group id of a namespace to a kernel id
 * @ns: the namespace that @gid is an id of
 * @gid: the id
 *
 * Return: the kernel id, INVALID_GID where the namespace has no such id.
 * Context: any; takes no lock.
 */
static inline kgid_t make_kgid(struct user_namespace *ns, gid_t gid)
{
	if (is_init_user_ns(ns))
		return KGIDT_INIT(gid);
	return KGIDT_INIT(id_map_to_kernel(user_ns_map(ns, USERNS_GID_MAP),
					   gid));
}

/**
 * make_kprojid - translate a project id of a namespace to a kernel id
 * @ns: the namespace that @projid is an id of
 * @projid: the id
 *
 * Return: the kernel id, INVALID_PROJID where the namespace has no such id.
 * Context: any; takes no lock.
 */
static inline kprojid_t make_kprojid(struct user_namespace *ns, projid_t projid)
{
	if (is_init_user_ns(ns))
		return KPROJIDT_INIT(projid);
	return KPROJIDT_INIT(id_map_to_kernel(user_ns_map(ns, USERNS_PROJID_MAP),
					      projid));
}

/**
 * from_kuid - translate a kernel id to a user id of a namespace
 * @ns: the namespace to see it from
 * @kuid: the kernel id
 *
 * Return: the id in @ns, (uid_t)-1 where it has none.
 * Context: any; takes no lock.
 */
static inline uid_t from_kuid(struct user_namespace *ns, kuid_t kuid)
{
	if (is_init_user_ns(ns))
		return __kuid_val(kuid);
	return id_map_from_kernel(user_ns_map(ns, USERNS_UID_MAP),
				  __kuid_val(kuid));
}

/**
 * from_kgid - translate a kernel id to a group id of a namespace
 * @ns: the namespace to see it from
 * @kgid: the kernel id
 *
 * Return: the id in @ns, (gid_t)-1 where it has none.
 * Context: any; takes no lock.
 */
static inline gid_t from_kgid(struct user_namespace *ns, kgid_t kgid)
{
	if (is_init_user_ns(ns))
		return __kgid_val(kgid);
	return id_map_from_kernel(user_ns_map(ns, USERNS_GID_MAP),
				  __kgid_val(kgid));
}

/**
 * from_kprojid - translate a kernel id to a project id of a namespace
 * @ns: the namespace to see it from
 * @kprojid: the kernel id
 *
 * Return: the id in @ns, (projid_t)-1 where it has none.
 * Context: any; takes no lock.
 */
static inline projid_t from_kprojid(struct user_namespace *ns,
				    kprojid_t kprojid)
{
	if (is_init_user_ns(ns))
		return __kprojid_val(kprojid);
	return id_map_from_kernel(user_ns_map(ns, USERNS_PROJID_MAP),
				  __kprojid_val(kprojid));
}

/**
 * from_kuid_munged - the same as from_kuid(), for what cannot fail
 * @ns: the namespace to see it from
 * @kuid: the kernel id
 *
 * Return: the id in @ns, the overflow id where it has none.  The initial
 * namespace has an id for every kernel id: it sees even the invalid one, on an
 * inode that holds it, as 4294967295.
 * Context: any; takes no lock.
 */
static inline uid_t from_kuid_munged(struct user_namespace *ns, kuid_t kuid)
{
	uid_t uid;

	if (is_init_user_ns(ns))
		return __kuid_val(kuid);
	uid = from_kuid(ns, kuid);
	return uid != (uid_t) -1 ? uid : overflowuid;
}

/**
 * from_kgid_munged - the same as from_kgid(), for what cannot fail
 * @ns: the namespace to see it from
 * @kgid: the kernel id
 *
 * Return: as from_kuid_munged(), for groups.
 * Context: any; takes no lock.
 */
static inline gid_t from_kgid_munged(struct user_namespace *ns, kgid_t kgid)
{
	gid_t gid;

	if (is_init_user_ns(ns))
		return __kgid_val(kgid);
	gid = from_kgid(ns, kgid);
	return gid != (gid_t) -1 ? gid : overflowgid;
}

/**
 * kuid_has_mapping - does a user have an id in a namespace?
 * @ns: the namespace
 * @kuid: the kernel id
 *
 * Return: true if it has; in the initial namespace every user has one, so that
 * its root keeps its power over an inode that carries the invalid id.
 * Context: any; takes no lock.
 */
static inline bool kuid_has_mapping(struct user_namespace *ns, kuid_t kuid)
{
	return is_init_user_ns(ns) || from_kuid(ns, kuid) != (uid_t) -1;
}

/**
 * kgid_has_mapping - does a group have an id in a namespace?
 * @ns: the namespace
 * @kgid: the kernel id
 *
 * Return: as kuid_has_mapping(), for groups.
 * Context: any; takes no lock.
 */
static inline bool kgid_has_mapping(struct user_namespace *ns, kgid_t kgid)
{
	return is_init_user_ns(ns) || from_kgid(ns, kgid) != (gid_t) -1;
}

#endif /* _LINUX_USER_NAMESPACE_H */
