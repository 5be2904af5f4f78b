// SPDX-License-Identifier: MPL-2.0
// ring_open: the ring that a file has. Thread: any; blocks.
#pragma once

#include <stddef.h>

struct ring;

// Of at most 512 MiB when inflated. The caller frees *out by ring_free; after an error it is NULL.
// 0, or an error of ring_file_read or ring_parse, with words that name the file, what is wrong and
// the remedy.
int ring_open(struct ring **out, const char *path, char *error, size_t error_bytes);
