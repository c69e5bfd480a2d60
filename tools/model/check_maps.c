/* SPDX-License-Identifier: GPL-2.0 */
/* Who may write which map. */
#include <string.h>
#include "check.h"

/* What is written, and what it says. */
struct written {
	const char *text;
	bool bad;			/* MAP-3 */
	u32 n;
	struct id_extent line[2];
};

static const struct written texts[] = {
	{ "0 0 1", false, 1, { { 0, 0, 1, 0 } } },
	{ "0 1 1", false, 1, { { 0, 1, 1, 0 } } },
	{ "0 2 1", false, 1, { { 0, 2, 1, 0 } } },
	{ "x", true, 0, { { 0, 0, 0, 0 } } },
	{ "0 1 2", false, 1, { { 0, 1, 2, 0 } } },
	{ "0 5 1", false, 1, { { 0, 5, 1, 0 } } },
	{ "3 0 2", false, 1, { { 3, 0, 2, 0 } } },
	{ "0 1 1\n1 2 1\n", false, 2, { { 0, 1, 1, 0 }, { 1, 2, 1, 1 } } },
	{ "0 1 1\n1 0 1", false, 2, { { 0, 1, 1, 0 }, { 1, 0, 1, 1 } } },
	{ "0 1 1\n0 2 1", true, 0, { { 0, 0, 0, 0 } } },
	{ "0 1 1\n1 1 1", true, 0, { { 0, 0, 0, 0 } } },
	{ "0 1 0", true, 0, { { 0, 0, 0, 0 } } },
	{ "", true, 0, { { 0, 0, 0, 0 } } },
};
#define FEW_TEXTS	4

/* A process and where it has which of the capabilities that count. */
struct actor {
	struct model_process p;
	u32 admin, setfcap, setid[2];
};

static struct actor actor(int ns, u32 euid, u32 egid, u64 effective)
{
	struct actor a = { .p = process(ns, euid, egid, effective) };

	a.admin = power(&a.p, MODEL_SYS_ADMIN);
	a.setfcap = power(&a.p, MODEL_SETFCAP);
	a.setid[0] = power(&a.p, MODEL_SETUID);
	a.setid[1] = power(&a.p, MODEL_SETGID);
	return a;
}

static bool in(u32 set, int ns)
{
	return set >> ns & 1;
}

/* Does an outside id occur in what is written? */
static bool names(const struct written *w, u32 outside)
{
	for (u32 i = 0; i < w->n; i++) {
		for (u32 k = 0; k < w->line[i].count; k++) {
			if (w->line[i].lower + k == outside)
				return true;
		}
	}
	return false;
}

static bool all_mapped(const struct written *w, int parent,
		       enum model_type type)
{
	for (u32 outside = 0; outside < 16; outside++) {
		if (names(w, outside) &&
		    counted_down(parent, type, outside) == ID_MAP_NONE)
			return false;
	}
	return true;
}

/* MAP-7 */
static bool privileged(const struct actor *opener, const struct actor *writer,
		       int parent, enum model_type type)
{
	return in(opener->setid[type], parent) &&
	       in(writer->setid[type], parent);
}

/* MAP-8 */
static bool own_id(const struct actor *opener, int ns, enum model_type type,
		   const struct written *w)
{
	const struct model_process *p = &opener->p;
	u32 own = type == MODEL_UID ? p->euid : p->egid;

	return w->n == 1 && w->line[0].count == 1 &&
	       p->euid == st.ns[ns].owner &&
	       counted_down(st.ns[ns].parent, type, w->line[0].lower) == own &&
	       (type == MODEL_UID || st.ns[ns].denied);
}

/* MAP-9 */
static bool zero_allowed(const struct actor *opener, int ns,
			 enum model_type type, const struct written *w)
{
	if (type != MODEL_UID || !names(w, 0))
		return true;
	return opener->p.ns == ns ? st.ns[ns].creator_setfcap :
				    in(opener->setfcap, st.ns[ns].parent);
}

/* The errno: that of the first rule in Linux's order that is broken. */
static int expected(int ns, enum model_type type, const struct actor *opener,
		    const struct actor *writer, u64 offset,
		    const struct written *w, bool mapped)
{
	int parent = st.ns[ns].parent;
	bool rights = type != MODEL_PROJID;

	/* MAP-12 */
	if (ns == MODEL_INIT)
		return -EPERM;
	/* MAP-4 */
	if (!(opener->p.ns == ns || opener->p.ns == parent))
		return -EPERM;
	/* MAP-3, MAP-2 */
	if (offset)
		return -EINVAL;
	if (st.ns[ns].map[type].n)
		return -EPERM;
	/* MAP-5 */
	if (rights && !in(opener->admin, ns))
		return -EPERM;
	/* MAP-3 */
	if (w->bad)
		return -EINVAL;
	/* MAP-7, MAP-8, MAP-9 */
	if (rights && !(zero_allowed(opener, ns, type, w) &&
			(privileged(opener, writer, parent, type) ||
			 own_id(opener, ns, type, w))))
		return -EPERM;
	/* MAP-6 */
	return mapped ? 0 : -EPERM;
}

/* Writes, compares, and takes back what was written. */
static void write_as(int ns, enum model_type type, const struct actor *opener,
		     const struct actor *writer, const struct written *w,
		     bool mapped)
{
	struct model_map *map = &st.ns[ns].map[type];
	int want = expected(ns, type, opener, writer, 0, w, mapped);
	int got = model_write_map(&st, ns, type, &opener->p, &writer->p, 0,
				  w->text, strlen(w->text));

	answers++;
	if (got != want)
		FAIL("map %d of %d (in %d, of %u), \"%s\": %d, not %d; opener %u:%u in %d with %#llx, writer %u in %d with %#llx",
		     type, ns, st.ns[ns].parent, st.ns[ns].owner, w->text, got,
		     want, opener->p.euid, opener->p.egid, opener->p.ns,
		     (unsigned long long)opener->p.effective, writer->p.euid,
		     writer->p.ns, (unsigned long long)writer->p.effective);
	if (got)
		CHECK_INT(map->n, 0);
	else if (map->n != w->n ||
		 memcmp(map->line, w->line, w->n * sizeof(w->line[0])))
		FAIL("not the lines that were written");
	map->n = 0;
}

/* Capabilities that count for a map: all sets of two or three of them. */
static u64 some_caps(enum model_type type, int set)
{
	int setid = type == MODEL_UID ? MODEL_SETUID : MODEL_SETGID;

	return (set & 1 ? MODEL_CAP(MODEL_SYS_ADMIN) : 0) |
	       (set & 2 ? MODEL_CAP(setid) : 0) |
	       (set & 4 ? MODEL_CAP(MODEL_SETFCAP) : 0);
}

/* The writer has none, the one that may count, or all but that. */
static u64 writer_caps(enum model_type type, int i)
{
	return i == 2 ? ~some_caps(type, 2) : some_caps(type, i * 2);
}

/* All who may write what another opened; the last of all never counts. */
static void each_writer(int ns, enum model_type type,
			const struct actor *opener, u32 n_texts)
{
	bool mapped[ARRAY_SIZE(texts)];
	struct actor writer;

	states++;
	for (u32 t = 0; t < n_texts; t++)
		mapped[t] = ns == MODEL_INIT ||
			all_mapped(&texts[t], st.ns[ns].parent, type);
	for (int in = 0; in < st.n; in++) {
		for (u32 euid = 0; euid < USERS; euid++) {
			for (int c = 0; c < 3; c++) {
				writer = actor(in, euid, euid,
					       writer_caps(type, c));
				for (u32 t = 0; t < n_texts; t++)
					write_as(ns, type, opener, &writer,
						 &texts[t], mapped[t]);
			}
		}
	}
}

static void each_opener(int ns, enum model_type type, int sets, u32 n_texts)
{
	struct actor opener;
	/* two groups: one with the number of the user, and another */
	u32 groups = type == MODEL_GID ? 2 : 1;

	for (int in = 0; in < st.n; in++) {
		for (u32 euid = 0; euid < USERS; euid++) {
			for (u32 g = 0; g < groups; g++) {
				for (int set = 0; set < sets; set++) {
					opener = actor(in, euid,
						       (euid + g) % USERS,
						       some_caps(type, set));
					each_writer(ns, type, &opener,
						    n_texts);
				}
			}
		}
	}
}

static void each_flag(int ns, enum model_type type, int sets, u32 n_texts)
{
	for (int flags = 0; flags < 4; flags++) {
		/* one flag belongs to either map, and to none of the other */
		if (type == MODEL_PROJID && flags)
			continue;
		st.ns[ns].denied = flags & 1;
		st.ns[ns].creator_setfcap = flags & 2;
		each_opener(ns, type, sets, n_texts);
	}
	st.ns[ns].denied = false;
	st.ns[ns].creator_setfcap = false;
}

static void all_writes(void)
{
	for (int style = 0; style < STYLES; style++) {
		for (int ns = 0; ns < st.n; ns++) {
			set_maps(style);
			for (int type = 0; type < MODEL_TYPES; type++) {
				if (ns != MODEL_INIT)
					set_map(ns, type, EMPTY);
				each_flag(ns, type, 8, ARRAY_SIZE(texts) - 4);
			}
		}
	}
}

void check_map_rights(void)
{
	each_hierarchy(3, all_writes);
	count_states();
}

/* Four namespaces, two capabilities, one way to number ids. */
static void deep_writes(void)
{
	if (st.n < 4)
		return;
	for (int ns = 1; ns < st.n; ns++) {
		set_maps(SAME);
		for (int type = 0; type < MODEL_PROJID; type++) {
			set_map(ns, type, EMPTY);
			st.ns[ns].denied = true;
			st.ns[ns].creator_setfcap = true;
			each_opener(ns, type, 4, FEW_TEXTS);
			st.ns[ns].denied = false;
			st.ns[ns].creator_setfcap = false;
		}
	}
}

void check_map_rights_deep(void)
{
	each_hierarchy(4, deep_writes);
	count_states();
}

/* Every text, before and after the one that counts, at two offsets. */
static void write_again(void)
{
	struct actor root = actor(MODEL_INIT, 0, 0, MODEL_ALL_CAPS);
	static char page[MODEL_PAGE + 1];

	if (st.n != 2)
		return;
	memset(page, ' ', MODEL_PAGE);
	memcpy(page, "0 1 1", 5);
	for (int type = 0; type < MODEL_TYPES; type++) {
		struct model_map *map = &st.ns[1].map[type];

		/* init's is nobody's to write, wherever */
		CHECK_INT(model_write_map(&st, MODEL_INIT, type, &root.p,
					  &root.p, 1, "0 1 1", 5), -EPERM);
		for (u32 len = 0; len <= MODEL_PAGE; len++) {
			answers++;
			CHECK_INT(model_write_map(&st, 1, type, &root.p,
						  &root.p, 0, page, len),
				  len < 5 || len == MODEL_PAGE ? -EINVAL : 0);
			map->n = 0;
		}
		for (u32 t = 0; t < ARRAY_SIZE(texts); t++) {
			const struct written *w = &texts[t];
			size_t len = strlen(w->text);

			states++;
			map->n = 0;
			CHECK_INT(model_write_map(&st, 1, type, &root.p,
						  &root.p, 1, w->text, len),
				  -EINVAL);
			write_as(1, type, &root, &root, w, true);
			/* a failure is no attempt that counts */
			CHECK_INT(model_write_map(&st, 1, type, &root.p,
						  &root.p, 0, "7 1 1", 5), 0);
			for (u64 offset = 0; offset < 2; offset++) {
				answers++;
				CHECK_INT(model_write_map(&st, 1, type,
							  &root.p, &root.p,
							  offset, w->text,
							  len),
					  expected(1, type, &root, &root,
						   offset, w, true));
			}
			CHECK_INT(map->n, 1);
			CHECK_INT(map->line[0].first, 7);
		}
		map->n = 0;
	}
}

void check_written_once(void)
{
	each_hierarchy(2, write_again);
	count_states();
}
