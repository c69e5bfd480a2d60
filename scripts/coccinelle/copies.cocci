// SPDX-License-Identifier: GPL-2.0
// A struct that holds a kernel id must not be copied to or from user space or a message as it lies in memory:
// the id in it would leave, or enter, untranslated. No compiler and no sparse sees that.
virtual report

@ids@
identifier S = {cred, inode, kstat, iattr, kern_ipc_perm, user_struct, user_namespace, posix_acl_entry, key, group_info, super_block, posix_acl, fown_struct, shmem_sb_info, drm_file};
expression a, b, n;
position p;
@@
(
  copy_to_user@p(a, b, sizeof(struct S))
|
  copy_from_user@p(a, b, sizeof(struct S))
|
  nla_put@p(a, b, sizeof(struct S), n)
|
  memcpy@p(a, b, sizeof(struct S))
)

@script:python depends on report@
p << ids.p;
S << ids.S;
@@
print("%s:%s:%s: a struct %s is copied with the ids in it" % (p[0].file, p[0].current_element, p[0].line, S))

@typed@
struct cred *c;
struct inode *i;
struct kstat *k;
struct iattr *t;
struct kern_ipc_perm *q;
struct posix_acl_entry *e;
expression a, n;
position p;
@@
(
  copy_to_user@p(a, \(c\|i\|k\|t\|q\|e\), n)
|
  copy_from_user@p(\(c\|i\|k\|t\|q\|e\), a, n)
|
  memcpy@p(a, \(i\|k\|t\|q\|e\), n)
)

@script:python depends on report@
p << typed.p;
@@
print("%s:%s:%s: a struct is copied with the ids in it" % (p[0].file, p[0].current_element, p[0].line))

@plain@
typedef kuid_t, kgid_t, kprojid_t;
{kuid_t, kgid_t, kprojid_t} k;
{kuid_t, kgid_t, kprojid_t} *kp;
expression a, n;
position p;
@@
(
  copy_to_user@p(a, \(&k\|kp\), n)
|
  copy_from_user@p(\(&k\|kp\), a, n)
|
  memcpy@p(a, \(&k\|kp\), n)
|
  memcpy@p(\(&k\|kp\), a, n)
|
  nla_put@p(a, n, ..., \(&k\|kp\))
)

@script:python depends on report@
p << plain.p;
@@
print("%s:%s:%s: a kernel id is copied as it lies in memory" % (p[0].file, p[0].current_element, p[0].line))

@fields@
identifier f = {uid, gid, euid, egid, suid, sgid, fsuid, fsgid, i_uid, i_gid, ia_uid, ia_gid, e_uid, e_gid};
expression E, a, n;
position p;
@@
(
  copy_to_user@p(a, \(&E->f\|&E.f\), n)
|
  copy_from_user@p(\(&E->f\|&E.f\), a, n)
|
  memcpy@p(a, \(&E->f\|&E.f\), n)
|
  memcpy@p(\(&E->f\|&E.f\), a, n)
|
  nla_put@p(a, n, ..., \(&E->f\|&E.f\))
)

@script:python depends on report@
p << fields.p;
f << fields.f;
@@
print("%s:%s:%s: %s is copied as it lies in memory" % (p[0].file, p[0].current_element, p[0].line, f))
