// SPDX-License-Identifier: MPL-2.0
// audit: the audit log.
//
// Design notes
// - A line that was cut off by a full disk would take the next one with it, also one of another
//   process. So one that does not end the file with a line feed is ended first.
// - The size of a file grows with each page of a line that is being written, so the end of a line
//   that another process has not finished looks cut off. So who looks and writes has a lock. It is
//   not waited for long, for its holder may be frozen: then the line is written all the same, and
//   nobody looks.
// - Nobody waits for the reader of a pipe: one that does not keep up is an error.
#include "worker/audit/audit.h"

#include "common/base/buf.h"
#include "common/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0640, LOCK_TRIES = 20, LOCK_AGAIN_MS = 1 };

struct audit {
	char *path; // NULL: the queue has the lines
	int fd; // of it
	struct buf line;
	bool is_torn; // the last write was cut off
	// Who has the lock did not let go of it for the last line.
	bool is_crowded;
	char error[512];
};

static int fail(struct audit *audit, const char *what, int err) {
	snprintf(
		audit->error,
		sizeof(audit->error),
		"cannot %s the audit log%s%s%s: %s",
		what,
		audit->path == NULL ? "" : " '",
		audit->path == NULL ? "" : audit->path,
		audit->path == NULL ? "" : "'",
		strerror(-err)
	);
	return err;
}

// A file that was removed would take the lines with it.
static bool is_removed(int fd) {
	struct stat found;

	return fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_nlink == 0;
}

static bool ends_in_a_line(int fd) {
	struct stat found;
	char last = '\n';

	if (fstat(fd, &found) < 0 || !S_ISREG(found.st_mode) || found.st_size == 0)
		return true;
	return pread(fd, &last, 1, found.st_size - 1) != 1 || last == '\n';
}

static int open_file(struct audit *audit) {
	int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;
	struct stat found;
	// A pipe that is open for reading too would never say that nobody reads it.
	bool is_file = stat(audit->path, &found) < 0 || S_ISREG(found.st_mode);
	int fd = open(audit->path, flags | (is_file ? O_RDWR : O_WRONLY), MODE);

	if (fd < 0)
		return fail(audit, "open", -errno);
	if (audit->fd >= 0)
		close(audit->fd);
	audit->fd = fd;
	audit->is_torn = false; // that of another file
	return 0;
}

static struct audit *audit_new(void) {
	struct audit *audit = calloc(1, sizeof(*audit));

	if (audit == NULL)
		return NULL;
	audit->fd = -1;
	buf_init(&audit->line, 0);
	return audit;
}

int audit_open_queue(struct audit **out) {
	*out = audit_new();
	return *out == NULL ? -ENOMEM : 0;
}

int audit_open(struct audit **out, const char *path, char *error, size_t error_bytes) {
	struct audit *audit = audit_new();
	int err;

	if (audit == NULL)
		return -ENOMEM;
	audit->path = strdup(path);
	err = audit->path == NULL ? -ENOMEM : open_file(audit);
	if (err < 0) {
		if (err != -ENOMEM)
			snprintf(error, error_bytes, "%s", audit->error);
		audit_close(audit);
		return err;
	}
	*out = audit;
	return 0;
}

void audit_close(struct audit *audit) {
	if (audit == NULL)
		return;
	if (audit->fd >= 0)
		close(audit->fd);
	buf_fini(&audit->line);
	free(audit->path);
	free(audit);
}

bool audit_has_file(const struct audit *audit) {
	return audit->path != NULL;
}

int audit_reopen(struct audit *audit) {
	return open_file(audit);
}

static int write_all(int fd, const char *bytes, size_t len) {
	while (len > 0) {
		ssize_t written = write(fd, bytes, len);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			bytes += written;
			len -= (size_t)written;
		}
	}
	return 0;
}

enum lock {
	LOCK_HELD,
	LOCK_BUSY,
	LOCK_NONE, // here are no locks
};

// One that was waited for in vain is not waited for again.
static enum lock lock(struct audit *audit) {
	int most = audit->is_crowded ? 1 : LOCK_TRIES;

	audit->is_crowded = false;
	for (int tries = 1; flock(audit->fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (errno != EWOULDBLOCK)
			return LOCK_NONE;
		if (tries == most) {
			audit->is_crowded = true;
			return LOCK_BUSY;
		}
		clock_pause(LOCK_AGAIN_MS);
	}
	return LOCK_HELD;
}

static int write_line(struct audit *audit, bool may_look) {
	int err;

	// Another worker that shares the file may have been cut off.
	if (!audit->is_torn && may_look)
		audit->is_torn = !ends_in_a_line(audit->fd);
	err = audit->is_torn ? write_all(audit->fd, "\n", 1) : 0;
	audit->is_torn = true;
	if (err == 0)
		err = write_all(audit->fd, audit->line.data, audit->line.len);
	if (err < 0)
		return fail(audit, "write", err);
	audit->is_torn = false;
	return 0;
}

int audit_note(struct audit *audit, const struct audit_entry *entry) {
	enum lock held;
	int err = 0;

	audit_line(&audit->line, entry);
	if (audit->line.error < 0)
		return fail(audit, "write", audit->line.error);
	if (!audit_has_file(audit))
		return 0;
	if (is_removed(audit->fd))
		err = open_file(audit);
	if (err < 0)
		return err;
	held = lock(audit);
	err = write_line(audit, held != LOCK_BUSY);
	if (held == LOCK_HELD)
		flock(audit->fd, LOCK_UN);
	return err;
}

const char *audit_carried(const struct audit *audit, size_t *len) {
	if (audit_has_file(audit))
		return NULL;
	*len = audit->line.len - 1;
	return audit->line.data;
}

const char *audit_error(const struct audit *audit) {
	return audit->error;
}
