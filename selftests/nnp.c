// SPDX-License-Identifier: GPL-2.0
/* No new privileges (NNP-1). */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

#define SOME (CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_SYS_ADMIN))

static int set_nnp(unsigned long on, unsigned long b, unsigned long c,
		   unsigned long d)
{
	return prctl(PR_SET_NO_NEW_PRIVS, on, b, c, d);
}

static int get_nnp(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void no_new_privs(void)
{
	EXPECT_OK(set_nnp(1, 0, 0, 0));
}

/* What /proc/PID/status says, between its capabilities and its processors. */
static int shown_nnp(pid_t pid)
{
	const char *text = proc_read(pid, "status");
	const char *line = strstr(text, "\nNoNewPrivs:\t");

	EXPECT(line != NULL);
	EXPECT(strstr(text, "\nCapBnd:") < line);
	EXPECT(strstr(text, "\nCpus_allowed:") > line);
	line += strlen("\nNoNewPrivs:\t");
	EXPECT(line[0] == '0' || line[0] == '1');
	EXPECT_EQ(line[1], '\n');
	return line[0] == '1';
}

/* ---- the mark ---- */

static void wrong_arguments(int want)
{
	static const unsigned long set[][4] = {
		{ 0, 0, 0, 0 }, { 2, 0, 0, 0 }, { -1UL, 0, 0, 0 },
		{ 1, 1, 0, 0 }, { 1, 0, 1, 0 }, { 1, 0, 0, 1 },
		{ 0, 1, 1, 1 }, { 3, 0, 0, 0 },
	};
	static const unsigned long get[][4] = {
		{ 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 },
		{ 0, 0, 0, 1 }, { -1UL, -1UL, -1UL, -1UL },
	};

	for (size_t i = 0; i < N(set); i++) {
		harness_context("set, row %zu", i);
		EXPECT_ERR(set_nnp(set[i][0], set[i][1], set[i][2], set[i][3]),
			   EINVAL);
		EXPECT_EQ(get_nnp(), want);
	}
	for (size_t i = 0; i < N(get); i++) {
		harness_context("get, row %zu", i);
		EXPECT_ERR(prctl(PR_GET_NO_NEW_PRIVS, get[i][0], get[i][1],
				 get[i][2], get[i][3]), EINVAL);
	}
	harness_context("%s", "");
}

CASE(it_is_set_by_anybody_and_never_cleared, "NNP-1")
{
	become(OTHER, OTHER, 0);
	EXPECT_EQ(get_nnp(), 0);
	EXPECT_EQ(shown_nnp(0), 0);
	wrong_arguments(0);
	EXPECT_EQ(set_nnp(1, 0, 0, 0), 0);
	EXPECT_EQ(get_nnp(), 1);
	EXPECT_EQ(shown_nnp(0), 1);
	wrong_arguments(1);
	EXPECT_EQ(set_nnp(1, 0, 0, 0), 0);
	EXPECT_EQ(shown_nnp(0), 1);
}

CASE(fork_and_exec_keep_it, "NNP-1")
{
	struct report rep;
	struct peer p, q;

	run(SELF, &rep);
	EXPECT_EQ(rep.no_new_privs, 0);
	if (peer_start(&p, 0)) {
		no_new_privs();
		if (peer_start(&q, 0)) {
			EXPECT_EQ(get_nnp(), 1);
			run(SELF, &rep);
			EXPECT_EQ(rep.no_new_privs, 1);
			done();
		}
		peer_join(&q);
		peer_tell(&p);
		peer_await(&p);
		done();
	}
	peer_await(&p);
	/* The child's, not the parent's, nor that of its other children. */
	EXPECT_EQ(shown_nnp(p.pid), 1);
	EXPECT_EQ(get_nnp(), 0);
	run(SELF, &rep);
	EXPECT_EQ(rep.no_new_privs, 0);
	peer_end(&p);
}

/* Marks itself; returns what it had before. */
static void *marks_itself(void *unused)
{
	int before = get_nnp();

	(void)unused;
	return (void *)(intptr_t)(set_nnp(1, 0, 0, 0) ? -1 : before);
}

CASE(each_thread_has_its_own, "NNP-1")
{
	pthread_t t;
	void *before;

	EXPECT_EQ(pthread_create(&t, NULL, marks_itself, NULL), 0);
	EXPECT_EQ(pthread_join(t, &before), 0);
	EXPECT_EQ((intptr_t)before, 0);
	EXPECT_EQ(get_nnp(), 0);
	no_new_privs();
	EXPECT_EQ(pthread_create(&t, NULL, marks_itself, NULL), 0);
	EXPECT_EQ(pthread_join(t, &before), 0);
	EXPECT_EQ((intptr_t)before, 1);
}

CASE(namespaces_are_made_and_entered_with_it, "NNP-1 NEW-10")
{
	struct report rep;
	struct peer t, p;
	int fd;

	owned_target_start(&t);
	fd = user_ns_fd(t.pid);
	if (peer_start(&p, 0)) {
		no_new_privs();
		EXPECT_OK(sys_setns(fd, CLONE_NEWUSER));
		EXPECT_EQ(get_nnp(), 1);
		done();
	}
	peer_join(&p);
	peer_end(&t);

	no_new_privs();
	for (int level = 1; level <= 3; level++) {
		enter_new(0, "0 0 10", "0 0 10");
		EXPECT_EQ(get_nnp(), 1);
		EXPECT_EQ(shown_nnp(0), 1);
		/* What the namespace gave is kept: it was permitted before. */
		run(SELF, &rep);
		EXPECT_EQ(rep.no_new_privs, 1);
		expect_caps(&rep, ALL_CAPS, ALL_CAPS);
	}
}

/* ---- set-id bits ---- */

static const mode_t set_id_modes[] = { 04755, 02755, 06755, 06711 };

/* As a process of these ids, without capabilities: nothing comes of it. */
static void set_id_does_nothing(uid_t u, gid_t g, uid_t owner, gid_t group)
{
	struct report rep;

	for (size_t i = 0; i < N(set_id_modes); i++) {
		mode_t mode = set_id_modes[i];
		struct peer p;

		harness_context("mode %o", mode);
		EXPECT_OK(chmod("prog", mode));
		if (peer_start(&p, 0)) {
			EXPECT_OK(setresgid(g, g, g));
			EXPECT_OK(setresuid(u, u, u));
			caps_set(0, 0, 0);
			run("./prog", &rep);
			EXPECT_EQ(rep.e, mode & S_ISUID ? owner : u);
			EXPECT_EQ(rep.eg, mode & S_ISGID ? group : g);
			EXPECT_EQ(rep.secure, 1);
			no_new_privs();
			run("./prog", &rep);
			expect_unchanged(&rep, u, g);
			EXPECT_EQ(rep.no_new_privs, 1);
			done();
		}
		peer_join(&p);
	}
	harness_context("%s", "");
}

CASE(set_id_bits_do_nothing, "NNP-1")
{
	copy_self("prog", OTHER, OTHER, 0755);
	EXPECT_OK(sys_setgroups(0, NULL));
	set_id_does_nothing(OWNER, OWNER, OTHER, OTHER);
	EXPECT_OK(chown("prog", 0, 0));
	set_id_does_nothing(OWNER, OWNER, 0, 0);
}

CASE(set_id_bits_do_nothing_at_any_level, "NNP-1 CAP-5")
{
	struct peer p;

	copy_self("prog", BASE + 10, BASE + 10, 0755);
	if (peer_start(&p, 0)) {
		enter_owned(0, BLOCK_MAP, BLOCK_MAP);
		EXPECT_OK(sys_setgroups(0, NULL));
		member_ids(0, 0);
		set_id_does_nothing(5, 6, 10, 10);
		enter_new(0, "0 0 100", "0 0 100");
		set_id_does_nothing(5, 6, 10, 10);
		enter_new(0, "0 10 50", "0 10 50");
		/* Root there. */
		set_id_does_nothing(5, 6, 0, 0);
		done();
	}
	peer_join(&p);
}

CASE(an_interpreter_gets_none_either, "NNP-1")
{
	char dir[256], line[300];
	struct report rep;

	copy_self("prog", 0, 0, 06755);
	EXPECT(getcwd(dir, sizeof(dir)) != NULL);
	EXPECT_OK(chmod(dir, 0755));
	snprintf(line, sizeof(line), "#!%s/prog report\n", dir);
	touch("script", 0, 0, 0755);
	EXPECT_OK(write_text("script", line));
	become(OWNER, OWNER, 0);
	run("./script", &rep);
	EXPECT_EQ(rep.e, 0);
	no_new_privs();
	run("./script", &rep);
	expect_unchanged(&rep, OWNER, OWNER);
}

/* As under a tracer: the effective ids that go with the mark are the real ones. */
CASE(effective_ids_become_the_real_ones, "NNP-1")
{
	struct report rep;
	struct peer p;

	copy_self("prog", OTHER, OTHER, 06755);
	for (int capable = 0; capable < 2; capable++) {
		uint64_t caps = capable ? CAP_BIT(CAP_SETUID) : 0;

		harness_context("capable %d", capable);
		if (peer_start(&p, 0)) {
			become_res(OWNER, BASE, BASE, OWNER, caps);
			run(SELF, &rep);
			expect_ids(&rep, OWNER, BASE, OWNER, OWNER);
			no_new_privs();
			/* Whether that counts as secure is not said. */
			run(SELF, &rep);
			expect_ids(&rep, OWNER, OWNER, OWNER, OWNER);
			expect_caps(&rep, 0, 0);
			run("./prog", &rep);
			expect_ids(&rep, OWNER, OWNER, OWNER, OWNER);
			expect_caps(&rep, 0, 0);
			done();
		}
		peer_join(&p);
	}
}

/* ---- capabilities ---- */

static void expect_id_0_gains_nothing(void)
{
	struct report rep;
	struct peer p;

	if (peer_start(&p, 0)) {
		no_new_privs();
		run(SELF, &rep);
		expect_caps(&rep, ALL_CAPS, ALL_CAPS);
		/* Effective is what id 0 makes of the permitted. */
		caps_set(0, SOME, 0);
		run(SELF, &rep);
		expect_caps(&rep, SOME, SOME);
		/* Inheritable ones are not had either. */
		caps_set(0, CAP_BIT(CAP_CHOWN), SOME);
		run(SELF, &rep);
		expect_caps(&rep, CAP_BIT(CAP_CHOWN), CAP_BIT(CAP_CHOWN));
		caps_set(0, 0, SOME);
		run(SELF, &rep);
		expect_caps(&rep, 0, 0);
		EXPECT_EQ(rep.e, 0);
		done();
	}
	peer_join(&p);
	if (peer_start(&p, 0)) {
		caps_set(0, 0, 0);
		run(SELF, &rep);
		expect_caps(&rep, ALL_CAPS, ALL_CAPS);
		done();
	}
	peer_join(&p);
}

CASE(id_0_gains_nothing_by_exec, "NNP-1 CAP-5")
{
	expect_id_0_gains_nothing();
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	expect_id_0_gains_nothing();
	enter_new(0, "0 0 100", "0 0 100");
	expect_id_0_gains_nothing();
}

/* As uid without capabilities but for what is set here. */
static void expect_file_caps_add_nothing(uid_t uid)
{
	struct report rep;
	struct peer p;

	if (peer_start(&p, 0)) {
		EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		EXPECT_OK(setresuid(uid, uid, uid));
		caps_set(0, SOME, CAP_BIT(CAP_KILL));
		run("./prog", &rep);
		expect_caps(&rep, SOME | CAP_BIT(CAP_KILL),
			    SOME | CAP_BIT(CAP_KILL));
		no_new_privs();
		/* What was permitted before is no gain. */
		run("./prog", &rep);
		expect_caps(&rep, SOME, SOME);
		caps_set(0, CAP_BIT(CAP_CHOWN), CAP_BIT(CAP_KILL));
		run("./prog", &rep);
		expect_caps(&rep, CAP_BIT(CAP_CHOWN), CAP_BIT(CAP_CHOWN));
		caps_set(0, 0, CAP_BIT(CAP_KILL));
		run("./prog", &rep);
		expect_caps(&rep, 0, 0);
		expect_ids(&rep, uid, uid, getgid(), getgid());
		done();
	}
	peer_join(&p);
}

CASE(file_capabilities_add_nothing, "NNP-1 CAP-5")
{
	copy_self("prog", 0, 0, 0755);
	set_file_caps("prog", SOME, CAP_BIT(CAP_KILL));
	expect_file_caps_add_nothing(OWNER);
	enter_owned(0, BLOCK_MAP, BLOCK_MAP);
	member_ids(0, 0);
	expect_file_caps_add_nothing(5);
	enter_new(0, "0 0 100", "0 0 100");
	expect_file_caps_add_nothing(5);
}

/* ---- tracing ---- */

/* Nobody gained, so there is nobody to be protected. */
CASE(an_equal_may_trace_what_gained_nothing, "NNP-1 ACC-4")
{
	struct peer p, tracer;
	char buf[16];
	int status;

	if (read_file("/proc/sys/kernel/yama/ptrace_scope", buf,
		      sizeof(buf)) > 0 && buf[0] != '0')
		SKIP("kernel.yama.ptrace_scope is %c", buf[0]);
	copy_self("prog", 0, 0, 06755);
	for (int marked = 0; marked < 2; marked++) {
		harness_context("marked %d", marked);
		if (peer_start(&p, 0)) {
			become(OWNER, OWNER, 0);
			if (marked)
				no_new_privs();
			EXPECT_OK(dup2(p.fd, REPORT_FD));
			EXPECT_OK(execl("./prog", "prog", "wait", NULL));
		}
		peer_await(&p);
		EXPECT_EQ(file_uid(proc_path(p.pid, "status")),
			  marked ? OWNER : 0);
		if (peer_start(&tracer, 0)) {
			become(OWNER, OWNER, 0);
			if (!marked) {
				EXPECT_ERR(ptrace(PTRACE_ATTACH, p.pid, 0, 0),
					   EPERM);
				done();
			}
			EXPECT_OK(ptrace(PTRACE_ATTACH, p.pid, 0, 0));
			EXPECT_OK(waitpid(p.pid, &status, __WALL));
			EXPECT_OK(ptrace(PTRACE_DETACH, p.pid, 0, 0));
			done();
		}
		peer_join(&tracer);
		peer_end(&p);
	}
}

/* The executed copy: says that it is there, and goes when told. */
static int wait_there(void)
{
	char c = 0;

	if (write(REPORT_FD, &c, 1) != 1)
		return RESULT_FAIL;
	return read(REPORT_FD, &c, 1) != 1;
}

int main(int argc, char **argv)
{
	if (argc >= 2 && !strcmp(argv[1], "report"))
		return report();
	if (argc == 2 && !strcmp(argv[1], "wait"))
		return wait_there();
	return harness_main(argc, argv);
}
