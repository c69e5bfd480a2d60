# SPDX-License-Identifier: GPL-2.0
# Programs for selftests/differ.c, one for each seed from `seed' on, `count' of them. A program depends on its seed and on
# this file alone: whole numbers below 2^53 and no random() of awk's own.

function pick(n) {
	state = (state * 16807) % 2147483647
	return int(state / 64) % n
}
function one(list, n, a) {
	n = split(list, a, " ")
	return a[pick(n) + 1]
}
function emit(actor, text) {
	print "a" actor " " text
}
function anybody() {
	return alive[pick(n_alive)]
}
function who() {
	return "a" anybody()
}
function id() {
	return one("0 0 0 1 5 9 10 20 24 999 1000 1000 1000 1001 2000 2000 100000 100000 100001 100005 100009 100020 100999 101000 65534 300000 4294967294 -1")
}
function real_id(n) {
	do n = id(); while (n == "-1")
	return n
}
# Ids inside the maps below, and edges of their lines
function small_id() {
	return one("0 0 1 4 5 9 10 11 14 15 19 20 24 1000")
}
function newborn() {
	return n_alive < ACTORS ? n_alive : -1
}
function born(n) {
	alive[n_alive++] = n
}

# What a map may look like. Maps of several lines leave holes inside: over a parent without holes a line might span two
# of its lines, which only 3.4 with the series can split (MAP-6). Lines ascend, for else they are shown in another order (MAP-10).
function map() {
	return one("0,100000,1000 0,100000,1000 0,100000,1000 0,100000,10;20,100020,5 0,0,1 0,0,1 0,1000,1 0,1000,1 1000,1000,1 5,1000,1 0,2000,1 0,0,10 0,5,3 0,0,1000 0,0,4294967295 0,1000,1;5,0,1 1,0,1;1000,1000,1 0,1000,1;1,100001,9 0,5,1 1,1,1")
}
function bad_map() {
	return one("@ x 0,0 0,0,0 0,0,-1 0,0,1;0,5,1 0,0,1;5,0,1 0,4294967295,1 4294967290,0,10 0,0,1,7 0,100000,10; ,,0,100000,10 0,100000,10;; 0x0,0,1 0,0,1x 0,0,+1 0,0,4294967296x 0,100000,10;5,100020,3 0,100000,10;20,100005,3 ;0,0,1 0,0 00,01000,01 1,4294967294,1 4294967294,1000,1 4294967294,0,1 0,4294967290,5")
}
function become(actor, uid, gid) {
	emit(actor, "setgroups " one("@ @ 1001 2000 0,5 " gid))
	emit(actor, "setresgid " gid " " gid " " gid)
	emit(actor, "setresuid " uid " " uid " " uid)
	if (pick(2))
		emit(actor, "prctl dumpable 1")
}
function write_maps(by, of, m) {
	m = pick(5) ? map() : one("0,1000,1 0,0,1")
	if (pick(4))
		emit(by, "write a" of " uid_map " m)
	if (!pick(3))
		emit(by, "write a" of " setgroups " one("deny deny deny allow"))
	if (pick(4))
		emit(by, "write a" of " gid_map " (pick(3) ? m : map()))
	if (!pick(6))
		emit(by, "write a" of " projid_map " map())
	if (!pick(4)) {
		emit(by, "read a" of " uid_map")
		emit(of, "read self gid_map")
	}
}
# A child, perhaps in namespaces of its own, perhaps with maps, perhaps somebody else then.
function family(parent, child) {
	child = newborn()
	if (child < 0)
		return
	if (pick(3) == 0) {
		emit(parent, "clone a" child " @")
		born(child)
		if (pick(2))
			become(child, one("1000 1000 2000 0 5"), one("1000 1000 2000 0 5"))
		if (pick(3) == 0)
			emit(child, "unshare " one("user user user,mnt user,uts user,ipc user,mnt,uts,ipc mnt uts"))
		return
	}
	emit(parent, "clone a" child " " one("user user user user user,mnt user,uts user,ipc user,mnt,uts,ipc user,net"))
	born(child)
	if (pick(6))
		write_maps(one("0 0 " parent " " parent " " child), child)
	if (pick(3) == 0)
		become(child, one("0 0 5 1 1000"), one("0 0 5 1 1000"))
}

# Namespaces of several lines at several levels, whose lines span those of the parent, overlap, or lie beside them
function levels(parent, child, k, m) {
	for (k = pick(3) + 2; k > 0; k--) {
		child = newborn()
		if (child < 0)
			return
		emit(parent, "clone a" child " " one("user user user,mnt user,uts"))
		born(child)
		m = one("0,100000,10;10,200000,10 0,100000,5;5,100010,5;10,100005,5 0,0,5;5,10,5;10,100000,10 0,100010,5;5,100000,10 0,1000,1;1,100000,20 0,0,1;1,1,1;2,2,30 0,100000,10;20,100020,5")
		if (parent != 0)
			m = one("0,5,10 0,0,20 0,0,15;15,17,2 0,0,5;5,5,5;10,10,5 0,3,4;4,8,4;8,0,3 0,9,2 0,0,4294967295 0,0,5;4,10,5 0,0,5;5,3,5 0,0,10;10,18,10 0,14,1;1,0,14 0,20,5;5,0,5 0,10,10")
		emit(parent, "span a" child " uid_map " m " a" parent)
		emit(parent, "span a" child " gid_map " (pick(3) ? m : "0,0,10") " a" parent)
		if (!pick(3))
			emit(parent, "span a" child " projid_map " m " a" parent)
		emit(child, "ids")
		emit(pick(2) ? child : anybody(), "read a" child " " one("uid_map gid_map projid_map"))
		if (pick(2)) {
			emit(child, "setresuid " small_id() " " small_id() " 0")
			emit(anybody(), "status a" child)
		}
		emit(child, "create " one("open/l0 open/l1 open/l2") " 666")
		emit(anybody(), "stat " one("open/l0 open/l1 open/l2"))
		emit(child, "chown " one("open/l0 open/l1 open/l2") " " small_id() " " small_id())
		emit(anybody(), "stat " one("open/l0 open/l1 open/l2"))
		if (pick(3))
			parent = child
	}
}
function step_span() {
	if (!pick(4))
		levels(anybody())
	else if (pick(2))
		emit(anybody(), "chown " one("open/l0 open/l1 open/l2") " " small_id() " " small_id())
	else if (pick(2))
		emit(anybody(), one("setfsuid setfsgid setuid setgid") " " small_id())
	else
		emit(anybody(), "stat " one("open/l0 open/l1 open/l2"))
}
function step_acl(k) {
	k = pick(6)
	if (k < 3)
		emit(anybody(), "setacl " file() " " one("u g") " " real_id() " " pick(8))
	else if (k < 5)
		emit(anybody(), "getacl " file())
	else
		emit(anybody(), "open " file() " " one("r w"))
}
function step_key(k, s) {
	s = pick(2)
	k = pick(8)
	if (k < 2)
		emit(anybody(), "addkey " s " " one("process session") " " one("3f3f3f3f 3f3f0000 3f000000 3f3f3f00 3f00003f 3f010101"))
	else if (k < 6)
		emit(anybody(), "key " s " " one("describe describe describe read update link revoke"))
	else if (k == 6)
		emit(anybody(), "chownkey " s " " id() " " id())
	else
		emit(anybody(), "keyperm " s " " one("3f3f3f3f 3f3f0000 3f000000 3f003f00 0"))
}
function step_exec(k) {
	k = pick(7)
	if (k == 0) {
		emit(anybody(), "chown prog " real_id() " " real_id())
		emit(anybody(), "chmod prog " one("4755 2755 6755 4711 6777"))
	} else if (k == 1)
		emit(anybody(), "chmod prog " one("4755 2755 6755 755 6777 2745 700"))
	else if (k == 2)
		emit(pick(4) ? 0 : anybody(), "filecaps prog " one("1 0 c0 200000 fffffffff"))
	else
		emit(anybody(), "exec prog")
}
function step_pid(k, c) {
	c = newborn()
	if (c >= 0 && !pick(2)) {
		emit(anybody(), "clone a" c " " one("pid pid user,pid user,pid user,pid,mnt"))
		born(c)
		if (pick(2))
			write_maps(anybody(), c)
		return
	}
	if (pick(3))
		step_process()
	else if (pick(3))
		step_nice()
	else
		emit(anybody(), "status " who())
}
function file() {
	return one("open/f0 open/f0 open/f1 open/f2 open/d/f0 sticky/f0 sticky/f1 m0/f0 m1/f0")
}
function path() {
	return pick(4) ? file() : one("open open/d sticky m0 m1 open/d0")
}
function mode() {
	return one("644 600 666 4755 2755 2770 6777 0 640 1777 755 700 40 4")
}
function step_process(a) {
	a = anybody()
	emit(a, one("kill ptrace capget prlimit affinity robust kill ptrace capget ionice") " " who())
}
function step_nice() {
	if (pick(3))
		emit(anybody(), "nice " who() " " one("1 2 5 0"))
	else
		emit(anybody(), "niceuser " one("0 0 1000 5 300000 100000"))
}
function step_look(k) {
	k = pick(6)
	if (k == 0)
		emit(anybody(), "ids")
	else if (k == 1)
		emit(anybody(), "status " one("self " who()))
	else if (k == 2)
		emit(anybody(), "read " one("self " who()) " " one("uid_map gid_map projid_map setgroups"))
	else if (k == 3)
		emit(anybody(), "nsid " one("self " who()) " " one("user user uts ipc mnt net"))
	else if (k == 4)
		emit(anybody(), "owner " one("self " who()) " " one("status uid_map mem ns environ setgroups"))
	else
		emit(anybody(), "readlink " who() " " one("cwd root exe ns/user"))
}
function step_map(f) {
	f = one("uid_map gid_map uid_map gid_map projid_map setgroups")
	if (f == "setgroups")
		emit(anybody(), "write " who() " setgroups " one("deny allow deny; den x @ deny,"))
	else
		emit(anybody(), "write " who() " " f " " (pick(3) ? map() : bad_map()))
}
# Who opens a map is not always who writes it, nor the same person then.
function step_slot(s, k) {
	s = pick(2)
	k = pick(5)
	if (k < 2)
		emit(anybody(), "openfile " s " " who() " " one("uid_map gid_map setgroups projid_map"))
	else if (k < 4)
		emit(anybody(), "writeslot " s " " one(map() " " map() " deny"))
	else
		emit(anybody(), "readslot " s)
}
function step_ids(k) {
	k = pick(9)
	if (k == 0)
		emit(anybody(), "setuid " id())
	else if (k == 1)
		emit(anybody(), "setgid " id())
	else if (k == 2)
		emit(anybody(), "setreuid " id() " " id())
	else if (k == 3)
		emit(anybody(), "setregid " id() " " id())
	else if (k == 4)
		emit(anybody(), "setresuid " id() " " id() " " id())
	else if (k == 5)
		emit(anybody(), "setresgid " id() " " id() " " id())
	else if (k == 6)
		emit(anybody(), one("setfsuid setfsgid") " " id())
	else if (k == 7)
		emit(anybody(), "setgroups " one("@ 0 5 1000 1000,5 0,1,5 300000 4294967295"))
	else
		emit(anybody(), "ids")
}
function caps() {
	# all, none, then DAC_OVERRIDE, CHOWN, FOWNER, SETUID+SETGID, SYS_ADMIN, all three, KILL, SYS_PTRACE, SETFCAP and more
	return one("fffffffff 0 2 1 8 c0 200000 2000c0 20 80000 80000000 fffff0fff f7fffffff")
}
function words(list, w) {
	w = one(list)
	sub(",", " ", w)
	return w
}
function step_caps(c) {
	c = caps()
	if (pick(3))
		emit(anybody(), "capset " one(c " 0 " c) " " c " " one("0 0 " c))
	else
		emit(anybody(), "prctl " words("drop,21 drop,7 drop,1 keepcaps,1 keepcaps,0 securebits,0 securebits,1 securebits,4 securebits,5 securebits,16 dumpable,0 dumpable,1 nnp,1 getnnp,0 getdumpable,0 getsecurebits,0"))
}
function step_ns(k, a, c) {
	k = pick(6)
	if (k == 0)
		family(anybody())
	else if (k < 3) {
		a = anybody()
		emit(a, "unshare " one("user user user,mnt user,uts,ipc mnt uts ipc user,net"))
		if (pick(3))
			write_maps(one("0 " a " " a), a)
	} else
		emit(anybody(), "setns " who() " " one("user user user uts ipc mnt net"))
}
function step_file(k, a) {
	a = anybody()
	k = pick(16)
	if (k < 2)
		emit(a, "create " file() " " mode())
	else if (k == 2)
		emit(a, "mkdir " one("open/d open/d0 sticky/d") " " one("755 777 1777 2777 700"))
	else if (k < 5)
		emit(a, "chown " path() " " id() " " id())
	else if (k < 7)
		emit(a, "chmod " path() " " mode())
	else if (k == 7)
		emit(a, "stat " path())
	else if (k == 8)
		emit(a, "open " path() " " one("r w trunc noatime"))
	else if (k == 9)
		emit(a, "access " path() " " one("0 1 2 4 6"))
	else if (k == 10)
		emit(a, "utimes " path() " " one("now set"))
	else if (k == 11)
		emit(a, one("unlink unlink rmdir") " " path())
	else if (k == 12)
		emit(a, one("rename link") " " file() " " file())
	else if (k == 13)
		emit(a, "append " file())
	else if (k == 14)
		emit(a, "mknod " file() " " one("c b fifo"))
	else
		emit(a, "setxattr " path() " " one("trusted.x security.x"))
	if (!pick(3))
		emit(anybody(), "stat " path())
}
function step_ipc(k, kind, key) {
	kind = one("msg sem xshm")
	key = pick(2) + 100
	k = pick(7)
	if (k < 2)
		emit(anybody(), "ipcget " kind " " key " " one("600 660 666 0 640"))
	else if (k == 2)
		emit(anybody(), "ipcopen " kind " " key " " one("0 400 600 60"))
	else if (k < 5)
		emit(anybody(), "ipcctl " kind " " key " stat 0 0 0")
	else if (k == 5)
		emit(anybody(), "ipcctl " kind " " key " set " real_id() " " real_id() " " one("600 666 0"))
	else
		emit(anybody(), "ipcctl " kind " " key " rm 0 0 0")
}
function step_socket(k, s) {
	s = pick(2)
	k = pick(7)
	if (k == 0)
		emit(anybody(), "listen " s)
	else if (k == 1)
		emit(anybody(), "connect " s)
	else if (k == 2)
		emit(anybody(), "accept " s)
	else if (k == 3)
		emit(anybody(), "receiver " (s + 2))
	else if (k < 6)
		emit(anybody(), "send " (s + 2) " " (pick(2) ? who() : "@") " " real_id() " " real_id())
	else
		emit(anybody(), "receive " (s + 2))
}
function step_mount(k) {
	k = pick(9)
	if (k < 2)
		emit(anybody(), "mount none " one("m0 m1 open/d") " tmpfs " one("@ ro nosuid nodev ro,nosuid") " " one("mode=0777 @ uid=5,mode=755 gid=2000"))
	else if (k < 4)
		emit(anybody(), "mount " one("m0 open sticky m1") " " one("m0 m1 open/d") " none bind" (pick(2) ? "" : ",rec") " @")
	else if (k == 4)
		emit(anybody(), "mount none " one("m0 m1") " none remount,bind," one("rw ro nosuid nodev") " @")
	else if (k == 5)
		emit(anybody(), "mount none " one("m0 m1") " none " one("private shared slave") " @")
	else if (k == 6)
		emit(anybody(), "umount " one("m0 m1 open/d") " " one("now detach"))
	else if (k == 7 && !pick(3))
		emit(anybody(), "mountproc " one("m0 m1"))
	else if (k == 7)
		emit(anybody(), "mount none " one("m0 m1") " " one("ramfs mqueue") " @ @")
	else
		emit(anybody(), one("chdir chroot") " " one("open m0 . .."))
}
function step_uts() {
	emit(anybody(), pick(2) ? "hostname" : "sethostname " one("x y z"))
}

function make(n, k, c) {
	# Neighbouring seeds must not begin alike.
	state = (n * 48271 + 12345) % 2147483646 + 1
	for (k = 0; k < 8; k++)
		pick(2)
	print "program " n
	n_alive = 0
	born(0)
	for (k = 0; k < 3; k++) {
		f = file()
		emit(0, "create " f " " mode())
		if (pick(3))
			emit(0, "chown " f " " real_id() " " real_id())
	}
	emit(0, "clone a1 @")
	born(1)
	if (pick(5))
		become(1, one("1000 1000 1000 2000 0"), one("1000 1000 2000"))
	for (k = pick(4) + 1; k > 0; k--)
		family(anybody())
	# Each program has its subjects.
	subjects = one("look look,ids look,file file,ids process,caps process,ids,ns map map,slot,ids map,caps ipc,ids socket,ids mount mount,ns uts,ns ns,process nice,ids,process acl,file acl,file,caps key key,caps,ids exec exec,caps exec,ids pid,process pid,nice,ids span span,ids,look all all all")
	if (subjects == "all")
		subjects = "look,ids,file,process,caps,ns,map,slot,ipc,socket,mount,uts,nice,acl,key,exec,pid,span"
	n_subjects = split(subjects, subject, ",")
	if (subjects ~ /span/)
		levels(pick(3) ? 0 : anybody())
	# So that there is something set-id to run
	if (subjects ~ /exec/ && pick(4)) {
		emit(0, "chown prog " real_id() " " real_id())
		emit(0, pick(4) ? "chmod prog " one("4755 2755 6755") : "filecaps prog " one("c0 fffffffff 1"))
	}
	for (k = 12 + pick(24); k > 0; k--) {
		s = subject[pick(n_subjects) + 1]
		if (!pick(5))
			s = one("look ids file process caps ns map")
		if (s == "look") step_look()
		else if (s == "ids") step_ids()
		else if (s == "file") step_file()
		else if (s == "process") step_process()
		else if (s == "caps") step_caps()
		else if (s == "ns") step_ns()
		else if (s == "map") step_map()
		else if (s == "slot") step_slot()
		else if (s == "ipc") step_ipc()
		else if (s == "socket") step_socket()
		else if (s == "mount") step_mount()
		else if (s == "uts") step_uts()
		else if (s == "nice") step_nice()
		else if (s == "acl") step_acl()
		else if (s == "key") step_key()
		else if (s == "exec") step_exec()
		else if (s == "pid") step_pid()
		else if (s == "span") step_span()
	}
	# What differs on purpose, at the end, for beyond it nothing is compared
	c = newborn()
	if (subjects ~ /exec/ && c >= 0 && !pick(4)) {
		emit(0, "clone a" c " user")
		emit(0, "write a" c " uid_map 0,0,1")
		emit(0, "write a" c " gid_map 0,0,1")
		emit(0, "chown prog 0 0")
		emit(c, "filecaps prog 1")
	}
	if (subjects ~ /mount/ && !pick(4)) {
		emit(0, "mountproc m0")
		emit(0, "mountproc m0")
	}
}
BEGIN {
	ACTORS = 8
	for (number = seed; number < seed + count; number++)
		make(number)
}
