// SPDX-License-Identifier: MPL-2.0
// kafka_state: reads and writes single keys of the compacted state topic.
#include "common/kafka/topics/kafka_state.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_reader.h"
#include "common/kafka/kafka_right.h"
#include "common/pack/pack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100, LATE_MS = 1000 };

struct kafka_state {
	struct kafka_opaque opaque;
	struct kafka_options options;
	rd_kafka_t *producer; // made when first needed
	rd_kafka_resp_err_t delivered;
	bool is_delivered;
	char topic[TOPIC_NAME_BYTES];
	char command[TOPICS_COMMAND_BYTES]; // makes what is missing
	char error[KAFKA_RIGHT_BYTES + TOPIC_NAME_BYTES + 32];
};

static int fail(struct kafka_state *state, int err, const char *what, const char *why) {
	snprintf(
		state->error,
		sizeof(state->error),
		"cannot %s topic '%s': %s",
		what,
		state->topic,
		why
	);
	return err;
}

static int fail_missing(struct kafka_state *state, int err, const char *what, const char *words) {
	char remedy[TOPICS_COMMAND_BYTES + 64];

	snprintf(remedy, sizeof(remedy), "%s: %s", words, state->command);
	return fail(state, err, what, remedy);
}

static int fail_write(struct kafka_state *state, rd_kafka_resp_err_t err) {
	const struct kafka_right right = {
		.operation = "Write", .resource = "topic", .name = state->topic};
	rd_kafka_resp_err_t cause = kafka_cause(state->producer, err);
	char why[KAFKA_RIGHT_BYTES];

	if (kafka_classify(cause) == KAFKA_MISSING)
		return fail_missing(state, -ESRCH, "write to", TOPIC_MISSING);
	if (kafka_refusal_words(state->topic, cause, why, sizeof(why)))
		return fail(state, -EMSGSIZE, "write to", why);
	kafka_right_words(&state->options, &right, cause, why, sizeof(why));
	return fail(state, kafka_errno(cause), "write to", why);
}

int kafka_state_open(
	struct kafka_state **out,
	const struct kafka_options *options,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	struct kafka_state *state = calloc(1, sizeof(*state));

	if (state == NULL)
		return -ENOMEM;
	state->opaque = KAFKA_OPAQUE(.log = log, .owner = state);
	state->options = *options;
	if (topic_name(
		    TOPIC_STATE, options->topic_prefix, target, state->topic, sizeof(state->topic)
	    ) < 0) {
		snprintf(
			error,
			error_bytes,
			"--topic-prefix '%s' does not make a topic's name",
			options->topic_prefix
		);
		free(state);
		return -EINVAL;
	}
	topics_command(options->topic_prefix, target, state->command, sizeof(state->command));
	*out = state;
	return 0;
}

void kafka_state_close(struct kafka_state *state) {
	if (state == NULL)
		return;
	if (state->producer != NULL)
		rd_kafka_destroy(state->producer);
	free(state);
}

const char *kafka_state_error(const struct kafka_state *state) {
	return state->error;
}

// --- reading

// What becomes of the values of a key, in their order. `bytes` NULL: it was deleted. 0 or a
// negative errno.
typedef int (*value_fn)(void *ctx, const void *bytes, size_t len);

struct search {
	const char *key;
	value_fn see_value;
	void *ctx;
};

bool kafka_state_has_key(const rd_kafka_message_t *message, const char *key) {
	return message->key != NULL && message->key_len == strlen(key) &&
		memcmp(message->key, key, message->key_len) == 0;
}

static int see(void *ctx, const rd_kafka_message_t *message) {
	const struct search *search = ctx;

	if (!kafka_state_has_key(message, search->key))
		return 0;
	return search->see_value(search->ctx, message->payload, message->len);
}

int kafka_state_each(
	struct kafka_state *state,
	int64_t timeout_ms,
	int (*show)(void *ctx, const rd_kafka_message_t *message),
	void *ctx
) {
	const struct kafka_reading reading = {
		.quiet_ms = timeout_ms,
		.timeout_ms = timeout_ms,
		.show = show,
		.ctx = ctx,
	};
	const struct kafka_reader_setup setup = {
		.kafka = &state->options, .topic = state->topic, .log = state->opaque.log};
	struct kafka_reader *reader = NULL;
	int err = kafka_reader_open(&reader, &setup, state->error, sizeof(state->error));

	if (err < 0)
		return err;
	err = kafka_reader_read(reader, &reading);
	if (err == -ENOENT)
		err = fail_missing(state, -ESRCH, "read", TOPIC_MISSING);
	else if (err == -EACCES || err == -EAGAIN)
		fail(state, err, "read", kafka_reader_error(reader));
	kafka_reader_close(reader);
	return err;
}

// Shows all values of a key. 0 or as kafka_state_get.
static int read_key(struct kafka_state *state, const struct search *search, int64_t timeout_ms) {
	return kafka_state_each(state, timeout_ms, see, (void *)search);
}

struct last_value {
	struct buf *out;
	bool found;
};

static int see_last(void *ctx, const void *bytes, size_t len) {
	struct last_value *last = ctx;

	buf_clear(last->out);
	last->found = bytes != NULL;
	return last->found ? buf_add(last->out, bytes, len) : 0;
}

int kafka_state_get(
	struct kafka_state *state, const char *key, int64_t timeout_ms, struct buf *out
) {
	struct last_value last = {.out = out};
	const struct search search = {.key = key, .see_value = see_last, .ctx = &last};
	int err = read_key(state, &search, timeout_ms);

	if (err < 0)
		return err;
	return last.found ? 0 : -ENOENT;
}

// --- writing

static void note_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *pointer) {
	const struct kafka_opaque *opaque = pointer;
	struct kafka_state *state = opaque->owner;

	(void)handle;
	state->is_delivered = true;
	state->delivered = message->err;
}

static int open_producer(struct kafka_state *state) {
	rd_kafka_conf_t *conf = NULL;
	int err;

	if (state->producer != NULL)
		return 0;
	err = kafka_conf_new(
		&conf,
		&state->options,
		KAFKA_PRODUCER,
		&state->opaque,
		NULL,
		state->error,
		sizeof(state->error)
	);
	if (err < 0)
		return err;
	rd_kafka_conf_set_dr_msg_cb(conf, note_delivery);
	state->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, state->error, sizeof(state->error));
	if (state->producer != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

// A handle whose message is still under way is of no use: its answer would be taken for the next
// one's.
static void drop_producer(struct kafka_state *state) {
	rd_kafka_purge(state->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_destroy(state->producer);
	state->producer = NULL;
}

// The library waits long for a topic that may only be new.
static int fail_late(struct kafka_state *state) {
	char silence[KAFKA_SILENCE_BYTES];
	int32_t partitions;

	if (kafka_partition_count(state->producer, state->topic, LATE_MS, &partitions) == -ENOENT)
		return fail_missing(state, -ESRCH, "write to", TOPIC_MISSING);
	return fail(
		state,
		-EAGAIN,
		"write to",
		kafka_silence(state->producer, "the brokers do not answer in time", silence)
	);
}

int kafka_state_put(
	struct kafka_state *state,
	const char *key,
	const void *bytes,
	size_t len,
	int64_t timeout_ms
) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	size_t value_bytes = bytes == NULL ? 0 : len;
	rd_kafka_resp_err_t sent;
	int err = open_producer(state);

	if (err < 0)
		return err;
	state->is_delivered = false;
	sent = __extension__ rd_kafka_producev(
		state->producer,
		RD_KAFKA_V_TOPIC(state->topic),
		RD_KAFKA_V_PARTITION(0),
		RD_KAFKA_V_KEY(key, strlen(key)),
		RD_KAFKA_V_VALUE((void *)bytes, value_bytes),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_END
	);
	if (sent != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail_write(state, sent);
	while (!state->is_delivered && clock_mono_ms() < deadline_ms)
		rd_kafka_poll(state->producer, POLL_MS);
	if (!state->is_delivered)
		err = fail_late(state);
	else if (state->delivered != RD_KAFKA_RESP_ERR_NO_ERROR)
		err = fail_write(state, state->delivered);
	if (err < 0)
		drop_producer(state);
	return err;
}

// --- the layout

struct layouts {
	struct layout layout; // the one that counts
	// Of reading it; -ENOENT: there is none.
	int err;
	bool is_covered; // a later one says something else
};

static int see_layout(void *ctx, const void *bytes, size_t len) {
	struct layouts *seen = ctx;
	struct layout layout = {.range_width = 0};
	int err = bytes == NULL ? -ENOENT : layout_unpack(&layout, bytes, len);

	if (err == -ENOMEM)
		return err;
	seen->err = err;
	if (err == 0 && seen->layout.scope[0] != '\0')
		seen->is_covered = strcmp(layout.scope, seen->layout.scope) != 0;
	else if (err != -EBADMSG)
		*seen = (struct layouts){.layout = layout, .err = err};
	return 0;
}

static int read_layouts(struct kafka_state *state, int64_t timeout_ms, struct layouts *seen) {
	const struct search search = {.key = LAYOUT_KEY, .see_value = see_layout, .ctx = seen};
	int err;

	*seen = (struct layouts){.err = -ENOENT};
	err = read_key(state, &search, timeout_ms);
	if (err < 0)
		return err;
	if (seen->err == -ENOENT)
		fail_missing(
			state,
			seen->err,
			"read the layout from",
			"the topic exists but has none; write it"
		);
	else if (seen->err == -EBADMSG)
		fail(state,
		     seen->err,
		     "read the layout from",
		     "it is not one that this version knows");
	return seen->err;
}

int kafka_state_layout(struct kafka_state *state, int64_t timeout_ms, struct layout *out) {
	struct layouts seen;
	int err = read_layouts(state, timeout_ms, &seen);

	*out = seen.layout;
	return err;
}

// The topic is compacted: in the end only the last one stays, so that must be the one that counts.
static int write_layout(struct kafka_state *state, int64_t timeout_ms, struct layouts *seen) {
	int err = kafka_state_put_layout(state, &seen->layout, timeout_ms);

	return err < 0 ? err : read_layouts(state, timeout_ms, seen);
}

int kafka_state_bind(
	struct kafka_state *state, const char *scope, int64_t timeout_ms, struct layout *out
) {
	struct layouts seen;
	int err = read_layouts(state, timeout_ms, &seen);

	if (err == 0 && seen.layout.scope[0] == '\0') {
		snprintf(seen.layout.scope, sizeof(seen.layout.scope), "%s", scope);
		err = write_layout(state, timeout_ms, &seen);
		if (err == 0 && strcmp(seen.layout.scope, scope) == 0)
			LOG(state->opaque.log,
			    LOG_LEVEL_INFO,
			    "these topics belong to this database from now on",
			    log_str("database", scope));
	}
	if (err == 0 && seen.is_covered)
		err = write_layout(state, timeout_ms, &seen);
	if (err < 0)
		return err;
	*out = seen.layout;
	return strcmp(out->scope, scope) == 0 ? 0 : -ESTALE;
}

int kafka_state_put_layout(
	struct kafka_state *state, const struct layout *layout, int64_t timeout_ms
) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	size_t len = 0;
	int err = pack == NULL ? -ENOMEM : layout_pack(layout, pack, &data, &len);

	if (err == 0)
		err = kafka_state_put(state, LAYOUT_KEY, data, len, timeout_ms);
	pack_free(pack);
	return err;
}

// --- the pause

int kafka_state_control(struct kafka_state *state, int64_t timeout_ms, struct control *out) {
	struct buf value;
	int err;

	buf_init(&value, 0);
	err = kafka_state_get(state, CONTROL_KEY, timeout_ms, &value);
	if (err == 0 || err == -ENOENT)
		err = control_unpack(out, err == 0 ? value.data : NULL, value.len);
	buf_fini(&value);
	return err == -ENOMEM ? fail(state, err, "read", "out of memory") : err;
}
