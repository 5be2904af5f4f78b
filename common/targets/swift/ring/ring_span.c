// SPDX-License-Identifier: MPL-2.0
// ring_span: a part of the bytes of a ring.
#include "common/targets/swift/ring/ring_span.h"

#include <errno.h>

enum { LENGTH_BYTES = 8 };

uint64_t ring_span_number(const unsigned char *bytes, size_t len) {
	uint64_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = number << 8 | bytes[i];
	return number;
}

int ring_span_blob(struct ring_span *out, struct ring_span all, uint64_t start) {
	uint64_t len;
	size_t left;

	if (start > all.len || all.len - start < LENGTH_BYTES)
		return -EINVAL;
	left = all.len - (size_t)start - LENGTH_BYTES;
	len = ring_span_number(all.bytes + start, LENGTH_BYTES);
	if (len > left)
		return -EINVAL;
	*out = (struct ring_span){all.bytes + start + LENGTH_BYTES, (size_t)len};
	return 0;
}
