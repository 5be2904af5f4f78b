// SPDX-License-Identifier: MPL-2.0
// topics_fit: makes the topics of a target one after the other, or says how they are.
// Thread: main; blocks.
#pragma once

#include "cli/front/front.h"
#include "common/kafka/topics/tiers.h"
#include "common/kafka/topics/topics_admin.h"

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct kafka_state;
struct log;
struct target;

enum action { ACTION_NONE, ACTION_CREATE, ACTION_SHOW };

struct topics_options { // filled by conf
	int action;
	int64_t partitions;
	int64_t replication;
	int64_t range_width;
	int64_t retention;
	int64_t dead_retention;
	int64_t audit_retention;
};

struct topics {
	const struct target *target;
	struct topics_options options;
	struct topic_tiers tiers; // of the retry topics
	struct kafka_options kafka;
	struct front_log log_options;
	struct conf *conf;
	struct log *log;
	struct topics_admin *admin;
	struct kafka_state *state;
	struct topics_wish wish;
	int differences; // that remain
	int denied; // rights that were missing, and told
};

// Is the option given?
bool topics_asked(const struct topics *topics, const char *option);
// Says what differs from the wish and stays so.
void topics_differ(struct topics *topics, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// Makes all topics or looks at them, and says how they are. 0 or a negative errno with words in
// topics_admin_error.
int topics_fit(struct topics *topics);
