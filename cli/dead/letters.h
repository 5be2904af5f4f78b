// SPDX-License-Identifier: MPL-2.0
// letters: reads the topic of dead letters. Every call blocks; with brokers that do not answer, for
// a bounded time. Thread: the owner's.
#pragma once

#include "cli/dead/letter.h"
#include "cli/dead/letter_filter.h"
#include "cli/dead/letter_index.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/topics.h"

struct target;
struct words;

struct letters_setup { // must outlive it
	const struct kafka_options *kafka;
	const struct target *target;
	const void *config; // the target's
	struct log *log;
	// Where errors are told; NULL: on standard error.
	const struct words *words;
};

struct letters { // zeroed before letters_open
	struct letters_setup setup;
	char topic[TOPIC_NAME_BYTES];
	struct letter_index *index; // what letters_fold has read; NULL before
};

// Tells an error, and returns err.
int letters_fail(const struct letters_setup *setup, int err, const char *error);

// All: 0, or a negative errno after the error was told.
int letters_open(struct letters *letters, const struct letters_setup *setup);
void letters_close(struct letters *letters);

// Reads all there is, and remembers in a new index which letter of each key is the last one.
int letters_fold(struct letters *letters);
// The index is the caller's from now on; letters_fold makes another.
struct letter_index *letters_take_index(struct letters *letters);
// Gives each letter that is the last one of its key and that the filter takes, as of letters_fold.
// `take` may take over what is in the letter, and returns 0 or a negative errno after it was told.
int letters_visit(
	const struct letters *letters,
	const struct letter_filter *filter,
	int (*take)(void *ctx, struct letter *letter, const rd_kafka_message_t *message),
	void *ctx
);
// Adds to the index the letters that lie in this partition from where the index ends, up to the
// offset `last`, behind an open transaction too. Tombstones are passed over: they are those of the
// caller, or of one that did not come to its end.
int letters_catch_up(struct letters *letters, int32_t partition, int64_t last);

// What the topics of the same target have in common.
int letters_layout(const struct letters_setup *setup, struct layout *out);
