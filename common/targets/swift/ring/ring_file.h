// SPDX-License-Identifier: MPL-2.0
// ring_file: all that is in a gzip file. Thread: any; blocks.
#pragma once

#include <stddef.h>

// Inflates a whole file, which is one gzip member and nothing else, and checks its CRC and length.
// The caller frees *out, which is not NULL after success. 0; -EINVAL: damaged, or no regular file;
// -EFBIG: it has more than `bound` bytes; -ENOMEM; or -errno of opening and reading. After an error
// the words name the file and the remedy.
int ring_file_read(
	const char *path,
	size_t bound,
	unsigned char **out,
	size_t *bytes,
	char *error,
	size_t error_bytes
);
