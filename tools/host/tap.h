/* SPDX-License-Identifier: GPL-2.0 */
/* Cases of a host test program, each run in a process of its own, as TAP. */
#ifndef HOST_TAP_H
#define HOST_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct tap_case {
	const char *name;
	const char *clauses;
	void (*run)(void);
};

/* A failed check ends the case, which is a process. */
#define FAIL(...)							\
	do {								\
		printf("# %s:%d: ", __FILE__, __LINE__);		\
		printf(__VA_ARGS__);					\
		printf("\n");						\
		exit(1);						\
	} while (0)

#define CHECK_INT(expr, want)						\
	do {								\
		long long got_ = (expr);				\
		long long want_ = (want);				\
		if (got_ != want_)					\
			FAIL("%s: got %lld, want %lld", #expr, got_,	\
			     want_);					\
	} while (0)

void skip_case(const char *why) __attribute__((noreturn));
int tap_main(int argc, char **argv, const struct tap_case *cases, size_t n);

#endif
