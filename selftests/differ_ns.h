/* SPDX-License-Identifier: GPL-2.0 */
/* Steps of `differ': namespaces, and the files of /proc. */
#ifndef DIFFER_NS_H
#define DIFFER_NS_H

#include "differ.h"

/* Namespaces */

static void do_clone(char **w)
{
	int actor = atoi(w[0] + 1);

	if (actor <= 0 || actor >= ACTORS || shared->pid[actor])
		say("taken");
	else if (shared->home[me] && flags_of(w[1]) & CLONE_NEWPID)
		say("too deep");
	else
		say_result(spawn(actor, flags_of(w[1])));
}

static void do_unshare(char **w)
{
	say_result(sys_unshare(flags_of(w[0])));
}

static void do_setns(char **w)
{
	char name[16];
	int fd, err;

	snprintf(name, sizeof(name), "ns/%s", w[1]);
	fd = open(file_of(w[0], name), O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		say("open:");
		say_result(fd);
		return;
	}
	err = sys_setns(fd, 0);
	say_result(err);
	close(fd);
}

static void do_nsid(char **w)
{
	char name[16], link[64];
	struct stat st;
	unsigned int i;

	snprintf(name, sizeof(name), "ns/%s", w[1]);
	if (stat(file_of(w[0], name), &st) < 0 ||
	    readlink(file_of(w[0], name), link, sizeof(link)) < 0) {
		say_result(-1);
		return;
	}
	for (i = 0; i < shared->inos; i++)
		if (shared->ino[i] == st.st_ino)
			break;
	if (i == shared->inos && i < 256)
		shared->ino[shared->inos++] = st.st_ino;
	say("ns%u", i);
}

/* Files of /proc */

static void do_write(char **w)
{
	char text[4096];
	size_t len = text_of(w[2], text, sizeof(text));
	int fd = open(file_of(w[0], w[1]), O_WRONLY | O_CLOEXEC);

	if (fd < 0) {
		say("open:");
		say_result(fd);
		return;
	}
	say_result(write(fd, text, len));
	close(fd);
}

/* Adds a line for each part of `in' that lies in one line of the parent's map, or in none. */
static size_t split_line(char *buf, size_t size, const struct extent *parent, size_t n,
			 struct extent in)
{
	size_t len = 0;

	while (in.count) {
		struct extent part = in;

		for (size_t i = 0; i < n; i++) {
			uint32_t into = in.outside - parent[i].inside;
			uint32_t before = parent[i].inside - in.outside;

			if (into < parent[i].count && part.count > parent[i].count - into)
				part.count = parent[i].count - into;
			else if (into >= parent[i].count && before && before < part.count)
				part.count = before;
		}
		len += snprintf(buf + len, len < size ? size - len : 0, "%u %u %u\n",
				part.inside, part.outside, part.count);
		in.inside += part.count;
		in.outside += part.count;
		in.count -= part.count;
	}
	return len;
}

/*
 * A map whose lines may span several of the parent's. Linux 6.1 refuses such
 * lines (MAP-6); there it is written split, as the other kernel has to do it.
 * The last word is an actor of the parent namespace.
 */
static void do_span(char **w)
{
	static struct extent parent[340];
	char text[4096], map[4096], *line, *next;
	size_t len = text_of(w[2], text, sizeof(text) - 1), n = 0, out = 0;
	struct utsname uts;
	struct extent e;
	int fd;

	text[len] = 0;
	if (read_file(file_of(w[3], w[1]), map, sizeof(map)) < 0 || uname(&uts) < 0) {
		say("parent:");
		say_result(-1);
		return;
	}
	for (line = strtok_r(map, "\n", &next); line && n < 340; line = strtok_r(NULL, "\n", &next))
		if (sscanf(line, "%u %u %u", &e.inside, &e.outside, &e.count) == 3)
			parent[n++] = e;
	if (strncmp(uts.release, "3.", 2)) {
		char written[sizeof(text)];

		memcpy(written, text, len + 1);
		for (line = strtok_r(written, "\n", &next); line;
		     line = strtok_r(NULL, "\n", &next))
			if (sscanf(line, "%u %u %u", &e.inside, &e.outside, &e.count) == 3)
				out += split_line(text + out, sizeof(text) - out, parent, n, e);
		len = out;
	}
	fd = open(file_of(w[0], w[1]), O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		say("open:");
		say_result(fd);
		return;
	}
	say_result(write(fd, text, len));
	close(fd);
}

static void do_open_file(char **w)
{
	say_result(keep(&file_slot[slot_of(w[0])],
			open(file_of(w[1], w[2]), O_RDWR)));
}

static void do_write_slot(char **w)
{
	char text[4096];
	size_t len = text_of(w[1], text, sizeof(text));
	int fd = file_slot[slot_of(w[0])];

	say_result(write(fd > 0 ? fd : -1, text, len));
}

static void do_read_slot(char **w)
{
	say_contents(file_slot[slot_of(w[0])]);
}

static void do_read(char **w)
{
	int fd = open(file_of(w[0], w[1]), O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		say("open:");
		say_result(fd);
		return;
	}
	say_contents(fd);
	close(fd);
}

/* 3.4 prints ids with a sign. */
static void say_numbers(const char *text)
{
	char *end;

	for (long long id = strtoll(text, &end, 10); end != text; id = strtoll(text, &end, 10)) {
		say("%u,", (unsigned int)id);
		text = end;
	}
}

static void do_status(char **w)
{
	static const char *const key[] = {
		"Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:",
		"CapBnd:",
	};
	char text[4096], *line, *next;

	if (read_file(file_of(w[0], "status"), text, sizeof(text)) < 0) {
		say_result(-1);
		return;
	}
	for (line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
		for (size_t i = 0; i < sizeof(key) / sizeof(*key); i++) {
			size_t n = strlen(key[i]);

			if (strncmp(line, key[i], n))
				continue;
			say("%.1s%.3s=", answer[0] ? "/" : "", key[i] + (i > 2 ? 3 : 0));
			if (i > 2)
				say("%llx", (unsigned long long)CAPS_KNOWN &
				    strtoull(line + n, NULL, 16));
			else
				say_numbers(line + n);
		}
}

static void do_owner(char **w)
{
	struct stat st;

	if (stat(file_of(w[0], w[1]), &st) < 0)
		say_result(-1);
	else
		say("%u,%u", st.st_uid, st.st_gid);
}

static void do_link(char **w)
{
	char path[256];

	say_result(readlink(file_of(w[0], w[1]), path, sizeof(path)));
}

#endif
