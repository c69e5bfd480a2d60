/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts of what users have, for each (user namespace, kernel id).
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/key.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysctl.h>
#include <linux/ucount.h>
#include <linux/user_namespace.h>

#define UCOUNTS_HASH_BITS	7

/*
 * Protects the table, and with it the step of a count from 0 to 1 and back.
 * Taken with interrupts off: RCU frees credentials in softirq context.
 */
static DEFINE_SPINLOCK(ucounts_lock);
static struct hlist_head ucounts_hash[1 << UCOUNTS_HASH_BITS];

static struct hlist_head *ucounts_bucket(struct user_namespace *ns, kuid_t uid)
{
	return ucounts_hash + hash_long((unsigned long) ns + __kuid_val(uid),
					UCOUNTS_HASH_BITS);
}

static struct ucounts *find_ucounts(struct user_namespace *ns, kuid_t uid,
				    struct hlist_head *bucket)
{
	struct ucounts *ucounts;
	struct hlist_node *pos;

	hlist_for_each_entry(ucounts, pos, bucket, node) {
		if (ucounts->ns == ns && uid_eq(ucounts->uid, uid)) {
			atomic_inc(&ucounts->count);
			return ucounts;
		}
	}
	return NULL;
}

static struct ucounts *make_ucounts(struct user_namespace *ns, kuid_t uid)
{
	struct ucounts *ucounts = kzalloc(sizeof(*ucounts), GFP_KERNEL);

	if (ucounts) {
		ucounts->ns = ns;
		ucounts->uid = uid;
		atomic_set(&ucounts->count, 1);
	}
	return ucounts;
}

static void add_ucounts(struct ucounts *ucounts, struct hlist_head *bucket)
{
	get_user_ns(ucounts->ns);
	hlist_add_head(&ucounts->node, bucket);
}

/**
 * first_ucounts - make the counts of the first user of a new namespace
 * @ns: the namespace, which nobody else sees yet
 * @uid: the user
 *
 * There are none to be found, so it takes no longer where there are many
 * namespaces.
 *
 * Return: the counts, with a reference for the caller; NULL if out of memory.
 * Context: process; may sleep.
 */
struct ucounts *first_ucounts(struct user_namespace *ns, kuid_t uid)
{
	struct ucounts *new = make_ucounts(ns, uid);

	if (new) {
		spin_lock_irq(&ucounts_lock);
		add_ucounts(new, ucounts_bucket(ns, uid));
		spin_unlock_irq(&ucounts_lock);
	}
	return new;
}

/**
 * alloc_ucounts - find or make the counts of a user in a namespace
 * @ns: the namespace
 * @uid: the user
 *
 * Return: the counts, with a reference for the caller; NULL if out of memory.
 * Context: process; may sleep.
 */
struct ucounts *alloc_ucounts(struct user_namespace *ns, kuid_t uid)
{
	struct hlist_head *bucket = ucounts_bucket(ns, uid);
	struct ucounts *ucounts, *new;
	struct user_struct *user;

	if (ns == &init_user_ns) {
		user = alloc_uid(uid);
		return user ? &user->ucounts : NULL;
	}

	spin_lock_irq(&ucounts_lock);
	ucounts = find_ucounts(ns, uid, bucket);
	spin_unlock_irq(&ucounts_lock);
	if (ucounts)
		return ucounts;

	new = make_ucounts(ns, uid);
	if (!new)
		return NULL;

	spin_lock_irq(&ucounts_lock);
	ucounts = find_ucounts(ns, uid, bucket);
	if (!ucounts) {
		add_ucounts(new, bucket);
		ucounts = new;
		new = NULL;
	}
	spin_unlock_irq(&ucounts_lock);
	kfree(new);
	return ucounts;
}

/**
 * get_ucounts - take a reference
 * @ucounts: the counts, which somebody must hold meanwhile
 *
 * Return: @ucounts
 * Context: any.
 */
struct ucounts *get_ucounts(struct ucounts *ucounts)
{
	if (ucounts->ns == &init_user_ns)
		get_uid(container_of(ucounts, struct user_struct, ucounts));
	else
		atomic_inc(&ucounts->count);
	return ucounts;
}

/**
 * put_ucounts - drop a reference
 * @ucounts: the counts
 *
 * Context: any.
 */
void put_ucounts(struct ucounts *ucounts)
{
	unsigned long flags;

	if (ucounts->ns == &init_user_ns) {
		free_uid(container_of(ucounts, struct user_struct, ucounts));
		return;
	}

	local_irq_save(flags);
	if (!atomic_dec_and_lock(&ucounts->count, &ucounts_lock)) {
		local_irq_restore(flags);
		return;
	}
	hlist_del(&ucounts->node);
	spin_unlock_irqrestore(&ucounts_lock, flags);
#ifdef CONFIG_KEYS
	key_put(ucounts->uid_keyring);
	key_put(ucounts->session_keyring);
#endif
	put_user_ns(ucounts->ns);
	kfree(ucounts);
}

/**
 * set_cred_ucounts - make the counts of new credentials fit their user
 * @new: credentials under preparation whose @uid and @user have changed
 *
 * Return: 0; -ENOMEM with @new unchanged.
 * Context: process; may sleep.
 */
int set_cred_ucounts(struct cred *new)
{
	struct ucounts *ucounts;

	if (new->user_ns == &init_user_ns) {
		new->ucounts = &new->user->ucounts;
		return 0;
	}

	ucounts = alloc_ucounts(new->user_ns, new->uid);
	if (!ucounts)
		return -ENOMEM;
	put_ucounts(new->ucounts);
	new->ucounts = ucounts;
	return 0;
}

/* Never counts past @max, not even for a moment, nor past INT_MAX. */
static bool inc_below(atomic_t *count, int max)
{
	int seen, old = atomic_read(count);

	while (old < max) {
		seen = atomic_cmpxchg(count, old, old + 1);
		if (seen == old)
			return true;
		old = seen;
	}
	return false;
}

/* Up from @ucounts, but not to @end, which is NULL for all the way. */
static void uncharge_until(struct ucounts *ucounts, struct ucounts *end,
			   enum ucount_ns type)
{
	for (; ucounts != end; ucounts = ucounts->ns->ucounts)
		atomic_dec(&ucounts->namespaces[type]);
}

/**
 * charge_namespace - count a namespace that is about to be made
 * @owner: the user namespace that it belongs to: for a user namespace its
 *	parent
 * @uid: the effective user who makes it
 * @type: what is made
 *
 * It counts for the user, and for the owner of each user namespace that it is
 * in.  All of them must be below the limit of the namespace that their count
 * is in.
 *
 * Return: the counts, for uncharge_namespace() when the namespace is gone or
 * cannot be made; with USER_NS off NULL.  ERR_PTR(-ENOSPC) if a limit has been
 * reached; ERR_PTR(-ENOMEM).
 * Context: process; may sleep.
 */
struct ucounts *charge_namespace(struct user_namespace *owner, kuid_t uid,
				 enum ucount_ns type)
{
	const struct cred *cred = current_cred();
	struct ucounts *ucounts, *pos;
	int max;

	/* kdevtmpfs makes a namespace before users can be looked up. */
	if (cred->user_ns == owner && uid_eq(cred->uid, uid))
		ucounts = get_ucounts(cred->ucounts);
	else
		ucounts = alloc_ucounts(owner, uid);
	if (!ucounts)
		return ERR_PTR(-ENOMEM);

	for (pos = ucounts; pos; pos = pos->ns->ucounts) {
		max = ACCESS_ONCE(pos->ns->max_namespaces[type]);
		if (!inc_below(&pos->namespaces[type], max)) {
			uncharge_until(ucounts, pos, type);
			put_ucounts(ucounts);
			return ERR_PTR(-ENOSPC);
		}
	}
	return ucounts;
}

/**
 * uncharge_namespace - take back charge_namespace()
 * @ucounts: what that returned, or NULL for a namespace that is not counted
 * @type: what was to be made
 *
 * Context: any.
 */
void uncharge_namespace(struct ucounts *ucounts, enum ucount_ns type)
{
	if (!ucounts)
		return;
	uncharge_until(ucounts, NULL, type);
	put_ucounts(ucounts);
}

#ifdef CONFIG_SYSCTL
static int zero;
static int int_max = INT_MAX;

#define NAMESPACES(name, type)					\
	{							\
		.procname	= "max_" name "_namespaces",	\
		.data		= init_user_ns.max_namespaces + (type), \
		.maxlen		= sizeof(int),			\
		.mode		= 0644,				\
		.proc_handler	= proc_dointvec_minmax,		\
		.extra1		= &zero,			\
		.extra2		= &int_max,			\
	}

/* With the values of the initial namespace, for which others are put in. */
static struct ctl_table user_table[] = {
	NAMESPACES("user", UCOUNT_USER_NS),
	NAMESPACES("mnt", UCOUNT_MNT_NS),
	NAMESPACES("pid", UCOUNT_PID_NS),
	NAMESPACES("net", UCOUNT_NET_NS),
	NAMESPACES("ipc", UCOUNT_IPC_NS),
	NAMESPACES("uts", UCOUNT_UTS_NS),
	{ }
};

static const struct ctl_path user_path[] = { { .procname = "user", }, { } };

/* All may read, and who has the capability may write: user ids do not count. */
static int user_table_of_ns(struct ctl_table *entry, struct user_namespace *ns,
			    int op)
{
	if ((op & MAY_WRITE) && (S_ISDIR(entry->mode) ||
				 !ns_capable(ns, CAP_SYS_RESOURCE)))
		return -EACCES;
	entry->data += (char *) ns - (char *) &init_user_ns;
	return 0;
}

static struct ctl_table_root user_table_root = {
	.of_user_ns	= user_table_of_ns,
};

static __init int user_sysctl_init(void)
{
	setup_sysctl_set(&user_table_root.default_set, &user_table_root, NULL);
	register_sysctl_root(&user_table_root);
	if (!__register_sysctl_paths(&user_table_root.default_set, user_path,
				     user_table))
		return -ENOMEM;
	return 0;
}
subsys_initcall(user_sysctl_init);
#endif
