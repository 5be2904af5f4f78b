// SPDX-License-Identifier: MPL-2.0
// work_options: the options of `work`. Filled by conf; durations in ms. Thread: main.
#pragma once

#include "cli/front/front.h"
#include "cli/options/retry_tiers.h"
#include "cli/options/run_options.h"
#include "common/kafka/kafka.h"
#include "worker/intake/source.h"
#include "worker/watchdog.h"

struct work_own_options {
	char *instance_id;
	bool until_drained;
	char *replay; // the id; NULL: this is none
	int64_t hold;
	int64_t retries;
	int64_t candidate_life;
	int64_t revoke_deadline;
	int64_t watchdog;
};

enum { WORK_RUN_ROWS = 19 };

struct work_options {
	struct work_own_options own;
	struct run_options run; // those that `run` has too
	// Of them; conf needs them as long as it lives.
	struct conf_row run_rows[WORK_RUN_ROWS];
	struct retry_tiers_options retry_tiers;
	// What these mean.
	struct topic_tiers tiers;
	struct kafka_options kafka;
	struct front_log log;
};

// 0; 1: help was shown; or a negative errno after the error was told.
int work_options_read(
	struct conf **out,
	struct work_options *options,
	void *target_config,
	const struct invocation *invocation
);
// What they mean for source, worker and watchdog. The names are not set.
struct source_setup work_options_source(const struct work_options *options);
struct worker_options work_options_worker(const struct work_options *options);
struct watch_limits work_options_watch(const struct work_options *options);
