/* SPDX-License-Identifier: GPL-2.0 */
/* Maps up to the largest, split at several depths, and of every size. */
#include <string.h>
#include "test.h"

/*
 * A map without a hole of total ids in the given number of lines, written in
 * random order; lowers are ids of the parent, dealt to the lines at random.
 */
static void tile(u32 lines, u32 total, bool straight)
{
	u32 cut[ID_MAP_MAX_LINES + 1], order[ID_MAP_MAX_LINES];
	u32 lower[ID_MAP_MAX_LINES], next = 0;

	/* different random ends for the lines */
	cut[0] = 0;
	for (u32 i = 1; i < lines; i++)
		cut[i] = (u32)((u64)total * i / lines) - rnd(total / lines);
	cut[lines] = total;
	for (u32 i = 0; i < lines; i++)
		order[i] = i;
	if (!straight)
		shuffle(order, lines);
	for (u32 i = 0; i < lines; i++) {
		lower[order[i]] = next;
		next += cut[order[i] + 1] - cut[order[i]];
	}
	shuffle(order, lines);
	text_len = 0;
	for (u32 i = 0; i < lines; i++) {
		u32 j = order[i];

		add_line(cut[j], lower[j], cut[j + 1] - cut[j]);
	}
}

static void probe_all(const struct pair *p, u32 total)
{
	for (u32 id = 0; id < total + 5; id++)
		pair_probe(p, id);
	pair_probe_edges(p);
}

/* Where splitting reaches 1,024 extents exactly, and one more. */
void test_split_limit(void)
{
	const u32 total = 340 * 12;
	u32 more = 0, lines;
	int ret;

	restart(5);
	tile(ID_MAP_MAX_LINES, total, false);
	CHECK_INT(pair_write(&ns[0], text, text_len), ID_MAP_MAX_LINES);
	for (u32 i = 1; i < 3; i++) {
		tile(ID_MAP_MAX_LINES, total, false);
		ret = pair_write(&ns[i], text, text_len);
		if (ret < 600)
			FAIL("level %u has %d extents", i, ret);
	}
	/* the more lines, the more extents: approach 1,024 from both sides */
	lines = ID_MAP_MAX_LINES / 2;
	for (u32 tries = 0; tries < 2000; tries++) {
		pair_end(&ns[3]);
		tile(lines, total, true);
		ret = pair_write(&ns[3], text, text_len);
		if (ret == ID_MAP_MAX_EXTENTS)
			break;
		if (ret == -EINVAL) {
			more++;
			/* an id that the parent lacks rules over the number */
			add_line(total, total, 1);
			CHECK_INT(pair_write(&ns[3], text, text_len), -EPERM);
			lines--;
		} else {
			lines++;
		}
		if (ret < 0 && ret != -EINVAL)
			FAIL("%u lines: %d", lines, ret);
		if (lines == 0 || lines > ID_MAP_MAX_LINES)
			FAIL("no number of lines gives 1,024 extents");
	}
	CHECK_INT(ret, ID_MAP_MAX_EXTENTS);
	printf("# 1,024 extents by %u lines, %u too large before\n", lines,
	       more);
	probe_all(&ns[3], total);
	for (u32 i = 0; i < 4; i++)
		pair_show(&ns[3], &ns[i]);
	pair_show(&ns[3], &pair_init);

	/* all of them in one line, and one id more than there are */
	text_len = 0;
	add_line(0, 0, total);
	CHECK_INT(pair_write(&ns[4], text, text_len), ID_MAP_MAX_EXTENTS);
	probe_all(&ns[4], total);
	pair_show(&ns[4], &ns[4]);
	pair_show(&ns[4], &pair_init);
	pair_end(&ns[4]);
	text_len = 0;
	add_line(0, 0, total + 1);
	CHECK_INT(pair_write(&ns[4], text, text_len), -EPERM);
}

/* Exactly 1,025: extents of one id each, so that every cut counts. */
void test_split_limit_exact(void)
{
	struct id_extent *e;
	struct id_map *parent, *child;
	struct id_extent lines[2] = {
		{ .first = 0, .lower = 0, .count = 1000, .line = 0 },
		{ .first = 5000, .lower = 1000, .count = 0, .line = 1 },
	};
	u64 keys[2];

	/* a parent of 1,024 extents, of two ids each but for the first */
	parent = malloc(id_map_size(ID_MAP_MAX_EXTENTS));
	child = malloc(id_map_size(ID_MAP_MAX_EXTENTS));
	if (!parent || !child)
		FAIL("out of memory");
	e = id_map_init(parent, ID_MAP_MAX_EXTENTS);
	for (u32 i = 0; i < ID_MAP_MAX_EXTENTS; i++) {
		e[i].first = 2 * i;
		e[i].lower = 10000 - 2 * i;
		e[i].count = 2;
		e[i].line = 0;
	}
	id_map_build(parent);

	/* 500 and 524 pieces */
	lines[1].count = 2048 - 1000;
	CHECK_INT(id_map_check(lines, keys, 2), 0);
	CHECK_INT(id_map_split(parent, lines, 2, NULL, ID_MAP_MAX_EXTENTS),
		  ID_MAP_MAX_EXTENTS);
	e = id_map_init(child, ID_MAP_MAX_EXTENTS);
	CHECK_INT(id_map_split(parent, lines, 2, e, ID_MAP_MAX_EXTENTS),
		  ID_MAP_MAX_EXTENTS);
	id_map_build(child);
	for (u32 id = 0; id < 2048; id++) {
		u32 in = id < 1000 ? id : 5000 + id - 1000;

		CHECK_INT(id_map_down(child, in), id_map_down(parent, id));
		CHECK_INT(id_map_up(child, id_map_down(parent, id)), in);
	}

	/* 501 and 524: the cut falls inside an extent */
	lines[0].count = 1001;
	lines[1].lower = 1001;
	lines[1].count = 2048 - 1001;
	CHECK_INT(id_map_split(parent, lines, 2, NULL, ID_MAP_MAX_EXTENTS),
		  -EINVAL);
	/* one id that the parent lacks, behind all that is too many */
	lines[1].count++;
	CHECK_INT(id_map_split(parent, lines, 2, NULL, ID_MAP_MAX_EXTENTS),
		  -EPERM);
	free(parent);
	free(child);
}

/* Maps of 1 to 1,024 extents: both ends of every extent, and beside it. */
void test_every_count(void)
{
	struct id_extent want[ID_MAP_MAX_EXTENTS];
	u32 deal[ID_MAP_MAX_EXTENTS];
	struct id_extent *e;
	struct id_map *map;

	for (u32 nr = 1; nr <= ID_MAP_MAX_EXTENTS; nr++) {
		size_t size = id_map_size(nr);

		CHECK_INT(size <= 32768, true);
		CHECK_INT(size == sizeof(struct id_map),
			  nr <= ID_MAP_INLINE);
		map = malloc(size);
		if (!map)
			FAIL("out of memory");
		/* whatever is there before */
		memset(map, 0xa5, size);
		for (u32 i = 0; i < nr; i++)
			deal[i] = i;
		shuffle(deal, nr);
		e = id_map_init(map, nr);
		for (u32 i = 0; i < nr; i++) {
			/* a gap of one id behind each, in both columns */
			want[i].first = 4 * i + 1;
			want[i].lower = 100000 + 4 * deal[i];
			want[i].count = 3;
			want[i].line = i;
			e[i] = want[i];
		}
		id_map_build(map);
		CHECK_INT(id_map_down(map, 0), ID_MAP_NONE);
		CHECK_INT(id_map_up(map, 99999), ID_MAP_NONE);
		CHECK_INT(id_map_down(map, ID_MAP_NONE), ID_MAP_NONE);
		CHECK_INT(id_map_up(map, ID_MAP_NONE), ID_MAP_NONE);
		for (u32 i = 0; i < nr; i++) {
			for (u32 j = 0; j < 3; j++) {
				CHECK_INT(id_map_down(map, want[i].first + j),
					  want[i].lower + j);
				CHECK_INT(id_map_up(map, want[i].lower + j),
					  want[i].first + j);
			}
			CHECK_INT(id_map_down(map, want[i].first + 3),
				  ID_MAP_NONE);
			CHECK_INT(id_map_up(map, want[i].lower + 3),
				  ID_MAP_NONE);
		}
		free(map);
	}
}

/* Large random maps, five deep, with holes; every level looked up and read. */
void test_random_deep(void)
{
	u32 most = 0;

	for (u32 round = 0; round < 12; round++) {
		u32 total = 2000 + rnd(3000);

		restart(5);
		for (u32 i = 0; i < 5; i++) {
			u32 lines = round & 1 ? 1 + rnd(ID_MAP_MAX_LINES) :
						200 + rnd(100);
			int ret;

			tile(lines, total, rnd(3) == 0);
			ret = pair_write(&ns[i], text, text_len);
			if (ret == -EINVAL) {
				/* too many: the same ids in one line */
				text_len = 0;
				add_line(0, 0, total);
				ret = pair_write(&ns[i], text, text_len);
			}
			if (ret < 0)
				FAIL("round %u level %u: %d", round, i, ret);
			if ((u32)ret > most)
				most = (u32)ret;
			for (u32 j = 0; j < 400; j++)
				pair_probe(&ns[i], rnd(total + 10));
			for (u32 j = 0; j <= i; j++)
				pair_show(&ns[i], &ns[j]);
			pair_show(&ns[i], &pair_init);
			/* fewer ids further down: a hole at the end */
			total -= rnd(total / 8);
		}
	}
	printf("# up to %u extents\n", most);
}

/* Runs as long as they come, at random places over all 2^32 ids. */
void test_random_wide(void)
{
	u32 written = 0, refused = 0;

	for (u32 round = 0; round < 300; round++) {
		restart(3);
		for (u32 level = 0; level < 3; level++) {
			u32 lines = 1 + rnd(level ? 8 : 60);
			u32 step = 4294967295U / (lines + 1);
			u32 order[64];
			int ret;

			for (u32 i = 0; i < lines; i++)
				order[i] = i;
			shuffle(order, lines);
			text_len = 0;
			for (u32 i = 0; i < lines; i++) {
				u32 count = 1 + (rnd(2) ? rnd(100) :
							  rnd(step / 2));

				if (!level && rnd(2))
					count = step;
				if (level && rnd(4))
					count = 1 + rnd(3);
				add_line(i * step, order[i] * step +
					 (level ? rnd(2) : 0), count);
			}
			ret = pair_write(&ns[level], text, text_len);
			if (ret < 0) {
				refused++;
				break;
			}
			written++;
			pair_probe_edges(&ns[level]);
			for (u32 j = 0; j < 50; j++)
				pair_probe(&ns[level], rnd_any());
			pair_show(&ns[level], &pair_init);
			pair_show(&ns[level], &ns[level]);
			pair_show(&ns[0], &ns[level]);
		}
	}
	printf("# %u written, %u refused\n", written, refused);
	if (!written || !refused)
		FAIL("one-sided");
}
