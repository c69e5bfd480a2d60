/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unit tests of the map functions: what the cases share, and their list.
 */
#include <sys/wait.h>
#include "test.h"

struct pair ns[6];

char text[65536];
size_t text_len;

void add_line(u32 first, u32 lower, u32 count)
{
	text_len += (size_t)snprintf(text + text_len, sizeof(text) - text_len,
				     "%u %u %u\n", first, lower, count);
	if (text_len >= sizeof(text))
		FAIL("text too long");
}

/* xorshift: the same numbers everywhere */
static u32 seed = 2463534242U;

u32 rnd_any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

u32 rnd(u32 below)
{
	return rnd_any() % below;
}

void shuffle(u32 *a, u32 n)
{
	for (u32 i = n - 1; i > 0; i--) {
		u32 j = rnd(i + 1), t = a[i];

		a[i] = a[j];
		a[j] = t;
	}
}

void restart(unsigned int levels)
{
	for (unsigned int i = 0; i < levels; i++) {
		pair_end(&ns[i]);
		pair_start(&ns[i], i ? &ns[i - 1] : &pair_init);
	}
}

/* Fuzzing for a fixed number of runs, by the command that make gives. */
void test_fuzz(void)
{
	const char *cmd = getenv("FUZZ_COMMAND");
	const char *why = getenv("FUZZ_SKIP");
	int status;

	if (!cmd || !*cmd)
		skip_case(why && *why ? why : "no fuzzer: run make check");
	status = system(cmd);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	printf("# command: %s\n", cmd);
	if (WIFEXITED(status))
		FAIL("the fuzzer left with status %d", WEXITSTATUS(status));
	FAIL("the fuzzer did not run to its end (wait status %#x)", status);
}

static const struct tap_case cases[] = {
	{ "parse_valid", "MAP-1", test_parse_valid },
	{ "parse_malformed", "MAP-3", test_parse_malformed },
	{ "parse_every_byte", "MAP-1 MAP-3", test_parse_every_byte },
	{ "parse_every_piece", "MAP-1 MAP-3", test_parse_every_piece },
	{ "parse_lines_limit", "MAP-1 MAP-3", test_parse_lines_limit },
	{ "small_maps", "MAP-3 MAP-11", test_small_maps },
	{ "small_maps_high", "MAP-3 MAP-11", test_small_maps_high },
	{ "small_tables", "MAP-11", test_small_tables },
	{ "nested_lines", "MAP-6 MAP-10 MAP-11", test_nested_lines },
	{ "nested_maps", "MAP-6 MAP-10 MAP-11", test_nested_maps },
	{ "nested_twice", "MAP-6 MAP-10 MAP-11", test_nested_twice },
	{ "nested_reverse", "MAP-11", test_nested_reverse },
	{ "split_limit", "MAP-6 MAP-10 MAP-11", test_split_limit },
	{ "split_limit_exact", "MAP-6 MAP-11", test_split_limit_exact },
	{ "every_count", "MAP-11", test_every_count },
	{ "random_deep", "MAP-6 MAP-10 MAP-11", test_random_deep },
	{ "random_wide", "MAP-3 MAP-6 MAP-10 MAP-11", test_random_wide },
	{ "edges_of_the_tree", "MAP-6 MAP-10 MAP-11", test_edges_of_the_tree },
	{ "show_rules", "MAP-10", test_show_rules },
	{ "fuzz", "MAP-1 MAP-3 MAP-6 MAP-10 MAP-11", test_fuzz },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, cases, ARRAY_SIZE(cases));
}
