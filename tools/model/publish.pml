/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How gid_map is published, read without a lock, and weighed against setgroups:
 * map_publish(), setgroups_write() of fs/proc/userns.c, user_ns_map() and
 * user_ns_may_setgroups().
 *
 * Two write the map, each the owner (MAP-8) or privileged (MAP-7); one writes
 * deny, one allow; one calls setgroups(2); one looks ids up.  Holds:
 *
 * - who looks ids up sees no map or a whole one;
 * - the map is written at most once (MAP-2);
 * - deny does not come after the map, nor is it taken back (SGR-2);
 * - where it was denied nobody has dropped groups; the map of an owner stands
 *   only where it is denied (MAP-8, CVE-2014-8989).
 *
 * Memory is that of a CPU that orders nothing: a store waits for its turn in
 * any order, and a load may have been done long before.
 */

#define EXTENT0		0
#define EXTENT1		1
#define MAP		2	/* ns->map[USERNS_GID_MAP] */
#define DENIED		3	/* ns->setgroups_denied */
#define VARIABLES	4
#define WRITERS		4	/* who stores: two maps, deny, allow */

#define DENY		1	/* in DENIED; 0 or ALLOW: it is not */
#define ALLOW		2

byte memory[VARIABLES];
byte stored[16];		/* WRITERS * VARIABLES; not 0: on its way */
bool locked;			/* userns_map_mutex */

/* what has happened, whoever can see it by now */
byte written;
bool by_owner;
bool denied;
bool dropped;

#define slot(v)		stored[me * VARIABLES + v]
#define settled		(!slot(0) && !slot(1) && !slot(2) && !slot(3))

inline store(v, x)
{
	slot(v) = x
}

/* One's own stores are seen at once. */
inline load(v, x)
{
	atomic {
		if
		:: slot(v) -> x = slot(v)
		:: else -> x = memory[v]
		fi
	}
}

inline smp_wmb()
{
	settled
}

inline mutex_lock()
{
	atomic { !locked -> locked = true }
}

inline mutex_unlock()
{
	settled;
	locked = false
}

#define arrive(i)	atomic { stored[i] -> memory[(i) % VARIABLES] = stored[i]; stored[i] = 0 }

/* Brings stores to memory in any order. */
active proctype bus()
{
end:	do
	:: arrive(0)  :: arrive(1)  :: arrive(2)  :: arrive(3)
	:: arrive(4)  :: arrive(5)  :: arrive(6)  :: arrive(7)
	:: arrive(8)  :: arrive(9)  :: arrive(10) :: arrive(11)
	:: arrive(12) :: arrive(13) :: arrive(14) :: arrive(15)
	od
}

/* map_set(), map_publish() */
proctype write_map(byte me; bool owner)
{
	byte seen;

	load(MAP, seen);
	if
	:: seen -> goto refused
	:: else
	fi;
	/* is_own_id(), without the mutex */
	if
	:: owner ->
		load(DENIED, seen);
		if
		:: seen != DENY -> goto refused
		:: else
		fi
	:: else
	fi;

	mutex_lock();
	load(MAP, seen);
	if
	:: !seen ->
		store(EXTENT0, me + 1);
		store(EXTENT1, me + 1);
		smp_wmb();
		store(MAP, 1);
		atomic {
			written++;
			by_owner = owner;
			assert(written == 1)
		}
	:: else
	fi;
	mutex_unlock();
refused:
	skip
}

/* setgroups_write(), of deny */
proctype write_deny(byte me)
{
	byte seen;

	mutex_lock();
	load(MAP, seen);
	if
	:: !seen ->
		atomic {
			store(DENIED, DENY);
			denied = true;
			assert(!written)
		}
	:: else
	fi;
	mutex_unlock()
}

/* setgroups_write(), of allow: changes nothing */
proctype write_allow(byte me)
{
	byte seen;

	mutex_lock();
	load(DENIED, seen);
	mutex_unlock()
}

/*
 * A load without a barrier before it may give what was there at any time since
 * the last barrier; the time of that barrier is as bad as any, as everything
 * here changes once.
 */
#define speculate(v, early)	if :: early = memory[v] + 1 :: early = 0 fi
#define load_late(v, early, x)	atomic { if :: early -> x = early - 1 :: else -> x = memory[v] fi }

/* user_ns_may_setgroups() */
proctype setgroups()
{
	byte map, deny, early;

	speculate(DENIED, early);
	map = memory[MAP];
	if
	:: map ->
		/* smp_rmb() */
		speculate(DENIED, early);
		load_late(DENIED, early, deny);
		if
		:: deny != DENY ->
			atomic {
				dropped = true;
				assert(!denied)
			}
		:: else
		fi
	:: else
	fi
}

/* user_ns_map(), then find_first() */
proctype look_up()
{
	byte map, first, second, early0, early1;

	speculate(EXTENT0, early0);
	speculate(EXTENT1, early1);
	map = memory[MAP];
	if
	:: map ->
		/* smp_read_barrier_depends() */
		speculate(EXTENT0, early0);
		speculate(EXTENT1, early1);
		load_late(EXTENT0, early0, first);
		load_late(EXTENT1, early1, second);
		assert(first && first == second)
	:: else
	fi
}

init
{
	bool owner0, owner1;

	if :: owner0 = true :: owner0 = false fi;
	if :: owner1 = true :: owner1 = false fi;
	atomic {
		run write_map(0, owner0);
		run write_map(1, owner1);
		run write_deny(2);
		run write_allow(3);
		run setgroups();
		run look_up()
	};
	/* all that can happen has happened */
	timeout;
	assert(!dropped || !denied);
	assert(!by_owner || denied);
	assert((memory[DENIED] == DENY) == denied)
}
