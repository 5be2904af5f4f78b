// SPDX-License-Identifier: MPL-2.0
// identity: what tells one repository from another, wherever it is mounted.
#include "common/targets/dlrepo/repo/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { DIGITS = IDENTITY_BYTES - 1, NAME_BYTES = 64 };

static bool is_number(const char *text, ssize_t len) {
	return len == DIGITS + 1 && text[DIGITS] == '\n' &&
		strspn(text, "0123456789abcdef") == DIGITS;
}

int identity_read(int root, char out[IDENTITY_BYTES]) {
	int fd = openat(root, IDENTITY_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char text[IDENTITY_BYTES + 1];
	ssize_t len;
	int err = 0;

	if (fd < 0)
		return -errno;
	len = read(fd, text, sizeof(text));
	if (len < 0)
		err = -errno;
	else if (!is_number(text, len))
		err = -EBADMSG;
	close(fd);
	if (err == 0)
		snprintf(out, IDENTITY_BYTES, "%.*s", (int)DIGITS, text);
	return err;
}

static int write_new(int root, const char *name, const char *text, size_t len) {
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	int err = fd < 0 ? -errno : 0;

	if (err == 0 && write(fd, text, len) != (ssize_t)len)
		err = errno == 0 ? -EIO : -errno;
	if (err == 0 && fsync(fd) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

// It gets its name when it is whole.
static int make(int root) {
	char name[NAME_BYTES], text[IDENTITY_BYTES + 1];
	uint64_t number[2];
	int err;

	if (getrandom(number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return -EIO;
	snprintf(text, sizeof(text), "%016" PRIx64 "%016" PRIx64 "\n", number[0], number[1]);
	snprintf(name, sizeof(name), IDENTITY_FILE ".%016" PRIx64, number[0]);
	errno = 0;
	err = write_new(root, name, text, IDENTITY_BYTES);
	if (err == 0 && linkat(root, name, root, IDENTITY_FILE, 0) < 0 && errno != EEXIST)
		err = -errno;
	unlinkat(root, name, 0);
	return err;
}

int identity_make(int root, char out[IDENTITY_BYTES]) {
	int err = identity_read(root, out);

	if (err != -ENOENT)
		return err;
	err = make(root);
	return err == 0 ? identity_read(root, out) : err;
}
