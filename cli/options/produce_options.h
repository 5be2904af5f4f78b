// SPDX-License-Identifier: MPL-2.0
// produce_options: the options of `produce`. Filled by conf; durations in ms. Thread: main.
#pragma once

#include "cli/front/front.h"
#include "cli/options/run_options.h"
#include "common/kafka/kafka.h"

struct produce_own_options {
	bool full;
	int64_t full_interval;
	int64_t max_unacked;
	int64_t max_queue_lag;
	int64_t stage_wait;
	bool single_producer;
	char *lock_url; // NULL: none
	int64_t dead_interval;
};

enum { PRODUCE_RUN_ROWS = 15 };

struct produce_options {
	struct produce_own_options own;
	struct run_options run; // those that `run` has too
	// Of them; conf needs them as long as it lives.
	struct conf_row run_rows[PRODUCE_RUN_ROWS];
	struct kafka_options kafka;
	struct front_log log;
};

// 0; 1: help was shown; or a negative errno after the error was told.
int produce_options_read(
	struct conf **out,
	struct produce_options *options,
	void *target_config,
	const struct invocation *invocation
);
// Is one pass made, and then the end?
bool produce_options_is_single(const struct produce_options *options, const struct conf *conf);
struct producer_options produce_options_producer(
	const struct produce_options *options, const struct conf *conf
);
