// SPDX-License-Identifier: MPL-2.0
// text_file: a whole file of text, which may have secrets. Thread: any; blocks.
#pragma once

#include <stddef.h>

// Reads the whole file into `text`, which has room for `size` bytes, and ends it with a NUL. 0;
// -EFBIG: it does not fit; or -errno. *len is how much was read, also after an error but that of
// opening: whoever owns `text` wipes so much of it.
int text_file_load(const char *path, char *text, size_t size, size_t *len);
