/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An adversary: an ordinary user who is root of a namespace, and what lies
 * outside of it. Whatever he calls, the outside must look the same afterwards.
 */
#ifndef ADVERSARY_H
#define ADVERSARY_H

#include "userns.h"

/* What the adversary is after; made by root of init, in its mount namespace. */
struct outside {
	struct peer root, other, own;	/* processes of 0, OTHER and OWNER */
	int dir;	/* the folder "outside" */
	int mount;	/* the root of a filesystem mounted there */
	int inet;	/* a datagram socket */
	int route;	/* a socket of rtnetlink, opened by OWNER */
	int tty;	/* a terminal that is nobody's */
	int ns[6];	/* the namespaces of init: ns_types[], user */
	int shm, sem, msg;
	long key;
};

void outside_make(struct outside *o);

/* All that can be seen of it, as lines. */
struct print {
	char *text;
	size_t len, size;
	double clock;	/* how far the clock is from the time since boot */
};

void print_take(struct print *p, const struct outside *o);
/* Says what is different, if `loud`; returns whether anything is. */
int print_differs(const struct print *before, const struct print *after, int loud);

/*
 * Two adversaries: one with namespaces of his own of every type, and one who
 * shares all but the user namespace with init, so that each object in reach is
 * init's. Runs `attack` as each of them and holds the outside against before.
 */
extern int has_own;	/* he is the first of them */
void run_attack(void (*attack)(const struct outside *o));

/* This call is not for him, as what it acts on is his own or cannot be named. */
#define NOT_HERE	(-1)

/* The error that a call must fail with, of the one who shares and of the other; 0: works. */
#define TRY(shares_, has_own_, call_)					\
	do {								\
		int want_ = has_own ? (has_own_) : (shares_);		\
		if (want_ != NOT_HERE) {				\
			errno = 0;					\
			long got_ = (long)(call_);			\
			try_judge(#call_, got_, errno, want_);		\
		}							\
	} while (0)

/* Also right: ENOSYS, for the kernel has no such call. */
void try_judge(const char *call, long got, int err, int want);

#endif
