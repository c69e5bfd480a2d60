/* SPDX-License-Identifier: GPL-2.0 */
/* Runs cases in processes of their own and reports them as TAP. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

#define CASE_SECONDS	120
#define EXIT_SKIP	4

/* The reason crosses from the case to its parent through this pipe. */
static int reason_pipe[2];

void skip_case(const char *why)
{
	if (write(reason_pipe[1], why, strlen(why)) < 0) {
		printf("# write: %s\n", strerror(errno));
		exit(1);
	}
	exit(EXIT_SKIP);
}

static int bail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	return 1;
}

static bool wanted(const char *name, int argc, char **argv)
{
	if (argc < 2)
		return true;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return true;
	}
	return false;
}

/* Returns 0 for a pass, EXIT_SKIP for a skip, 1 for a failure, -1 to bail. */
static int run_case(const struct tap_case *c, int number)
{
	char reason[256];
	ssize_t len = 0;
	int status;
	pid_t pid;

	if (pipe(reason_pipe) < 0)
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		close(reason_pipe[0]);
		alarm(CASE_SECONDS);
		c->run();
		exit(0);
	}
	close(reason_pipe[1]);
	if (waitpid(pid, &status, 0) < 0)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		len = read(reason_pipe[0], reason, sizeof(reason) - 1);
	close(reason_pipe[0]);
	if (WIFSIGNALED(status))
		printf("# killed by signal %d (%s)\n", WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
	/* a skip without a reason is a failure */
	if (len > 0) {
		printf("ok %d - %s [%s] # SKIP %.*s\n", number, c->name,
		       c->clauses, (int)len, reason);
		return EXIT_SKIP;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("ok %d - %s [%s]\n", number, c->name, c->clauses);
		return 0;
	}
	printf("not ok %d - %s [%s]\n", number, c->name, c->clauses);
	return 1;
}

int tap_main(int argc, char **argv, const struct tap_case *cases, size_t n)
{
	int number = 0, failed = 0, skipped = 0, ret;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (size_t i = 0; i < n; i++)
			printf("%s\t%s\n", cases[i].name, cases[i].clauses);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		size_t j = 0;

		while (j < n && strcmp(argv[i], cases[j].name))
			j++;
		if (j == n) {
			fprintf(stderr, "%s: no case `%s'; --list names them\n",
				argv[0], argv[i]);
			return 2;
		}
	}

	printf("TAP version 13\n");
	for (size_t i = 0; i < n; i++) {
		if (!wanted(cases[i].name, argc, argv))
			continue;
		ret = run_case(&cases[i], ++number);
		if (ret < 0)
			return bail(cases[i].name);
		failed += ret == 1;
		skipped += ret == EXIT_SKIP;
	}
	printf("1..%d\n", number);
	if (failed)
		return 1;
	return skipped == number ? EXIT_SKIP : 0;
}
