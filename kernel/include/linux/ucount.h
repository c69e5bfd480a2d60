/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_UCOUNT_H
#define _LINUX_UCOUNT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/uidgid.h>

struct cred;
struct key;
struct user_namespace;

/* The types of namespaces, each of which has a limit of its own. */
enum ucount_ns {
	UCOUNT_USER_NS,
	UCOUNT_MNT_NS,
	UCOUNT_PID_NS,
	UCOUNT_NET_NS,
	UCOUNT_IPC_NS,
	UCOUNT_UTS_NS,
	UCOUNT_NS_TYPES
};

/* What has an rlimit that is for all processes of a user together. */
enum ucount_rlimit {
	UCOUNT_NPROC,		/* processes */
	UCOUNT_SIGPENDING,	/* signals */
	UCOUNT_MSGQUEUE,	/* bytes */
	UCOUNT_MEMLOCK,		/* pages */
	UCOUNT_RLIMITS
};

/**
 * struct ucounts - what a user has in one user namespace
 * @node: in the table of all but those of the initial namespace
 * @ns: the namespace, whose @ucounts, those of its owner in its parent, are
 *	charged along with these; counted, but for the initial one
 * @uid: the user
 * @count: references; not used in the initial namespace
 * @used: what is theirs of all that has an rlimit, here or in namespaces that
 *	they own, at any depth
 * @namespaces: how many namespaces of each type they made here, or others did
 *	in namespaces that they own, at any depth
 * @uid_keyring: the keyring of the user, made when first asked for
 * @session_keyring: the session keyring of those who have no other, likewise
 *
 * Those of the initial namespace are part of struct user_struct and live as
 * long: there is nothing to look up and nothing to count.
 */
struct ucounts {
	struct hlist_node	node;
	struct user_namespace	*ns;
	kuid_t			uid;
	atomic_t		count;
	atomic_long_t		used[UCOUNT_RLIMITS];
#ifdef CONFIG_USER_NS
	atomic_t		namespaces[UCOUNT_NS_TYPES];
#endif
#ifdef CONFIG_KEYS
	struct key		*uid_keyring;
	struct key		*session_keyring;
#endif
};

#ifdef CONFIG_USER_NS
#define cred_ucounts(cred)	((cred)->ucounts)

extern struct ucounts *first_ucounts(struct user_namespace *ns, kuid_t uid);
extern struct ucounts *alloc_ucounts(struct user_namespace *ns, kuid_t uid);
extern struct ucounts *get_ucounts(struct ucounts *ucounts);
extern void put_ucounts(struct ucounts *ucounts);
extern int set_cred_ucounts(struct cred *new);
extern struct ucounts *charge_namespace(struct user_namespace *owner,
					kuid_t uid, enum ucount_ns type);
extern void uncharge_namespace(struct ucounts *ucounts, enum ucount_ns type);
#else
#define cred_ucounts(cred)	(&(cred)->user->ucounts)

static inline int set_cred_ucounts(struct cred *new)
{
	return 0;
}

static inline struct ucounts *charge_namespace(struct user_namespace *owner,
					       kuid_t uid, enum ucount_ns type)
{
	return NULL;
}

static inline void uncharge_namespace(struct ucounts *ucounts,
				      enum ucount_ns type)
{
}
#endif

#endif /* _LINUX_UCOUNT_H */
