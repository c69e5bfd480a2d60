/* SPDX-License-Identifier: GPL-2.0 */
/* Who may do what: the clauses of the contract, one by one. */
#include <string.h>
#include "model.h"

static void add_ns(struct model_state *s, int parent)
{
	struct model_ns *ns = &s->ns[s->n];

	ns->parent = parent;
	for (int type = 0; type < MODEL_TYPES; type++) {
		ns->map[type].parent =
			parent < 0 ? NULL : &s->ns[parent].map[type];
		ns->map[type].n = 0;
	}
	s->n++;
}

/* The initial namespace alone. */
void model_start(struct model_state *s)
{
	s->n = 0;
	add_ns(s, -1);
	s->ns[MODEL_INIT].level = 0;
	s->ns[MODEL_INIT].owner = 0;
	s->ns[MODEL_INIT].group = 0;
	s->ns[MODEL_INIT].creator_setfcap = true;
	s->ns[MODEL_INIT].denied = false;
}

/* init numbers everything as the kernel does; it needs no lines for that. */
static bool map_is_set(const struct model_state *s, int ns,
		       enum model_type type)
{
	return ns == MODEL_INIT || s->ns[ns].map[type].n > 0;
}

/* The kernel's id for an id of a namespace, ID_MAP_NONE where there is none. */
u32 model_kernel_id(const struct model_state *s, int ns, enum model_type type,
		    u32 id)
{
	return model_down(&s->ns[ns].map[type], id);
}

/* What a member is shown for a kernel id. */
u32 model_seen_id(const struct model_state *s, int ns, enum model_type type,
		  u32 kernel_id)
{
	u32 id = model_up(&s->ns[ns].map[type], kernel_id);

	return id == ID_MAP_NONE && ns != MODEL_INIT ? MODEL_OVERFLOW_ID : id;
}

static bool is_mapped(const struct model_state *s, int ns,
		      enum model_type type, u32 kernel_id)
{
	return model_up(&s->ns[ns].map[type], kernel_id) != ID_MAP_NONE;
}

/* Does a process have a capability in a namespace? */
bool model_capable(const struct model_state *s, const struct model_process *p,
		   int ns, int cap)
{
	/* CAP-1 */
	if (ns == p->ns)
		return p->effective & MODEL_CAP(cap);
	/* CAP-4: init has no namespace above it to have it from */
	if (ns == MODEL_INIT)
		return false;
	/* CAP-3 */
	if (s->ns[ns].parent == p->ns && s->ns[ns].owner == p->euid)
		return true;
	/* CAP-2, and for what the owner has, CAP-3 */
	return model_capable(s, p, s->ns[ns].parent, cap);
}

/* NEW-10, NSF-4: a member with everything here, and so with nothing there */
static void become_member(struct model_process *p, int ns)
{
	p->ns = ns;
	p->effective = MODEL_ALL_CAPS;
}

/*
 * CLONE_NEWUSER: the caller, or the copy of it that is the child, becomes the
 * first member.  Returns the number of the namespace.
 */
int model_create(struct model_state *s, struct model_process *p)
{
	struct model_ns *parent = &s->ns[p->ns];
	struct model_ns *ns = &s->ns[s->n];

	/* NEW-6 */
	if (parent->level == MODEL_LEVELS)
		return -EUSERS;
	/* NEW-5 */
	if (!is_mapped(s, p->ns, MODEL_UID, p->euid) ||
	    !is_mapped(s, p->ns, MODEL_GID, p->egid))
		return -EPERM;
	/* of the model, not of the contract */
	if (s->n == MODEL_NAMESPACES)
		return -ENOMEM;

	add_ns(s, p->ns);
	ns->level = parent->level + 1;
	/* NEW-9 */
	ns->owner = p->euid;
	ns->group = p->egid;
	/* MAP-9 */
	ns->creator_setfcap = p->effective & MODEL_CAP(MODEL_SETFCAP);
	/* SGR-2 */
	ns->denied = parent->denied;
	become_member(p, s->n - 1);
	return p->ns;
}

/* setns() by a process of one thread that shares no fs_struct. */
int model_enter(const struct model_state *s, struct model_process *p, int ns)
{
	/* NSF-2 */
	if (ns == p->ns)
		return -EINVAL;
	/* NSF-3 */
	if (!model_capable(s, p, ns, MODEL_SYS_ADMIN))
		return -EPERM;
	become_member(p, ns);
	return 0;
}

/* MAP-9: may an id outside be 0? */
static bool may_map_zero(const struct model_state *s, int ns,
			 const struct model_process *opener)
{
	if (opener->ns == ns)
		return s->ns[ns].creator_setfcap;
	return model_capable(s, opener, s->ns[ns].parent, MODEL_SETFCAP);
}

/* MAP-8: is it the one id of the owner? */
static bool is_own_id(const struct model_state *s, int ns,
		      enum model_type type, const struct model_process *opener,
		      const struct model_map *lines)
{
	u32 outside;

	if (lines->n != 1 || lines->line[0].count != 1)
		return false;
	if (opener->euid != s->ns[ns].owner)
		return false;
	outside = model_kernel_id(s, s->ns[ns].parent, type,
				  lines->line[0].lower);
	if (type == MODEL_UID)
		return outside == opener->euid;
	return outside == opener->egid && s->ns[ns].denied;
}

static bool may_map(const struct model_state *s, int ns, enum model_type type,
		    const struct model_process *opener,
		    const struct model_process *writer,
		    const struct model_map *lines)
{
	int parent = s->ns[ns].parent;
	int cap = type == MODEL_UID ? MODEL_SETUID : MODEL_SETGID;

	/* MAP-8, its last sentence */
	if (type == MODEL_PROJID)
		return true;
	for (u32 i = 0; i < lines->n; i++) {
		if (type == MODEL_UID && lines->line[i].lower == 0 &&
		    !may_map_zero(s, ns, opener))
			return false;
	}
	/* MAP-7 */
	if (model_capable(s, opener, parent, cap) &&
	    model_capable(s, writer, parent, cap))
		return true;
	return is_own_id(s, ns, type, opener, lines);
}

/*
 * A write to uid_map, gid_map or projid_map, which tests in the order that
 * Linux does.
 */
int model_write_map(struct model_state *s, int ns, enum model_type type,
		    const struct model_process *opener,
		    const struct model_process *writer,
		    u64 offset, const char *text, size_t len)
{
	struct model_map *map = &s->ns[ns].map[type];
	int err;

	/* MAP-12 */
	if (ns == MODEL_INIT)
		return -EPERM;
	/* MAP-4 */
	if (opener->ns != ns && opener->ns != s->ns[ns].parent)
		return -EPERM;
	/* MAP-3 */
	if (offset != 0 || len >= MODEL_PAGE)
		return -EINVAL;
	/* MAP-2 */
	if (map_is_set(s, ns, type))
		return -EPERM;
	/* MAP-5 */
	if (type != MODEL_PROJID &&
	    !model_capable(s, opener, ns, MODEL_SYS_ADMIN))
		return -EPERM;

	/* MAP-1, MAP-3; lines of a map whose n is 0 are nothing yet */
	err = model_parse(text, len, map->line);
	if (err < 0)
		return err;
	map->n = (u32)err;
	err = model_check(map->line, map->n);
	if (!err && !may_map(s, ns, type, opener, writer, map))
		err = -EPERM;
	/* MAP-6 */
	if (!err)
		err = model_split(map, NULL, ID_MAP_MAX_EXTENTS);
	if (err < 0) {
		map->n = 0;
		return err;
	}
	return 0;
}

/*
 * What a map file shows to who opened it (MAP-10): the number of lines, in out
 * with room for ID_MAP_MAX_EXTENTS.
 */
u32 model_read_map(const struct model_state *s, int ns, enum model_type type,
		   const struct model_process *opener, struct id_extent *out)
{
	static struct id_extent extents[ID_MAP_MAX_EXTENTS];
	int reader = opener->ns;
	int n;

	if (ns == MODEL_INIT) {
		out[0] = (struct id_extent) { .count = ID_MAP_NONE };
		out[0].lower = model_up(&s->ns[reader].map[type], 0);
		return 1;
	}
	if (reader == ns)
		reader = s->ns[ns].parent;
	n = model_split(&s->ns[ns].map[type], extents, ID_MAP_MAX_EXTENTS);
	return model_show(&s->ns[reader].map[type], extents, (u32)n, out);
}

/* Opening /proc/PID/setgroups for writing. */
int model_open_setgroups(const struct model_state *s, int ns,
			 const struct model_process *opener)
{
	/* SGR-4 */
	return model_capable(s, opener, ns, MODEL_SYS_ADMIN) ? 0 : -EACCES;
}

/* Is it the word, followed by nothing but white space? */
static bool says(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	if (len < n || memcmp(text, word, n))
		return false;
	for (; n < len; n++) {
		if (text[n] == '\0' || !strchr(" \t\n\v\f\r\xa0", text[n]))
			return false;
	}
	return true;
}

int model_write_setgroups(struct model_state *s, int ns, u64 offset,
			  const char *text, size_t len)
{
	bool deny = says(text, len, "deny");

	/* SGR-4; as in Linux, there is room for seven bytes */
	if (offset != 0 || len > 7 || (!deny && !says(text, len, "allow")))
		return -EINVAL;
	/* SGR-2 */
	if (deny ? map_is_set(s, ns, MODEL_GID) : s->ns[ns].denied)
		return -EPERM;
	s->ns[ns].denied = deny;
	return 0;
}

/* setgroups(2) with ids of the caller's namespace. */
int model_setgroups(const struct model_state *s, struct model_process *p,
		    const u32 *ids, u32 n)
{
	/* SGR-3 */
	if (!map_is_set(s, p->ns, MODEL_GID) || s->ns[p->ns].denied)
		return -EPERM;
	if (!model_capable(s, p, p->ns, MODEL_SETGID))
		return -EPERM;
	if (n > MODEL_GROUPS_MAX)
		return -EINVAL;
	/* IDS-1 */
	for (u32 i = 0; i < n; i++) {
		if (model_kernel_id(s, p->ns, MODEL_GID, ids[i]) == ID_MAP_NONE)
			return -EINVAL;
	}
	/* of the model, not of the contract */
	if (n > MODEL_GROUPS)
		return -ENOMEM;
	p->groups = n;
	for (u32 i = 0; i < n; i++)
		p->group[i] = model_kernel_id(s, p->ns, MODEL_GID, ids[i]);
	return 0;
}
