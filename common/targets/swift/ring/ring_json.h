// SPDX-License-Identifier: MPL-2.0
// ring_json: a JSON text of a ring, with bounds. Pure. Thread: any.
#pragma once

#include "common/base/words.h"
#include "common/targets/swift/ring/ring_span.h"

#include <jansson.h>

// 65,535 devices take 16 MB.
#define RING_JSON_BYTES_MAX ((size_t)64 << 20)

// An array or object without equal names, and nothing behind it. `what` is for the words. The
// caller drops *out; after an error it is NULL. 0; -EINVAL with words; -ENOMEM.
int ring_json_load(
	json_t **out, struct ring_span text, const char *what, const struct words *words
);
