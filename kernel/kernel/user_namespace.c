/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User namespaces: their hierarchy, how one is made and how it goes away.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/key.h>
#include <linux/fs_struct.h>
#include <linux/mnt_namespace.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>

static struct kmem_cache *user_ns_cachep __read_mostly;

static const int rlimit_of[UCOUNT_RLIMITS] = {
	[UCOUNT_NPROC]		= RLIMIT_NPROC,
	[UCOUNT_SIGPENDING]	= RLIMIT_SIGPENDING,
	[UCOUNT_MSGQUEUE]	= RLIMIT_MSGQUEUE,
	[UCOUNT_MEMLOCK]	= RLIMIT_MEMLOCK,
};

/* Namespaces without a reference, on their way to the worker. */
static LLIST_HEAD(dead_user_ns);

/* The off switch: only for those with CAP_SYS_ADMIN over the machine, or not? */
static int unprivileged_userns_clone = IS_ENABLED(CONFIG_USER_NS_UNPRIVILEGED);
core_param(unprivileged_userns_clone, unprivileged_userns_clone, bint, 0);

/**
 * user_ns_switched_off - is the caller to make no user namespace?
 *
 * Asked before anything else: what is switched off shall look the same for
 * whatever is asked of it.
 *
 * Return: true if creation is for the privileged and the caller is not.
 * Context: process.
 */
bool user_ns_switched_off(void)
{
	return !unprivileged_userns_clone && !capable(CAP_SYS_ADMIN);
}

/*
 * Becoming a member: all capabilities there, none where the task comes from,
 * and nothing that was set up for another set of ids.  Eats the references to
 * @ns and @ucounts, the counts of the task's user there.
 */
static void set_cred_user_ns(struct cred *new, struct user_namespace *ns,
			     struct ucounts *ucounts)
{
	new->securebits = SECUREBITS_DEFAULT;
	new->cap_inheritable = CAP_EMPTY_SET;
	new->cap_permitted = CAP_FULL_SET;
	new->cap_effective = CAP_FULL_SET;
	new->cap_bset = CAP_FULL_SET;
#ifdef CONFIG_KEYS
	key_put(new->request_key_auth);
	new->request_key_auth = NULL;
#endif
	put_cred_user_ns(new);
	new->user_ns = ns;
	new->ucounts = ucounts;
}

/*
 * What the creator may use is what all members together may.  One who could
 * raise its limits at will sets none.
 */
static void set_rlimits(struct user_namespace *ns)
{
	bool unlimited = has_capability_noaudit(current, CAP_SYS_RESOURCE);
	unsigned long *memlock = &ns->rlimit[UCOUNT_MEMLOCK];
	int i;

	for (i = 0; i < UCOUNT_RLIMITS; i++)
		ns->rlimit[i] = unlimited ? RLIM_INFINITY :
					    rlimit(rlimit_of[i]);
	if (*memlock != RLIM_INFINITY)
		*memlock >>= PAGE_SHIFT;
}

/**
 * create_user_ns - make a user namespace and the first member's credentials
 * @new: credentials under preparation, a copy of the creator's; unchanged on
 *	failure
 *
 * The kernel ids do not change: whatever they are called inside depends on
 * the maps, which have yet to be written.
 *
 * Who may is asked before, by user_ns_switched_off(): it takes no capability.
 *
 * Return: 0, or an error with nothing left behind: -EPERM in a chroot, or if
 * the creator's effective user or group has no id in its own namespace; -EUSERS
 * below USER_NS_MAX_LEVEL levels; what a security module answers; -ENOMEM;
 * -ENOSPC when the user, or the owner of a namespace above, has as many as the
 * limit allows, or when there are no numbers left for it.
 * Context: may sleep.
 */
int create_user_ns(struct cred *new)
{
	static atomic64_t last_serial = ATOMIC64_INIT(0);
	struct user_namespace *parent = new->user_ns;
	struct user_namespace *ns;
	struct ucounts *ucounts, *owner;
	int i, err;

	if (parent->level >= USER_NS_MAX_LEVEL)
		return -EUSERS;

	owner = charge_namespace(parent, new->euid, UCOUNT_USER_NS);
	if (IS_ERR(owner))
		return PTR_ERR(owner);

	/*
	 * Capabilities in the new namespace would let somebody out who was
	 * put into a chroot so as not to see certain files.
	 */
	err = -EPERM;
	if (current_chrooted())
		goto out_uncharge;

	/* Nobody in particular cannot own anything. */
	if (!kuid_has_mapping(parent, new->euid) ||
	    !kgid_has_mapping(parent, new->egid))
		goto out_uncharge;

	err = security_create_user_ns(new);
	if (err)
		goto out_uncharge;

	err = -ENOMEM;
	ns = kmem_cache_zalloc(user_ns_cachep, GFP_KERNEL);
	if (!ns)
		goto out_uncharge;

	err = proc_alloc_inum(&ns->proc_inum);
	if (err)
		goto out_free;
	ns->serial = atomic64_inc_return(&last_serial);
	atomic_set(&ns->count, 1);
	ns->parent = get_user_ns(parent);
	ns->level = parent->level + 1;
	ns->owner = new->euid;
	ns->group = new->egid;
	ns->setgroups_denied = parent->setgroups_denied;
	ns->creator_setfcap = cap_raised(new->cap_effective, CAP_SETFCAP);
	ns->ucounts = owner;
	for (i = 0; i < UCOUNT_NS_TYPES; i++)
		ns->max_namespaces[i] = INT_MAX;
	set_rlimits(ns);

	ucounts = first_ucounts(ns, new->uid);
	if (!ucounts) {
		put_user_ns(ns);
		return -ENOMEM;
	}

	set_cred_user_ns(new, ns, ucounts);
	return 0;

out_free:
	kmem_cache_free(user_ns_cachep, ns);
out_uncharge:
	uncharge_namespace(owner, UCOUNT_USER_NS);
	return err;
}

/**
 * user_ns_may_setgroups - may a member drop groups at all?
 * @ns: the namespace
 *
 * A group may be what keeps somebody out of a file.  So whoever was not
 * allowed to drop groups in the parent must not gain it by making a
 * namespace: nobody may before the groups have ids there, and where it has
 * been denied, nobody ever.
 *
 * Return: true if CAP_SETGID is all that is needed.
 * Context: any.
 */
bool user_ns_may_setgroups(struct user_namespace *ns)
{
	if (!user_ns_map(ns, USERNS_GID_MAP))
		return false;

	/* It is denied before the map is written: pairs with map_publish(). */
	smp_rmb();
	return !ns->setgroups_denied;
}

static void free_user_ns_maps(struct user_namespace *ns)
{
	int i;

	for (i = 0; i < USERNS_MAPS; i++) {
		if (ns->map[i] != &ns->small[i])
			kfree(ns->map[i]);
	}
}

/*
 * The last reference to a parent may be that of its child: then this puts the
 * parent on the list and the loop finds it there, instead of recursing.
 */
static void free_user_ns(struct work_struct *unused)
{
	struct user_namespace *ns;
	struct llist_node *node;

	while ((node = llist_del_all(&dead_user_ns)) != NULL) {
		while (node) {
			ns = llist_entry(node, struct user_namespace, free);
			node = llist_next(node);
			free_user_ns_maps(ns);
			uncharge_namespace(ns->ucounts, UCOUNT_USER_NS);
			put_user_ns(ns->parent);
			proc_free_inum(ns->proc_inum);
			kmem_cache_free(user_ns_cachep, ns);
		}
	}
}
static DECLARE_WORK(free_user_ns_work, free_user_ns);

/**
 * __put_user_ns - leave a namespace without references to the worker
 * @ns: the namespace; its count is 0
 *
 * Context: any, also with interrupts off, as when RCU frees credentials.
 */
void __put_user_ns(struct user_namespace *ns)
{
	llist_add(&ns->free, &dead_user_ns);
	schedule_work(&free_user_ns_work);
}
EXPORT_SYMBOL(__put_user_ns);

static void *userns_get(struct task_struct *task)
{
	struct user_namespace *ns;

	rcu_read_lock();
	ns = get_user_ns(__task_cred(task)->user_ns);
	rcu_read_unlock();
	return ns;
}

static void userns_put(void *ns)
{
	put_user_ns(ns);
}

static struct user_namespace *userns_owner(void *ns)
{
	struct user_namespace *user_ns = ns;

	return user_ns->parent;
}

static void *userns_parent(void *ns)
{
	struct user_namespace *parent = userns_owner(ns);

	if (!parent || !in_userns(current_user_ns(), parent))
		return ERR_PTR(-EPERM);
	return get_user_ns(parent);
}

static unsigned int userns_inum(void *ns)
{
	struct user_namespace *user_ns = ns;

	return user_ns->proc_inum;
}

/*
 * The credentials of several threads cannot be changed at once, and nobody
 * outside may share the root directory of a member.
 */
static int userns_install(struct nsproxy *nsproxy, void *ns)
{
	struct user_namespace *user_ns = ns;
	struct ucounts *ucounts;
	struct cred *new;

	if (user_ns == current_user_ns())
		return -EINVAL;
	if (!thread_group_empty(current) || current->fs->users != 1)
		return -EINVAL;
	if (!ns_capable(user_ns, CAP_SYS_ADMIN))
		return -EPERM;

	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	ucounts = alloc_ucounts(user_ns, new->uid);
	if (!ucounts) {
		abort_creds(new);
		return -ENOMEM;
	}
	set_cred_user_ns(new, get_user_ns(user_ns), ucounts);
	return commit_creds(new);
}

const struct proc_ns_operations userns_operations = {
	.name		= "user",
	.type		= CLONE_NEWUSER,
	.get		= userns_get,
	.put		= userns_put,
	.owner		= userns_owner,
	.parent		= userns_parent,
	.inum		= userns_inum,
	.install	= userns_install,
};

/*
 * User id 0 is not enough: a member of a namespace may be kernel id 0, and
 * would turn on what its own sandbox relies on.
 */
static int switch_handler(struct ctl_table *table, int write,
			  void __user *buffer, size_t *lenp, loff_t *ppos)
{
	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return proc_dointvec_minmax(table, write, buffer, lenp, ppos);
}

static int zero;
static int one = 1;

static struct ctl_table switch_table[] = {
	{
		.procname	= "unprivileged_userns_clone",
		.data		= &unprivileged_userns_clone,
		.maxlen		= sizeof(int),
		.mode		= 0644,
		.proc_handler	= switch_handler,
		.extra1		= &zero,
		.extra2		= &one,
	},
	{ }
};

static struct ctl_path kern_path[] = { { .procname = "kernel", }, { } };

static __init int user_namespaces_init(void)
{
	user_ns_cachep = KMEM_CACHE(user_namespace, SLAB_PANIC);
	register_sysctl_paths(kern_path, switch_table);
	return 0;
}
module_init(user_namespaces_init);
