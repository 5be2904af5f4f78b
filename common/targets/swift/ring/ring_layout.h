// SPDX-License-Identifier: MPL-2.0
// ring_layout: where the parts of a ring lie, in either format. Pure. Thread: any.
#pragma once

#include "common/base/words.h"
#include "common/targets/swift/ring/ring_index.h"

struct ring_layout {
	int format; // 1 or 2
	// In format 1 `devices` are empty, as they are in the metadata.
	struct ring_sections sections;
};

// The sections are within `inflated`. 0; -EINVAL with words; -EIO: OpenSSL makes no digests;
// -ENOMEM.
int ring_layout_find(struct ring_layout *out, struct ring_span inflated, const struct words *words);
