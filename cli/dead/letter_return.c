// SPDX-License-Identifier: MPL-2.0
// letter_return: the record that a letter is put back as.
#include "cli/dead/letter_return.h"

#include "common/kafka/range.h"
#include "common/kafka/record.h"
#include "common/kafka/topics/replay.h"

#include <inttypes.h>
#include <stdio.h>

bool letter_can_return(const struct letter *letter) {
	return letter->candidate != NULL && !letter->is_truncated;
}

int letter_return_make(
	struct letter_return *out,
	struct pack *pack,
	const struct letter *letter,
	const struct letter_goal *goal,
	int64_t now_ms
) {
	struct candidate renewed = *letter->candidate;

	renewed.seen_ms = now_ms;
	out->range = range_of(renewed.key, goal->range_width);
	out->partition = range_partition(out->range, goal->partitions);
	return record_encode(
		pack,
		letter->head.target,
		letter->head.run,
		&renewed,
		&out->value,
		&out->value_bytes
	);
}

static bool add(rd_kafka_headers_t *headers, const char *name, const char *text) {
	return rd_kafka_header_add(headers, name, -1, text, -1) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_headers_t *letter_return_headers(const struct letter *letter, int64_t now_ms) {
	rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
	char now[24];

	snprintf(now, sizeof(now), "%" PRId64, now_ms);
	if (headers == NULL)
		return NULL;
	if (add(headers, LETTER_REQUEUED_HEADER, now) &&
	    (letter->replay == NULL || add(headers, REPLAY_HEADER, letter->replay)))
		return headers;
	rd_kafka_headers_destroy(headers);
	return NULL;
}
