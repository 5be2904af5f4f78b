// SPDX-License-Identifier: MPL-2.0
// assignment: what a group has assigned to one of its members.
//
// version (16 bits), topics (32), and for each: its name (16 bits of length, bytes), partitions
// (32), each 32. Big endian.
#include "worker/member/assignment.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct reader {
	const unsigned char *at;
	size_t left;
	bool is_short; // more was wanted than there is
};

static const unsigned char *take(struct reader *reader, size_t len) {
	const unsigned char *at = reader->at;

	reader->is_short |= len > reader->left;
	if (reader->is_short)
		return NULL;
	reader->at += len;
	reader->left -= len;
	return at;
}

// A number of so many bytes; 0 when it is not there.
static uint32_t take_number(struct reader *reader, size_t len) {
	const unsigned char *at = take(reader, len);
	uint32_t number = 0;

	for (size_t i = 0; at != NULL && i < len; i++)
		number = number << 8 | at[i];
	return number;
}

int assignment_count(const void *bytes, size_t len, const char *topic, int32_t *out) {
	struct reader reader = {.at = bytes, .left = len};
	uint32_t topics, count = 0;

	*out = 0;
	if (len == 0)
		return 0;
	// The version: later ones only add behind.
	take_number(&reader, 2);
	topics = take_number(&reader, 4);
	for (; topics > 0 && !reader.is_short; topics--) {
		size_t name_len = take_number(&reader, 2);
		const unsigned char *name = take(&reader, name_len);
		uint32_t partitions = take_number(&reader, 4);

		take(&reader, (size_t)partitions * 4);
		if (!reader.is_short && name_len == strlen(topic) &&
		    memcmp(name, topic, name_len) == 0)
			count += partitions;
	}
	if (reader.is_short || count > INT32_MAX)
		return -EBADMSG;
	*out = (int32_t)count;
	return 0;
}
