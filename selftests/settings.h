/* SPDX-License-Identifier: GPL-2.0 */
/* Files of /proc/sys that are changed for a while. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <sys/wait.h>
#include <unistd.h>

#include "userns.h"

#define SETTINGS_MAX 4
struct setting {
	const char *path, *value;
};

/* Runs body in a child meanwhile, and puts them back whatever becomes of it. */
static inline void with_settings(const struct setting *s, size_t n,
				 void (*body)(void))
{
	char old[SETTINGS_MAX][256];
	struct peer p;
	int status, err = 0;

	for (size_t i = 0; i < n; i++) {
		harness_context("%s", s[i].path);
		EXPECT_OK(read_file(s[i].path, old[i], sizeof(old[i])));
	}
	harness_context("%s", "");
	for (size_t i = 0; i < n; i++)
		err |= write_text(s[i].path, s[i].value);
	if (!err && peer_start(&p, 0)) {
		body();
		done();
	}
	if (!err)
		err = waitpid(p.pid, &status, 0) < 0;
	for (size_t i = n; i--;)
		EXPECT_OK(write_text(s[i].path, old[i]));
	EXPECT_EQ(err, 0);
	close(p.fd);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	EXPECT(WIFEXITED(status));
}

#endif
