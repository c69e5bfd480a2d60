// SPDX-License-Identifier: GPL-2.0
/* What root of a namespace may mount, and who owns it: MNT-2, MNT-4, MNT-5, ACC-2. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/quota.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "mounts.h"

static const struct type {
	const char *name;
	unsigned long magic;
} types[] = {
	{ "proc", 0x9fa0 }, { "sysfs", 0x62656572 }, { "tmpfs", 0x01021994 },
	{ "ramfs", 0x858458f6 }, { "devpts", 0x1cd1 }, { "mqueue", 0x19800202 },
	{ NULL, 0 },
};

static int mount_type(const char *type, const char *at, unsigned long flags)
{
	return mount("none", at, type, flags, NULL);
}

/* As root of init: a child that owns namespaces of every kind, as pid 1 there. */
static int all_owned_start(struct peer *p)
{
	struct peer q;

	if (!peer_start(p, 0))
		return 0;
	enter_as_root(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC);
	if (peer_start(&q, 0))
		return 1;
	peer_join(&q);
	done();
}

CASE(six_types_can_be_mounted, "MNT-2")
{
	struct peer p;

	new_dir("m");
	if (all_owned_start(&p)) {
		for (const struct type *t = types; t->name; t++) {
			struct statfs st;

			harness_context("%s", t->name);
			EXPECT_OK(mount_type(t->name, "m", 0));
			EXPECT_OK(statfs("m", &st));
			EXPECT_EQ((uint32_t)st.f_type, (uint32_t)t->magic);
			EXPECT_OK(umount2("m", 0));
		}
		done();
	}
	peer_join(&p);
}

CASE(no_other_type_can_be_mounted, "MNT-2")
{
	char list[4096], *line, *next;
	struct peer p;

	new_dir("m");
	EXPECT_OK(read_file("/proc/filesystems", list, sizeof(list)));
	if (all_owned_start(&p)) {
		int others = 0;

		for (line = strtok_r(list, "\n", &next); line;
		     line = strtok_r(NULL, "\n", &next)) {
			const char *name = strchr(line, '\t') + 1;
			const struct type *t = types;

			while (t->name && strcmp(t->name, name))
				t++;
			if (t->name)
				continue;
			harness_context("%s", name);
			EXPECT_ERR(mount("/dev/null", "m", name, 0, NULL),
				   EPERM);
			others++;
		}
		EXPECT(others > 3);
		EXPECT_ERR(mount_type("nosuchtype", "m", 0), ENODEV);
		done();
	}
	peer_join(&p);
}

/* Root of a namespace in the pid, net and ipc namespaces of another. */
CASE(the_owner_of_what_is_shown_is_asked, "MNT-2")
{
	struct peer p;

	new_dir("m");
	if (root_start(&p, 0)) {
		EXPECT_ERR(mount_type("proc", "m", 0), EPERM);
		EXPECT_ERR(mount_type("sysfs", "m", 0), EPERM);
		EXPECT_ERR(mount_type("mqueue", "m", 0), EPERM);
		EXPECT_OK(mount_type("tmpfs", "m", 0));
		done();
	}
	peer_join(&p);
	if (all_owned_start(&p)) {
		EXPECT_OK(mount_type("proc", "/proc", 0));
		enter_below(0);
		EXPECT_ERR(mount_type("proc", "m", 0), EPERM);
		EXPECT_ERR(mount_type("sysfs", "m", 0), EPERM);
		EXPECT_ERR(mount_type("mqueue", "m", 0), EPERM);
		EXPECT_OK(mount_type("tmpfs", "m", 0));
		done();
	}
	peer_join(&p);
}

/* The options that /proc/mounts shows for the mount at a path. */
static void options_of(const char *at, char *buf, size_t size)
{
	char *line, *next, *text = strdup(proc_read(0, "mounts"));

	buf[0] = 0;
	for (line = strtok_r(text, "\n", &next); line;
	     line = strtok_r(NULL, "\n", &next))
		if (strstr(line, at))
			snprintf(buf, size, "%s", line);
	free(text);
	EXPECT(buf[0]);
}

CASE(options_of_the_instances_of_others_stay, "MNT-2 MNT-9")
{
	char proc[256], pts[256], now[256];
	struct peer p;

	new_dir("m");
	options_of(" /proc ", proc, sizeof(proc));
	options_of(" /dev/pts ", pts, sizeof(pts));
	if (root_start(&p, 0)) {
		EXPECT_ERR(mount("none", "m", "proc", 0, "hidepid=2"), EPERM);
		EXPECT_ERR(mount(NULL, "/proc", NULL, MS_REMOUNT, "hidepid=2"),
			   EPERM);
		EXPECT_ERR(mount(NULL, "/dev/pts", NULL, MS_REMOUNT,
				 "mode=0666"), EPERM);
		EXPECT_OK(mount("none", "m", "devpts", 0,
				"mode=0666,ptmxmode=0600"));
		EXPECT_NE(device("m"), device("/dev/pts"));
		EXPECT(!exists("m/0"));
		EXPECT_OK(umount2("m", 0));
		done();
	}
	peer_join(&p);
	options_of(" /proc ", now, sizeof(now));
	EXPECT_STR(now, proc);
	options_of(" /dev/pts ", now, sizeof(now));
	EXPECT_STR(now, pts);
}

CASE(every_devpts_is_a_new_one_and_works, "MNT-2 MNT-5")
{
	char name[32];
	int fd, n, zero = 0;

	own_mounts();
	new_dir("m");
	new_dir("n");
	enter_as_root(0);
	EXPECT_OK(mount("none", "m", "devpts", 0, "ptmxmode=0666"));
	EXPECT_OK(mount("none", "n", "devpts", 0, "ptmxmode=0666"));
	EXPECT_NE(device("m"), device("n"));
	fd = EXPECT_OK(open("m/ptmx", O_RDWR | O_NOCTTY));
	EXPECT_OK(ioctl(fd, TIOCSPTLCK, &zero));
	EXPECT_OK(ioctl(fd, TIOCGPTN, &n));
	EXPECT_EQ(n, 0);
	snprintf(name, sizeof(name), "m/%d", n);
	EXPECT_EQ(file_uid(name), 0);
	EXPECT_OK(open(name, O_RDWR | O_NOCTTY));
	EXPECT(!exists("n/0"));
}

/*
 * As root of init: mounts prepared by it, then a child that owns all its
 * namespaces but for those of the network. The parent has an untouched /proc.
 */
static int prepared_start(struct peer *p, void (*prepare)(void))
{
	struct peer q;

	if (!peer_start(p, 0)) {
		peer_await(p);
		write_maps(p->pid, BLOCK_MAP, BLOCK_MAP);
		peer_tell(p);
		return 0;
	}
	own_mounts();
	prepare();
	become(OWNER, OWNER, CREATOR_CAPS);
	EXPECT_OK(sys_unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
			      CLONE_NEWNET));
	peer_tell(p);
	peer_await(p);
	member_ids(0, 0);
	if (peer_start(&q, 0))
		return 1;
	peer_join(&q);
	done();
}

static void hide_directory(void) { EXPECT_OK(tmpfs_on("/proc/sys", 0)); }
static void hide_settings(void) { EXPECT_OK(tmpfs_on("/proc/sys/kernel", 0)); }
static void hide_setting(void)
{
	EXPECT_OK(bind_mount("/dev/null", "/proc/sys/kernel/hostname", 0));
}
static void hide_task(void) { EXPECT_OK(tmpfs_on("/proc/1", 0)); }
static void hide_file(void)
{
	EXPECT_OK(bind_mount("/dev/null", "/proc/version", 0));
}
static void hide_all(void) { EXPECT_OK(tmpfs_on("/proc", 0)); }
static void unmount_all(void) { EXPECT_OK(umount2("/proc", MNT_DETACH)); }
/* A part of it is left. */
static void bind_a_part(void)
{
	EXPECT_OK(bind_mount("/proc/sys", "a", 0));
	EXPECT_OK(umount2("/proc", MNT_DETACH));
}
static void leave_all(void) { }

CASE(proc_that_is_hidden_stays_hidden, "MNT-4")
{
	static const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {
		{ "a directory", hide_directory }, { "a task", hide_task },
		{ "a file", hide_file }, { "all", hide_all },
		{ "settings", hide_settings }, { "a setting", hide_setting },
		{ "unmounted", unmount_all }, { "a part bound", bind_a_part },
	};
	struct peer p;

	new_dir("a");
	new_dir("m");
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		harness_context("%s", ways[i].name);
		if (prepared_start(&p, ways[i].run)) {
			EXPECT_ERR(mount_type("proc", "m", 0), EPERM);
			EXPECT_ERR(mount_type("proc", "/proc", MS_RDONLY),
				   EPERM);
			done();
		}
		peer_join(&p);
	}
	harness_context("%s", "");
	/* What it hides by itself hides nothing. */
	if (prepared_start(&p, leave_all)) {
		EXPECT_OK(tmpfs_on("/proc/sys", 0));
		EXPECT_OK(mount_type("proc", "m", 0));
		EXPECT(exists("m/sys/kernel"));
		done();
	}
	peer_join(&p);
}

static void hide_above(void)
{
	new_dir("a/proc");
	EXPECT_OK(bind_mount("/proc", "a/proc", 0));
	EXPECT_OK(tmpfs_on("a", 0));
	EXPECT_OK(umount2("/proc", MNT_DETACH));
}

/* Linux does not look at what lies above. */
CASE(proc_below_what_is_hidden_is_hidden, "MNT-4")
{
	struct peer p;

	new_dir("a");
	new_dir("m");
	if (prepared_start(&p, hide_above)) {
		EXPECT_ERR(mount_type("proc", "m", 0), EPERM);
		done();
	}
	peer_join(&p);
}

static void hide_kernel(void) { EXPECT_OK(tmpfs_on("/sys/kernel", 0)); }
static void unmount_sys(void) { EXPECT_OK(umount2("/sys", MNT_DETACH)); }
static void cover_empty(void) { EXPECT_OK(tmpfs_on("/sys/fs/cgroup", 0)); }

CASE(sysfs_that_is_hidden_stays_hidden, "MNT-4")
{
	struct peer p;

	new_dir("m");
	if (prepared_start(&p, hide_kernel)) {
		EXPECT_ERR(mount_type("sysfs", "m", 0), EPERM);
		done();
	}
	peer_join(&p);
	if (prepared_start(&p, unmount_sys)) {
		EXPECT_ERR(mount_type("sysfs", "m", 0), EPERM);
		done();
	}
	peer_join(&p);
	if (!exists("/sys/fs/cgroup"))
		return;
	/* A directory with nothing in it is a place for mounts. */
	if (prepared_start(&p, cover_empty)) {
		EXPECT_OK(mount_type("sysfs", "m", 0));
		done();
	}
	peer_join(&p);
}

static void proc_read_only(void)
{
	EXPECT_OK(remount("/proc", MS_BIND | MS_RDONLY));
}

static void proc_noatime(void)
{
	EXPECT_OK(remount("/proc", MS_BIND | MS_NOATIME));
}

static void proc_restricted(void)
{
	EXPECT_OK(remount("/proc", MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC));
}

CASE(flags_of_a_new_proc_are_no_weaker, "MNT-4")
{
	struct peer p;

	new_dir("m");
	if (prepared_start(&p, proc_read_only)) {
		EXPECT_ERR(mount_type("proc", "m", 0), EPERM);
		EXPECT_ERR(mount_type("proc", "m", MS_NODEV), EPERM);
		EXPECT_OK(mount_type("proc", "m", MS_RDONLY));
		/* And stays so. */
		EXPECT_ERR(remount("m", MS_BIND), EPERM);
		EXPECT_ERR(write_text("m/self/comm", "x"), EROFS);
		done();
	}
	peer_join(&p);
	if (prepared_start(&p, proc_noatime)) {
		EXPECT_ERR(mount_type("proc", "m", 0), EPERM);
		EXPECT_OK(mount_type("proc", "m", MS_NOATIME));
		EXPECT_ERR(remount("m", MS_BIND | MS_RELATIME), EPERM);
		done();
	}
	peer_join(&p);
}

/* On Linux nothing in proc can be run or is a device, whatever the flags. */
CASE(a_new_proc_keeps_all_flags, "MNT-4")
{
	const unsigned long all = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	struct peer p;

	new_dir("m");
	if (prepared_start(&p, proc_restricted)) {
		EXPECT_ERR(mount_type("proc", "m", 0), EPERM);
		EXPECT_ERR(mount_type("proc", "m", MS_NODEV | MS_NOSUID),
			   EPERM);
		EXPECT_OK(mount_type("proc", "m", all));
		EXPECT_ERR(remount("m", MS_BIND | MS_NODEV), EPERM);
		done();
	}
	peer_join(&p);
}

/*
 * A member maps the root of init too, who can therefore make what it cannot.
 * Sends a directory on a tmpfs of its own.
 */
static int owner_of_tmpfs_start(struct peer *p, const char *map, int *dir)
{
	if (!peer_start(p, 0)) {
		*dir = peer_recv_fd(p);
		return 0;
	}
	enter_new(CLONE_NEWNS, map, map);
	member_ids(0, 0);
	EXPECT_OK(tmpfs_on("m", 0));
	*dir = EXPECT_OK(open("m", O_RDONLY | O_DIRECTORY));
	peer_send_fd(p, *dir);
	return 1;
}

CASE(device_nodes_on_mounts_of_a_namespace_do_not_open, "MNT-5")
{
	struct peer p;
	char name[64];
	int dir;

	new_dir("m");
	if (owner_of_tmpfs_start(&p, "0 0 5000", &dir)) {
		EXPECT_ERR(mknod("m/x", S_IFCHR | 0666, makedev(1, 3)), EPERM);
		EXPECT_ERR(mknod("m/x", S_IFBLK | 0666, makedev(7, 0)), EPERM);
		peer_await(&p);
		EXPECT_ERR(open("m/null", O_RDONLY), EACCES);
		EXPECT_ERR(open("m/block", O_RDONLY), EACCES);
		EXPECT_ERR(quotactl(QCMD(Q_GETFMT, USRQUOTA), "m/block", 0,
				    (void *)&dir), EACCES);
		EXPECT_OK(remount("m", 0));
		EXPECT_ERR(open("m/null", O_RDONLY), EACCES);
		/* A path is all that is opened of it here. */
		EXPECT_OK(open("m/null", O_PATH));
		/* What init has made can be used, wherever it is bound to. */
		EXPECT_OK(bind_mount("/dev", "m", MS_REC));
		EXPECT_OK(open("m/null", O_RDWR));
		done();
	}
	EXPECT_OK(mknodat(dir, "null", S_IFCHR | 0666, makedev(1, 3)));
	EXPECT_OK(mknodat(dir, "block", S_IFBLK | 0666, makedev(7, 0)));
	/* Not even for root of init. */
	EXPECT_ERR(openat(dir, "null", O_RDONLY), EACCES);
	/* Nor by name, as mount and quotactl take a device. */
	snprintf(name, sizeof(name), "%s/block", fd_path(dir));
	EXPECT_ERR(quotactl(QCMD(Q_GETFMT, USRQUOTA), name, 0, (void *)&dir),
		   EACCES);
	EXPECT_OK(mknod("block", S_IFBLK | 0600, makedev(7, 0)));
	EXPECT_EQ(quotactl(QCMD(Q_GETFMT, USRQUOTA), "block", 0, (void *)&dir),
		  -1);
	EXPECT_NE(errno, EACCES);
	EXPECT_OK(unlink("block"));
	peer_end(&p);
}

CASE(device_nodes_on_nodev_mounts_do_not_open, "MNT-5 IDS-6")
{
	int format;

	own_mounts();
	new_dir("m");
	EXPECT_OK(tmpfs_on("m", MS_NODEV));
	EXPECT_OK(mknod("m/null", S_IFCHR | 0666, makedev(1, 3)));
	EXPECT_OK(mknod("m/block", S_IFBLK | 0666, makedev(7, 0)));
	EXPECT_ERR(open("m/null", O_RDONLY), EACCES);
	EXPECT_ERR(quotactl(QCMD(Q_GETFMT, USRQUOTA), "m/block", 0,
			    (void *)&format), EACCES);
	EXPECT_OK(remount("m", 0));
	EXPECT_OK(open("m/null", O_RDONLY));
}

CASE(ids_without_a_name_there_make_no_files, "ACC-2")
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct peer p, q;
	int dir, fd, sock;

	new_dir("m");
	if (owner_of_tmpfs_start(&p, BLOCK_MAP, &dir)) {
		touch("m/f", 0, 0, 0666);
		new_dir("m/d");
		EXPECT_OK(chmod("m/d", 0777));
		EXPECT_ERR(chown("m/f", COUNT, (gid_t)-1), EINVAL);
		peer_tell(&p);
		peer_await(&p);
		EXPECT_EQ(file_uid("m/by5"), 5);
		done();
	}
	peer_await(&p);
	EXPECT_ERR(openat(dir, "x", O_CREAT | O_WRONLY, 0600), EOVERFLOW);
	EXPECT_ERR(mkdirat(dir, "x", 0700), EOVERFLOW);
	EXPECT_ERR(mknodat(dir, "x", S_IFIFO | 0600, 0), EOVERFLOW);
	EXPECT_ERR(symlinkat("f", dir, "x"), EOVERFLOW);
	EXPECT_ERR(linkat(dir, "f", dir, "x", 0), EOVERFLOW);
	EXPECT_ERR(renameat(dir, "f", dir, "x"), EOVERFLOW);
	EXPECT_ERR(renameat(dir, "f", dir, "d/x"), EOVERFLOW);
	sock = EXPECT_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/x",
		 dir);
	EXPECT_ERR(bind(sock, (struct sockaddr *)&addr, sizeof(addr)),
		   EOVERFLOW);
	/* What there is can be used and removed. */
	fd = EXPECT_OK(openat(dir, "f", O_WRONLY));
	EXPECT_OK(fd_write(fd, "x"));
	EXPECT_OK(fchownat(dir, "f", BASE + 7, BASE + COUNT - 1, 0));
	EXPECT_OK(fchmodat(dir, "f", 0600, 0));
	EXPECT_OK(unlinkat(dir, "f", 0));
	EXPECT_OK(unlinkat(dir, "d", AT_REMOVEDIR));
	/* Both ids count. */
	if (peer_start(&q, 0)) {
		become(BASE + 5, UNMAPPED, 0);
		EXPECT_ERR(openat(dir, "x", O_CREAT | O_WRONLY, 0600),
			   EOVERFLOW);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		become(UNMAPPED, BASE + 5, 0);
		EXPECT_ERR(openat(dir, "x", O_CREAT | O_WRONLY, 0600),
			   EOVERFLOW);
		done();
	}
	peer_join(&q);
	if (peer_start(&q, 0)) {
		become(BASE + 5, BASE + 5, 0);
		EXPECT_OK(openat(dir, "by5", O_CREAT | O_WRONLY, 0600));
		done();
	}
	peer_join(&q);
	peer_end(&p);
}

/* Linux 6.1 lost this with mounts that have a map of their own. */
CASE(ids_without_a_name_there_are_given_no_files, "ACC-2")
{
	struct peer p;
	int dir;

	new_dir("m");
	if (owner_of_tmpfs_start(&p, BLOCK_MAP, &dir)) {
		touch("m/f", 3, 4, 0666);
		peer_tell(&p);
		peer_await(&p);
		EXPECT_EQ(file_uid("m/f"), 3);
		EXPECT_EQ(file_gid("m/f"), 4);
		done();
	}
	peer_await(&p);
	EXPECT_ERR(fchownat(dir, "f", 0, -1, 0), EOVERFLOW);
	EXPECT_ERR(fchownat(dir, "f", -1, 0, 0), EOVERFLOW);
	EXPECT_ERR(fchownat(dir, "f", BASE, UNMAPPED, 0), EOVERFLOW);
	EXPECT_ERR(fchownat(dir, "f", UNMAPPED, BASE, 0), EOVERFLOW);
	peer_end(&p);
}

CASE(files_on_mounts_of_init_are_as_ever, "ACC-2 IDS-6")
{
	struct peer p;

	EXPECT_OK(chmod(".", 0777));
	if (peer_start(&p, 0)) {
		/* No maps: nothing here has a name for its ids. */
		become(OWNER, OWNER, CREATOR_CAPS);
		EXPECT_OK(sys_unshare(CLONE_NEWUSER | CLONE_NEWNS));
		touch("f", -1, -1, 0600);
		EXPECT_OK(tmpfs_on("/tmp", 0));
		EXPECT_ERR(open("/tmp/f", O_CREAT | O_WRONLY, 0600), EOVERFLOW);
		done();
	}
	peer_join(&p);
	EXPECT_EQ(file_uid("f"), OWNER);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
