// SPDX-License-Identifier: MPL-2.0
// kafka_state: reads and writes single keys of the compacted state topic.
#include "common/kafka_state.h"

#include "common/clock.h"
#include "common/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100 };

struct kafka_state {
	struct kafka_opaque opaque;
	struct kafka_options options;
	rd_kafka_t *producer; // made when first needed
	rd_kafka_resp_err_t delivered;
	bool is_delivered;
	char topic[TOPIC_NAME_BYTES];
	char remedy[TOPICS_COMMAND_BYTES + 32]; // when it is missing
	char error[700];
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

static int fail_kafka(struct kafka_state *state, const char *what, rd_kafka_resp_err_t err) {
	switch (kafka_classify(err)) {
	case KAFKA_MISSING:
		return fail(state, -ESRCH, what, state->remedy);
	case KAFKA_DENIED:
		return fail(state, -EACCES, what, rd_kafka_err2str(err));
	default:
		return fail(state, -EAGAIN, what, rd_kafka_err2str(err));
	}
}

static void set_remedy(struct kafka_state *state, const char *target) {
	char command[TOPICS_COMMAND_BYTES];

	topics_command(state->options.topic_prefix, target, command, sizeof(command));
	snprintf(state->remedy, sizeof(state->remedy), "it does not exist; make it: %s", command);
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
	state->opaque = (struct kafka_opaque){.log = log, .owner = state};
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
	set_remedy(state, target);
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

static int open_reader(struct kafka_state *state, int timeout_ms, rd_kafka_t **out) {
	int32_t partitions = 0;
	rd_kafka_conf_t *conf = NULL;
	rd_kafka_topic_partition_list_t *parts;
	rd_kafka_resp_err_t err;
	int made = kafka_conf_new(
		&conf,
		&state->options,
		KAFKA_READER,
		&state->opaque,
		NULL,
		state->error,
		sizeof(state->error)
	);

	if (made < 0)
		return made;
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", NULL, 0); // the end is told at once
	*out = rd_kafka_new(RD_KAFKA_CONSUMER, conf, state->error, sizeof(state->error));
	if (*out == NULL) {
		rd_kafka_conf_destroy(conf);
		return -EINVAL;
	}
	made = kafka_greet(*out, timeout_ms);
	if (made < 0)
		return fail(state, made, "read", kafka_trouble(*out));
	made = kafka_partition_count(*out, state->topic, timeout_ms, &partitions);
	if (made == -ENOENT)
		return fail_kafka(state, "read", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	if (made < 0)
		return fail(
			state,
			made,
			"read",
			made == -EACCES ? "no permission" : "the brokers do not answer"
		);
	rd_kafka_poll_set_consumer(*out);
	parts = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(parts, state->topic, 0)->offset =
		RD_KAFKA_OFFSET_BEGINNING;
	err = rd_kafka_assign(*out, parts);
	rd_kafka_topic_partition_list_destroy(parts);
	return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : fail_kafka(state, "read", err);
}

// What becomes of the values of a key, in their order. `bytes` NULL: it was deleted.
typedef int (*value_fn)(void *ctx, const void *bytes, size_t len);

static int see(const rd_kafka_message_t *message, const char *key, value_fn see_value, void *ctx) {
	if (message->key == NULL || message->key_len != strlen(key) ||
	    memcmp(message->key, key, message->key_len) != 0)
		return 0;
	return see_value(ctx, message->payload, message->len);
}

// 1: the end was reached.
static int take_message(
	struct kafka_state *state,
	const rd_kafka_message_t *message,
	const char *key,
	value_fn see_value,
	void *ctx
) {
	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		return 1;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return see(message, key, see_value, ctx);
	if (kafka_classify(message->err) == KAFKA_RETRY)
		return 0; // until the time is over
	return fail_kafka(state, "read", message->err);
}

// Shows all values of a key, to the end of the topic. 0 or as kafka_state_get.
static int read_key(
	struct kafka_state *state,
	const char *key,
	int64_t timeout_ms,
	value_fn see_value,
	void *ctx
) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	rd_kafka_t *reader = NULL;
	int err = open_reader(state, (int)timeout_ms, &reader);

	while (err == 0) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, POLL_MS);

		if (message != NULL) {
			err = take_message(state, message, key, see_value, ctx);
			rd_kafka_message_destroy(message);
		}
		if (err == 0 && clock_mono_ms() > deadline_ms)
			err = fail(state, -EAGAIN, "read", "the brokers do not answer in time");
	}
	if (reader != NULL)
		rd_kafka_destroy(reader);
	return err < 0 ? err : 0;
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
	int err = read_key(state, key, timeout_ms, see_last, &last);

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

// A handle whose message is still under way is of no use: its answer would be taken for the next one's.
static void drop_producer(struct kafka_state *state) {
	rd_kafka_purge(state->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_destroy(state->producer);
	state->producer = NULL;
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
	sent = rd_kafka_producev(
		state->producer,
		RD_KAFKA_V_TOPIC(state->topic),
		RD_KAFKA_V_PARTITION(0),
		RD_KAFKA_V_KEY(key, strlen(key)),
		RD_KAFKA_V_VALUE((void *)bytes, value_bytes),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_END
	);
	if (sent != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail_kafka(state, "write", sent);
	while (!state->is_delivered && clock_mono_ms() < deadline_ms)
		rd_kafka_poll(state->producer, POLL_MS);
	if (!state->is_delivered)
		err = fail(state, -EAGAIN, "write", "the brokers do not answer in time");
	else if (state->delivered != RD_KAFKA_RESP_ERR_NO_ERROR)
		err = fail_kafka(state, "write", state->delivered);
	if (err < 0)
		drop_producer(state);
	return err;
}

// --- the layout

struct layouts {
	struct layout layout; // the one that counts
	int err; // of reading it; -ENOENT: there is none
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
	int err;

	*seen = (struct layouts){.err = -ENOENT};
	err = read_key(state, LAYOUT_KEY, timeout_ms, see_layout, seen);
	if (err < 0)
		return err;
	if (seen->err == -ENOENT)
		fail(state, seen->err, "read the layout from", state->remedy);
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
		LOG(state->opaque.log,
		    LOG_LEVEL_INFO,
		    "these topics belong to this database from now on",
		    log_str("database", scope));
		err = write_layout(state, timeout_ms, &seen);
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
