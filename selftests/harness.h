/* SPDX-License-Identifier: GPL-2.0 */
/* Small TAP harness: forked cases with time limits, checks that say what they got. */
#ifndef HARNESS_H
#define HARNESS_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define HARNESS_DEFAULT_SECONDS 20

/* Exit status of a case, of any process of a case, and of the program. */
enum { RESULT_PASS = 0, RESULT_FAIL = 1, RESULT_USAGE = 2, RESULT_SKIP = 4 };

struct harness_case {
	const char *name;
	const char *clauses;	/* ids of Documentation/contract.md, blank separated */
	unsigned int seconds;
	void (*run)(void);
	struct harness_case *next;
};

void harness_register(struct harness_case *c);
int harness_main(int argc, char **argv);

/*
 * A case runs in a process of its own, as uid 0 with every capability, in an
 * empty directory of its own. It passes when it returns.
 */
#define CASE(name_, clauses_) \
	CASE_SECONDS(name_, clauses_, HARNESS_DEFAULT_SECONDS)

#define CASE_SECONDS(name_, clauses_, seconds_)				\
	static void name_(void);					\
	__attribute__((constructor)) static void register_##name_(void)\
	{								\
		static struct harness_case c = {			\
			.name = #name_, .clauses = clauses_,		\
			.seconds = seconds_, .run = name_,		\
		};							\
		harness_register(&c);					\
	}								\
	static void name_(void)

void harness_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void harness_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
void harness_skip(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* What a failed check prints besides itself, such as the row of a table; "" for nothing. */
void harness_context(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

const char *errno_name(int err);

#define NOTE(...) harness_note(__VA_ARGS__)
#define SKIP(...) harness_skip(__VA_ARGS__)
#define FAIL(...) harness_fail(__FILE__, __LINE__, __VA_ARGS__)

#define EXPECT(expr)							\
	do {								\
		if (!(expr))						\
			FAIL("%s: got false", #expr);			\
	} while (0)

/* The value of a call that must not return -1. */
#define EXPECT_OK(expr)							\
	({								\
		errno = 0;						\
		intmax_t got_ = (intmax_t)(expr);			\
		if (got_ == -1)						\
			FAIL("%s: got %s, want success", #expr,		\
			     errno_name(errno));			\
		got_;							\
	})

#define EXPECT_ERR(expr, want)						\
	do {								\
		errno = 0;						\
		intmax_t got_ = (intmax_t)(expr);			\
		int err_ = errno;					\
		if (got_ != -1)						\
			FAIL("%s: got %jd, want %s", #expr, got_,	\
			     errno_name(want));				\
		if (err_ != (want))					\
			FAIL("%s: got %s, want %s", #expr,		\
			     errno_name(err_), errno_name(want));	\
	} while (0)

#define EXPECT_EQ(expr, want)						\
	do {								\
		intmax_t got_ = (intmax_t)(expr);			\
		intmax_t want_ = (intmax_t)(want);			\
		if (got_ != want_)					\
			FAIL("%s: got %jd, want %s (%jd)", #expr, got_,	\
			     #want, want_);				\
	} while (0)

#define EXPECT_NE(expr, other)						\
	do {								\
		intmax_t got_ = (intmax_t)(expr);			\
		if (got_ == (intmax_t)(other))				\
			FAIL("%s: got %jd, want anything but %s",	\
			     #expr, got_, #other);			\
	} while (0)

#define EXPECT_STR(expr, want)						\
	do {								\
		const char *got_ = (expr);				\
		const char *want_ = (want);				\
		if (strcmp(got_, want_))				\
			FAIL("%s: got \"%s\", want \"%s\"", #expr,	\
			     got_, want_);				\
	} while (0)

#endif
