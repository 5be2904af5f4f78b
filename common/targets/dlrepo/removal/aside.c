// SPDX-License-Identifier: MPL-2.0
// aside: where things lie while they are removed.
#include "common/targets/dlrepo/removal/aside.h"

#include "common/targets/dlrepo/repo/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int aside_exchange(int one_fd, const char *one, int other_fd, const char *other) {
	if (renameat2(one_fd, one, other_fd, other, RENAME_EXCHANGE) == 0)
		return 0;
	// What file systems and old kernels say that do not know it (rename(2)).
	return errno == EINVAL || errno == ENOSYS || errno == ENOTSUP ? -EOPNOTSUPP : -errno;
}

int aside_can_exchange(int root) {
	static const char *const names[] = {".one", ".other"};
	int fd = dir_make(root, ASIDE_FILES);
	int err = fd < 0 ? fd : 0;

	for (size_t i = 0; i < 2 && err == 0; i++) {
		if (mkdirat(fd, names[i], 0700) < 0 && errno != EEXIST)
			err = -errno;
	}
	if (err == 0)
		err = aside_exchange(fd, names[0], fd, names[1]);
	for (size_t i = 0; i < 2 && fd >= 0; i++)
		unlinkat(fd, names[i], AT_REMOVEDIR);
	if (fd >= 0)
		close(fd);
	return err;
}
