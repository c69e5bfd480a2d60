/* SPDX-License-Identifier: GPL-2.0 */
/* Who may drop groups, and who may forbid it. */
#include <string.h>
#include "check.h"

enum word { ALLOW, DENY, NEITHER };

static const struct {
	const char *text;
	enum word word;
} words[] = {
	{ "allow", ALLOW }, { "allow\n", ALLOW }, { "allow\t ", ALLOW },
	{ "deny", DENY }, { "deny\n", DENY }, { "deny \n\v", DENY },
	{ "", NEITHER }, { "\n", NEITHER }, { "den", NEITHER },
	{ "Deny", NEITHER }, { " deny", NEITHER }, { "denya", NEITHER },
	{ "deny x", NEITHER }, { "deny    ", NEITHER }, { "allow   ", NEITHER },
	{ "allo", NEITHER }, { "allowed", NEITHER }, { "1", NEITHER },
};

/* What is denied is never allowed again, whatever is written. */
static void write_word(int ns, bool denied, bool set, u32 i, u64 offset)
{
	enum word word = words[i].word;
	int want = 0;
	bool then = denied;

	if (offset || word == NEITHER)
		want = -EINVAL;
	else if (word == ALLOW && denied)
		want = -EPERM;
	else if (word == DENY && set)
		want = -EPERM;
	else if (word == DENY)
		then = true;

	st.ns[ns].denied = denied;
	answers++;
	CHECK_INT(model_write_setgroups(&st, ns, offset, words[i].text,
					strlen(words[i].text)), want);
	CHECK_INT(st.ns[ns].denied, then);
}

static void all_words(void)
{
	for (int ns = 0; ns < st.n; ns++) {
		for (int bits = 0; bits < 4; bits++) {
			bool denied = bits & 1, set = bits & 2;

			/* init has its map, and allows */
			if (ns == MODEL_INIT && (denied || !set))
				continue;
			states++;
			set_maps(EMPTY);
			if (ns != MODEL_INIT)
				set_map(ns, MODEL_GID, set ? SAME : EMPTY);
			for (u32 i = 0; i < ARRAY_SIZE(words); i++) {
				write_word(ns, denied, set, i, 0);
				write_word(ns, denied, set, i, 1);
			}
			st.ns[ns].denied = false;
		}
		/* a NUL is no end */
		CHECK_INT(model_write_setgroups(&st, ns, 0, "deny\0", 5),
			  -EINVAL);
		for (int i = 0; i < st.n * USERS * 4; i++) {
			struct model_process p =
				process(i / 4 / USERS, i / 4 % USERS, 0,
					(i & 1 ? MODEL_CAP(MODEL_SYS_ADMIN)
					       : 0) |
					(i & 2 ? ~MODEL_CAP(MODEL_SYS_ADMIN)
					       : 0));

			answers++;
			CHECK_INT(model_open_setgroups(&st, ns, &p),
				  power(&p, MODEL_SYS_ADMIN) >> ns & 1 ?
				  0 : -EACCES);
		}
	}
}

void check_setgroups_file(void)
{
	each_hierarchy(4, all_words);
	count_states();
}

/* Lists of up to two groups, with such as the namespace does not have. */
static void drop_as(struct model_process *p, bool denied, bool set)
{
	bool may = set && !denied && p->effective >> MODEL_SETGID & 1;
	struct model_process before = *p, want;
	static u32 many[MODEL_GROUPS_MAX + 1];

	states++;
	for (u32 i = 0; i < 6 * 6 * 3; i++) {
		u32 ids[2] = { i % 6, i / 6 % 6 }, n = i / 36, kernel;
		int err = may ? 0 : -EPERM;

		want = before;
		for (u32 k = 0; !err && k < n; k++) {
			kernel = counted_down(p->ns, MODEL_GID, ids[k]);
			want.group[k] = kernel;
			if (kernel == ID_MAP_NONE)
				err = -EINVAL;
		}
		want.groups = n;
		if (err)
			want = before;
		*p = before;
		answers++;
		CHECK_INT(model_setgroups(&st, p, ids, n), err);
		CHECK_INT(memcmp(p, &want, sizeof(want)), 0);
	}
	/* its right is asked first, however many there are */
	CHECK_INT(model_setgroups(&st, p, many, ARRAY_SIZE(many)),
		  may ? -EINVAL : -EPERM);
}

static void all_drop(void)
{
	for (int i = 0; i < st.n * STYLES * 2 * 4; i++) {
		int ns = i / 8 / STYLES, style = i / 8 % STYLES;
		struct model_process p =
			process(ns, 1, 1,
				(i & 1 ? MODEL_CAP(MODEL_SETGID) : 0) |
				(i & 2 ? ~MODEL_CAP(MODEL_SETGID) : 0));

		if (ns == MODEL_INIT && (style == EMPTY || i & 4))
			continue;
		set_maps(style);
		st.ns[ns].denied = i & 4;
		drop_as(&p, i & 4, style != EMPTY);
		st.ns[ns].denied = false;
	}
}

void check_setgroups(void)
{
	each_hierarchy(3, all_drop);
	count_states();
}
