/* SPDX-License-Identifier: GPL-2.0 */
/* `make mutate` puts this into include/linux of its tree: mutant(name) is true where the kernel was booted with mutant=name. */
#ifndef _LINUX_MUTANT_H
#define _LINUX_MUTANT_H

/* for what the mutations ask instead of what the file does */
#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/user_namespace.h>
#include <linux/mutant_names.h>

#define M(name) MUTANT_##name,
enum mutant { MUTANT_none, MUTANTS };
#undef M

extern enum mutant mutant_chosen;
extern unsigned long mutant_reached;

#define mutant(name) mutant_is(MUTANT_##name)

static inline bool mutant_is(enum mutant mutant)
{
	if (likely(mutant_chosen != mutant))
		return false;
	/* Not exact: it only matters whether it ever was. */
	mutant_reached++;
	return true;
}

#endif
