/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_UIDGID_H
#define _LINUX_UIDGID_H

/*
 * Kernel ids: users, groups and projects as they are known inside the kernel.
 *
 * A user is a tuple (user namespace, id).  It is translated once where it
 * enters the kernel, by make_kuid(), and once where it leaves, by from_kuid()
 * or from_kuid_munged() of linux/user_namespace.h.  Inside there are only
 * kernel ids: the ids that the initial namespace uses.  So two tuples are the
 * same user exactly when their kernel ids are equal, and == compares them.
 *
 * 4294967295 is the invalid id.  No credential, no access control list and no
 * ownership being set ever holds it: what enters is tested with uid_valid().
 * An inode may, from its disk.  It is nobody, so the result of a translation
 * is tested for validity before it is compared with the owner of an inode.
 */

#include <linux/types.h>

#ifdef UIDGID_STRICT
#define KUIDT_INIT(value)	((kuid_t) { value })
#define KGIDT_INIT(value)	((kgid_t) { value })
#define KPROJIDT_INIT(value)	((kprojid_t) { value })
#define __kuid_val(kuid)	((kuid).val)
#define __kgid_val(kgid)	((kgid).val)
#define __kprojid_val(kprojid)	((kprojid).val)
#else
#define KUIDT_INIT(value)	((__force kuid_t) (value))
#define KGIDT_INIT(value)	((__force kgid_t) (value))
#define KPROJIDT_INIT(value)	((__force kprojid_t) (value))
#define __kuid_val(kuid)	((__force uid_t) (kuid))
#define __kgid_val(kgid)	((__force gid_t) (kgid))
#define __kprojid_val(kprojid)	((__force projid_t) (kprojid))
#endif

/* Root of the machine, as opposed to root of some namespace. */
#define GLOBAL_ROOT_UID		KUIDT_INIT(0)
#define GLOBAL_ROOT_GID		KGIDT_INIT(0)

#define INVALID_UID		KUIDT_INIT((uid_t) -1)
#define INVALID_GID		KGIDT_INIT((gid_t) -1)
#define INVALID_PROJID		KPROJIDT_INIT((projid_t) -1)

/**
 * uid_eq - are two kernel ids the same user?
 * @left: a kernel id
 * @right: a kernel id
 *
 * The same as @left == @right, which may be written as well.
 *
 * Return: true if they are.
 */
static inline bool uid_eq(kuid_t left, kuid_t right)
{
	return __kuid_val(left) == __kuid_val(right);
}

/**
 * gid_eq - are two kernel ids the same group?  See uid_eq().
 * @left: a kernel id
 * @right: a kernel id
 *
 * Return: true if they are.
 */
static inline bool gid_eq(kgid_t left, kgid_t right)
{
	return __kgid_val(left) == __kgid_val(right);
}

/**
 * projid_eq - are two kernel ids the same project?  See uid_eq().
 * @left: a kernel id
 * @right: a kernel id
 *
 * Return: true if they are.
 */
static inline bool projid_eq(kprojid_t left, kprojid_t right)
{
	return __kprojid_val(left) == __kprojid_val(right);
}

/* Any order of groups, to sort and to search them by. */
static inline bool gid_lt(kgid_t left, kgid_t right)
{
	return __kgid_val(left) < __kgid_val(right);
}

static inline bool gid_gt(kgid_t left, kgid_t right)
{
	return __kgid_val(left) > __kgid_val(right);
}

/**
 * uid_valid - is this a user at all?
 * @uid: a kernel id, perhaps the result of a translation
 *
 * Return: false for the invalid id only.
 */
static inline bool uid_valid(kuid_t uid)
{
	return __kuid_val(uid) != (uid_t) -1;
}

/**
 * gid_valid - is this a group at all?
 * @gid: a kernel id, perhaps the result of a translation
 *
 * Return: false for the invalid id only.
 */
static inline bool gid_valid(kgid_t gid)
{
	return __kgid_val(gid) != (gid_t) -1;
}

/**
 * projid_valid - is this a project at all?
 * @projid: a kernel id, perhaps the result of a translation
 *
 * Return: false for the invalid id only.
 */
static inline bool projid_valid(kprojid_t projid)
{
	return __kprojid_val(projid) != (projid_t) -1;
}

#endif /* _LINUX_UIDGID_H */
