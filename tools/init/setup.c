// SPDX-License-Identifier: GPL-2.0
/* Root, mounts and the record of where we are. */
#define _GNU_SOURCE
#include "init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

static void copy_file(int from_dir, int to_dir, const char *name, mode_t mode)
{
	char buf[65536];
	ssize_t n;
	int in, out;

	in = openat(from_dir, name, O_RDONLY | O_CLOEXEC);
	out = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (in < 0 || out < 0)
		fatal(name);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			fatal(name);
	if (n < 0 || fchmod(out, mode) < 0)
		fatal(name);
	close(in);
	close(out);
}

static void copy_dir(int from, int to, dev_t dev)
{
	DIR *dir = fdopendir(from);
	struct dirent *e;

	if (!dir)
		fatal("fdopendir");
	while ((e = readdir(dir))) {
		struct stat st;
		char target[4096];
		ssize_t n;
		int f, t;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (fstatat(from, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			fatal(e->d_name);
		if (st.st_dev != dev)
			continue;
		switch (st.st_mode & S_IFMT) {
		case S_IFREG:
			copy_file(from, to, e->d_name, st.st_mode & 07777);
			break;
		case S_IFLNK:
			n = readlinkat(from, e->d_name, target, sizeof(target) - 1);
			if (n < 0)
				fatal(e->d_name);
			target[n] = 0;
			if (symlinkat(target, to, e->d_name) < 0)
				fatal(e->d_name);
			break;
		case S_IFDIR:
			if (mkdirat(to, e->d_name, st.st_mode & 07777) < 0)
				fatal(e->d_name);
			f = openat(from, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			t = openat(to, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (f < 0 || t < 0)
				fatal(e->d_name);
			copy_dir(f, t, dev);
			close(t);
			break;
		}
	}
	closedir(dir);
}

/*
 * pivot_root refuses the rootfs that the kernel starts with, so the files move
 * to a tmpfs that is mounted over it.
 */
void enter_root(void)
{
	struct stat st;
	int from, to;

	if (stat("/", &st) < 0)
		fatal("stat /");
	if (mkdir("/new", 0755) < 0 && errno != EEXIST)
		fatal("mkdir /new");
	if (mount("root", "/new", "tmpfs", 0, "mode=0755,size=75%") < 0)
		fatal("mount /new");
	from = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = open("/new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0 || to < 0)
		fatal("open /");
	copy_dir(from, to, st.st_dev);
	close(to);
	if (chdir("/new") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 ||
	    chroot(".") < 0 || chdir("/") < 0)
		fatal("switch root");
}

static void mount_one(const char *type, const char *dir, unsigned long flags,
		      const char *data, bool needed)
{
	if (mkdir(dir, 0755) < 0 && errno != EEXIST && needed)
		fatal(dir);
	if (mount(type, dir, type, flags, data) < 0 && needed)
		fatal(dir);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return;
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(s, SIOCSIFFLAGS, &ifr) < 0)
		kmsg("init: lo: %s", strerror(errno));
	close(s);
}

/* Called after enter_root(), but /dev comes before: fatal() wants /dev/kmsg. */
void mount_all(void)
{
	umask(0);
	mount_one("devtmpfs", "/dev", MS_NOSUID, "mode=0755", true);
	mount_one("proc", "/proc", 0, NULL, true);
	mount_one("sysfs", "/sys", 0, NULL, true);
	mount_one("devpts", "/dev/pts", 0, "mode=0620,ptmxmode=0666", true);
	mount_one("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777", true);
	mount_one("tmpfs", "/tmp", 0, "mode=1777", true);
	mount_one("mqueue", "/dev/mqueue", 0, NULL, false);
	mount_one("debugfs", "/sys/kernel/debug", 0, NULL, false);
	umask(022);
	if (sethostname("guest", 5) < 0)
		fatal("sethostname");
	loopback_up();
}

/*
 * A stock kernel has its filesystems in modules; whoever booted it put a list
 * of them beside them, in the order in which they need each other. One that
 * does not load, such as for another processor, may have a substitute.
 */
void load_modules(void)
{
	FILE *list = fopen("/lib/modules/list", "re");
	char path[256];

	if (!list)
		return;
	while (fgets(path, sizeof(path), list)) {
		int fd;

		path[strcspn(path, "\n")] = 0;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			kmsg("init: %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	fclose(list);
}

static void option(char *word, struct options *o)
{
	char *value = strchr(word, '=');

	if (strncmp(word, "userns.", 7) || !value)
		return;
	*value++ = 0;
	word += 7;
	if (!strcmp(word, "mode"))
		snprintf(o->mode, sizeof(o->mode), "%s", value);
	else if (!strcmp(word, "run"))
		snprintf(o->run, sizeof(o->run), "%s", value);
	else if (!strcmp(word, "timeout"))
		o->timeout = atoi(value);
	else if (!strcmp(word, "kmemleak"))
		o->kmemleak = atoi(value);
}

static char *slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t r = 0;

	while (fd >= 0 && n < size - 1 && (r = read(fd, buf + n, size - 1 - n)) > 0)
		n += r;
	if (fd >= 0)
		close(fd);
	buf[n] = 0;
	return buf;
}

void read_options(struct options *o)
{
	char buf[4096], *word, *next;

	*o = (struct options){ .mode = "test", .timeout = 300 };
	slurp("/proc/cmdline", buf, sizeof(buf));
	for (word = strtok_r(buf, " \n", &next); word; word = strtok_r(NULL, " \n", &next))
		option(word, o);
	if (o->timeout <= 0)
		o->timeout = 300;
}

static void record_line(const char *key, const char *path, const char *start)
{
	char buf[16384], *line, *next;

	slurp(path, buf, sizeof(buf));
	for (line = strtok_r(buf, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		if (strncmp(line, start, strlen(start)))
			continue;
		result("env %s %s", key, line);
		return;
	}
}

void record_environment(void)
{
	struct utsname u;

	if (uname(&u) < 0)
		fatal("uname");
	result("env kernel %s %s %s", u.release, u.machine, u.version);
	result("env cpus %ld", sysconf(_SC_NPROCESSORS_ONLN));
	record_line("cmdline", "/proc/cmdline", "");
	record_line("version", "/proc/version", "");
	record_line("cpu", "/proc/cpuinfo", "model name");
	record_line("memory", "/proc/meminfo", "MemTotal");
}
