// SPDX-License-Identifier: GPL-2.0
/* Root of a namespace reaches no machine, process, IPC or network outside (CAP-4, CAP-6). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <signal.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/io.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/rtnetlink.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "adversary.h"
#include "keyctl.h"

#ifndef NS_GET_USERNS
#define NS_GET_USERNS _IO(0xb7, 0x1)
#endif

/* ---- the machine ---- */

static long perf_open(pid_t pid, int cpu)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(a),
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};

	return syscall(SYS_perf_event_open, &a, pid, cpu, -1, 0L);
}

/* 64-bit kernels do not know the number from 32-bit programs. */
static int hang_up(int tty)
{
	int ret = ioctl(tty, TIOCVHANGUP);

	if (ret < 0 && errno == ENOTTY && sizeof(long) == 4)
		errno = EPERM;
	return ret;
}

static void attack_machine(const struct outside *o)
{
	static const struct timeval noon = { 43200, 0 };
	static const struct timespec noon_spec = { 43200, 0 };
	static const struct timezone zone = { 60, 0 };
	static const struct sched_param fifo = { .sched_priority = 1 };
	static const struct rlimit more = { 1, 1 };
	struct timex tick = { .modes = ADJ_TICK, .tick = 10001 };
	struct timex step = { .modes = ADJ_OFFSET, .offset = 100000 };

	TRY(EPERM, EPERM, settimeofday(&noon, NULL));
	TRY(EPERM, EPERM, settimeofday(NULL, &zone));
	TRY(EPERM, EPERM, clock_settime(CLOCK_REALTIME, &noon_spec));
	TRY(EPERM, EPERM, syscall(SYS_adjtimex, &tick));
	TRY(EPERM, EPERM, syscall(SYS_clock_adjtime, CLOCK_REALTIME, &step));
#ifdef SYS_stime
	TRY(EPERM, EPERM, syscall(SYS_stime, &(time_t){ 43200 }));
#endif
	/* Of his own pid namespace he is told that it has no such key. */
	TRY(EPERM, EINVAL, reboot(RB_DISABLE_CAD));
	TRY(EPERM, EINVAL, reboot(RB_ENABLE_CAD));
	TRY(EPERM, EPERM, syscall(SYS_kexec_load, 0L, 0L, NULL, 0L));
	TRY(EPERM, EPERM, syscall(SYS_init_module, "", 0L, ""));
	TRY(EPERM, EPERM, syscall(SYS_delete_module, "nothing", O_NONBLOCK));
	TRY(EPERM, EPERM, swapon("outside/file", 0));
	TRY(EPERM, EPERM, swapoff("outside/file"));
	TRY(EPERM, EPERM, acct("mine/file"));
	TRY(EPERM, EPERM, acct(NULL));
	TRY(EPERM, EPERM, syscall(SYS_syslog, 5, NULL, 0));
	TRY(EPERM, EPERM, syscall(SYS_syslog, 6, NULL, 0));
	TRY(EPERM, EPERM, iopl(3));
	TRY(EPERM, EPERM, ioperm(0x80, 1, 1));
	TRY(EPERM, EPERM, open("outside/mem", O_RDWR | O_CLOEXEC));
	TRY(EACCES, EACCES, perf_open(-1, 0));
	TRY(EPERM, EPERM, fanotify_init(0, 0));
	TRY(EPERM, EPERM, syscall(SYS_lookup_dcookie, (uint64_t)1, NULL, 0L));
	TRY(EPERM, EPERM, vhangup());
	/* What belongs to the uts namespace. */
	TRY(EPERM, 0, sethostname("adversary", 9));
	TRY(EPERM, 0, setdomainname("adversary", 9));
	/* More than his share. */
	TRY(EPERM, EPERM, sched_setscheduler(0, SCHED_FIFO, &fifo));
	TRY(EACCES, EACCES, setpriority(PRIO_PROCESS, 0, -5));
	TRY(EPERM, EPERM, syscall(SYS_ioprio_set, 1, 0, 1 << 13));
	TRY(EPERM, EPERM, setrlimit(RLIMIT_CORE, &more));
	/* Who else he could be. */
	TRY(EINVAL, EINVAL, setresuid(OTHER, OTHER, OTHER));
	TRY(EINVAL, EINVAL, setresgid(OTHER, OTHER, OTHER));
	TRY(EPERM, EPERM, sys_setgroups(0, NULL));
	TRY(EPERM, EPERM, proc_write(0, "uid_map", "0 0 1"));
	TRY(EPERM, EPERM, proc_write(0, "setgroups", "allow"));
	/* A terminal of others. */
	TRY(EPERM, EPERM, ioctl(o->tty, TIOCSTI, "x"));
	TRY(EPERM, EPERM, ioctl(o->tty, TIOCCONS));
	TRY(EPERM, EPERM, hang_up(o->tty));
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_the_machine, "CAP-4 CAP-6", 120)
{
	run_attack(attack_machine);
}

/* ---- processes ---- */

static long vm_call(int nr, pid_t pid)
{
	static char byte = 'x';
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return syscall(nr, pid, &here, 1L, &there, 1L, 0L);
}

static long set_caps(pid_t pid)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = pid,
	};
	struct __user_cap_data_struct d[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	return syscall(SYS_capset, &h, d);
}

static long read_link(pid_t pid, const char *file)
{
	char buf[64];

	return readlink(proc_path(pid, file), buf, sizeof(buf));
}

static long read_proc(pid_t pid, const char *file)
{
	char buf[64];

	return read_file(proc_path(pid, file), buf, sizeof(buf));
}

/* What a process of the same kernel id keeps from him, too. */
static void attack_memory(pid_t pid)
{
	TRY(EPERM, ESRCH, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
	TRY(EPERM, ESRCH, vm_call(SYS_process_vm_readv, pid));
	TRY(EPERM, ESRCH, vm_call(SYS_process_vm_writev, pid));
	TRY(EPERM, ESRCH, syscall(SYS_get_robust_list, pid, &(void *){ NULL }, &(size_t){ 0 }));
	TRY(EACCES, NOT_HERE, perf_open(pid, -1));
	/* The proc that he sees is that of init as long as he mounts none. */
	TRY(EACCES, EACCES, open(proc_path(pid, "mem"), O_RDWR | O_CLOEXEC));
	TRY(EACCES, EACCES, read_proc(pid, "environ"));
	TRY(EACCES, EACCES, read_link(pid, "cwd"));
	TRY(EACCES, EACCES, read_link(pid, "root"));
	TRY(EACCES, EACCES, read_link(pid, "exe"));
	TRY(EACCES, EACCES, open(proc_path(pid, "ns/user"), O_RDONLY | O_CLOEXEC));
	TRY(EACCES, EACCES, open(proc_path(pid, "ns/mnt"), O_RDONLY | O_CLOEXEC));
}

static void attack_process(pid_t pid)
{
	static const struct sched_param normal = { .sched_priority = 0 };
	static const struct rlimit none = { 0, 0 };
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	attack_memory(pid);
	TRY(EPERM, ESRCH, kill(pid, SIGKILL));
	TRY(EPERM, ESRCH, kill(pid, SIGCONT));
	TRY(EPERM, ESRCH, syscall(SYS_tgkill, pid, pid, SIGSTOP));
	TRY(EPERM, ESRCH, sigqueue(pid, SIGUSR1, (union sigval){ 0 }));
	TRY(EPERM, ESRCH, setpriority(PRIO_PROCESS, pid, 10));
	TRY(EPERM, ESRCH, sched_setscheduler(pid, SCHED_BATCH, &normal));
	TRY(EPERM, ESRCH, sched_setparam(pid, &normal));
	TRY(EPERM, ESRCH, sched_setaffinity(pid, sizeof(first), &first));
	TRY(EPERM, ESRCH, syscall(SYS_ioprio_set, 1, pid, 3 << 13));
	TRY(EPERM, ESRCH, prlimit(pid, RLIMIT_NOFILE, &none, NULL));
	TRY(EPERM, ESRCH, syscall(SYS_migrate_pages, pid, 0L, NULL, NULL));
	TRY(EPERM, ESRCH, syscall(SYS_move_pages, pid, 0L, NULL, NULL, NULL, 0));
	TRY(EPERM, EPERM, set_caps(pid));
	TRY(ESRCH, ESRCH, setpgid(pid, pid));
	TRY(EACCES, EACCES, proc_write(pid, "oom_score_adj", "1000"));
	TRY(EACCES, EACCES, proc_write(pid, "coredump_filter", "0"));
	TRY(EACCES, EACCES, proc_write(pid, "uid_map", "0 0 1"));
	TRY(EACCES, EACCES, proc_write(pid, "setgroups", "deny"));
}

static void attack_processes(const struct outside *o)
{
	attack_process(o->root.pid);
	attack_process(o->other.pid);
	/* To signal what has his own kernel id is his right (ACC-3). */
	attack_memory(o->own.pid);
	TRY(EPERM, NOT_HERE, kill(1, SIGUSR1));
	for (int i = 0; i < 6; i++) {
		TRY(EPERM, EPERM, sys_setns(o->ns[i], 0));
		TRY(EPERM, EPERM, ioctl(o->ns[i], NS_GET_USERNS));
	}
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_processes_outside,
	     "CAP-4 ACC-3 ACC-4 ACC-5 NSF-3 NSF-5 NSF-6", 120)
{
	run_attack(attack_processes);
}

/* ---- IPC and keys ---- */

static void attack_ipc(const struct outside *o)
{
	struct shmid_ds shm = { 0 };
	struct msqid_ds msg = { 0 };
	struct sembuf up = { 0, 1, 0 };
	struct {
		long type;
		char text[8];
	} m = { 1, "hello" };

	/* In an ipc namespace of his own the numbers mean nothing. */
	TRY(EACCES, EINVAL, shmat(o->shm, NULL, 0));
	TRY(EPERM, EINVAL, shmctl(o->shm, IPC_SET, &shm));
	TRY(EPERM, EINVAL, shmctl(o->shm, IPC_RMID, NULL));
	TRY(EPERM, EINVAL, shmctl(o->shm, SHM_LOCK, NULL));
	TRY(EACCES, EINVAL, semop(o->sem, &up, 1));
	TRY(EACCES, EINVAL, semctl(o->sem, 0, SETVAL, 5));
	TRY(EPERM, EINVAL, semctl(o->sem, 0, IPC_RMID));
	TRY(EACCES, EINVAL, msgsnd(o->msg, &m, sizeof(m.text), IPC_NOWAIT));
	TRY(EPERM, EINVAL, msgctl(o->msg, IPC_SET, &msg));
	TRY(EPERM, EINVAL, msgctl(o->msg, IPC_RMID, NULL));

	TRY(EACCES, EACCES, read_key(o->key));
	TRY(EACCES, EACCES, keyctl(KEYCTL_UPDATE, o->key, (long)"x", 1, 0));
	TRY(EACCES, EACCES, keyctl(KEYCTL_REVOKE, o->key, 0, 0, 0));
	TRY(EACCES, EACCES, keyctl(KEYCTL_CHOWN, o->key, 0, -1, 0));
	TRY(EACCES, EACCES, keyctl(KEYCTL_SETPERM, o->key, KEY_EVERYBODY, 0, 0));
	TRY(EACCES, EACCES, keyctl(KEYCTL_SET_TIMEOUT, o->key, 1, 0, 0));
	TRY(EACCES, EACCES, keyctl(KEYCTL_LINK, o->key, KEY_SPEC_PROCESS_KEYRING, 0, 0));
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_ipc_and_keys_outside,
	     "CAP-4 ACC-6 ACC-7", 120)
{
	run_attack(attack_ipc);
}

/* ---- networks ---- */

/* Asks for another size of packets on lo: 0, or -1 and the error in the answer. */
static int set_mtu(int fd)
{
	struct {
		struct nlmsghdr n;
		struct ifinfomsg i;
		struct rtattr a;
		uint32_t mtu;
		char room[256];
	} m = {
		.n = { NLMSG_LENGTH(sizeof(m.i)) + RTA_LENGTH(4), RTM_NEWLINK,
		       NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		.i = { .ifi_index = 1 },
		.a = { RTA_LENGTH(4), IFLA_MTU },
		.mtu = 1400,
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(fd, &m, m.n.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) < 0)
		return -1;
	EXPECT_OK(recv(fd, &m, sizeof(m), 0));
	EXPECT_EQ(m.n.nlmsg_type, NLMSG_ERROR);
	errno = -((struct nlmsgerr *)NLMSG_DATA(&m.n))->error;
	return errno ? -1 : 0;
}

static long option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static void attack_network(const struct outside *o)
{
	struct ifreq mtu = { .ifr_name = "lo", .ifr_mtu = 1400 };
	struct ifreq name = { .ifr_name = "lo", .ifr_newname = "ol" };
	struct sockaddr_in low = {
		.sin_family = AF_INET, .sin_port = htons(80),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	struct rtentry route = {
		.rt_dst = { .sa_family = AF_INET },
		.rt_flags = RTF_UP, .rt_dev = (char *)"lo",
	};

	/* The sockets are those of init's network, whoever holds them. */
	TRY(EPERM, EPERM, ioctl(o->inet, SIOCSIFMTU, &mtu));
	TRY(EPERM, EPERM, ioctl(o->inet, SIOCSIFNAME, &name));
	TRY(EPERM, EPERM, ioctl(o->inet, SIOCADDRT, &route));
	TRY(EPERM, EPERM, ioctl(o->inet, SIOCDELRT, &route));
	TRY(EACCES, EACCES, bind(o->inet, (void *)&low, sizeof(low)));
	TRY(EPERM, EPERM, option(o->inet, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24));
	TRY(EPERM, EPERM, option(o->inet, SOL_SOCKET, SO_MARK, 1));
	TRY(EPERM, EPERM, option(o->inet, SOL_SOCKET, SO_PRIORITY, 7));
	TRY(EACCES, EACCES, option(o->inet, SOL_SOCKET, SO_DEBUG, 1));
	TRY(EPERM, EPERM, option(o->inet, SOL_IP, IP_TRANSPARENT, 1));
	TRY(EPERM, EPERM, set_mtu(o->route));
	/* Without a network of his own each is one of init's. */
	TRY(EPERM, NOT_HERE, set_mtu(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)));
	TRY(EPERM, NOT_HERE, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	TRY(EPERM, NOT_HERE, socket(AF_PACKET, SOCK_RAW, 0));
	TRY(EPERM, NOT_HERE, socket(AF_PACKET, SOCK_DGRAM, 0));
}

CASE_SECONDS(root_of_a_namespace_does_not_reach_networks_outside,
	     "CAP-4 CAP-6 ACC-8", 120)
{
	run_attack(attack_network);
}

int main(int argc, char **argv)
{
	return harness_main(argc, argv);
}
