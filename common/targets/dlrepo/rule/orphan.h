// SPDX-License-Identifier: MPL-2.0
// orphan: which files below .blobs and .uploads nothing needs any more. Pure. Thread: any.
//
// Source: ArtifactRepository._cleanup_orphan_blobs of dlrepo 0.44.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

// now: wall clock. A file with one name and no change for so long. The change counts because a
// server touches a blob that it is about to link.
bool orphan_is_due(const struct stat *file, const struct timespec *now, int64_t lifetime_ms);

// Files that NFS keeps for somebody who has them open.
bool orphan_is_silly(const char *name);

// An empty file by the name of a digest that is not the digest of nothing: what a server stores
// when a blob goes while it links it. `dir`: "ALGORITHM/xx". An algorithm that is not known here:
// false.
bool orphan_is_damaged(const char *dir, const char *name, const struct stat *file);
