// SPDX-License-Identifier: MPL-2.0
// wake: a file descriptor that makes a loop look up.
#include "common/base/wake.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

const uint64_t wake_word = 1;

int wake_open(void) {
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void wake_ring(int fd) {
	// A full counter polls readable as well.
	(void)!write(fd, &wake_word, sizeof(wake_word));
}

void wake_clear(int fd) {
	uint64_t count;

	(void)!read(fd, &count, sizeof(count));
}
