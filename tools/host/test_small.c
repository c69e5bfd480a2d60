/* SPDX-License-Identifier: GPL-2.0 */
/* Every map of up to three lines over a few ids, alone and nested. */
#include <string.h>
#include "test.h"

#define SMALL	8
#define MAX_SMALL_LINES	204	/* runs of ids 0..7, inside and outside */

static struct id_extent small[MAX_SMALL_LINES];

/* All single lines over ids 0..n-1, shifted in either column. */
static u32 small_lines(u32 n, u32 first_base, u32 lower_base)
{
	u32 k = 0;

	for (u32 count = 1; count <= n; count++) {
		for (u32 first = 0; first + count <= n; first++) {
			for (u32 lower = 0; lower + count <= n; lower++) {
				small[k++] = (struct id_extent) {
					.first = first_base + first,
					.lower = lower_base + lower,
					.count = count,
				};
			}
		}
	}
	return k;
}

static void probe_small(const struct pair *p, u32 first_base, u32 lower_base)
{
	for (u32 i = 0; i <= SMALL; i++) {
		pair_probe(p, first_base + i);
		pair_probe(p, lower_base + i);
	}
	pair_probe(p, 0);
	pair_probe(p, ID_MAP_NONE - 1);
	pair_probe(p, ID_MAP_NONE);
}

/* Every list of up to three lines, in every written order. */
static void small_maps_at(u32 first_base, u32 lower_base)
{
	struct id_extent l[3];
	struct id_extent s[3];
	u64 keys[3];
	u32 k = small_lines(SMALL, first_base, lower_base);
	u32 maps = 0;

	for (u32 a = 0; a < k; a++) {
		for (u32 b = 0; b <= k; b++) {
			for (u32 c = 0; c <= k; c++) {
				u32 n = 1;

				l[0] = small[a];
				if (b < k)
					l[n++] = small[b];
				else if (c < k)
					break;
				if (c < k)
					l[n++] = small[c];
				for (u32 i = 0; i < n; i++)
					l[i].line = i;
				memcpy(s, l, sizeof(l));
				/* cheap first: most overlap */
				if (id_map_check(s, keys, n) == -EINVAL) {
					if (model_check(l, n) != -EINVAL)
						FAIL("refused without overlap");
					continue;
				}
				restart(1);
				CHECK_INT(pair_write_lines(&ns[0], l, n), n);
				probe_small(&ns[0], first_base, lower_base);
				maps++;
			}
		}
	}
	printf("# %u maps at %u, %u\n", maps, first_base, lower_base);
}

void test_small_maps(void)
{
	small_maps_at(0, 0);
}

void test_small_maps_high(void)
{
	small_maps_at(ID_MAP_NONE - SMALL, 0);
	small_maps_at(0, ID_MAP_NONE - SMALL);
}

/* One map of single ids: bit i of firsts set where id i has one, in order. */
static u32 tables;

static void small_table(const u32 *firsts, const u32 *lowers, u32 n,
			u32 first_base, u32 lower_base)
{
	struct id_extent l[SMALL];

	for (u32 i = 0; i < n; i++) {
		l[i].first = first_base + firsts[i];
		l[i].lower = lower_base + lowers[i];
		l[i].count = 1;
		l[i].line = i;
	}
	restart(1);
	CHECK_INT(pair_write_lines(&ns[0], l, n), n);
	probe_small(&ns[0], first_base, lower_base);
	tables++;
}

/* Maps just too large to be small: 6, 7 or 8 single ids among 8, any order. */
void test_small_tables(void)
{
	u32 firsts[SMALL], lowers[SMALL];
	u32 nf, used;
	u32 depth;

	for (u32 mask = 0; mask < 1U << SMALL; mask++) {
		nf = 0;
		for (u32 i = 0; i < SMALL; i++) {
			if (mask & 1U << i)
				firsts[nf++] = i;
		}
		if (nf <= ID_MAP_INLINE)
			continue;
		/* count through all lists of nf different lowers */
		depth = 0;
		used = 0;
		lowers[0] = 0;
		for (;;) {
			if (lowers[depth] == SMALL) {
				if (depth == 0)
					break;
				used &= ~(1U << lowers[--depth]);
				lowers[depth]++;
				continue;
			}
			if (used & 1U << lowers[depth]) {
				lowers[depth]++;
				continue;
			}
			if (depth + 1 < nf) {
				used |= 1U << lowers[depth++];
				lowers[depth] = 0;
				continue;
			}
			small_table(firsts, lowers, nf, 0,
				    tables & 1 ? ID_MAP_NONE - SMALL : 0);
			lowers[depth]++;
		}
	}
	printf("# %u maps\n", tables);
}

/* All sets of up to max of the first k small lines that do not overlap. */
static u32 (*sets)[4];
static u32 nsets;

static bool overlap(const struct id_extent *a, const struct id_extent *b)
{
	struct id_extent l[2] = { *a, *b };

	return model_check(l, 2) != 0;
}

static void small_sets(u32 k, u32 max)
{
	nsets = 0;
	sets = malloc(100000 * sizeof(*sets));
	if (!sets)
		FAIL("out of memory");
	for (u32 a = 0; a < k; a++) {
		sets[nsets][0] = 1;
		sets[nsets++][1] = a;
		for (u32 b = a + 1; b < k && max > 1; b++) {
			if (overlap(&small[a], &small[b]))
				continue;
			sets[nsets][0] = 2;
			sets[nsets][1] = a;
			sets[nsets++][2] = b;
			for (u32 c = b + 1; c < k && max > 2; c++) {
				if (overlap(&small[a], &small[c]) ||
				    overlap(&small[b], &small[c]))
					continue;
				sets[nsets][0] = 3;
				sets[nsets][1] = a;
				sets[nsets][2] = b;
				sets[nsets++][3] = c;
			}
		}
	}
}

/* Written in an order that depends on the number, so that all occur. */
static int write_set(struct pair *p, u32 set)
{
	struct id_extent l[3];
	u32 n = sets[set][0];

	for (u32 i = 0; i < n; i++) {
		l[i] = small[sets[set][1 + (i + set) % n]];
		l[i].line = i;
	}
	return pair_write_lines(p, l, n);
}

/* A line under every map of up to three lines over ids 0..7. */
void test_nested_lines(void)
{
	u32 k = small_lines(SMALL, 0, 0);
	u32 split = 0, refused = 0;
	int ret;

	small_sets(k, 3);
	for (u32 i = 0; i < nsets; i++) {
		restart(1);
		CHECK_INT(write_set(&ns[0], i), sets[i][0]);
		for (u32 j = 0; j < k; j++) {
			/* where it is inside makes no difference: vary it */
			if (small[j].first != (i + j) % (SMALL + 1 -
							 small[j].count))
				continue;
			pair_end(&ns[1]);
			pair_start(&ns[1], &ns[0]);
			ret = pair_write_lines(&ns[1], &small[j], 1);
			if (ret < 0) {
				CHECK_INT(ret, -EPERM);
				refused++;
				continue;
			}
			split += ret > 1;
			probe_small(&ns[1], 0, 0);
			pair_show(&ns[1], &ns[1]);
			pair_show(&ns[1], &pair_init);
		}
	}
	printf("# %u parents, %u lines split, %u refused\n", nsets, split,
	       refused);
	if (!split || !refused)
		FAIL("nothing split or nothing refused");
}

/* Every map under every map over ids 0..4, read by everyone around. */
void test_nested_maps(void)
{
	u32 pairs = 0;

	small_sets(small_lines(5, 0, 0), 3);
	pair_start(&ns[3], &pair_init);
	for (u32 i = 0; i < nsets; i++) {
		restart(1);
		CHECK_INT(write_set(&ns[0], i), sets[i][0]);
		/* a stranger: a sister of the parent, with another map */
		pair_end(&ns[2]);
		pair_start(&ns[2], &pair_init);
		write_set(&ns[2], (i * 7 + 5) % nsets);
		for (u32 j = 0; j < nsets; j++) {
			pair_end(&ns[1]);
			pair_start(&ns[1], &ns[0]);
			if (write_set(&ns[1], j) < 0)
				continue;
			for (u32 id = 0; id < 6; id++)
				pair_probe(&ns[1], id);
			pair_show(&ns[1], &ns[1]);
			pair_show(&ns[1], &ns[0]);
			pair_show(&ns[1], &pair_init);
			pair_show(&ns[1], &ns[2]);
			pair_show(&ns[0], &ns[1]);
			pair_show(&ns[1], &ns[3]);
			pairs++;
		}
	}
	printf("# %u pairs\n", pairs);
}

/* Every line under every map under every map over ids 0..3. */
void test_nested_twice(void)
{
	u32 k = small_lines(4, 0, 0);
	u32 chains = 0;

	small_sets(k, 3);
	for (u32 i = 0; i < nsets; i++) {
		restart(1);
		CHECK_INT(write_set(&ns[0], i), sets[i][0]);
		for (u32 j = 0; j < nsets; j++) {
			pair_end(&ns[1]);
			pair_start(&ns[1], &ns[0]);
			if (write_set(&ns[1], j) < 0)
				continue;
			for (u32 l = 0; l < k; l++) {
				pair_end(&ns[2]);
				pair_start(&ns[2], &ns[1]);
				if (pair_write_lines(&ns[2], &small[l], 1) < 0)
					continue;
				for (u32 id = 0; id < 5; id++)
					pair_probe(&ns[2], id);
				pair_show(&ns[2], &ns[2]);
				pair_show(&ns[2], &ns[0]);
				pair_show(&ns[2], &pair_init);
				chains++;
			}
		}
	}
	printf("# %u chains\n", chains);
}
