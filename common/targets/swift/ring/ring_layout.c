// SPDX-License-Identifier: MPL-2.0
// ring_layout: where the parts of a ring lie, in either format.
#include "common/targets/swift/ring/ring_layout.h"

#include "common/targets/swift/ring/ring_span.h"

#include <errno.h>
#include <string.h>

static const char magic[] = {'R', '1', 'N', 'G'};

// Behind the magic is the format.
enum { HEAD_BYTES = sizeof(magic) + 2, LENGTH_V1_BYTES = 4 };

// Format 1 has the length of the metadata, the metadata and the assignments.
static int find_v1(struct ring_sections *out, struct ring_span all, const struct words *words) {
	const unsigned char *text = all.bytes + HEAD_BYTES + LENGTH_V1_BYTES;
	size_t left;
	uint64_t len;

	if (all.len < HEAD_BYTES + LENGTH_V1_BYTES)
		return words_say(words, -EINVAL, "it ends before its metadata");
	left = all.len - HEAD_BYTES - LENGTH_V1_BYTES;
	len = ring_span_number(all.bytes + HEAD_BYTES, LENGTH_V1_BYTES);
	if (len > left)
		return words_say(words, -EINVAL, "it ends within its metadata");
	out->metadata = (struct ring_span){text, (size_t)len};
	out->assignments = (struct ring_span){text + len, left - (size_t)len};
	return 0;
}

int ring_layout_find(
	struct ring_layout *out, struct ring_span inflated, const struct words *words
) {
	*out = (struct ring_layout){.format = 0};
	if (inflated.len < HEAD_BYTES || memcmp(inflated.bytes, magic, sizeof(magic)) != 0)
		return words_say(words, -EINVAL, "it does not begin with R1NG");
	out->format = (int)ring_span_number(inflated.bytes + sizeof(magic), 2);
	switch (out->format) {
	case 1:
		return find_v1(&out->sections, inflated, words);
	case 2:
		return ring_index_find(&out->sections, inflated, words);
	default:
		return words_say(
			words, -EINVAL, "it has format %d, and 1 and 2 are known", out->format
		);
	}
}
