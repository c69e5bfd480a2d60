/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What maps say: by counting, and by the kernel's own map functions, for every
 * map of a few ids and every text of a small grammar.
 */
#include <string.h>
#include "../host/pair.h"
#include "check.h"

#define IDS	4

static struct model_process root;
static struct pair pairs[2];

/* All maps of one or two lines over ids 0 to 3. */
static struct model_map small[1000];
static u32 n_small, n_single;

static bool shares(u32 a, u32 a_count, u32 b, u32 b_count)
{
	for (u32 i = 0; i < a_count; i++) {
		if (a + i >= b && a + i < b + b_count)
			return true;
	}
	return false;
}

static void make_small(void)
{
	n_small = 0;
	for (u32 i = 0; i < IDS * IDS * IDS; i++) {
		struct id_extent l = { i % IDS, i / IDS % IDS,
				       i / IDS / IDS + 1, 0 };

		if (l.first + l.count > IDS || l.lower + l.count > IDS)
			continue;
		small[n_small].n = 1;
		small[n_small++].line[0] = l;
	}
	n_single = n_small;
	for (u32 i = 0; i < n_single * n_single; i++) {
		struct id_extent a = small[i % n_single].line[0];
		struct id_extent b = small[i / n_single].line[0];

		if (shares(a.first, a.count, b.first, b.count) ||
		    shares(a.lower, a.count, b.lower, b.count))
			continue;
		small[n_small].n = 2;
		small[n_small].line[0] = a;
		small[n_small].line[1] = b;
		small[n_small++].line[1].line = 1;
	}
}

/* A chain below init, all members able to do all. */
static void make_chain(int n)
{
	model_start(&st);
	root = process(MODEL_INIT, 0, 0, MODEL_ALL_CAPS);
	for (int ns = 1; ns < n; ns++) {
		CHECK_INT(model_create(&st, &root), ns);
		set_map(ns, MODEL_UID, SAME);
		set_map(ns, MODEL_GID, SAME);
		root = process(ns, 0, 0, MODEL_ALL_CAPS);
	}
	root = process(MODEL_INIT, 0, 0, MODEL_ALL_CAPS);
}

static void check_lookup(int ns)
{
	for (u32 id = 0; id <= IDS; id++) {
		u32 up = counted_up(ns, MODEL_PROJID, id);

		answers += 2;
		CHECK_INT(model_kernel_id(&st, ns, MODEL_PROJID, id),
			  counted_down(ns, MODEL_PROJID, id));
		CHECK_INT(model_seen_id(&st, ns, MODEL_PROJID, id),
			  up == ID_MAP_NONE ? MODEL_OVERFLOW_ID : up);
	}
}

/* Which of the written lines holds an inside id? */
static u32 line_with(int ns, u32 id)
{
	const struct model_map *map = &st.ns[ns].map[MODEL_PROJID];

	for (u32 i = 0; i < map->n; i++) {
		for (u32 k = 0; k < map->line[i].count; k++) {
			if (map->line[i].first + k == id)
				return i;
		}
	}
	return ID_MAP_NONE;
}

/* MAP-10, for an ancestor and for the namespace itself */
static void check_read(int ns, int opener)
{
	static struct id_extent shown[ID_MAP_MAX_EXTENTS];
	int reader = opener == ns ? st.ns[ns].parent : opener;
	struct model_process p = process(opener, 0, 0, 0);
	u32 n = model_read_map(&st, ns, MODEL_PROJID, &p, shown);
	u32 id, seen, inside = 0, last = ID_MAP_NONE, last_line = ID_MAP_NONE;
	u32 line, want, i = 0, k = 0;

	for (id = 0; id < IDS; id++) {
		line = line_with(ns, id);
		if (line == ID_MAP_NONE) {
			last_line = ID_MAP_NONE;
			continue;
		}
		inside++;
		seen = counted_down(ns, MODEL_PROJID, id);
		want = reader == MODEL_INIT ? seen :
			counted_up(reader, MODEL_PROJID, seen);
		if (line != last_line || want != last + 1) {
			/* it must start one here */
			if (i && k != shown[i - 1].count)
				FAIL("line %u ends early", i - 1);
			k = 0;
			if (i == n)
				FAIL("a line is missing");
			CHECK_INT(shown[i].first, id);
			CHECK_INT(shown[i].lower, want);
			i++;
		}
		k++;
		last = want;
		last_line = line;
	}
	answers++;
	CHECK_INT(i, n);
	CHECK_INT(k, n ? shown[n - 1].count : 0);
}

static int write_small(int ns, const struct model_map *map)
{
	char text[64];
	int len = 0;

	for (u32 i = 0; i < map->n; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len,
				"%u %u %u\n", map->line[i].first,
				map->line[i].lower, map->line[i].count);
	st.ns[ns].map[MODEL_PROJID].n = 0;
	root.ns = st.ns[ns].parent;
	return model_write_map(&st, ns, MODEL_PROJID, &root, &root, 0, text,
			       (size_t)len);
}

/* A map below a map below a map: mapped all, or refused. */
static void each_below(int ns)
{
	u32 n = ns == 3 ? n_single : n_small;

	for (u32 i = 0; i < n; i++) {
		bool mapped = true;

		for (u32 l = 0; l < small[i].n; l++) {
			const struct id_extent *e = &small[i].line[l];

			for (u32 k = 0; k < e->count; k++) {
				if (counted_down(ns - 1, MODEL_PROJID,
						 e->lower + k) == ID_MAP_NONE)
					mapped = false;
			}
		}
		CHECK_INT(write_small(ns, &small[i]), mapped ? 0 : -EPERM);
		if (!mapped)
			continue;
		states++;
		check_lookup(ns);
		for (int opener = 0; opener <= ns; opener++)
			check_read(ns, opener);
		if (ns < 3)
			each_below(ns + 1);
	}
	st.ns[ns].map[MODEL_PROJID].n = 0;
}

void check_ids(void)
{
	states = answers = 0;
	make_small();
	make_chain(4);
	each_below(1);
	printf("# %u maps of up to two lines, three levels\n", n_small);
	count_states();
}

/* One text by the model and by the kernel's functions. */
static void compare_text(const char *text, size_t len)
{
	static const u32 ids[] = {
		0, 1, 2, 3, 4, 5, 6, 100, 4294967293U, 4294967294U,
		4294967295U,
	};
	int kernel, model;

	pair_end(&pairs[1]);
	st.ns[2].map[MODEL_PROJID].n = 0;
	kernel = pair_write(&pairs[1], text, len);
	root.ns = 1;
	model = model_write_map(&st, 2, MODEL_PROJID, &root, &root, 0, text,
				len);
	answers++;
	if (model != (kernel < 0 ? kernel : 0))
		FAIL("\"%.*s\": %d, in the kernel %d", (int)len, text, model,
		     kernel);
	if (model < 0)
		return;
	states++;
	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		u32 seen = id_map_from_kernel(pairs[1].map, ids[i]);

		CHECK_INT(model_kernel_id(&st, 2, MODEL_PROJID, ids[i]),
			  id_map_to_kernel(pairs[1].map, ids[i]));
		CHECK_INT(model_seen_id(&st, 2, MODEL_PROJID, ids[i]),
			  seen == ID_MAP_NONE ? MODEL_OVERFLOW_ID : seen);
	}
}

/* Below parents with and without gaps. */
static void each_parent_map(void (*fn)(void))
{
	static const char * const parents[] = {
		"0 0 4294967295", "0 1 2\n2 100 1", "1 0 1\n4294967294 5 1",
	};

	states = answers = 0;
	make_chain(3);
	for (u32 i = 0; i < ARRAY_SIZE(parents); i++) {
		const char *text = parents[i];

		for (u32 k = 0; k < 2; k++) {
			pair_end(&pairs[k]);
			pair_start(&pairs[k], k ? &pairs[0] : &pair_init);
		}
		if (pair_write(&pairs[0], text, strlen(text)) < 0)
			FAIL("the parent's map");
		st.ns[1].map[MODEL_PROJID].n = 0;
		root.ns = MODEL_INIT;
		CHECK_INT(model_write_map(&st, 1, MODEL_PROJID, &root, &root,
					  0, text, strlen(text)), 0);
		fn();
	}
	count_states();
}

/* Every text of up to seven of these letters. */
static void each_letter(void)
{
	static const char letter[] = "012 \n-";
	char text[8];
	u32 n = 1, k;

	for (u32 len = 0; len <= 7; len++, n *= 6) {
		for (u32 i = 0; i < n; i++) {
			k = i;
			for (u32 j = 0; j < len; j++, k /= 6)
				text[j] = letter[k % 6];
			compare_text(text, len);
		}
	}
}

void check_letters(void)
{
	each_parent_map(each_letter);
}

/* Every two lines of six numbers, ended and parted in some ways. */
static void each_number(void)
{
	static const char * const too_large[] = {
		"18446744073709551616", "4294967296", "4294967297",
	};
	const char *number[] = {
		"0", "1", "2", "4294967294", "4294967295", NULL,
	};
	static const char * const part[] = { "\n", " \n", "\n\n" };
	static const char * const end[] = { "", "\n" };
	char text[160];
	int len;

	for (u32 i = 0; i < 46656; i++) {
		for (u32 k = 0; k < 3; k++) {
			number[5] = too_large[k];
			len = snprintf(text, sizeof(text),
				       "%s %s %s%s%s\t%s  %s%s",
				       number[i % 6], number[i / 6 % 6],
				       number[i / 36 % 6], part[k],
				       number[i / 216 % 6],
				       number[i / 1296 % 6],
				       number[i / 7776], end[i & 1]);
			compare_text(text, (size_t)len);
		}
	}
}

void check_numbers(void)
{
	each_parent_map(each_number);
}
