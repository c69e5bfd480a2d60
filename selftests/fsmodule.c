// SPDX-License-Identifier: GPL-2.0
/* Which module the kernel asks for: for a type of filesystem (MNT-13), a kind of links (ACC-8). */
#define _GNU_SOURCE
#include <sys/wait.h>

#include "mounts.h"
#include "program.h"
#include "rtnl.h"

#define MODPROBE "/proc/sys/kernel/modprobe"
#define ASKED ".asked"	/* behind the path of the program */

/* What the kernel starts as: modprobe -q -- NAME. */
static int note_name(const char *self, const char *name)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s" ASKED, self);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd < 0 || dprintf(fd, "%s ", name) < 0)
		return 2;
	/* There is no such module. */
	return 1;
}

/*
 * Runs fn in a child while this program is the kernel's modprobe. The kernel
 * starts it in the first mount namespace, so here no case makes its own before.
 */
static void as_modprobe(void (*fn)(void))
{
	char old[256], dir[200], path[256];
	struct peer p;
	siginfo_t si;
	int fd;

	if (read_file(MODPROBE, old, sizeof(old)) < 0)
		SKIP("a kernel without modules");
	EXPECT(getcwd(dir, sizeof(dir)) != NULL);
	EXPECT_OK(chmod(".", 0777));
	copy_self("modprobe", 0, 0, 0755);
	snprintf(path, sizeof(path), "%s/modprobe", dir);
	new_dir("at");
	if (peer_start(&p, 0)) {
		peer_await(&p);
		fn();
		done();
	}
	fd = EXPECT_OK(open(MODPROBE, O_WRONLY | O_CLOEXEC));
	EXPECT_OK(fd_write(fd, path));
	peer_tell(&p);
	/* Put back before the child's failure ends this process. */
	EXPECT_OK(waitid(P_PID, p.pid, &si, WEXITED | WNOWAIT));
	EXPECT_EQ(pwrite(fd, old, strlen(old), 0), strlen(old));
	peer_join(&p);
}

/* Mounting this type fails, and the kernel asked for these modules. */
static void expect_asked(const char *type, int err, const char *want)
{
	char got[256] = "";

	harness_context("type %s", type);
	unlink("modprobe" ASKED);
	EXPECT_ERR(mount("none", "at", type, 0, NULL), err);
	read_file("modprobe" ASKED, got, sizeof(got));
	EXPECT_STR(got, want);
	harness_context("%s", "");
}

static void by_root_of_a_namespace(void)
{
	enter_as_root(0);
	for (int level = 1; level <= 3; level++) {
		expect_asked("nosuchfs", ENODEV, "fs-nosuchfs ");
		/* Names of modules that are no filesystems. */
		expect_asked("dccp", ENODEV, "fs-dccp ");
		expect_asked("net-pf-10", ENODEV, "fs-net-pf-10 ");
		expect_asked("fs-nosuchfs", ENODEV, "fs-fs-nosuchfs ");
		/* The part behind a dot is for the filesystem. */
		expect_asked("nosuchfs.sub", ENODEV, "fs-nosuchfs ");
		expect_asked("%s%n", ENODEV, "fs-%s%n ");
		enter_below(0);
	}
}

CASE(a_namespace_asks_by_the_alias_only, "MNT-13")
{
	as_modprobe(by_root_of_a_namespace);
}

static void by_who_may_not_mount(void)
{
	enter_as_root(0);
	caps_drop(CAP_BIT(CAP_SYS_ADMIN));
	expect_asked("nosuchfs", EPERM, "");
}

static void in_the_mounts_of_init(void)
{
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	expect_asked("nosuchfs", EPERM, "");
}

CASE(who_may_not_mount_asks_for_nothing, "MNT-13 MNT-1")
{
	as_modprobe(by_who_may_not_mount);
	EXPECT_OK(unlink("modprobe"));
	EXPECT_OK(rmdir("at"));
	as_modprobe(in_the_mounts_of_init);
}

/* A known type is not asked for, allowed or not. */
static void known_types(void)
{
	enter_as_root(0);
	expect_asked("devtmpfs", EPERM, "");
	EXPECT_OK(tmpfs_on("at", 0));
}

CASE(a_known_type_needs_no_module, "MNT-13 MNT-2")
{
	as_modprobe(known_types);
}

/* As ever by the name of the module; later kernels use the alias here, too. */
static void by_root_of_init(void)
{
	char got[64] = "";

	EXPECT_ERR(mount("none", "at", "nosuchfs", 0, NULL), ENODEV);
	EXPECT(read_file("modprobe" ASKED, got, sizeof(got)) > 0);
	if (strcmp(got, "fs-nosuchfs "))
		EXPECT_STR(got, "nosuchfs ");
}

CASE(root_of_init_may_name_any, "MNT-13 IDS-6")
{
	require_namespaces();
	as_modprobe(by_root_of_init);
}

/* Kinds of links are modules, too; a name of another is not one of them. */
static void kind_of_link(void)
{
	char got[64] = "";

	if (link_add("x0", "nosuchkind"))
		EXPECT_EQ(errno, EOPNOTSUPP);
	read_file("modprobe" ASKED, got, sizeof(got));
	EXPECT_STR(got, "rtnl-link-nosuchkind ");
	EXPECT_OK(unlink("modprobe" ASKED));
	if (sys_unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return;
	EXPECT_ERR(link_add("x0", "nosuchkind"), EOPNOTSUPP);
	EXPECT_EQ(read_file("modprobe" ASKED, got, sizeof(got)), -1);
}

CASE(an_owner_of_a_network_asks_for_no_kind_of_link, "ACC-8 MNT-13")
{
	require_namespaces();
	as_modprobe(kind_of_link);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "-q") && !strcmp(argv[2], "--"))
		return note_name(argv[0], argv[3]);
	return harness_main(argc, argv);
}
