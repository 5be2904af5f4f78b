// SPDX-License-Identifier: MPL-2.0
// topics_admin: a talk with the brokers about topics: the handle, and words about what went wrong.
// Every call blocks up to its time limit. Thread: the owner's.
#pragma once

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/topics.h"

#include <stdbool.h>

enum { TOPICS_ANSWER_MS = 15 * 1000 };

// The members are for the files of this room.
struct topics_admin {
	struct kafka_opaque opaque;
	const struct kafka_options *options;
	rd_kafka_t *handle;
	rd_kafka_queue_t *queue; // of answers
	char error[KAFKA_RIGHT_BYTES + TOPIC_NAME_BYTES + 64];
};

// 0, -EINVAL with words, -ENOMEM. `options` must outlive it.
int topics_admin_open(
	struct topics_admin **out,
	const struct kafka_options *options,
	struct log *log,
	char *error,
	size_t error_bytes
);
void topics_admin_close(struct topics_admin *admin); // NULL is fine
// Why the last call failed.
const char *topics_admin_error(const struct topics_admin *admin);

// --- for the files of this room

// What is done to a topic, and the right that it needs.
struct topics_act {
	const char *verb; // "create"
	// "Create"; of one that looks, what it looks for.
	const char *operation;
	bool is_hidden; // as in struct kafka_right
};

// Puts "cannot create topic 'X': …" into the error. `why`: the brokers' own words; NULL: ours for
// `err`. A missing right is always in our words. -EACCES, -EINVAL, -EAGAIN.
int topics_admin_fail_at(
	struct topics_admin *admin,
	const struct topics_act *act,
	const char *topic,
	rd_kafka_resp_err_t err,
	const char *why
);
// The same of what is about no topic: "cannot `what`: …".
int topics_admin_fail(struct topics_admin *admin, const char *what, rd_kafka_resp_err_t err);
// For the answer to one question.
rd_kafka_AdminOptions_t *topics_admin_make_options(struct topics_admin *admin);
// The answer to what was asked, which the caller destroys; NULL: none in time.
rd_kafka_event_t *topics_admin_wait_for(struct topics_admin *admin, rd_kafka_event_type_t type);
// Waits until a broker answers at all. 0; -EACCES and -EAGAIN, with words.
int topics_admin_greet(struct topics_admin *admin);
