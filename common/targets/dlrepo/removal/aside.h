// SPDX-License-Identifier: MPL-2.0
// aside: where things lie while they are removed, in .deleting of the root: tags that were moved
// out of their branches, and files whose place a directory holds. Readers of a repository look
// nowhere but in branches, products, users and .blobs.
// Thread: any; blocks as the file system does.
#pragma once

#include <stddef.h>

#define ASIDE_DIR ".deleting"
#define ASIDE_TAGS ASIDE_DIR "/tags"
#define ASIDE_FILES ASIDE_DIR "/files"

// Can two names be exchanged here (renameat2(2), RENAME_EXCHANGE)? Makes and removes two
// directories. 0; -EOPNOTSUPP: this file system does not do it; or a negative errno.
int aside_can_exchange(int root);
// Exchanges the two. 0 or a negative errno; -EOPNOTSUPP as above.
int aside_exchange(int one_fd, const char *one, int other_fd, const char *other);
