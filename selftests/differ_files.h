/* SPDX-License-Identifier: GPL-2.0 */
/* Steps of `differ': files, ACLs, mounts. */
#ifndef DIFFER_FILES_H
#define DIFFER_FILES_H

#include "differ.h"

/* Files */

static void do_create(char **w)
{
	int fd = open(w[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, octal(w[1]));

	say_result(fd);
	if (fd >= 0)
		close(fd);
}

static void do_mkdir(char **w)
{
	say_result(mkdir(w[0], octal(w[1])));
}

static void do_mknod(char **w)
{
	mode_t type = w[1][0] == 'c' ? S_IFCHR : w[1][0] == 'b' ? S_IFBLK : S_IFIFO;

	say_result(mknod(w[0], type | 0666, makedev(1, 3)));
}

static void do_chown(char **w)
{
	say_result(chown(w[0], number(w[1]), number(w[2])));
}

static void do_chmod(char **w)
{
	say_result(chmod(w[0], octal(w[1])));
}

static void do_stat(char **w)
{
	struct stat st;

	if (lstat(w[0], &st) < 0)
		say_result(-1);
	else
		say("%o,%u,%u", st.st_mode, st.st_uid, st.st_gid);
}

static void do_open(char **w)
{
	int flags = !strcmp(w[1], "r") ? O_RDONLY : !strcmp(w[1], "w") ? O_WRONLY :
		    !strcmp(w[1], "trunc") ? O_WRONLY | O_TRUNC : O_RDONLY | O_NOATIME;
	int fd = open(w[0], flags | O_NONBLOCK | O_CLOEXEC);

	say_result(fd);
	if (fd >= 0)
		close(fd);
}

static void do_append(char **w)
{
	int fd = open(w[0], O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		say_result(fd);
		return;
	}
	say_result(write(fd, "x", 1));
	close(fd);
}

static void do_access(char **w)
{
	say_result(access(w[0], atoi(w[1])));
}

static void do_utimes(char **w)
{
	struct timespec ts[2] = { { 1000, 0 }, { 1000, 0 } };

	say_result(utimensat(AT_FDCWD, w[0], w[1][0] == 'n' ? NULL : ts, 0));
}

static void do_unlink(char **w)
{
	say_result(unlink(w[0]));
}

static void do_rmdir(char **w)
{
	say_result(rmdir(w[0]));
}

static void do_rename(char **w)
{
	say_result(rename(w[0], w[1]));
}

static void do_hardlink(char **w)
{
	say_result(link(w[0], w[1]));
}

static void do_setxattr(char **w)
{
	say_result(setxattr(w[0], w[1], "x", 1, 0));
}

/* The ACL of a file: its mode, one more user with these bits, and a mask. */
static void do_setacl(char **w)
{
	struct entry {
		uint16_t tag, perm;
		uint32_t id;
	};
	struct {
		uint32_t version;
		struct entry e[5];
	} acl = {
		htole32(2), {
			{ htole16(0x01), htole16(6), ~0U },
			{ htole16(w[1][0] == 'g' ? 0x04 : 0x02), 0, 0 },
			{ htole16(0x04), htole16(4), ~0U },
			{ htole16(0x10), htole16(7), ~0U },
			{ htole16(0x20), htole16(0), ~0U },
		},
	};

	acl.e[1].perm = htole16(octal(w[3]));
	acl.e[1].id = htole32(number(w[2]));
	if (w[1][0] == 'g') {
		struct entry more = acl.e[1];

		more.tag = htole16(0x08);
		acl.e[1] = acl.e[2];
		acl.e[2] = more;
	}
	say_result(setxattr(w[0], "system.posix_acl_access", &acl, sizeof(acl), 0));
}

static void do_getacl(char **w)
{
	unsigned char b[256];
	ssize_t n = getxattr(w[0], "system.posix_acl_access", b, sizeof(b));

	if (n < 0)
		say_result(n);
	for (ssize_t i = 4; i + 8 <= n; i += 8) {
		uint32_t id;

		memcpy(&id, b + i + 4, 4);
		id = le32toh(id);
		/* Who has no id there is -1 in Linux (IDS-2), as are the entries of no one. */
		say("%s%x:%x:%u", i > 4 ? "," : "", b[i], b[i + 2],
		    id == NO_ID ? OVERFLOW_ID : id);
	}
}

/* Mounts */

static unsigned long mount_flags(const char *word)
{
	return (strstr(word, "ro") ? MS_RDONLY : 0) |
	       (strstr(word, "nosuid") ? MS_NOSUID : 0) |
	       (strstr(word, "nodev") ? MS_NODEV : 0) |
	       (strstr(word, "rec") ? MS_REC : 0) |
	       (strstr(word, "bind") ? MS_BIND : 0) |
	       (strstr(word, "remount") ? MS_REMOUNT : 0) |
	       (strstr(word, "private") ? MS_PRIVATE : 0) |
	       (strstr(word, "shared") ? MS_SHARED : 0) |
	       (strstr(word, "slave") ? MS_SLAVE : 0) |
	       (strstr(word, "move") ? MS_MOVE : 0);
}

static void do_mount(char **w)
{
	say_result(mount(w[0], w[1], w[2], mount_flags(w[3]),
			 strcmp(w[4], "@") ? w[4] : NULL));
}

/* Apart from the rest, for what Documentation/differences says of it. */
static void do_mount_proc(char **w)
{
	say_result(mount("none", w[0], "proc", 0, NULL));
}

static void do_umount(char **w)
{
	say_result(umount2(w[0], w[1][0] == 'd' ? MNT_DETACH : 0));
}

static void do_chdir(char **w)
{
	say_result(chdir(w[0]));
}

static void do_chroot(char **w)
{
	say_result(chroot(w[0]));
}

#endif
