// SPDX-License-Identifier: MPL-2.0
// pack_json: shows an encoded MessagePack value as JSON, for people. Bounded as pack. Pure.
// Thread: any.
#pragma once

#include "common/base/buf.h"

#include <stddef.h>

// Appends the one value at the beginning of `bytes`; *value_bytes is how many it takes. Keys that
// are no text are shown as text; bytes and extensions as hexadecimal text. -EBADMSG as pack_scan,
// and then nothing is appended; or the buf's error.
int pack_json(struct buf *out, const unsigned char *bytes, size_t len, size_t *value_bytes);
