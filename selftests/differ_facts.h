/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an actor is, as init sees it: printed where it has changed, before each
 * step whose answer follows from it. `make differ' asks tools/model/opinion.c
 * what that answer is.
 */
#ifndef DIFFER_FACTS_H
#define DIFFER_FACTS_H

#include "differ.h"

static char facts[ACTORS][1024];	/* as printed last */

/* Adds the line of `text' that begins with a key, its blanks as commas. */
static void add_line(char *to, size_t size, const char *text, const char *key)
{
	const char *at = strstr(text, key);
	size_t n = strlen(to);

	if (!at)
		return;
	at += strlen(key);
	at += strspn(at, " \t");
	if (n < size - 1)
		to[n++] = ' ';
	for (; *at && *at != '\n' && n < size - 1; at++)
		to[n++] = *at == ' ' || *at == '\t' ? ',' : *at;
	to[n] = 0;
}

/* aN: NAMESPACE UIDS GIDS EFFECTIVE GROUPS */
static void tell_facts(const char *name, int at, int actor)
{
	static const char *const key[] = { "\nUid:", "\nGid:", "\nCapEff:", "\nGroups:" };
	char text[4096], now[sizeof(facts[0])];

	if (actor < 0 || !shared->pid[actor] ||
	    read_file(proc_path(shared->pid[actor], "status"), text, sizeof(text)) < 0)
		return;
	snprintf(now, sizeof(now), "%lu",
		 (unsigned long)user_ns_number(shared->pid[actor]));
	for (size_t i = 0; i < sizeof(key) / sizeof(*key); i++)
		add_line(now, sizeof(now), text, key[i]);
	if (!strcmp(now, facts[actor]))
		return;
	strcpy(facts[actor], now);
	NOTE("@= %s %d a%d %s", name, at, actor, now);
}

/* Of the one who does it, and of whom it is about */
static void tell_facts_of(const char *name, int at, int actor, const char *line)
{
	static const char *const about[] = {
		"clone", "unshare", "setns", "write", "openfile", "writeslot", "readslot",
		"read", "span", "setgroups", "ids", "status",
	};
	char op[16], first[16] = "", second[16] = "";

	if (sscanf(line, "%15s %15s %15s", op, first, second) < 1)
		return;
	for (size_t i = 0; i < sizeof(about) / sizeof(*about); i++)
		if (!strcmp(op, about[i])) {
			tell_facts(name, at, actor);
			tell_facts(name, at, actor_of(first));
			tell_facts(name, at, actor_of(second));
		}
}

#endif
