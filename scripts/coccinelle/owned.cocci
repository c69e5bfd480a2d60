// SPDX-License-Identifier: GPL-2.0
// A function that is handed an object with an owner and asks the initial namespace, not the owner: each is right for a
// reason, which Documentation/capable.md gives.
virtual report

@owned@
identifier fn;
identifier T = {inode, dentry, path, super_block, vfsmount, iattr, task_struct, cred, user_namespace, ipc_namespace, uts_namespace, pid_namespace, mnt_namespace, net, net_device, sock, socket, sk_buff, kern_ipc_perm, ipc_ids, key, dquot, mempolicy, cgroup};
identifier p;
position at;
@@
fn(..., struct T *p, ...)
{
<+...
(
  capable@at(...)
|
  has_capability@at(...)
|
  has_capability_noaudit@at(...)
)
...+>
}

@script:python depends on report@
fn << owned.fn;
at << owned.at;
@@
print("%s:%s" % (at[0].file, fn))
