// SPDX-License-Identifier: MPL-2.0
// look_state: what the state topic says of a fleet.
#include "cli/status/look_state.h"

#include "cli/replay/replay_progress.h"
#include "common/base/clock.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/control.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/limits.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/replays.h"
#include "common/kafka/topics/topics.h"
#include "producer/outbox/cursor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int see_cursor(struct view_state *out, const rd_kafka_message_t *message) {
	int err = message->payload == NULL
		? -ENOENT
		: cursor_unpack(&out->cursor, message->payload, message->len);

	out->has_cursor = err == 0;
	out->is_cursor_odd = err == -EBADMSG;
	out->cursor_ms = rd_kafka_message_timestamp(message, NULL);
	return err == -ENOMEM ? err : 0;
}

struct look {
	struct view_state *out;
	struct replays replays;
};

static int see(void *ctx, const rd_kafka_message_t *message) {
	struct look *look = ctx;

	if (kafka_state_has_key(message, CONTROL_KEY))
		return control_unpack(&look->out->control, message->payload, message->len);
	if (kafka_state_has_key(message, LIMITS_KEY))
		return limits_unpack(&look->out->limits, message->payload, message->len);
	if (kafka_state_has_key(message, CURSOR_KEY))
		return see_cursor(look->out, message);
	return replays_see(&look->replays, message);
}

static int read_layout(struct view_state *out, struct kafka_state *state, int64_t timeout_ms) {
	struct layout layout = {.range_width = 0};
	int err = kafka_state_layout(state, timeout_ms, &layout);

	if (err < 0)
		return err;
	out->range_width = layout.range_width;
	snprintf(out->scope, sizeof(out->scope), "%s", layout.scope);
	return 0;
}

static void add_replay(
	struct view_state *out,
	const struct replay *replay,
	const struct kafka_options *kafka,
	const char *target,
	struct log *log
) {
	struct view_replay *one = &out->replays[out->replay_count++];
	struct replay_progress progress;
	char topic[TOPIC_NAME_BYTES];

	snprintf(one->id, sizeof(one->id), "%s", replay->id);
	one->records = replay_records(replay);
	one->done = VIEW_UNKNOWN;
	if (replay->group[0] == '\0' ||
	    topic_name(TOPIC_CANDIDATES, kafka->topic_prefix, target, topic, sizeof(topic)) < 0 ||
	    replay_progress_find(&progress, replay, topic, kafka, log) < 0)
		return;
	one->done = replay_progress_done(&progress, replay);
	replay_progress_fini(&progress);
}

static int add_replays(
	struct view_state *out,
	const struct replays *replays,
	const struct kafka_options *kafka,
	const char *target,
	struct log *log
) {
	out->replays = calloc(replays->count + 1, sizeof(*out->replays));
	if (out->replays == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < replays->count; i++)
		add_replay(out, &replays->items[i], kafka, target, log);
	return 0;
}

int look_state_ask(
	const struct kafka_options *kafka,
	const char *target,
	struct log *log,
	int64_t timeout_ms,
	struct view_state *out
) {
	struct look look = {.out = out};
	struct kafka_state *state = NULL;
	int err = kafka_state_open(
		&state, kafka, target, log, out->source.why, sizeof(out->source.why)
	);

	if (err == 0)
		err = control_unpack(&out->control, NULL, 0);
	if (err == 0)
		err = read_layout(out, state, timeout_ms);
	if (err == 0)
		err = kafka_state_each(state, timeout_ms, see, &look);
	if (err == 0)
		err = add_replays(out, &look.replays, kafka, target, log);
	replays_fini(&look.replays);
	out->source.is_known = err == 0;
	if (err < 0 && err != -ENOMEM && state != NULL)
		snprintf(out->source.why, sizeof(out->source.why), "%s", kafka_state_error(state));
	kafka_state_close(state);
	return err == -ENOMEM ? err : 0;
}
