// SPDX-License-Identifier: MPL-2.0
// ring_text: the bytes of rings made by hand, as they are when inflated.
// Thread: the one that runs the tests.
#pragma once

#include "common/base/buf.h"

#include <stddef.h>

struct ring_text {
	const char *metadata; // JSON
	const char *devices; // JSON; of format 2
	const void *assignments;
	size_t assignment_bytes;
};

#define RING_DEVICE(id, ip, device)                                                                \
	"{\"id\": " id ", \"ip\": \"" ip "\", \"port\": 6200, \"device\": \"" device "\"}"
#define RING_DEVICES                                                                               \
	"[" RING_DEVICE("0", "10.0.0.1", "sda") ", null, " RING_DEVICE("2", "::1", "sdc") "]"

// The caller ends *out by buf_fini.
void ring_text_v1(struct buf *out, const struct ring_text *text);
void ring_text_v2(struct buf *out, const struct ring_text *text);
