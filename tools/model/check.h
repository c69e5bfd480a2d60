/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clauses once more, as predicates over states, and every small state: what
 * the model is checked against.  Nothing here calls the model for an answer but
 * to compare it.
 */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "../host/tap.h"
#include "model.h"

#define USERS	3	/* kernel ids 0 to 2, of users and groups alike */

/* The state that is looked at; its namespaces are those of a hierarchy. */
extern struct model_state st;

/* How many were compared; printed by the cases. */
extern unsigned long states, answers;

/* Calls fn for every tree of up to max namespaces and all owners in it. */
void each_hierarchy(int max, void (*fn)(void));
void count_states(void);

/* The namespaces, as bits, in which a process has a capability. */
u32 power(const struct model_process *p, int cap);
bool is_below(int ns, int above);

/* Ways to number a few ids; EMPTY is a map that is not set. */
enum { EMPTY, SAME, TURNED, STYLES };
void set_map(int ns, enum model_type type, int style);
void set_maps(int style);

/* Kernel id of an id, and id of a kernel id, by counting. */
u32 counted_down(int ns, enum model_type type, u32 id);
u32 counted_up(int ns, enum model_type type, u32 kernel_id);

/* Processes and what they may hold, as numbers. */
struct model_process process(int ns, u32 euid, u32 egid, u64 effective);

void check_capabilities(void);
void check_creation(void);
void check_entering(void);
void check_levels(void);
void check_map_rights(void);
void check_map_rights_deep(void);
void check_written_once(void);
void check_setgroups_file(void);
void check_setgroups(void);
void check_ids(void);
void check_letters(void);
void check_numbers(void);

#endif
