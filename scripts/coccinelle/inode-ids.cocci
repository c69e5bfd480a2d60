// SPDX-License-Identifier: GPL-2.0
// An inode's owner and group are kernel ids.  What a disk or a server has are ids of the initial namespace: numbers.
// Makes filesystems move them by i_uid_read(), i_uid_write() and the same for groups.  No object file changes.
//
//	spatch --sp-file inode-ids.cocci --no-includes --in-place FILE...
//
// Only variables that are declared as inodes in the function itself are looked at, and only where the value is a
// number for certain; the rest is work for a hand. Not for devpts and ncpfs, which keep options as kernel ids.

@assign@
struct inode *I;
struct inode *J;
struct iattr *A;
expression E;
identifier f = {current_uid, current_euid, current_fsuid, current_gid, current_egid, current_fsgid, make_kuid, make_kgid, KUIDT_INIT, KGIDT_INIT};
identifier ID = {GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, INVALID_UID, INVALID_GID};
@@
(
  I->i_uid = f(...)
|
  I->i_gid = f(...)
|
  I->i_uid = J->i_uid
|
  I->i_uid = E->d_inode->i_uid
|
  I->i_gid = E->d_inode->i_gid
|
  I->i_gid = J->i_gid
|
  I->i_uid = A->ia_uid
|
  I->i_gid = A->ia_gid
|
  I->i_uid = ID
|
  I->i_gid = ID
|
- I->i_uid = 0
+ I->i_uid = GLOBAL_ROOT_UID
|
- I->i_gid = 0
+ I->i_gid = GLOBAL_ROOT_GID
|
- I->i_uid = E
+ i_uid_write(I, E)
|
- I->i_gid = E
+ i_gid_write(I, E)
|
- I->i_uid |= E
+ i_uid_write(I, i_uid_read(I) | E)
|
- I->i_gid |= E
+ i_gid_write(I, i_gid_read(I) | E)
)

@call@
struct inode *I;
identifier f =~ "^(__cpu|cpu)_to_[a-z]+[0-9]+$|^(fs_)?high2low[ug]id$|^(low|high)_16_bits$|^htonl$|^set_sd_v[12]_[ug]id$|^btrfs_set_.*inode_[ug]id$|^ufs_set_inode_[ug]id$|^fs_high2low[ug]id$";
expression list[n] before;
@@
  f(before,
(
- I->i_uid
+ i_uid_read(I)
|
- I->i_gid
+ i_gid_read(I)
)
  ,...)

@declare@
struct inode *I;
identifier V;
typedef uid_t, gid_t;
@@
(
- uid_t V = I->i_uid;
+ uid_t V = i_uid_read(I);
|
- gid_t V = I->i_gid;
+ gid_t V = i_gid_read(I);
)
