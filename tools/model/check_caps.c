/* SPDX-License-Identifier: GPL-2.0 */
/* Who has a capability where; who becomes a member, and of what. */
#include <string.h>
#include "check.h"

/* two capabilities, one as good as the other, and all sets of them */
static const int caps[] = { MODEL_SYS_ADMIN, MODEL_SETFCAP };

static u64 cap_set(int i)
{
	return (i & 1 ? MODEL_CAP(caps[0]) : 0) |
	       (i & 2 ? MODEL_CAP(caps[1]) : 0);
}

/* Calls fn for every process: where, who, with what. */
static void each_process(void (*fn)(struct model_process *p))
{
	struct model_process p;

	for (int ns = 0; ns < st.n; ns++) {
		for (u32 who = 0; who < USERS * USERS; who++) {
			for (int set = 0; set < 4; set++) {
				p = process(ns, who % USERS, who / USERS,
					    cap_set(set));
				fn(&p);
			}
		}
	}
}

static void capable_as(struct model_process *p)
{
	u32 has;

	/* the real uid is of no account, whosoever it is */
	for (p->uid = 0; p->uid < USERS; p->uid++) {
		states++;
		for (int c = 0; c < 2; c++) {
			has = power(p, caps[c]);
			for (int ns = 0; ns < st.n; ns++) {
				answers++;
				CHECK_INT(model_capable(&st, p, ns, caps[c]),
					  has >> ns & 1);
			}
		}
	}
}

static void all_capable(void)
{
	each_process(capable_as);
}

/*
 * The rule reads the namespaces and one process: so every set of members is
 * covered by every single one.
 */
void check_capabilities(void)
{
	each_hierarchy(4, all_capable);
	count_states();
}

/* What a call that makes p a member may change: this, and nothing else. */
static void check_member(const struct model_process *p,
			 const struct model_process *before, int ns)
{
	struct model_process want = *before;

	want.ns = ns;
	want.effective = MODEL_ALL_CAPS;
	if (memcmp(&want, p, sizeof(want)))
		FAIL("not the member it should be");
	for (int cap = 0; cap < 64; cap++) {
		for (int other = 0; other < st.n; other++) {
			answers++;
			CHECK_INT(model_capable(&st, p, other, cap),
				  is_below(other, ns));
		}
	}
}

static void create_as(struct model_process *p)
{
	struct model_process before = *p;
	struct model_ns *parent = &st.ns[p->ns], *ns = &st.ns[st.n];
	int n = st.n, got;
	bool named = p->ns == MODEL_INIT ||
		(counted_up(p->ns, MODEL_UID, p->euid) != ID_MAP_NONE &&
		 counted_up(p->ns, MODEL_GID, p->egid) != ID_MAP_NONE);

	states++;
	got = model_create(&st, p);
	if (!named) {
		CHECK_INT(got, -EPERM);
		CHECK_INT(st.n, n);
		CHECK_INT(memcmp(p, &before, sizeof(before)), 0);
		return;
	}
	CHECK_INT(got, n);
	CHECK_INT(st.n, n + 1);
	CHECK_INT(ns->parent, before.ns);
	CHECK_INT(ns->level, parent->level + 1);
	CHECK_INT(ns->owner, before.euid);
	CHECK_INT(ns->group, before.egid);
	CHECK_INT(ns->creator_setfcap,
		  before.effective >> MODEL_SETFCAP & 1);
	/* CVE-2014-8989: what is denied stays denied below */
	CHECK_INT(ns->denied, parent->denied);
	for (int type = 0; type < MODEL_TYPES; type++) {
		CHECK_INT(ns->map[type].n, 0);
		for (u32 id = 0; id < 4; id++)
			CHECK_INT(model_seen_id(&st, n, type, id),
				  MODEL_OVERFLOW_ID);
	}
	check_member(p, &before, n);
	st.n = n;
}

/* The maps of users and groups in all ways, those of all namespaces alike. */
static void all_create(void)
{
	for (int styles = 0; styles < STYLES * STYLES; styles++) {
		for (int ns = 1; ns < st.n; ns++) {
			set_map(ns, MODEL_UID, styles % STYLES);
			set_map(ns, MODEL_GID, styles / STYLES);
			st.ns[ns].denied = styles & 1;
		}
		each_process(create_as);
	}
}

void check_creation(void)
{
	each_hierarchy(3, all_create);
	count_states();
}

static void enter_as(struct model_process *p)
{
	struct model_process before = *p;
	bool may;

	for (int ns = 0; ns < st.n; ns++) {
		states++;
		*p = before;
		may = power(p, MODEL_SYS_ADMIN) >> ns & 1;
		if (ns == p->ns || !may) {
			CHECK_INT(model_enter(&st, p, ns),
				  ns == p->ns ? -EINVAL : -EPERM);
			CHECK_INT(memcmp(p, &before, sizeof(before)), 0);
			continue;
		}
		/* never upwards, never to a sibling */
		CHECK_INT(is_below(ns, p->ns), true);
		CHECK_INT(model_enter(&st, p, ns), 0);
		check_member(p, &before, ns);
	}
}

static void all_enter(void)
{
	each_process(enter_as);
}

void check_entering(void)
{
	each_hierarchy(4, all_enter);
	count_states();
}

/* 32 levels, and power from the top of them to the bottom and nowhere else. */
void check_levels(void)
{
	struct model_process p = process(MODEL_INIT, 1, 1, 0), at[33];

	model_start(&st);
	states = answers = 0;
	for (int level = 1; level <= 32; level++) {
		at[level - 1] = p;
		CHECK_INT(model_create(&st, &p), level);
		CHECK_INT(st.ns[level].level, level);
		set_map(level, MODEL_UID, SAME);
		set_map(level, MODEL_GID, SAME);
		states++;
	}
	at[32] = p;
	CHECK_INT(model_create(&st, &p), -EUSERS);
	CHECK_INT(st.n, 33);
	for (int i = 0; i <= 32; i++) {
		for (int ns = 0; ns <= 32; ns++) {
			/* the owner has none in its own, but all below */
			bool has = i ? ns >= i : ns > 0;

			answers++;
			CHECK_INT(model_capable(&st, &at[i], ns,
						MODEL_SYS_ADMIN), has);
		}
	}
	count_states();
}
