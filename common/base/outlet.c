// SPDX-License-Identifier: MPL-2.0
// outlet: writes text to a descriptor that maybe nobody reads.
//
// Design notes. That poll(2) finds room means for a pipe that a page is free, hence PIPE_BUF; for a
// pseudo terminal that one buffer of 256 bytes is, for one stretch of bytes or one character that
// becomes several on its way.
#include "common/base/outlet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"

enum { TERMINAL_BYTES = 128, SAY_WAIT_MS = 3000 };

void outlet_init(struct outlet *outlet, int fd) {
	struct stat st = {0};

	*outlet = (struct outlet){.fd = fd, .piece_bytes = SIZE_MAX};
	if (fstat(fd, &st) < 0)
		return;
	outlet->is_socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		outlet->piece_bytes = PIPE_BUF;
	outlet->is_terminal = isatty(fd) == 1;
	if (outlet->is_terminal)
		outlet->piece_bytes = TERMINAL_BYTES;
}

// 0 or -EAGAIN. What is wrong with the descriptor is left to write(2) to tell.
static int wait_for_room(int fd, int64_t end_ms) {
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	while (fd >= 0) {
		int64_t left_ms = end_ms - clock_mono_ms();
		int n = poll(&room, 1, left_ms > 0 ? (int)left_ms : 0);

		if (n > 0)
			return 0;
		if (n == 0 || errno != EINTR)
			return -EAGAIN;
	}
	return 0;
}

static size_t stretch(const char *bytes, size_t len) {
	size_t i = 0;

	while (i < len && bytes[i] != '\n' && bytes[i] != '\t')
		i++;
	return i == 0 ? 1 : i;
}

static ssize_t write_piece(const struct outlet *outlet, const char *bytes, size_t len) {
	if (len > outlet->piece_bytes)
		len = outlet->piece_bytes;
	if (outlet->is_terminal)
		len = stretch(bytes, len);
	if (outlet->is_socket)
		return send(outlet->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(outlet->fd, bytes, len);
}

static int write_until(struct outlet *outlet, const char *bytes, size_t len, int64_t end_ms) {
	while (len > 0) {
		ssize_t n;

		if (wait_for_room(outlet->fd, end_ms) < 0)
			return -EAGAIN;
		n = write_piece(outlet, bytes, len);
		if (n < 0 && errno == EAGAIN) { // there is room, but not enough
			if (clock_mono_ms() >= end_ms)
				return -EAGAIN;
			poll(NULL, 0, 1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		outlet->torn = (size_t)n < len;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int outlet_write(struct outlet *outlet, const char *text, size_t len, int64_t *wait_ms) {
	int64_t began_ms = clock_mono_ms();
	int64_t end_ms = began_ms + *wait_ms;
	int err = outlet->torn ? write_until(outlet, "\n", 1, end_ms) : 0;

	if (err == 0)
		err = write_until(outlet, text, len, end_ms);
	*wait_ms -= clock_mono_ms() - began_ms;
	if (*wait_ms < 0)
		*wait_ms = 0;
	return err;
}

void outlet_say(int fd, const char *text) {
	struct outlet outlet;
	int64_t wait_ms = SAY_WAIT_MS;

	outlet_init(&outlet, fd);
	(void)outlet_write(&outlet, text, strlen(text), &wait_ms);
}
