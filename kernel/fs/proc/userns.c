/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/PID/{uid_map,gid_map,projid_map,setgroups}: how a user namespace gets
 * its ids.
 *
 * Whoever opened a file is judged along with who writes to it: a program may
 * be made to write to a file that it did not open.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include "internal.h"

/*
 * Held while a map is built and published, and while setgroups is denied, of
 * any namespace: it is never held over anything that a user can delay.
 */
static DEFINE_MUTEX(userns_map_mutex);

/* The namespace of the task that a file of /proc/PID is about, or NULL. */
static struct user_namespace *get_proc_user_ns(struct inode *inode)
{
	struct task_struct *task = get_proc_task(inode);
	struct user_namespace *ns;

	if (!task)
		return NULL;
	rcu_read_lock();
	ns = get_user_ns(__task_cred(task)->user_ns);
	rcu_read_unlock();
	put_task_struct(task);
	return ns;
}

/**
 * struct map_file - an open map file
 * @ns: the namespace, whatever becomes of the task; counted
 * @reader: the namespace that sees the outside ids; held by the file's
 *	credentials
 * @type: which map
 * @extent: index of the first extent of the line to be shown
 */
struct map_file {
	struct user_namespace *ns;
	struct user_namespace *reader;
	enum userns_map_type type;
	u32 extent;
};

/* What is written and what is needed to read it, in one allocation. */
struct map_write {
	u64 *key;
	struct id_extent *lines;
	char *text;
};

/* Sets line to what the reader sees; returns where the next one starts. */
static u32 map_line(const struct map_file *mf, struct id_extent *line)
{
	return id_map_show_next(user_ns_map(mf->ns, mf->type),
				user_ns_map(mf->reader, mf->type),
				mf->extent, line);
}

static void *map_at_extent(struct map_file *mf)
{
	const struct id_map *map = user_ns_map(mf->ns, mf->type);

	return map && mf->extent < map->nr ? mf : NULL;
}

/* The position counts lines, each of which may stand for several extents. */
static void *map_start(struct seq_file *seq, loff_t *pos)
{
	struct map_file *mf = seq->private;
	struct id_extent line;
	loff_t n;

	mf->extent = 0;
	for (n = *pos; n && map_at_extent(mf); n--)
		mf->extent = map_line(mf, &line);
	return map_at_extent(mf);
}

static void *map_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct map_file *mf = v;
	struct id_extent line;

	mf->extent = map_line(mf, &line);
	(*pos)++;
	return map_at_extent(mf);
}

static void map_stop(struct seq_file *seq, void *v)
{
}

static int map_show(struct seq_file *seq, void *v)
{
	struct id_extent line;

	map_line(v, &line);
	seq_printf(seq, "%10u %10u %10u\n",
		   line.first, line.lower, line.count);
	return 0;
}

static const struct seq_operations map_seq_operations = {
	.start	= map_start,
	.next	= map_next,
	.stop	= map_stop,
	.show	= map_show,
};

static int map_open(struct inode *inode, struct file *file,
		    enum userns_map_type type)
{
	struct user_namespace *ns = get_proc_user_ns(inode);
	struct map_file *mf;

	if (!ns)
		return -EINVAL;
	mf = __seq_open_private(file, &map_seq_operations, sizeof(*mf));
	if (!mf) {
		put_user_ns(ns);
		return -ENOMEM;
	}
	mf->ns = ns;
	mf->type = type;
	mf->reader = file->f_cred->user_ns;
	/* From within, the outside is what the parent calls it. */
	if (mf->reader == ns && ns->parent)
		mf->reader = ns->parent;
	return 0;
}

static int uid_map_open(struct inode *inode, struct file *file)
{
	return map_open(inode, file, USERNS_UID_MAP);
}

static int gid_map_open(struct inode *inode, struct file *file)
{
	return map_open(inode, file, USERNS_GID_MAP);
}

static int projid_map_open(struct inode *inode, struct file *file)
{
	return map_open(inode, file, USERNS_PROJID_MAP);
}

static int map_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct map_file *mf = seq->private;

	put_user_ns(mf->ns);
	return seq_release_private(inode, file);
}

/* Writer and opener must have it: either may be the one that was tricked. */
static bool both_capable(const struct file *file, struct user_namespace *ns,
			 int cap)
{
	return ns_capable(ns, cap) && file_ns_capable(file, ns, cap);
}

/* Is this the one id that the owner of a namespace may map to (MAP-8)? */
static bool is_own_id(const struct file *file, const struct map_file *mf,
		      const struct id_extent *line, u32 nr)
{
	const struct cred *opener = file->f_cred;
	struct user_namespace *ns = mf->ns;

	if (nr != 1 || line->count != 1 || !uid_eq(ns->owner, opener->euid))
		return false;
	if (mf->type == USERNS_UID_MAP)
		return uid_eq(make_kuid(ns->parent, line->lower), opener->euid);
	return ns->setgroups_denied &&
	       gid_eq(make_kgid(ns->parent, line->lower), opener->egid);
}

/*
 * A file with capabilities counts wherever root of its namespace is an
 * ancestor's root: who makes somebody the parent's root must be able to set
 * capabilities on files there (MAP-9).
 */
static bool may_map_root(const struct file *file, const struct map_file *mf)
{
	if (file->f_cred->user_ns == mf->ns)
		return mf->ns->creator_setfcap;
	return file_ns_capable(file, mf->ns->parent, CAP_SETFCAP);
}

static bool may_map(const struct file *file, const struct map_file *mf,
		    const struct id_extent *lines, u32 nr)
{
	u32 i;

	if (mf->type == USERNS_PROJID_MAP)
		return true;

	if (mf->type == USERNS_UID_MAP) {
		for (i = 0; i < nr; i++) {
			if (!lines[i].lower && !may_map_root(file, mf))
				return false;
		}
	}

	return is_own_id(file, mf, lines, nr) ||
	       both_capable(file, mf->ns->parent,
			    mf->type == USERNS_UID_MAP ? CAP_SETUID
						       : CAP_SETGID);
}

/* Build a map of nr extents from checked lines and publish it, once. */
static int map_publish(const struct map_file *mf,
		       const struct id_extent *lines, u32 nr_lines, u32 nr)
{
	struct user_namespace *ns = mf->ns;
	struct id_map *map = NULL;
	int ret = -EPERM;

	if (nr > ID_MAP_INLINE) {
		map = kmalloc(id_map_size(nr), GFP_KERNEL | __GFP_NOWARN);
		if (!map)
			return -ENOMEM;
	}

	mutex_lock(&userns_map_mutex);
	if (!ns->map[mf->type]) {
		if (!map)
			map = &ns->small[mf->type];
		id_map_split(user_ns_map(ns->parent, mf->type), lines, nr_lines,
			     id_map_init(map, nr), nr);
		id_map_build(map);
		/* Whoever sees the pointer sees the map: user_ns_map(). */
		smp_wmb();
		ns->map[mf->type] = map;
		map = NULL;
		ret = 0;
	}
	mutex_unlock(&userns_map_mutex);

	kfree(map);
	return ret;
}

static int map_set(struct file *file, const struct map_file *mf,
		   const struct map_write *w, size_t count)
{
	struct id_extent *lines = w->lines;
	int nr_lines, nr, err;

	if (user_ns_map(mf->ns, mf->type))
		return -EPERM;
	if (mf->type != USERNS_PROJID_MAP &&
	    !file_ns_capable(file, mf->ns, CAP_SYS_ADMIN))
		return -EPERM;

	nr_lines = id_map_parse(w->text, count, lines);
	if (nr_lines < 0)
		return nr_lines;
	err = id_map_check(lines, w->key, nr_lines);
	if (err)
		return err;
	if (!may_map(file, mf, lines, nr_lines))
		return -EPERM;

	nr = id_map_split(user_ns_map(mf->ns->parent, mf->type), lines,
			  nr_lines, NULL, ID_MAP_MAX_EXTENTS);
	if (nr < 0)
		return nr;
	return map_publish(mf, lines, nr_lines, nr);
}

static ssize_t map_file_write(struct file *file, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	struct seq_file *seq = file->private_data;
	const struct map_file *mf = seq->private;
	struct user_namespace *opener = file->f_cred->user_ns;
	struct map_write w;
	size_t room;
	int err;

	if (!mf->ns->parent)
		return -EPERM;
	if (opener != mf->ns && opener != mf->ns->parent)
		return -EPERM;
	if (*ppos != 0 || count >= PAGE_SIZE)
		return -EINVAL;

	/* one byte more, for the newline that id_map_parse() adds */
	room = id_map_room(count);
	w.key = kmalloc(room * (sizeof(*w.key) + sizeof(*w.lines)) + count + 1,
			GFP_KERNEL);
	if (!w.key)
		return -ENOMEM;
	w.lines = (struct id_extent *)(w.key + room);
	w.text = (char *)(w.lines + room);
	err = -EFAULT;
	if (!copy_from_user(w.text, buf, count))
		err = map_set(file, mf, &w, count);
	kfree(w.key);
	if (err)
		return err;
	*ppos = count;
	return count;
}

const struct file_operations proc_uid_map_operations = {
	.open		= uid_map_open,
	.read		= seq_read,
	.write		= map_file_write,
	.llseek		= seq_lseek,
	.release	= map_release,
};

const struct file_operations proc_gid_map_operations = {
	.open		= gid_map_open,
	.read		= seq_read,
	.write		= map_file_write,
	.llseek		= seq_lseek,
	.release	= map_release,
};

const struct file_operations proc_projid_map_operations = {
	.open		= projid_map_open,
	.read		= seq_read,
	.write		= map_file_write,
	.llseek		= seq_lseek,
	.release	= map_release,
};

static int setgroups_show(struct seq_file *seq, void *v)
{
	struct user_namespace *ns = seq->private;

	seq_puts(seq, ns->setgroups_denied ? "deny\n" : "allow\n");
	return 0;
}

static int setgroups_open(struct inode *inode, struct file *file)
{
	struct user_namespace *ns = get_proc_user_ns(inode);
	int err;

	if (!ns)
		return -ESRCH;
	err = -EACCES;
	if ((file->f_mode & FMODE_WRITE) && !ns_capable(ns, CAP_SYS_ADMIN))
		goto out;
	err = single_open(file, setgroups_show, ns);
out:
	if (err)
		put_user_ns(ns);
	return err;
}

static int setgroups_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct user_namespace *ns = seq->private;

	put_user_ns(ns);
	return single_release(inode, file);
}

static ssize_t setgroups_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *ppos)
{
	struct seq_file *seq = file->private_data;
	struct user_namespace *ns = seq->private;
	char text[8], *rest;
	bool deny;
	int err = 0;

	if (*ppos != 0 || count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';

	deny = !strncmp(text, "deny", 4);
	if (!deny && strncmp(text, "allow", 5))
		return -EINVAL;
	rest = skip_spaces(text + (deny ? 4 : 5));
	if (rest != text + count)
		return -EINVAL;

	mutex_lock(&userns_map_mutex);
	if (!deny) {
		if (ns->setgroups_denied)
			err = -EPERM;
	} else if (user_ns_map(ns, USERNS_GID_MAP)) {
		/* Groups may have been dropped already. */
		err = -EPERM;
	} else {
		ns->setgroups_denied = true;
	}
	mutex_unlock(&userns_map_mutex);
	if (err)
		return err;
	*ppos = count;
	return count;
}

const struct file_operations proc_setgroups_operations = {
	.open		= setgroups_open,
	.read		= seq_read,
	.write		= setgroups_write,
	.llseek		= seq_lseek,
	.release	= setgroups_release,
};
