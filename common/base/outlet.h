// SPDX-License-Identifier: MPL-2.0
// outlet: writes text to a descriptor that maybe nobody reads, and waits only so long for the
// reader.
//
// The descriptor's flags are left alone, because other programs share them. Thread: one at a time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outlet {
	int fd;
	bool is_socket;
	bool is_terminal;
	// The last text was written in part: the next one begins a line.
	bool torn;
	// Of these there is always room when poll(2) says that there is any.
	size_t piece_bytes;
};

void outlet_init(struct outlet *outlet, int fd); // the descriptor stays the caller's

// Writes the text, waiting no more than *wait_ms in all for the reader; what was waited is taken
// off *wait_ms. Returns 0; -EAGAIN: nobody read in time, the text is lost (maybe but for its
// beginning); or the descriptor's -errno.
int outlet_write(struct outlet *outlet, const char *text, size_t len, int64_t *wait_ms);

// The same for a text alone: waits a few seconds, then gives it up.
void outlet_say(int fd, const char *text);
