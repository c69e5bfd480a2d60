/* SPDX-License-Identifier: GPL-2.0 */
/* What the cases of test_maps share. */
#ifndef HOST_TEST_H
#define HOST_TEST_H

#include "pair.h"
#include "tap.h"

/* namespaces, each a child of the one before after restart() */
extern struct pair ns[6];
void restart(unsigned int levels);

/* the text that is to be written next */
extern char text[65536];
extern size_t text_len;
void add_line(u32 first, u32 lower, u32 count);

/* the same random numbers every time */
u32 rnd_any(void);
u32 rnd(u32 below);
void shuffle(u32 *a, u32 n);

void test_parse_valid(void);
void test_parse_malformed(void);
void test_parse_every_byte(void);
void test_parse_every_piece(void);
void test_parse_lines_limit(void);
void test_small_maps(void);
void test_small_maps_high(void);
void test_small_tables(void);
void test_nested_lines(void);
void test_nested_maps(void);
void test_nested_twice(void);
void test_nested_reverse(void);
void test_split_limit(void);
void test_split_limit_exact(void);
void test_every_count(void);
void test_random_deep(void);
void test_random_wide(void);
void test_edges_of_the_tree(void);
void test_show_rules(void);
void test_fuzz(void);

#endif
