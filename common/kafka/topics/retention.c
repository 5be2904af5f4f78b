// SPDX-License-Identifier: MPL-2.0
// retention: how long a topic keeps its records, and whether that is enough.
//
// Design notes
// - A day is the least: what is older was published anew by the full pass of that day. A retry
//   topic of a long delay needs several times that delay.
// - Half of the time is near the end: so much is left to do something about it, and Kafka keeps a
//   record for longer than it must, never for less.
#include "common/kafka/topics/retention.h"

#include "common/kafka/topics/topics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { DELAYS_LEAST = 4, NEAR_PART = 2, LONGER = 2, TELL_EVERY_MS = 60 * 60 * 1000 };

static const int64_t day_ms = (int64_t)24 * 60 * 60 * 1000;

int64_t retention_read(const char *value) {
	char *end;
	int64_t ms = strtoll(value, &end, 10);

	if (end == value || *end != '\0' || ms < 0)
		return 0;
	return ms > 0 ? ms : 1;
}

int64_t retention_least_ms(int64_t delay_ms) {
	if (delay_ms > INT64_MAX / DELAYS_LEAST)
		return INT64_MAX;
	return delay_ms * DELAYS_LEAST > day_ms ? delay_ms * DELAYS_LEAST : day_ms;
}

int64_t retention_of_retries_ms(int64_t candidates_ms, int64_t delay_ms) {
	int64_t most_ms = TOPICS_RETENTION_S * (int64_t)1000;

	if (most_ms < candidates_ms)
		most_ms = candidates_ms;
	return most_ms < retention_least_ms(delay_ms) ? retention_least_ms(delay_ms) : most_ms;
}

bool retention_is_near(int64_t retention_ms, int64_t age_ms) {
	return retention_ms > 0 && age_ms >= retention_ms - retention_ms / NEAR_PART;
}

int64_t retention_near_before_ms(int64_t retention_ms, int64_t now_ms) {
	int64_t before_ms = now_ms - (retention_ms - retention_ms / NEAR_PART);

	return retention_ms > 0 && before_ms > 0 ? before_ms : -1;
}

void retention_command(
	const char *topic, int64_t retention_ms, int64_t delay_ms, char *out, size_t out_bytes
) {
	int64_t better_ms = TOPICS_RETENTION_S * (int64_t)1000;
	char value[32];

	if (better_ms < retention_least_ms(delay_ms))
		better_ms = retention_least_ms(delay_ms);
	if (better_ms <= retention_ms)
		better_ms = retention_ms < INT64_MAX / LONGER ? retention_ms * LONGER : -1;
	snprintf(value, sizeof(value), "%" PRId64, better_ms);
	topic_set_command(topic, RETENTION_KEY, value, out, out_bytes);
}

bool retention_notice_take(struct retention_notice *notice, int64_t now_ms) {
	if (notice->told_ms != 0 && now_ms - notice->told_ms < TELL_EVERY_MS)
		return false;
	notice->told_ms = now_ms;
	return true;
}
