// SPDX-License-Identifier: GPL-2.0
/*
 * opinion PROGRAMS SAID: what the model would have answered where a kernel has
 * run programs of `differ'.
 *
 * SAID is what selftests/differ.c printed, in its order: "@= PROGRAM STEP aN
 * NAMESPACE UIDS GIDS EFFECTIVE GROUPS", what an actor is as init sees it
 * (selftests/differ_facts.h), and "@ PROGRAM STEP ANSWER". Credentials are taken
 * from there. Namespaces, their owners and maps are the model's own: they follow
 * from the steps.
 *
 * Prints "PROGRAM STEP model:CALL/ANSWER/ANSWER-OF-THE-MODEL" for the first answer of a
 * program that is another one, and in the end the number of answers compared.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"

#define ACTORS	8
#define SLOTS	4
#define FILES	64	/* that one program opens */
#define WORDS	8
#define LINE	8192

enum { SETGROUPS = MODEL_TYPES, OTHER };

struct actor {
	bool known;
	bool in_chroot;		/* NEW-14 refuses then, of which the model knows nothing */
	int created;		/* its namespace, when that has no number yet; else -1 */
	int slot[SLOTS];	/* index of a file, or -1 */
	u32 uid[4], gid[4];	/* real, effective, saved, of files */
	struct model_process is;
};

static struct model_state state;
static struct actor actor[ACTORS];
static struct file {
	int ns, kind;
	struct model_process opener;
	u64 offset;
} file[FILES];
static int files;
static struct {
	unsigned long number;	/* of its inode */
	int ns;
} bound[MODEL_NAMESPACES];
static int n_bound;
static bool given_up;		/* what the program does is beyond the model */
static char expected[LINE];

static void die(const char *what, const char *of)
{
	fprintf(stderr, "opinion: %s: %s\n", what, of);
	exit(2);
}

static void expect(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void expect(const char *fmt, ...)
{
	size_t n = strlen(expected);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(expected + n, sizeof(expected) - n, fmt, ap);
	va_end(ap);
}

static void expect_result(int err)
{
	expect("%s", err < 0 ? strerrorname_np(-err) : "ok");
}

static void start_program(void)
{
	model_start(&state);
	memset(actor, 0, sizeof(actor));
	for (int i = 0; i < ACTORS; i++) {
		actor[i].created = -1;
		memset(actor[i].slot, -1, sizeof(actor[i].slot));
	}
	files = 0;
	n_bound = 0;
	given_up = false;
}

static int number_of_actor(const char *word)
{
	int i = word && word[0] == 'a' ? atoi(word + 1) : -1;

	return i >= 0 && i < ACTORS ? i : -1;
}

/* "5,1000,..." */
static u32 numbers(const char *text, u32 *to, u32 max)
{
	u32 n = 0;
	char *end;

	for (; n < max; text = end + (*end == ',')) {
		/* 3.4 prints ids with a sign */
		long long id = strtoll(text, &end, 10);

		if (end == text)
			break;
		to[n++] = (u32)id;
	}
	return n;
}

static void bind_number(unsigned long number, int ns)
{
	for (int i = 0; i < n_bound; i++)
		if (bound[i].number == number) {
			bound[i].ns = ns;
			return;
		}
	bound[n_bound].number = number;
	bound[n_bound++].ns = ns;
}

static int ns_of_number(unsigned long number)
{
	for (int i = 0; i < n_bound; i++)
		if (bound[i].number == number)
			return bound[i].ns;
	return -1;
}

static void learn(char *line)
{
	char who[8], uids[256], gids[256], groups[2048] = "";
	unsigned long number;
	struct actor *a;
	long long effective;
	int i;

	if (sscanf(line, "%7s %lu %255s %255s %llx %2047s", who, &number, uids, gids,
		   (unsigned long long *)&effective, groups) < 5)
		die("not what an actor is", line);
	i = number_of_actor(who);
	if (i < 0)
		die("not an actor", who);
	a = &actor[i];
	/* the first of a program is in init */
	if (!n_bound)
		bind_number(number, MODEL_INIT);
	else if (a->created >= 0)
		bind_number(number, a->created);
	a->created = -1;
	a->known = true;
	a->is.ns = ns_of_number(number);
	if (a->is.ns < 0)
		given_up = true;
	numbers(uids, a->uid, 4);
	numbers(gids, a->gid, 4);
	a->is.uid = a->uid[0];
	a->is.euid = a->uid[1];
	a->is.gid = a->gid[0];
	a->is.egid = a->gid[1];
	a->is.effective = (u64)effective;
	a->is.groups = numbers(groups, a->is.group, MODEL_GROUPS);
}

static int kind_of(const char *name)
{
	static const char *const known[] = { "uid_map", "gid_map", "projid_map", "setgroups" };

	for (int i = 0; i < OTHER; i++)
		if (!strcmp(name, known[i]))
			return i;
	return OTHER;
}

/* As selftests/differ.h has it: a comma is a blank, a semicolon ends a line, @ is nothing. */
static size_t text_of(const char *word, char *buf)
{
	size_t n = 0;

	if (!strcmp(word, "@"))
		return 0;
	for (; *word; word++)
		buf[n++] = *word == ',' ? ' ' : *word == ';' ? '\n' : *word;
	return n;
}

static int write_file(struct file *f, const struct model_process *writer, const char *word)
{
	char text[LINE];
	size_t len = text_of(word, text);
	int err;

	if (f->kind == SETGROUPS)
		err = model_write_setgroups(&state, f->ns, f->offset, text, len);
	else
		err = model_write_map(&state, f->ns, (enum model_type)f->kind, &f->opener,
				      writer, f->offset, text, len);
	if (!err)
		f->offset += len;
	return err;
}

static void expect_contents(const struct file *f)
{
	static struct id_extent line[ID_MAP_MAX_EXTENTS];
	u32 n;

	if (f->kind == SETGROUPS) {
		expect("%s", state.ns[f->ns].denied ? "deny" : "allow");
		return;
	}
	n = model_read_map(&state, f->ns, (enum model_type)f->kind, &f->opener, line);
	if (!n)
		expect("empty");
	for (u32 i = 0; i < n; ) {
		struct id_extent e = line[i++];

		/* told with lines joined that continue each other */
		for (; i < n && line[i].first == e.first + e.count &&
		       line[i].lower == e.lower + e.count; i++)
			e.count += line[i].count;
		expect("%u,%u,%u%s", e.first, e.lower, e.count, i < n ? ";" : "");
	}
}

static void expect_ids(const struct model_process *reader, enum model_type type, const u32 *id,
		       u32 n, const char *last)
{
	for (u32 i = 0; i < n; i++)
		expect("%u%s", model_seen_id(&state, reader->ns, type, id[i]),
		       i + 1 < n ? "," : last);
}

/* The file that a word names, as the actor would open it */
static bool find_file(struct file *f, const struct actor *me, const char *who, const char *name)
{
	int i = number_of_actor(who);
	const struct actor *of = i < 0 ? me : &actor[i];

	if ((i < 0 && strcmp(who, "self")) || !of->known)
		return false;
	*f = (struct file) { .ns = of->is.ns, .kind = kind_of(name), .opener = me->is };
	return f->kind != OTHER;
}

static bool may_open_to_write(const struct file *f)
{
	return f->kind != SETGROUPS || !model_open_setgroups(&state, f->ns, &f->opener);
}

static void step_create(struct actor *me, struct actor *child, bool user, const char *got)
{
	struct model_process p = me->is;
	int ns;

	if (child && !strcmp(got, "ok")) {
		*child = *me;
		child->known = false;
	}
	if (!user)
		return;
	ns = model_create(&state, &p);
	if (ns == -ENOMEM || (ns >= 0 && me->in_chroot && !strcmp(got, "EPERM"))) {
		given_up = ns == -ENOMEM;
		return;
	}
	expect_result(ns);
	if (ns >= 0)
		(child ? child : me)->created = ns;
}

static void step_write(struct actor *me, char **w, const char *got)
{
	struct file f;

	/* Whether it can be found and opened is a matter of paths and modes, too. */
	if (!strncmp(got, "open:", 5) || !strncmp(got, "parent:", 7) ||
	    !find_file(&f, me, w[1], w[2]))
		return;
	if (!may_open_to_write(&f))
		expect("open:EACCES");
	else
		expect_result(write_file(&f, &me->is, w[3]));
}

static void step_open(struct actor *me, char **w, const char *got)
{
	int *slot = &me->slot[atoi(w[1]) % SLOTS];
	struct file f;
	bool known = find_file(&f, me, w[2], w[3]);

	if (strcmp(got, "ok"))
		return;
	if (known && !may_open_to_write(&f))
		expect("EACCES");
	if (!known || files == FILES) {
		*slot = -1;
		return;
	}
	file[files] = f;
	*slot = files++;
}

static void step_setgroups(struct actor *me, const char *list)
{
	struct model_process p = me->is;
	u32 id[WORDS];

	expect_result(model_setgroups(&state, &p, id, numbers(list, id, WORDS)));
}

static void step_status(const struct actor *me, const char *who)
{
	int i = number_of_actor(who);
	const struct actor *of = i < 0 ? me : &actor[i];

	if (!of->known)
		return;
	expect("Uid=");
	expect_ids(&me->is, MODEL_UID, of->uid, 4, ",/Gid=");
	expect_ids(&me->is, MODEL_GID, of->gid, 4, ",/Gro=");
	expect_ids(&me->is, MODEL_GID, of->is.group, of->is.groups, ",");
}

static void step_ids(const struct actor *me)
{
	expect_ids(&me->is, MODEL_UID, me->uid, 3, "/");
	expect_ids(&me->is, MODEL_GID, me->gid, 3, "/");
	expect_ids(&me->is, MODEL_GID, me->is.group, me->is.groups, "");
}

/* Sets what is expected of a step, to nothing where the model has no opinion; does it in the model. */
static void predict(struct actor *me, char **w, const char *got)
{
	const char *op = w[0];
	int other = number_of_actor(w[1]), slot = w[1] ? atoi(w[1]) % SLOTS : 0;
	bool opened = strncmp(got, "open:", 5);
	struct file f;

	if (!strcmp(op, "clone")) {
		if (other >= 0 && strcmp(got, "taken") && strcmp(got, "too,deep"))
			step_create(me, &actor[other], strstr(w[2], "user"), got);
	} else if (!strcmp(op, "unshare")) {
		step_create(me, NULL, strstr(w[1], "user"), got);
	} else if (!strcmp(op, "chroot")) {
		me->in_chroot |= !strcmp(got, "ok");
	} else if (!strcmp(op, "setns")) {
		struct model_process p = me->is;

		if (!strcmp(w[2], "user") && other >= 0 && actor[other].known && opened)
			expect_result(model_enter(&state, &p, actor[other].is.ns));
	} else if (!strcmp(op, "write") || !strcmp(op, "span")) {
		step_write(me, w, got);
	} else if (!strcmp(op, "openfile")) {
		step_open(me, w, got);
	} else if (!strcmp(op, "writeslot")) {
		if (me->slot[slot] >= 0)
			expect_result(write_file(&file[me->slot[slot]], &me->is, w[2]));
	} else if (!strcmp(op, "readslot")) {
		if (me->slot[slot] >= 0)
			expect_contents(&file[me->slot[slot]]);
	} else if (!strcmp(op, "read")) {
		if (opened && find_file(&f, me, w[1], w[2]))
			expect_contents(&f);
	} else if (!strcmp(op, "setgroups")) {
		step_setgroups(me, w[1]);
	} else if (!strcmp(op, "ids")) {
		step_ids(me);
	} else if (!strcmp(op, "status") && got[0] == 'U') {
		step_status(me, w[1]);
	}
}

/* The next step of a program in the file; false at its end */
static bool next_step(FILE *programs, char *line)
{
	long at = ftell(programs);

	if (!fgets(line, LINE, programs))
		return false;
	if (!strncmp(line, "program ", 8)) {
		fseek(programs, at, SEEK_SET);
		return false;
	}
	line[strcspn(line, "\n")] = 0;
	return true;
}

static void find_program(FILE *programs, const char *name)
{
	char line[LINE], found[64];

	while (fgets(line, sizeof(line), programs))
		if (sscanf(line, "program %63s", found) == 1 && !strcmp(found, name))
			return;
	die("no such program", name);
}

/* Compares the answer to a step; true where it is another one. */
static bool differs(char *line, const char *got)
{
	char *w[WORDS] = { NULL }, *next;
	int n = 0, who;
	size_t len;

	expected[0] = 0;
	for (char *p = strtok_r(line, " ", &next); p && n < WORDS - 1; p = strtok_r(NULL, " ", &next))
		w[n++] = p;
	who = number_of_actor(w[0]);
	if (who < 0 || !w[1] || !actor[who].known || !strcmp(got, "gone") || !strcmp(got, "late"))
		return false;
	predict(&actor[who], w + 1, got);
	len = strlen(expected);
	/* a status has more to it, and a long answer an end */
	if (!strcmp(w[1], "status"))
		return strncmp(got, expected, len);
	return len && strncmp(got, expected, 1000);
}

int main(int argc, char **argv)
{
	char line[LINE], text[LINE], name[64], current[64] = "";
	unsigned long compared = 0;
	int step, at = 0, n;
	FILE *programs, *said;

	if (argc != 3)
		die("usage", "opinion PROGRAMS SAID");
	programs = fopen(argv[1], "r");
	said = fopen(argv[2], "r");
	if (!programs || !said)
		die("cannot be read", argv[programs ? 2 : 1]);
	while (fgets(line, sizeof(line), said)) {
		bool is_fact = line[1] == '=';

		/* Remarks on an answer are for the comparison with another kernel. */
		line[strcspn(line, is_fact ? "\n" : "~\n")] = 0;
		if (!is_fact && line[1] != ' ')
			continue;
		if (sscanf(line + 1 + is_fact, " %63s %d %n", name, &step, &n) != 2)
			continue;
		if (strcmp(name, current)) {
			strcpy(current, name);
			find_program(programs, name);
			start_program();
			at = 0;
		}
		if (is_fact) {
			learn(line + 1 + is_fact + n);
			continue;
		}
		while (at < step && next_step(programs, text))
			at++;
		if (at != step)
			die("no such step", line);
		if (given_up)
			continue;
		if (differs(text, line + 1 + n)) {
			printf("%s %d model:%.*s/%s/%s\n", name, step, (int)strcspn(text + 3, " "), text + 3,
			       line + 1 + n, expected);
			given_up = true;
		}
		compared += expected[0] != 0;
	}
	printf("# %lu answers compared\n", compared);
	return 0;
}
