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

int assignment_each(
	const void *bytes,
	size_t len,
	void (*see)(void *ctx, const char *topic, size_t topic_len, int32_t partition),
	void *ctx
) {
	struct reader reader = {.at = bytes, .left = len};
	uint32_t topics;

	if (len == 0)
		return 0;
	// The version: later ones only add behind.
	take_number(&reader, 2);
	topics = take_number(&reader, 4);
	for (; topics > 0 && !reader.is_short; topics--) {
		size_t name_len = take_number(&reader, 2);
		const unsigned char *name = take(&reader, name_len);
		uint32_t partitions = take_number(&reader, 4);

		for (; partitions > 0 && !reader.is_short; partitions--) {
			uint32_t partition = take_number(&reader, 4);

			if (!reader.is_short && partition <= INT32_MAX)
				see(ctx, (const char *)name, name_len, (int32_t)partition);
		}
	}
	return reader.is_short ? -EBADMSG : 0;
}

struct count {
	const char *topic;
	int32_t partitions;
};

static void count_one(void *ctx, const char *topic, size_t topic_len, int32_t partition) {
	struct count *count = ctx;

	(void)partition;
	count->partitions += topic_len == strlen(count->topic) &&
		memcmp(topic, count->topic, topic_len) == 0;
}

int assignment_count(const void *bytes, size_t len, const char *topic, int32_t *out) {
	struct count count = {.topic = topic};
	int err = assignment_each(bytes, len, count_one, &count);

	*out = err < 0 ? 0 : count.partitions;
	return err;
}
