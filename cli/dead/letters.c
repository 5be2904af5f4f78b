// SPDX-License-Identifier: MPL-2.0
// letters: reads the topic of dead letters.
//
// Design notes
// - The topic is read twice: to see which letter of each key is the last one, and then to look at
//   those. So it takes 16 bytes or so for a letter, however large they are.
// - What is written in between is not seen: a letter that is not the last one any more still
//   counts. Whoever writes by it must catch up before.
// - Readers of committed records stop where a transaction is open: one that was killed hides what
//   came after it until the brokers end it, half a minute at most, or until the next one of us that
//   writes does.
#include "cli/dead/letters.h"

#include "cli/front/front.h"
#include "common/base/buf.h"
#include "common/base/words.h"
#include "common/kafka/kafka_reader.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/target/target.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

enum { ANSWER_MS = 15 * 1000 };

int letters_fail(const struct letters_setup *setup, int err, const char *error) {
	return setup->words == NULL ? front_fail(err, error)
				    : words_say(setup->words, err, "%s", error);
}

int letters_open(struct letters *letters, const struct letters_setup *setup) {
	const char *prefix = setup->kafka->topic_prefix;
	int err = topic_name(
		TOPIC_DEAD, prefix, setup->target->name, letters->topic, sizeof(letters->topic)
	);

	letters->setup = *setup;
	return err < 0 ? letters_fail(setup, err, "'--topic-prefix' makes no name that Kafka takes")
		       : 0;
}

void letters_close(struct letters *letters) {
	letter_index_free(letters->index);
	letters->index = NULL;
}

static int tell(const struct letters *letters, int err, const struct kafka_reader *reader) {
	char command[TOPICS_COMMAND_BYTES];
	const char *words = kafka_reader_error(reader);
	struct buf error;

	topics_command(
		letters->setup.kafka->topic_prefix,
		letters->setup.target->name,
		command,
		sizeof(command)
	);
	buf_init(&error, 0);
	buf_fmt(&error, "cannot read topic '%s': ", letters->topic);
	if (err == -ENOENT)
		buf_fmt(&error, TOPIC_MISSING ": %s", command);
	else
		buf_str(&error, words);
	// Else whoever was shown a record has told what was wrong with it.
	if (err == -ENOENT || words[0] != '\0')
		letters_fail(&letters->setup, err, buf_text(&error));
	buf_fini(&error);
	return err;
}

static int read_topic(
	const struct letters *letters,
	enum kafka_reader_manner manner,
	const struct kafka_reading *reading
) {
	const struct kafka_reader_setup setup = {
		.kafka = letters->setup.kafka,
		.topic = letters->topic,
		.log = letters->setup.log,
		.manner = manner,
	};
	struct kafka_reader *reader = NULL;
	char error[512] = "out of memory";
	int err = kafka_reader_open(&reader, &setup, error, sizeof(error));

	if (err < 0)
		return letters_fail(&letters->setup, err, error);
	err = kafka_reader_read(reader, reading);
	if (err < 0)
		err = tell(letters, err, reader);
	kafka_reader_close(reader);
	return err;
}

// --- fold

static int fail_note(const struct letters *letters, int err) {
	return letters_fail(
		&letters->setup, err, err == -ENOMEM ? "out of memory" : "an offset is out of range"
	);
}

static int note(const struct letters *letters, const rd_kafka_message_t *message) {
	int err = letter_index_note(
		letters->index, message->key, message->key_len, message->partition, message->offset
	);

	return err < 0 ? fail_note(letters, err) : 0;
}

static int fold_one(void *ctx, const rd_kafka_message_t *message) {
	return note(ctx, message);
}

// All of it is read, also the marks behind transactions, which are never shown.
static int pass_end(void *ctx, int32_t partition, int64_t end) {
	const struct letters *letters = ctx;
	int err = end > 0 ? letter_index_pass(letters->index, partition, end - 1) : 0;

	return err < 0 ? fail_note(letters, err) : 0;
}

int letters_fold(struct letters *letters) {
	const struct kafka_reading reading = {
		.partition = -1,
		.quiet_ms = ANSWER_MS,
		.timeout_ms = INT64_MAX,
		.show = fold_one,
		.see_end = pass_end,
		.ctx = letters,
	};

	letter_index_free(letters->index);
	letters->index = letter_index_new();
	if (letters->index == NULL)
		return letters_fail(&letters->setup, -ENOMEM, "out of memory");
	return read_topic(letters, KAFKA_READ_COMMITTED, &reading);
}

struct letter_index *letters_take_index(struct letters *letters) {
	struct letter_index *index = letters->index;

	letters->index = NULL;
	return index;
}

// --- visit

struct visit {
	const struct letters *letters;
	const struct letter_filter *filter;
	int (*take)(void *ctx, struct letter *letter, const rd_kafka_message_t *message);
	void *ctx;
};

static int visit_one(void *ctx, const rd_kafka_message_t *message) {
	const struct visit *visit = ctx;
	const struct letters_setup *setup = &visit->letters->setup;
	struct letter letter;
	int err;

	if (message->payload == NULL ||
	    letter_index_last(
		    visit->letters->index, message->key, message->key_len, message->partition
	    ) != message->offset)
		return 0;
	err = letter_read(&letter, setup->target, setup->config, message);
	if (err < 0)
		letters_fail(setup, err, "out of memory");
	else if (letter_filter_takes(visit->filter, &letter))
		err = visit->take(visit->ctx, &letter, message);
	letter_fini(&letter);
	return err;
}

int letters_visit(
	const struct letters *letters,
	const struct letter_filter *filter,
	int (*take)(void *ctx, struct letter *letter, const rd_kafka_message_t *message),
	void *ctx
) {
	struct visit visit = {letters, filter, take, ctx};
	const struct kafka_reading reading = {
		.partition = -1,
		.quiet_ms = ANSWER_MS,
		.timeout_ms = INT64_MAX,
		.show = visit_one,
		.ctx = &visit,
	};

	return read_topic(letters, KAFKA_READ_COMMITTED, &reading);
}

// --- catch up

struct chase {
	const struct letters *letters;
	int64_t last;
};

static int chase_one(void *ctx, const rd_kafka_message_t *message) {
	const struct chase *chase = ctx;

	if (message->offset > chase->last)
		return 1;
	return message->payload == NULL ? 0 : note(chase->letters, message);
}

int letters_catch_up(struct letters *letters, int32_t partition, int64_t last) {
	struct chase chase = {letters, last};
	const struct kafka_reading reading = {
		.partition = partition,
		.from = letter_index_end(letters->index, partition),
		.quiet_ms = ANSWER_MS,
		.timeout_ms = INT64_MAX,
		.show = chase_one,
		.ctx = &chase,
	};

	int err = read_topic(letters, KAFKA_READ_ALL, &reading);

	if (err == 0)
		err = letter_index_pass(letters->index, partition, last);
	return err;
}

// --- the layout

int letters_layout(const struct letters_setup *setup, struct layout *out) {
	struct kafka_state *state = NULL;
	char error[512] = "out of memory";
	int err = kafka_state_open(
		&state, setup->kafka, setup->target->name, setup->log, error, sizeof(error)
	);

	if (err < 0)
		return letters_fail(setup, err, error);
	err = kafka_state_layout(state, ANSWER_MS, out);
	if (err < 0)
		letters_fail(setup, err, kafka_state_error(state));
	kafka_state_close(state);
	return err;
}
