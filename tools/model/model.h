/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may do what with user namespaces, and what they see: the clauses CAP-1
 * to CAP-4, MAP-2 to MAP-10, SGR-1 to SGR-4, with what NEW and NSF say of the
 * same things, each as simply as it can be said.
 *
 * A second opinion, to ask next to a kernel: given the namespaces, a process
 * and what it does, the errno and the state after it.  Whatever a program sees
 * besides (a chroot, memory, limits) is not modelled.
 */
#ifndef MODEL_H
#define MODEL_H

#include "maps.h"

#define MODEL_INIT		0	/* number of the initial namespace */
#define MODEL_NAMESPACES	40
#define MODEL_LEVELS		32	/* NEW-6 */
#define MODEL_GROUPS		32
#define MODEL_GROUPS_MAX	65536	/* NGROUPS_MAX */
#define MODEL_PAGE		4096
#define MODEL_OVERFLOW_ID	65534

/* capabilities by their numbers, those that the rules name */
enum {
	MODEL_SETGID	= 6,
	MODEL_SETUID	= 7,
	MODEL_SYS_ADMIN	= 21,
	MODEL_SETFCAP	= 31,
};

#define MODEL_CAP(cap)	(1ULL << (cap))
#define MODEL_ALL_CAPS	(~0ULL)

enum model_type { MODEL_UID, MODEL_GID, MODEL_PROJID, MODEL_TYPES };

/* All ids in here, and in struct model_process, are kernel ids. */
struct model_ns {
	int parent;			/* NEW-9; of init: -1 */
	int level;
	u32 owner;
	u32 group;
	bool creator_setfcap;		/* MAP-9 */
	bool denied;			/* SGR-1 */
	struct model_map map[MODEL_TYPES];
};

/*
 * Namespaces are known by their number, 0 being init; none is ever removed.
 * The maps hold pointers into the state: it is not to be copied.
 */
struct model_state {
	int n;
	struct model_ns ns[MODEL_NAMESPACES];
};

/* A process, or its credentials when it opened a file. */
struct model_process {
	int ns;
	u32 uid, euid;
	u32 gid, egid;
	u64 effective;			/* capabilities, in ns */
	u32 groups;
	u32 group[MODEL_GROUPS];
};

/*
 * Functions that stand for a call return 0 or more, or a negative errno with
 * nothing changed.
 */
void model_start(struct model_state *s);
bool model_capable(const struct model_state *s, const struct model_process *p,
		   int ns, int cap);
int model_create(struct model_state *s, struct model_process *p);
int model_enter(const struct model_state *s, struct model_process *p, int ns);

int model_write_map(struct model_state *s, int ns, enum model_type type,
		    const struct model_process *opener,
		    const struct model_process *writer,
		    u64 offset, const char *text, size_t len);
u32 model_read_map(const struct model_state *s, int ns, enum model_type type,
		   const struct model_process *opener, struct id_extent *out);
int model_open_setgroups(const struct model_state *s, int ns,
			 const struct model_process *opener);
int model_write_setgroups(struct model_state *s, int ns, u64 offset,
			  const char *text, size_t len);
int model_setgroups(const struct model_state *s, struct model_process *p,
		    const u32 *ids, u32 n);

u32 model_kernel_id(const struct model_state *s, int ns, enum model_type type,
		    u32 id);
u32 model_seen_id(const struct model_state *s, int ns, enum model_type type,
		  u32 kernel_id);

#endif
