/* SPDX-License-Identifier: GPL-2.0 */
/* What may be written to a map and what may not, byte by byte. */
#include <string.h>
#include "test.h"

/* Write one text to a fresh namespace below init. */
static int write_once(const char *s, size_t len)
{
	int ret;

	restart(1);
	ret = pair_write(&ns[0], s, len);
	if (ret > 0)
		pair_probe_edges(&ns[0]);
	return ret;
}

void test_parse_valid(void)
{
	static const struct {
		const char *text;
		u32 first, lower, count;
	} one[] = {
		{ "0 0 1", 0, 0, 1 },
		{ "0 0 1\n", 0, 0, 1 },
		{ "1 2 3\n", 1, 2, 3 },
		{ " 1 2 3\n", 1, 2, 3 },
		{ "1 2 3 \n", 1, 2, 3 },
		{ "1 2 3 ", 1, 2, 3 },
		{ "\t1\t2\t3\t", 1, 2, 3 },
		{ "  \t 1 \t  2\t\t 3  \n", 1, 2, 3 },
		{ "1 2 3\r\n", 1, 2, 3 },
		{ "\v1\f2\r3\xa0\n", 1, 2, 3 },
		{ "         0         10          1\n", 0, 10, 1 },
		{ "0001 0002 0003\n", 1, 2, 3 },
		{ "00000000000000000000000000000000001 2 3", 1, 2, 3 },
		{ "0 0 4294967295\n", 0, 0, 4294967295U },
		{ "4294967294 0 1\n", 4294967294U, 0, 1 },
		{ "0 4294967294 1\n", 0, 4294967294U, 1 },
		{ "4294967290 4294967280 5", 4294967290U, 4294967280U, 5 },
		{ "999999999 1000000000 1", 999999999, 1000000000, 1 },
		{ "1234567890 987654321 123456", 1234567890, 987654321, 123456 },
		{ "000000000000004294967294 0 000000000000001", 4294967294U, 0,
		  1 },
	};
	struct id_extent lines[ID_MAP_MAX_LINES];
	char buf[128];

	for (size_t i = 0; i < ARRAY_SIZE(one); i++) {
		size_t len = strlen(one[i].text);

		memcpy(buf, one[i].text, len);
		if (id_map_parse(buf, len, lines) != 1)
			FAIL("`%s' refused", one[i].text);
		CHECK_INT(lines[0].first, one[i].first);
		CHECK_INT(lines[0].lower, one[i].lower);
		CHECK_INT(lines[0].count, one[i].count);
		CHECK_INT(lines[0].line, 0);
		CHECK_INT(write_once(one[i].text, len), 1);
	}

	CHECK_INT(write_once("5 6 1\n1 2 3\n9 9 1", 17), 3);
	CHECK_INT(ns[0].map->extent[0].line, 1);
	CHECK_INT(ns[0].map->extent[1].line, 0);
	CHECK_INT(ns[0].map->extent[2].line, 2);
}

void test_parse_malformed(void)
{
	static const char * const bad[] = {
		/* empty, or an empty line */
		"", " ", "\n", "\t\n", " \n ", "\n\n", "\n0 0 1\n",
		"0 0 1\n\n", "0 0 1\n \n", "0 0 1\n ", "0 0 1\n\n1 1 1\n",
		"0 0 1\n\t\n1 1 1", "\r\n", "0 0 1\n\r\n", "\xa0",
		/* fields missing, or too many */
		"0", "0\n", "0 ", "0 0", "0 0\n", "0 0 ", "0 0 \n", " 0 0",
		"0\n0\n1\n", "0 0\n1\n", "0\n0 1", "0 0 1\n1 1", "0 0 1\n1",
		"0 0 1\n1 1\n", "0 0 1 1", "0 0 1 1\n", "0 0 1 1 1 1\n",
		"0 0 1 0 0 1", "0 0 1\n1 1 1 1\n", "001", "0 01", "00 1",
		/* signs */
		"-1 0 1", "0 -1 1", "0 0 -1", "+0 0 1", "0 +0 1", "0 0 +1",
		"- 0 1", "0 0 1-", "0-0 1", "--0 0 1", "0 0 1+", "-0 0 1",
		/* other bases, other numbers */
		"0x0 0 1", "0 0x0 1", "0 0 0x1", "0X1 0 1", "a b c",
		"0 0 a", "1e3 0 1", "0 0 1e0", "1.0 0 1", "0 0 1.", "0 0 .1",
		"0b1 0 1", "0 0 1k", "0 0 1U", "1,000 0 1", "1_0 0 1", "inf 0 1",
		/* other separators, other junk */
		"0,0,1", "0:0:1", "0;0;1", "0 0 1;", "0 0 1;1 1 1", "0/0/1",
		"0 0 1 #", "# 0 0 1", "0 0 1 # x", "\"0 0 1\"", "'0' 0 1",
		"0 0 1x", "0 0 1 x", "x0 0 1", "0 x 1", "0 0x 1", "0x 0 1",
		"0 0 1\n1 1 x", "0 0 1\nx", "0 0 *", "0 0 $1", "(0) 0 1",
		"0 0 1\\n", "0\\t0\\t1", "0 0 1\x7f", "\x80 0 1", "0 0 1\xff",
		"\xff\xff\xff", "0\xc2\xa0""0 1", "0 0 1\b", "\a0 0 1",
		"0\x1b 0 1", "0\x1f""0 1", "0\x0e""0 1", "0\x08""0 1",
		"0 0 1/", "0 0 1:", "/ 0 1", ": 0 1",
		/* numbers over 2^32-1 */
		"4294967296 0 1", "0 4294967296 1", "0 0 4294967296",
		"4294967297 0 1", "0 4294967297 1", "0 0 4294967297",
		"9999999999 0 1", "10000000000 0 1", "18446744073709551615 0 1",
		"18446744073709551616 0 1", "18446744073709551617 1 1",
		"0 18446744073709551616 1", "0 0 18446744073709551617",
		"340282366920938463463374607431768211457 0 1",
		"0 0 340282366920938463463374607431768211457",
		"0 00000000000000000000000000004294967296 1",
		"99999999999999999999999999999999999999999999 0 1",
		"0 0 1\n1 4294967297 1", "42949672960 0 1", "5000000000 0 1",
		/* a count of 0 */
		"0 0 0", "0 0 0\n", "1 1 0", "0 0 00000000000000000", "0 0 1\n1 1 0",
		"4294967294 0 0", "0 0 0\n1 1 1", "4294967295 4294967295 0",
		/* the id 4294967295 */
		"4294967295 0 1", "0 4294967295 1", "4294967295 4294967295 1",
		"0 0 1\n4294967295 1 1", "4294967294 0 2", "0 4294967294 2",
		"1 0 4294967295", "0 1 4294967295", "1 1 4294967295",
		"2147483648 0 2147483648", "0 2147483648 2147483648",
		/* wrap-around */
		"4294967295 0 2", "4294967294 0 3", "0 4294967294 3",
		"4294967290 0 4294967290", "0 4294967290 4294967290",
		"2147483648 0 2147483649", "0 2147483649 2147483648",
		"4294967294 0 4294967295", "0 4294967294 4294967295",
		"0 0 1\n4294967290 10 100",
		/* overlap inside */
		"0 0 1\n0 1 1", "0 0 2\n1 2 1", "1 2 1\n0 0 2", "0 0 10\n5 10 1",
		"5 10 1\n0 0 10", "0 0 10\n9 10 10", "3 3 1\n4 4 1\n3 5 1",
		"0 1 4294967294\n4294967293 0 1", "0 0 5\n0 5 5",
		"9 9 1\n8 8 1\n7 7 1\n6 6 1\n5 5 1\n7 17 1",
		/* overlap outside */
		"0 0 1\n1 0 1", "0 0 2\n2 1 1", "2 1 1\n0 0 2", "0 0 10\n10 5 1",
		"10 5 1\n0 0 10", "0 0 10\n10 9 10", "3 3 1\n4 4 1\n5 3 1",
		"1 0 4294967294\n0 4294967293 1", "0 0 5\n5 0 5",
		"9 9 1\n8 8 1\n7 7 1\n6 6 1\n5 5 1\n17 7 1",
		/* both, and the same line twice */
		"0 0 1\n0 0 1", "0 0 1\n1 1 1\n0 0 1\n", "5 5 5\n6 6 1",
	};
	static const char nul[][8] = {
		"0 0 1\0", "0\0000 1", "0 0\0001", "\0000 0 1", "0 0 1\0\n",
		"0 \000 1", "0 0 \0001", "\0",
	};
	static const size_t nul_len[] = { 6, 5, 5, 6, 7, 5, 6, 1 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (write_once(bad[i], strlen(bad[i])) != -EINVAL)
			FAIL("`%s' (number %zu) accepted", bad[i], i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(nul); i++) {
		if (write_once(nul[i], nul_len[i]) != -EINVAL)
			FAIL("text with NUL, number %zu, accepted", i);
	}
	printf("# %zu malformed texts\n", ARRAY_SIZE(bad) + ARRAY_SIZE(nul));
}

static const char * const bases[] = {
	"0 0 1", "1 22 333\n", " 4 55  6 \n7 8 9\n", "4294967294 0 1\n",
	"0 100000 4294867295", "000000000000012 3 4\n20 30 40",
	"3 3 3\n2 2 1\n1 1 1\n0 0 1\n9 9 1\n7 7 1\n",
};

/* Every byte value at every place, instead of what is there and before it. */
void test_parse_every_byte(void)
{
	char buf[128];
	u32 texts = 0;

	for (size_t b = 0; b < ARRAY_SIZE(bases); b++) {
		size_t len = strlen(bases[b]);

		for (size_t at = 0; at <= len; at++) {
			for (int c = 0; c < 256; c++) {
				memcpy(buf, bases[b], at);
				buf[at] = (char)c;
				memcpy(buf + at + 1, bases[b] + at, len - at);
				write_once(buf, len + 1);
				if (at == len)
					continue;
				memcpy(buf, bases[b], len);
				buf[at] = (char)c;
				write_once(buf, len);
				texts += 2;
			}
		}
	}
	printf("# %u texts\n", texts);
}

/* Every piece of a text, in memory that ends where the piece does. */
void test_parse_every_piece(void)
{
	for (size_t b = 0; b < ARRAY_SIZE(bases); b++) {
		size_t len = strlen(bases[b]);

		for (size_t from = 0; from <= len; from++) {
			for (size_t to = from; to <= len; to++)
				write_once(bases[b] + from, to - from);
		}
	}
}

void test_parse_lines_limit(void)
{
	for (u32 n = ID_MAP_MAX_LINES - 1; n <= ID_MAP_MAX_LINES + 1; n++) {
		text_len = 0;
		for (u32 i = 0; i < n; i++)
			add_line(i, i, 1);
		CHECK_INT(write_once(text, text_len),
			  n > ID_MAP_MAX_LINES ? -EINVAL : (int)n);
		CHECK_INT(write_once(text, text_len - 1),
			  n > ID_MAP_MAX_LINES ? -EINVAL : (int)n);
	}
	/* a line too many is an error whatever it says */
	text_len = 0;
	for (u32 i = 0; i < ID_MAP_MAX_LINES; i++)
		add_line(i, i, 1);
	text[text_len] = ' ';
	CHECK_INT(write_once(text, text_len + 1), -EINVAL);
	text[text_len] = '\n';
	CHECK_INT(write_once(text, text_len + 1), -EINVAL);
}
