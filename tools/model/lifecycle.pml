/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How user namespaces come and go: kernel/user_namespace.c and the open and
 * release of the files of fs/proc/userns.c, step by step.
 *
 * A process makes namespace B in A and ends.  Another enters, by a file of
 * /proc, whatever the first is in, and ends.  A third opens the map file of
 * the first, ends, and leaves the file to somebody who reads it.  All of them
 * began in A.  Holds:
 *
 * - nothing is used after it was freed, and no count rises again from 0;
 * - a namespace is freed when the last reference is gone, once, and all are
 *   in the end;
 * - a parent lives as long as its child.
 */

#define INIT	0		/* the initial namespace: not counted */
#define A	1
#define B	2
#define CREDS	5
#define NOBODY	CREDS		/* no credentials: the task is gone */

byte count[3];			/* references to a namespace */
bool allocated[3];
byte freed[3];			/* how often */
byte parent[3];
byte next[3];			/* struct llist_node */
byte dead;			/* dead_user_ns: the first of the list, or 0 */
bool pending;			/* free_user_ns_work is queued */

byte cred_ns[CREDS];
byte usage[CREDS];
byte task_cred[3];
bool reading[3];		/* task is between rcu_read_lock and unlock */

#define use(ns)		assert(ns == INIT || allocated[ns])

inline get_user_ns(ns)
{
	if
	:: ns != INIT ->
		atomic {
			assert(allocated[ns]);
			assert(count[ns] > 0);
			count[ns]++
		}
	:: else
	fi
}

/* With a local bool last.  The list and the work are lock-free. */
inline put_user_ns(ns)
{
	if
	:: ns != INIT ->
		atomic {
			assert(allocated[ns]);
			assert(count[ns] > 0);
			count[ns]--;
			last = (count[ns] == 0)
		};
		if
		:: last ->
			atomic {
				next[ns] = dead;
				dead = ns
			};
			pending = true
		:: else
		fi
	:: else
	fi
}

/* After a grace period: all who were reading when it began have stopped. */
proctype put_cred_rcu(byte ns)
{
	bool last;

	!reading[0];
	!reading[1];
	!reading[2];
	put_user_ns(ns)
}

inline put_cred(c)
{
	atomic {
		assert(usage[c] > 0);
		usage[c]--;
		if
		:: usage[c] == 0 -> run put_cred_rcu(cred_ns[c])
		:: else
		fi
	}
}

inline rcu_read_lock(me)
{
	reading[me] = true
}

inline rcu_read_unlock(me)
{
	reading[me] = false
}

inline free_memory(ns)
{
	atomic {
		/* a child that somebody can still reach needs its parent */
		assert(ns != A || count[B] == 0);
		allocated[ns] = false;
		freed[ns]++
	}
}

/*
 * free_user_ns() by the workqueue.  Two, as a work item may run on one CPU
 * while it runs on another.
 */
active [2] proctype worker()
{
	byte node, ns;
	bool last;

end:	do
	:: atomic { pending -> pending = false };
		do
		:: atomic { node = dead; dead = 0 };
			if
			:: node == 0 -> break
			:: else
			fi;
			do
			:: node == 0 -> break
			:: else ->
				ns = node;
				use(ns);
				node = next[ns];
				use(ns);
				put_user_ns(parent[ns]);
				free_memory(ns);
				ns = 0
			od
		od
	od
}

/* Returns in ns what the first task is in, with a reference, or INIT. */
inline get_proc_ns(me)
{
	rcu_read_lock(me);
	c = task_cred[0];
	if
	:: c != NOBODY ->
		ns = cred_ns[c];
		use(ns);
		get_user_ns(ns)
	:: else -> ns = INIT
	fi;
	rcu_read_unlock(me)
}

/* exit(): the credentials go when nobody looks at them any more */
inline leave(me)
{
	c = task_cred[me];
	task_cred[me] = NOBODY;
	put_cred(c);
	c = 0
}

/* unshare(CLONE_NEWUSER): create_user_ns(), commit_creds() */
proctype creator()
{
	byte c;
	bool last;

	/* prepare_creds() */
	get_user_ns(A);
	cred_ns[1] = A;
	usage[1] = 1;
	atomic {
		allocated[B] = true;
		count[B] = 1
	};
	get_user_ns(A);
	parent[B] = A;
	if
	:: true ->			/* no memory for its counts */
		put_user_ns(B);
		put_cred(1)
	:: true ->			/* set_cred_user_ns() */
		put_user_ns(A);
		cred_ns[1] = B;
		c = task_cred[0];
		task_cred[0] = 1;
		put_cred(c)
	fi;
	leave(0)
}

/* open of /proc/PID/ns/user, NS_GET_PARENT, setns(), close */
proctype enterer()
{
	byte c, ns, up;
	bool last;

	get_proc_ns(1);
	if
	:: ns != INIT ->
		/* userns_parent() */
		use(ns);
		up = parent[ns];
		get_user_ns(up);
		use(up);
		put_user_ns(up);
		up = 0;
		if
		:: ns != cred_ns[task_cred[1]] ->
			get_user_ns(ns);
			cred_ns[3] = ns;
			usage[3] = 1;
			c = task_cred[1];
			task_cred[1] = 3;
			put_cred(c)
		:: true
		fi;
		put_user_ns(ns);
		/* what a member does with its own needs no reference */
		ns = cred_ns[task_cred[1]];
		use(ns);
		use(parent[ns])
	:: else
	fi;
	leave(1)
}

/* open of a map file, which outlives who opened it; reads; close */
proctype reader()
{
	byte c, ns, f_cred, view;
	bool last;

	/* a look at the namespace of another task and those above, by RCU */
	rcu_read_lock(2);
	c = task_cred[0];
	if
	:: c != NOBODY ->
		ns = cred_ns[c];
		use(ns);
		use(parent[ns])
	:: else
	fi;
	rcu_read_unlock(2);

	get_proc_ns(2);
	f_cred = task_cred[2];
	atomic { usage[f_cred]++ };
	view = cred_ns[f_cred];
	leave(2);
	if
	:: ns != INIT ->
		use(ns);
		use(parent[ns]);
		use(view);
		put_user_ns(ns)
	:: else
	fi;
	put_cred(f_cred)
}

init
{
	atomic {
		allocated[A] = true;
		count[A] = 3;
		cred_ns[0] = A;
		cred_ns[2] = A;
		cred_ns[4] = A;
		usage[0] = 1;
		usage[2] = 1;
		usage[4] = 1;
		task_cred[0] = 0;
		task_cred[1] = 2;
		task_cred[2] = 4;
		run creator();
		run enterer();
		run reader()
	};
	/* all that can happen has happened */
	timeout;
	assert(freed[A] == 1 && freed[B] == 1)
}
