/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts of what users have, for each (user namespace, kernel id).
 */

#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/key.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
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

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	new->ns = ns;
	new->uid = uid;
	atomic_set(&new->count, 1);

	spin_lock_irq(&ucounts_lock);
	ucounts = find_ucounts(ns, uid, bucket);
	if (!ucounts) {
		get_user_ns(ns);
		hlist_add_head(&new->node, bucket);
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

/**
 * ucounts_add_processes - count processes in or out, here and above
 * @ucounts: the counts of their real user in their namespace
 * @nr: how many, negative for those that are gone
 *
 * Context: any.
 */
void ucounts_add_processes(struct ucounts *ucounts, int nr)
{
	for (; ucounts; ucounts = ucounts->ns->ucounts)
		atomic_add(nr, &ucounts->processes);
}
