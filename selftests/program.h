/* SPDX-License-Identifier: GPL-2.0 */
/* Copies of the test program with set-id bits or file capabilities, and what they become. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "userns.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define SELF "/proc/self/exe"
#define REPORT_FD 99	/* beyond those that are open: dup2() to itself keeps O_CLOEXEC */

#ifndef PR_SET_NO_NEW_PRIVS
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39
#endif

struct report {
	uid_t r, e, s;
	gid_t rg, eg, sg;
	struct caps caps;
	int32_t secure, no_new_privs;
	uint32_t auxv_euid;
};

/* What main() does in the executed copy, whose first argument is "report". */
static inline int report(void)
{
	struct report rep;

	memset(&rep, 0, sizeof(rep));
	if (getresuid(&rep.r, &rep.e, &rep.s) ||
	    getresgid(&rep.rg, &rep.eg, &rep.sg) || caps_of(0, &rep.caps))
		return RESULT_FAIL;
	rep.secure = !!getauxval(AT_SECURE);
	rep.auxv_euid = getauxval(AT_EUID);
	rep.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	return write(REPORT_FD, &rep, sizeof(rep)) != sizeof(rep);
}

static inline void run(const char *path, struct report *rep)
{
	struct peer p;

	if (peer_start(&p, 0)) {
		EXPECT_OK(dup2(p.fd, REPORT_FD));
		EXPECT_OK(execl(path, path, "report", NULL));
	}
	peer_recv(&p, rep, sizeof(*rep));
	peer_join(&p);
	rep->caps.effective &= caps_known();
	rep->caps.permitted &= caps_known();
}

static inline void expect_caps(const struct report *rep, uint64_t effective,
			       uint64_t permitted)
{
	EXPECT_EQ(rep->caps.effective, effective & caps_known());
	EXPECT_EQ(rep->caps.permitted, permitted & caps_known());
}

static inline void expect_ids(const struct report *rep, uid_t r, uid_t e,
			      gid_t rg, gid_t eg)
{
	EXPECT_EQ(rep->r, r);
	EXPECT_EQ(rep->e, e);
	EXPECT_EQ(rep->s, e);
	EXPECT_EQ(rep->rg, rg);
	EXPECT_EQ(rep->eg, eg);
	EXPECT_EQ(rep->sg, eg);
}

/* It came out as it went in: these ids, no capability, nothing special. */
static inline void expect_unchanged(const struct report *rep, uid_t u, gid_t g)
{
	expect_ids(rep, u, u, g, g);
	expect_caps(rep, 0, 0);
	EXPECT_EQ(rep->secure, 0);
}

static inline void set_file_caps(const char *name, uint64_t permitted,
				 uint64_t inheritable)
{
	struct vfs_cap_data data;

	data.magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE);
	for (int i = 0; i < 2; i++) {
		data.data[i].permitted = htole32(permitted >> (32 * i));
		data.data[i].inheritable = htole32(inheritable >> (32 * i));
	}
	EXPECT_OK(setxattr(name, "security.capability", &data, sizeof(data),
			   0));
}

#endif
