// SPDX-License-Identifier: MPL-2.0
// record_keys: the keys of a record's map. Thread: any.
#pragma once

#define RECORD_KIND "kind"
#define RECORD_KIND_TAG "tag"
#define RECORD_KIND_FILES "files"
// Of a tag.
#define RECORD_BRANCH "branch"
#define RECORD_NAME "tag"
#define RECORD_RELEASED "released"
#define RECORD_STAMP_S "stamp_s"
#define RECORD_STAMP_NS "stamp_ns"
// Of files.
#define RECORD_DIR "dir"
#define RECORD_NAMES "names"
