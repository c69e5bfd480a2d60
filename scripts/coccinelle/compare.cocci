// SPDX-License-Identifier: GPL-2.0
// A kernel id is compared with ids, by == and !=, not with numbers: 0 hides whether root of the machine or of a
// namespace is meant, and -1 whether "none" or "leave it". Neither the compiler nor sparse sees 0 and truth tests.
virtual report

@against@
identifier f = {i_uid, i_gid, ia_uid, ia_gid, fsuid, fsgid, euid, egid, suid, sgid, loginuid};
expression E;
constant C;
position p;
@@
(
  E->f@p == C
|
  E->f@p != C
|
  E.f@p == C
|
  E.f@p != C
|
  !E->f@p
|
  E->f@p < C
|
  E->f@p > C
)

@script:python depends on report@
p << against.p;
f << against.f;
C << against.C = "0";
@@
if C not in ("GLOBAL_ROOT_UID", "GLOBAL_ROOT_GID", "INVALID_UID", "INVALID_GID"):
    print("%s:%s:%s: %s is compared with a number" % (p[0].file, p[0].current_element, p[0].line, f))

@mine@
identifier fn = {current_uid, current_euid, current_suid, current_fsuid, current_gid, current_egid, current_sgid, current_fsgid, task_uid, task_euid};
constant C;
position p;
@@
(
  fn@p(...) == C
|
  fn@p(...) != C
|
  !fn@p(...)
)

@script:python depends on report@
p << mine.p;
fn << mine.fn;
C << mine.C = "0";
@@
if C not in ("GLOBAL_ROOT_UID", "GLOBAL_ROOT_GID", "INVALID_UID", "INVALID_GID"):
    print("%s:%s:%s: %s is compared with a number" % (p[0].file, p[0].current_element, p[0].line, fn))
