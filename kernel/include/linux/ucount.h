/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_UCOUNT_H
#define _LINUX_UCOUNT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/uidgid.h>

struct cred;
struct key;
struct user_namespace;

/**
 * struct ucounts - what a user has in one user namespace
 * @node: in the table of all but those of the initial namespace
 * @ns: the namespace, whose @ucounts, those of its owner in its parent, are
 *	charged along with these; counted, but for the initial one
 * @uid: the user
 * @count: references; not used in the initial namespace
 * @processes: how many processes are theirs, here or in namespaces that they
 *	own, at any depth
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
	atomic_t		processes;
#ifdef CONFIG_KEYS
	struct key		*uid_keyring;
	struct key		*session_keyring;
#endif
};

#ifdef CONFIG_USER_NS
#define cred_ucounts(cred)	((cred)->ucounts)

extern struct ucounts *alloc_ucounts(struct user_namespace *ns, kuid_t uid);
extern struct ucounts *get_ucounts(struct ucounts *ucounts);
extern void put_ucounts(struct ucounts *ucounts);
extern int set_cred_ucounts(struct cred *new);
extern void ucounts_add_processes(struct ucounts *ucounts, int nr);
#else
#define cred_ucounts(cred)	(&(cred)->user->ucounts)

static inline int set_cred_ucounts(struct cred *new)
{
	return 0;
}

static inline void ucounts_add_processes(struct ucounts *ucounts, int nr)
{
	atomic_add(nr, &ucounts->processes);
}
#endif

#endif /* _LINUX_UCOUNT_H */
