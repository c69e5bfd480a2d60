/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libFuzzer target: the input is up to four texts with the byte 0xff between
 * them, each written to a namespace below the last one that took its text.
 * The map functions must do what the naive model does, to the last lookup.
 */
#include <string.h>
#include "pair.h"

#define LEVELS	4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pair ns[LEVELS];
	const struct pair *parent = &pair_init;
	const char *p = (const char *)data;
	const char *end = p + size;
	int n;

	for (n = 0; n < LEVELS && p <= end; n++) {
		const char *sep = memchr(p, 0xff, (size_t)(end - p));

		if (!sep)
			sep = end;
		pair_start(&ns[n], parent);
		if (pair_write(&ns[n], p, (size_t)(sep - p)) > 0)
			parent = &ns[n];
		p = sep + 1;
	}
	for (int i = 0; i < n; i++) {
		pair_probe_edges(&ns[i]);
		for (int j = 0; j < n; j++)
			pair_show(&ns[i], &ns[j]);
		pair_show(&ns[i], &pair_init);
	}
	for (int i = 0; i < n; i++)
		pair_end(&ns[i]);
	return 0;
}
