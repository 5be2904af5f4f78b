// SPDX-License-Identifier: MPL-2.0
// marks: which names were orphans when they were counted, so that the scan behind the count looks
// at no others. A mark may be of another name as well, never of none: what is found by it is
// looked at like anything else. Thread: any.
#pragma once

#include <stdbool.h>

struct marks; // opaque

// Some 4 MiB, which are used as it is filled. NULL: out of memory.
struct marks *marks_new(void);
void marks_free(struct marks *marks); // NULL is fine
void marks_add(struct marks *marks, const char *dir, const char *name);
bool marks_has(const struct marks *marks, const char *dir, const char *name);
