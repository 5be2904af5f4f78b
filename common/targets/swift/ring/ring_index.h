// SPDX-License-Identifier: MPL-2.0
// ring_index: what the index at the end of a ring of format 2 says. Pure. Thread: any.
#pragma once

#include "common/base/words.h"
#include "common/targets/swift/ring/ring_span.h"

struct ring_sections {
	struct ring_span metadata; // JSON
	struct ring_span devices; // JSON
	struct ring_span assignments;
};

// Finds the sections of `inflated` and compares their digests; those of other names are passed
// over. 0; -EINVAL with words; -EIO: OpenSSL makes no digests; -ENOMEM.
int ring_index_find(
	struct ring_sections *out, struct ring_span inflated, const struct words *words
);
