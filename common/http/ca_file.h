// SPDX-License-Identifier: MPL-2.0
// ca_file: can a file tell which certificates to trust? Asked at the start, since libcurl would say
// it for each request.
// Thread: main.
#pragma once

#include <stddef.h>

// Returns 0, or -EINVAL or -ENOMEM with words in `error`.
int ca_file_check(const char *file, char *error, size_t error_bytes);
