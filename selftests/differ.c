// SPDX-License-Identifier: GPL-2.0
/*
 * Programs over the interface of user namespaces, to be compared between two
 * kernels: `make differ' writes them into /differ.programs and compares what is
 * printed here, with the model too. A program is a list of steps, `aN CALL
 * ARGUMENT...'. Each names its actor, a process that waits for its next step, so
 * that the order is always the same.  `program NAME' starts one, in namespaces
 * and a tmpfs of its own.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "differ_facts.h"
#include "differ_files.h"
#include "differ_ids.h"
#include "differ_ipc.h"
#include "differ_ns.h"

static const struct op {
	const char *name;
	int words;	/* how many it takes */
	void (*run)(char **words);
} op[] = {
	{ "clone", 2, do_clone }, { "unshare", 1, do_unshare },
	{ "setns", 2, do_setns }, { "nsid", 2, do_nsid },
	{ "write", 3, do_write }, { "openfile", 3, do_open_file },
	{ "writeslot", 2, do_write_slot }, { "readslot", 1, do_read_slot },
	{ "read", 2, do_read }, { "status", 1, do_status },
	{ "owner", 2, do_owner }, { "readlink", 2, do_link },
	{ "setuid", 1, do_setuid }, { "setgid", 1, do_setgid },
	{ "setreuid", 2, do_setreuid }, { "setregid", 2, do_setregid },
	{ "setresuid", 3, do_setresuid }, { "setresgid", 3, do_setresgid },
	{ "setfsuid", 1, do_setfsuid }, { "setfsgid", 1, do_setfsgid },
	{ "setgroups", 1, do_setgroups }, { "ids", 0, do_ids },
	{ "capset", 3, do_capset }, { "capget", 1, do_capget },
	{ "prctl", 2, do_prctl }, { "kill", 1, do_kill },
	{ "ptrace", 1, do_ptrace }, { "nice", 2, do_nice },
	{ "niceuser", 1, do_nice_user }, { "ionice", 1, do_ionice },
	{ "prlimit", 1, do_prlimit }, { "affinity", 1, do_affinity },
	{ "robust", 1, do_robust }, { "create", 2, do_create },
	{ "mkdir", 2, do_mkdir }, { "mknod", 2, do_mknod },
	{ "chown", 3, do_chown }, { "chmod", 2, do_chmod },
	{ "stat", 1, do_stat }, { "open", 2, do_open },
	{ "append", 1, do_append }, { "access", 2, do_access },
	{ "utimes", 2, do_utimes }, { "unlink", 1, do_unlink },
	{ "rmdir", 1, do_rmdir }, { "rename", 2, do_rename },
	{ "link", 2, do_hardlink }, { "setxattr", 2, do_setxattr },
	{ "setacl", 4, do_setacl }, { "getacl", 1, do_getacl },
	{ "mount", 5, do_mount }, { "umount", 2, do_umount },
	{ "chdir", 1, do_chdir }, { "chroot", 1, do_chroot },
	{ "sethostname", 1, do_sethostname }, { "hostname", 0, do_hostname },
	{ "ipcget", 3, do_ipcget }, { "ipcopen", 3, do_ipcopen },
	{ "ipcctl", 6, do_ipcctl }, { "listen", 1, do_listen },
	{ "connect", 1, do_connect }, { "accept", 1, do_accept },
	{ "receiver", 1, do_receiver }, { "send", 4, do_send },
	{ "receive", 1, do_receive }, { "span", 4, do_span },
	{ "mountproc", 1, do_mount_proc },
	{ "exec", 1, do_exec }, { "filecaps", 2, do_file_caps },
	{ "addkey", 3, do_add_key }, { "key", 2, do_key },
	{ "chownkey", 3, do_chown_key }, { "keyperm", 2, do_key_perm },
};

#define PROGRAMS "/differ.programs"
#define SECONDS	60	/* for one program */
#define LINE	4096

static int to[ACTORS], from[ACTORS];	/* both ends of each actor's socket */
static int step;

static void run_step(char *line)
{
	char *word[WORDS + 1] = { NULL }, *next;
	int n = 0;

	for (char *p = strtok_r(line, " ", &next); p && n <= WORDS; p = strtok_r(NULL, " ", &next))
		word[n++] = p;
	answer[0] = 0;
	errno = 0;
	for (size_t i = 0; n && i < sizeof(op) / sizeof(*op); i++)
		if (!strcmp(op[i].name, word[0]) && op[i].words == n - 1) {
			op[i].run(word + 1);
			break;
		}
	if (!answer[0])
		say("nothing");
}

static void __attribute__((noreturn)) act(int actor)
{
	char line[LINE];
	ssize_t len = readlinkat(proc_fd, "self", line, sizeof(line) - 1);

	if (len < 0)
		_exit(1);
	line[len] = 0;
	me = actor;
	shared->pid[me] = atoi(line);
	for (;;) {
		ssize_t n = recv(from[me], line, sizeof(line) - 1, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(1);
		line[n] = 0;
		run_step(line);
		if (send(from[me], answer, strlen(answer) + 1, 0) < 0)
			_exit(1);
	}
}

static int spawn(int actor, unsigned long flags)
{
	pid_t pid;

	shared->home[actor] = flags & CLONE_NEWPID ? actor : shared->home[me];
	pid = sys_clone(flags);
	if (!pid)
		act(actor);
	if (pid < 0)
		return -1;
	shared->inner[actor] = flags & CLONE_NEWPID ? 1 : pid;
	while (!shared->pid[actor])
		usleep(50);
	return 0;
}

static void too_long(int sig)
{
	(void)sig;
	NOTE("@ %s %d late", program, step);
	_exit(0);
}

static void prepare(int with_program)
{
	EXPECT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mount("proc", "/proc", "proc", 0, NULL));
	proc_fd = EXPECT_OK(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	/* Of root, and for this program alone. */
	EXPECT(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) > 0 || errno == ENOSYS);
	EXPECT_OK(mount("differ", "/mnt", "tmpfs", 0, "mode=0755"));
	EXPECT_OK(chdir("/mnt"));
	umask(0);
	EXPECT_OK(mkdir("open", 0777));
	EXPECT_OK(mkdir("sticky", 01777));
	EXPECT_OK(mkdir("m0", 0777));
	EXPECT_OK(mkdir("m1", 0777));
	umask(022);
	if (with_program)
		copy_self("prog", 0, 0, 0755);
	for (int i = 0; i < ACTORS; i++) {
		int sv[2];

		EXPECT_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
		to[i] = sv[0];
		from[i] = sv[1];
	}
	memset(shared, 0, sizeof(*shared));
	EXPECT(signal(SIGALRM, too_long) != SIG_ERR);
	alarm(SECONDS);
	EXPECT_OK(spawn(0, 0));
}

static void one_step(char *line)
{
	int actor = line[0] == 'a' ? line[1] - '0' : -1;
	char got[sizeof(answer)];
	const char *more;
	ssize_t n;

	step++;
	if (actor < 0 || actor >= ACTORS || line[2] != ' ')
		FAIL("%s: not a step: %s", program, line);
	if (!shared->pid[actor]) {
		NOTE("@ %s %d gone", program, step);
		return;
	}
	tell_facts_of(program, step, actor, line + 3);
	more = remark(actor, line + 3);
	if (send(to[actor], line + 3, strlen(line + 3), 0) < 0)
		FAIL("%s: send: %s", program, errno_name(errno));
	do {
		n = recv(to[actor], got, sizeof(got), 0);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		FAIL("%s %d: the actor is gone", program, step);
	for (char *p = got; p < got + n; p++)
		if (*p == ' ')
			*p = ',';
	NOTE("@ %s %d %s%s", program, step, got, more);
}

/* Runs the lines up to the end of the program; all that it made ends with pid 1. */
static void one_program(char *lines)
{
	char *line, *next;
	int status;
	pid_t pid;

	pid = EXPECT_OK(sys_clone(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS));
	if (!pid) {
		prepare(strstr(lines, " exec ") != NULL);
		for (line = strtok_r(lines, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
			one_step(line);
		done();
	}
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	if (status)
		FAIL("program %s ended with status %x", program, status);
}

static char *all_programs(void)
{
	struct stat st;
	char *text;
	int fd = open(PROGRAMS, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		SKIP("no %s: `make differ' gives it", PROGRAMS);
	EXPECT_OK(fstat(fd, &st));
	text = malloc(st.st_size + 1);
	EXPECT(text != NULL);
	EXPECT_EQ(read(fd, text, st.st_size), st.st_size);
	text[st.st_size] = 0;
	close(fd);
	return text;
}

CASE_SECONDS(programs_run_to_their_ends, "CAP-4 IDS-2", 7200)
{
	char *text = all_programs(), *next;
	int n = 0;

	/* Restrictions of later kernels that are not about namespaces. */
	write_text("/proc/sys/fs/protected_hardlinks", "0");
	write_text("/proc/sys/fs/protected_symlinks", "0");
	write_text("/proc/sys/fs/protected_regular", "0");
	write_text("/proc/sys/fs/protected_fifos", "0");
	/* Keys of programs past may not have been collected. */
	write_text("/proc/sys/kernel/keys/maxkeys", "20000");
	write_text("/proc/sys/kernel/keys/maxbytes", "2000000");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(shared != MAP_FAILED);
	for (; text && *text; text = next) {
		char *end = strchr(text, '\n');

		next = strstr(text, "\nprogram ");
		if (next)
			*next++ = 0;
		if (!end || sscanf(text, "program %31s", program) != 1)
			FAIL("not a program: %.60s", text);
		one_program(end + 1);
		n++;
	}
	NOTE("@end %d", n);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "report"))
		return report();
	return harness_main(argc, argv);
}
