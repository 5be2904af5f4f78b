// SPDX-License-Identifier: MPL-2.0
// link_path: where a symbolic link leads to, by its text alone. Pure. Thread: any.
#pragma once

#include <stddef.h>

// dir: the directory that the link lies in, below the root, as "a/b/c". text: of the link. Writes
// the path below the root. 0; -EINVAL: an absolute path, one that leaves the root or ends at it;
// -ENAMETOOLONG.
int link_path(const char *dir, const char *text, char *out, size_t out_bytes);
