/* SPDX-License-Identifier: GPL-2.0 */
/* Every small state, and what all checks say about one. */
#include <string.h>
#include "check.h"

struct model_state st;
unsigned long states, answers;

void count_states(void)
{
	printf("# %lu states, %lu answers compared\n", states, answers);
	if (!states || !answers)
		FAIL("nothing was compared");
}

static void each_owner(int ns, void (*fn)(void))
{
	if (ns == st.n) {
		fn();
		return;
	}
	for (u32 owner = 0; owner < USERS; owner++) {
		st.ns[ns].owner = owner;
		/* never the owner's own number: they are not to be mixed up */
		st.ns[ns].group = (owner + 1) % USERS;
		each_owner(ns + 1, fn);
	}
}

static void each_parent(int max, void (*fn)(void))
{
	int ns = st.n;

	each_owner(1, fn);
	if (ns == max)
		return;
	for (int parent = 0; parent < ns; parent++) {
		st.n = ns + 1;
		st.ns[ns].parent = parent;
		st.ns[ns].level = st.ns[parent].level + 1;
		st.ns[ns].creator_setfcap = false;
		st.ns[ns].denied = false;
		for (int type = 0; type < MODEL_TYPES; type++) {
			st.ns[ns].map[type].parent = &st.ns[parent].map[type];
			st.ns[ns].map[type].n = 0;
		}
		each_parent(max, fn);
	}
	st.n = ns;
}

void each_hierarchy(int max, void (*fn)(void))
{
	states = answers = 0;
	model_start(&st);
	each_parent(max, fn);
}

/* Is a namespace another one, or below it? */
bool is_below(int ns, int above)
{
	for (; ns >= 0; ns = st.ns[ns].parent) {
		if (ns == above)
			return true;
	}
	return false;
}

/* The least set that satisfies the clauses. */
u32 power(const struct model_process *p, int cap)
{
	u32 set = 0, before;

	do {
		before = set;
		for (int ns = st.n - 1; ns >= 0; ns--) {
			int parent = st.ns[ns].parent;

			/* CAP-1: a member with it in its effective set */
			if (ns == p->ns && p->effective >> cap & 1)
				set |= 1U << ns;
			/* CAP-2: who has it in a namespace above */
			if (parent >= 0 && set >> parent & 1)
				set |= 1U << ns;
			/* CAP-3: in the parent, with the owner's euid */
			if (parent >= 0 && parent == p->ns &&
			    st.ns[ns].owner == p->euid)
				set |= 1U << ns;
		}
	} while (set != before);

	/* CAP-4, said the other way round, tries the clauses themselves */
	for (int ns = 0; ns < st.n; ns++) {
		if (set >> ns & 1 && !is_below(ns, p->ns))
			FAIL("a capability in %d from %d", ns, p->ns);
	}
	return set;
}

void set_map(int ns, enum model_type type, int style)
{
	struct model_map *map = &st.ns[ns].map[type];

	map->n = 0;
	if (style == SAME) {
		map->line[0] = (struct id_extent) { 0, 0, 4, 0 };
		map->n = 1;
	} else if (style == TURNED) {
		/* 0 inside is 1 outside, and 1 is 0; 2 has no id */
		map->line[0] = (struct id_extent) { 0, 1, 1, 0 };
		map->line[1] = (struct id_extent) { 1, 0, 1, 1 };
		map->n = 2;
	}
}

void set_maps(int style)
{
	for (int ns = 1; ns < st.n; ns++) {
		for (int type = 0; type < MODEL_TYPES; type++)
			set_map(ns, type, style);
	}
}

u32 counted_down(int ns, enum model_type type, u32 id)
{
	const struct model_map *map = &st.ns[ns].map[type];

	if (ns == MODEL_INIT)
		return id;
	for (u32 i = 0; i < map->n; i++) {
		for (u32 k = 0; k < map->line[i].count; k++) {
			if (map->line[i].first + k == id)
				return counted_down(st.ns[ns].parent, type,
						    map->line[i].lower + k);
		}
	}
	return ID_MAP_NONE;
}

u32 counted_up(int ns, enum model_type type, u32 kernel_id)
{
	for (u32 id = 0; id < 16; id++) {
		if (counted_down(ns, type, id) == kernel_id)
			return id;
	}
	return ID_MAP_NONE;
}

struct model_process process(int ns, u32 euid, u32 egid, u64 effective)
{
	struct model_process p = {
		.ns = ns,
		/* never those that count */
		.uid = (euid + 1) % USERS,
		.euid = euid,
		.gid = (egid + 1) % USERS,
		.egid = egid,
		.effective = effective,
	};

	return p;
}

static const struct tap_case cases[] = {
	{ "capabilities", "CAP-1 CAP-2 CAP-3 CAP-4", check_capabilities },
	{ "creation", "NEW-5 NEW-9 NEW-10 SGR-2 CAP-4", check_creation },
	{ "levels", "NEW-6 CAP-2", check_levels },
	{ "entering", "NSF-2 NSF-3 NSF-4 CAP-4", check_entering },
	{ "map_rights", "MAP-4 MAP-5 MAP-6 MAP-7 MAP-8 MAP-9 MAP-12",
	  check_map_rights },
	{ "map_rights_deep", "MAP-4 MAP-5 MAP-7 MAP-8 MAP-9 CAP-2",
	  check_map_rights_deep },
	{ "written_once", "MAP-2 MAP-3", check_written_once },
	{ "setgroups_file", "SGR-1 SGR-2 SGR-4", check_setgroups_file },
	{ "setgroups", "SGR-3", check_setgroups },
	{ "ids", "MAP-6 MAP-10 MAP-11", check_ids },
	{ "letters", "MAP-1 MAP-3 MAP-6", check_letters },
	{ "numbers", "MAP-1 MAP-3 MAP-6 MAP-11", check_numbers },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, cases, ARRAY_SIZE(cases));
}
