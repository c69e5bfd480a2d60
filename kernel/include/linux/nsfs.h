/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_NSFS_H
#define _LINUX_NSFS_H

#include <linux/ioctl.h>

/*
 * Questions to an open file of /proc/PID/ns.  EPERM where the answer lies
 * outside what the caller's own namespace contains.
 */
#define NSIO	0xb7

/* A descriptor of the user namespace that owns this one */
#define NS_GET_USERNS		_IO(NSIO, 0x1)
/* A descriptor of the parent; user and pid namespaces have one, else EINVAL */
#define NS_GET_PARENT		_IO(NSIO, 0x2)
/* The CLONE_NEW* flag of its type */
#define NS_GET_NSTYPE		_IO(NSIO, 0x3)
/* The uid of the owner of a user namespace, by pointer; else EINVAL */
#define NS_GET_OWNER_UID	_IO(NSIO, 0x4)

#endif /* _LINUX_NSFS_H */
