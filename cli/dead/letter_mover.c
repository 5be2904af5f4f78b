// SPDX-License-Identifier: MPL-2.0
// letter_mover: takes letters out of their topic, and puts their records back to the candidates.
//
// Design notes
// - A batch is one transaction: the candidates, and a tombstone for each letter behind it in its
//   partition. Readers of committed records, as workers are, see all of it or nothing. A process
//   that is killed before the commit has moved nothing, after it all of the batch; what it left
//   open is taken back when the next one opens, or by the brokers after transaction.timeout.ms.
// - A tombstone hides all letters of its key before it. A worker may have written one between our
//   reading and the tombstone: of a record that comes back to the candidates nothing would be lost,
//   but that letter may be of a replay, and its node's DELETE would be. So once the tombstones have
//   their offsets, and before the commit, we look whether anything else lies before them that we
//   have not read. If it is a letter of a key of ours the transaction is taken back, and done again
//   without that key. What a worker writes behind a tombstone is not hidden by it.
// - Nothing else lies there when the offsets leave no gap, but for the mark that the brokers put
//   behind a transaction of ours. Only else is it read.
#include "cli/dead/letter_mover.h"

#include "cli/dead/letter_index.h"
#include "cli/dead/letter_return.h"
#include "cli/front/front.h"
#include "common/base/clock.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_transaction.h"
#include "common/kafka/topics/topics.h"
#include "common/pack/pack.h"
#include "common/target/target.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { SETTLE_MS = 20 };

struct letter_mover {
	struct letters *letters;
	bool puts_back;
	struct letter_goal goal;
	char candidates[TOPIC_NAME_BYTES];
	int32_t dead_partitions;
	// By partition: a transaction of ours ended behind what the index has passed.
	bool *has_mark;
	struct kafka_transaction *transaction;
	struct pack *pack;
	int64_t offsets[LETTER_BATCH_MAX]; // of the tombstones
	struct letter_moves moves;
};

struct letter_moves letter_mover_moves(const struct letter_mover *mover) {
	return mover->moves;
}

static int fail(const struct letter_mover *mover, int err) {
	return front_fail(err, kafka_transaction_error(mover->transaction));
}

// --- its life

static int fail_count(const struct letter_mover *mover, const char *topic, int err) {
	const struct letters_setup *setup = &mover->letters->setup;
	char command[TOPICS_COMMAND_BYTES];
	char why[KAFKA_RIGHT_BYTES];

	topics_command(setup->kafka->topic_prefix, setup->target->name, command, sizeof(command));
	if (err == -ENOENT)
		snprintf(why, sizeof(why), TOPIC_MISSING ": %s", command);
	else
		kafka_look_words(
			kafka_transaction_handle(mover->transaction),
			setup->kafka,
			"Write",
			topic,
			err,
			why
		);
	fprintf(stderr, "purgefleet: cannot write to topic '%s': %s\n", topic, why);
	return err;
}

static int count_partitions(const struct letter_mover *mover, const char *topic, int32_t *out) {
	int err = kafka_partition_count(
		kafka_transaction_handle(mover->transaction),
		topic,
		KAFKA_TRANSACTION_ANSWER_MS,
		out
	);

	return err < 0 ? fail_count(mover, topic, err) : 0;
}

static int open_transaction(struct letter_mover *mover) {
	const struct letters_setup *setup = &mover->letters->setup;
	char error[KAFKA_TRANSACTION_ERROR_BYTES] = "out of memory";
	int err = kafka_transaction_open(
		&mover->transaction,
		setup->kafka,
		mover->letters->topic,
		setup->log,
		error,
		sizeof(error)
	);

	return err < 0 ? front_fail(err, error) : 0;
}

static int find_goal(struct letter_mover *mover) {
	const struct letters_setup *setup = &mover->letters->setup;
	struct layout layout = {.range_width = 0};
	int err = topic_name(
		TOPIC_CANDIDATES,
		setup->kafka->topic_prefix,
		setup->target->name,
		mover->candidates,
		sizeof(mover->candidates)
	);

	if (err == 0)
		err = letters_layout(setup, &layout);
	mover->goal.range_width = layout.range_width;
	return err < 0 ? err : count_partitions(mover, mover->candidates, &mover->goal.partitions);
}

static int open_all(struct letter_mover *mover) {
	int err = open_transaction(mover);

	if (err == 0)
		err = count_partitions(mover, mover->letters->topic, &mover->dead_partitions);
	if (err == 0 && mover->puts_back)
		err = find_goal(mover);
	if (err < 0)
		return err;
	mover->has_mark = calloc((size_t)mover->dead_partitions, sizeof(*mover->has_mark));
	mover->pack = pack_new();
	return mover->has_mark == NULL || mover->pack == NULL ? front_fail(-ENOMEM, "out of memory")
							      : 0;
}

int letter_mover_open(struct letter_mover **out, struct letters *letters, bool puts_back) {
	struct letter_mover *mover = calloc(1, sizeof(*mover));
	int err;

	if (mover == NULL)
		return front_fail(-ENOMEM, "out of memory");
	mover->letters = letters;
	mover->puts_back = puts_back;
	err = open_all(mover);
	if (err < 0) {
		letter_mover_close(mover);
		return err;
	}
	*out = mover;
	return 0;
}

void letter_mover_close(struct letter_mover *mover) {
	if (mover == NULL)
		return;
	kafka_transaction_close(mover->transaction);
	pack_free(mover->pack);
	free(mover->has_mark);
	free(mover);
}

// --- sending

static int send_candidate(struct letter_mover *mover, const struct letter *letter) {
	int64_t now_ms = clock_wall_ms();
	struct kafka_transaction_record record = {.topic = mover->candidates};
	struct letter_return back;
	char key[24];
	int err = letter_return_make(&back, mover->pack, letter, &mover->goal, now_ms);

	if (err < 0)
		return front_fail(err, "a record cannot be written again");
	record.headers = letter_return_headers(letter, now_ms);
	if (record.headers == NULL)
		return front_fail(-ENOMEM, "out of memory");
	record.key = key;
	record.key_bytes = (size_t)snprintf(key, sizeof(key), "%" PRId64, back.range);
	record.partition = back.partition;
	record.value = back.value;
	record.value_bytes = back.value_bytes;
	err = kafka_transaction_send(mover->transaction, &record);
	return err < 0 ? fail(mover, err) : 0;
}

static int send_tombstone(
	struct letter_mover *mover, const struct letter *letter, int64_t *offset
) {
	const struct kafka_transaction_record record = {
		.topic = mover->letters->topic,
		.partition = letter->partition,
		.key = letter->key,
		.key_bytes = letter->key_bytes,
		.offset = offset,
	};
	int err;

	*offset = -1;
	if (letter->partition >= mover->dead_partitions)
		return front_fail(-ESTALE, "the topic of dead letters was made anew meanwhile");
	err = kafka_transaction_send(mover->transaction, &record);
	return err < 0 ? fail(mover, err) : 0;
}

static int send_all(struct letter_mover *mover, const struct letter_batch *batch) {
	int err = kafka_transaction_begin(mover->transaction);

	if (err < 0)
		return fail(mover, err);
	for (size_t i = 0; i < batch->count && err == 0; i++) {
		if (mover->puts_back)
			err = send_candidate(mover, &batch->letters[i]);
		if (err == 0)
			err = send_tombstone(mover, &batch->letters[i], &mover->offsets[i]);
	}
	if (err < 0)
		return err;
	err = kafka_transaction_flush(mover->transaction);
	return err < 0 ? fail(mover, err) : 0;
}

// --- what came between

// Our tombstones in one partition: the last of them, and how many.
struct written {
	int64_t last;
	int64_t count;
};

static struct written find_written(
	const struct letter_mover *mover, const struct letter_batch *batch, int32_t partition
) {
	struct written written = {-1, 0};

	for (size_t i = 0; i < batch->count; i++) {
		if (batch->letters[i].partition != partition)
			continue;
		written.count++;
		if (mover->offsets[i] > written.last)
			written.last = mover->offsets[i];
	}
	return written;
}

static int look_between(
	struct letter_mover *mover, int32_t partition, const struct written *written
) {
	int64_t end = letter_index_end(mover->letters->index, partition);
	int64_t gap = written->last + 1 - end - written->count;
	int64_t marks = mover->has_mark[partition];

	mover->has_mark[partition] = true;
	// What is below our own reading is another log.
	if (gap < marks)
		return front_fail(-ESTALE, "the topic of dead letters was made anew meanwhile");
	if (gap == marks)
		return letter_index_pass(mover->letters->index, partition, written->last);
	return letters_catch_up(mover->letters, partition, written->last);
}

static int look_at_all(struct letter_mover *mover, const struct letter_batch *batch) {
	int err = 0;

	for (int32_t i = 0; i < mover->dead_partitions && err == 0; i++) {
		struct written written = find_written(mover, batch, i);

		if (written.count > 0)
			err = look_between(mover, i, &written);
	}
	return err;
}

// Takes out those that are not the last letter of their key any more. Returns how many.
static int64_t take_out_overtaken(struct letter_mover *mover, struct letter_batch *batch) {
	int64_t count = 0;

	for (size_t i = batch->count; i > 0; i--) {
		const struct letter *letter = &batch->letters[i - 1];

		if (letter_index_last(
			    mover->letters->index, letter->key, letter->key_bytes, letter->partition
		    ) == letter->offset)
			continue;
		letter_batch_remove(batch, i - 1);
		count++;
	}
	mover->moves.overtaken += count;
	return count;
}

// --- one batch

static int fail_commit(const struct letter_mover *mover, int err, size_t count) {
	fail(mover, err);
	if (err == -EAGAIN)
		fprintf(stderr,
			"purgefleet: it is not known whether the last %zu letters were moved; the "
			"same command again does no harm\n",
			count);
	return err;
}

// 1: it was taken back, and what is left of the batch is to be tried again.
static int try_batch(struct letter_mover *mover, struct letter_batch *batch) {
	int err = send_all(mover, batch);

	if (err == 0)
		err = look_at_all(mover, batch);
	if (err < 0)
		return err;
	if (take_out_overtaken(mover, batch) > 0) {
		err = kafka_transaction_abort(mover->transaction);
		return err < 0 ? fail(mover, err) : 1;
	}
	err = kafka_transaction_commit(mover->transaction);
	if (err == -EAGAIN)
		mover->moves.in_doubt = (int64_t)batch->count;
	if (err < 0)
		return fail_commit(mover, err, batch->count);
	mover->moves.moved += (int64_t)batch->count;
	return 0;
}

int letter_mover_move(struct letter_mover *mover, struct letter_batch *batch) {
	int err = 1;

	take_out_overtaken(mover, batch);
	while (err == 1)
		err = batch->count == 0 ? 0 : try_batch(mover, batch);
	letter_batch_clear(batch);
	return err;
}

// --- the end

// Do readers of committed records see past our last tombstones? Also when nobody says.
static bool is_seen(const struct letter_mover *mover) {
	const struct letters *letters = mover->letters;
	rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(0);
	bool is_seen = true;

	for (int32_t i = 0; i < mover->dead_partitions; i++)
		if (mover->has_mark[i])
			rd_kafka_topic_partition_list_add(ends, letters->topic, i);
	if (ends->cnt > 0 &&
	    kafka_ends(
		    kafka_transaction_handle(mover->transaction), ends, KAFKA_TRANSACTION_ANSWER_MS
	    ) == 0)
		for (int i = 0; i < ends->cnt; i++)
			is_seen &= ends->elems[i].offset >
				letter_index_end(letters->index, ends->elems[i].partition);
	rd_kafka_topic_partition_list_destroy(ends);
	return is_seen;
}

void letter_mover_settle(const struct letter_mover *mover) {
	int64_t deadline_ms = clock_mono_ms() + KAFKA_TRANSACTION_ANSWER_MS;

	while (!is_seen(mover) && clock_mono_ms() < deadline_ms)
		poll(NULL, 0, SETTLE_MS);
}
