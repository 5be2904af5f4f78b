// SPDX-License-Identifier: MPL-2.0
// topics_harm: which settings of a topic, besides its cleanup.policy, may lose or delay records.
#include "common/kafka/topics/topics_harm.h"

#include "common/kafka/topics/retention.h"

#include <string.h>

#define SIZE_KEY "retention.bytes"
#define STAMP_KEY "message.timestamp.type"
#define UNCLEAN_KEY "unclean.leader.election.enable"

const char *const topics_harm_keys[TOPICS_HARM_KEYS] = {
	RETENTION_KEY, SIZE_KEY, STAMP_KEY, UNCLEAN_KEY};

static bool is(const char *a, const char *b) {
	return strcmp(a, b) == 0;
}

static const char *harm_of_time(int64_t delay_ms, const char *value) {
	int64_t ms = retention_read(value);

	if (is(value, "-1"))
		return NULL;
	if (ms == 0)
		return "how long it keeps records is unknown";
	return ms < retention_least_ms(delay_ms)
		? "records that no worker takes within that time are deleted, and only a full "
		  "pass finds their rows again"
		: NULL;
}

static bool has_to_keep_all(enum topic_kind kind) {
	return kind == TOPIC_CANDIDATES || kind == TOPIC_RETRY;
}

const char *topics_harm(
	enum topic_kind kind, int64_t delay_ms, const char *key, const char *value
) {
	if (is(key, RETENTION_KEY) && has_to_keep_all(kind))
		return harm_of_time(delay_ms, value);
	if (is(key, SIZE_KEY) && has_to_keep_all(kind) && value[0] != '\0' && !is(value, "-1"))
		return "the oldest records are deleted when a partition has more bytes, whether a "
		       "worker took them or not";
	if (is(key, STAMP_KEY) && kind == TOPIC_RETRY && is(value, "CreateTime"))
		return "records come back by the clock of the worker that put them there, too "
		       "early or too late when it is wrong";
	if (is(key, UNCLEAN_KEY) && kind != TOPIC_DEAD && is(value, "true"))
		return "when brokers fail, one that missed records may take over, and they are "
		       "lost though they were acknowledged";
	return NULL;
}

void topics_harm_command(
	const char *topic,
	int64_t delay_ms,
	const char *key,
	const char *value,
	char *out,
	size_t out_bytes
) {
	if (is(key, RETENTION_KEY))
		retention_command(topic, retention_read(value), delay_ms, out, out_bytes);
	else
		topic_set_command(
			topic,
			key,
			is(key, SIZE_KEY)            ? "-1"
				: is(key, STAMP_KEY) ? "LogAppendTime"
						     : "false",
			out,
			out_bytes
		);
}
