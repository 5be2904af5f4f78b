// SPDX-License-Identifier: MPL-2.0
// topics_admin_state: the inside of topics_admin, shared by its files.
//
// topics_admin.c       looks at topics and makes them
// topics_properties.c  reads what is set for them
// topics_settle.c      waits until all brokers know of it
// Thread: the owner's.
#pragma once

#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/topics_admin.h"

enum { TOPICS_ANSWER_MS = 15 * 1000 };

struct topics_admin {
	struct kafka_opaque opaque;
	const struct kafka_options *options;
	rd_kafka_t *handle;
	rd_kafka_queue_t *queue; // of answers
	char error[KAFKA_RIGHT_BYTES + TOPIC_NAME_BYTES + 64];
};

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
// 0 partitions: there is no such topic. 0, or as topics_admin_fail.
int topics_admin_look_at_partitions(
	struct topics_admin *admin, const char *name, const char *seen_by, struct topic_facts *out
);
// Waits, for seconds, until every broker knows the topic, and one of them so many partitions of it.
// 0, or a failure.
int topics_admin_settle(struct topics_admin *admin, const char *name, int32_t partitions);
