// SPDX-License-Identifier: MPL-2.0
// whole_file: all that a file says, which may have secrets. Thread: any; blocks.
#pragma once

#include <stddef.h>

struct whole_file {
	// `len` bytes, and a NUL behind them.
	char *text;
	size_t len;
};

// Reads a file that has less than `bound` bytes. No copy stays behind in a buffer of stdio. The
// caller frees *out; after an error it is empty. 0; -EFBIG: the file has `bound` bytes or more;
// -ENOMEM; or -errno.
int whole_file_read(struct whole_file *out, const char *path, size_t bound);

// Wipes what was read. A zeroed file is fine.
void whole_file_free(struct whole_file *file);
