// SPDX-License-Identifier: MPL-2.0
// dead_options: the options of `dead`. Filled by conf. Thread: main.
#pragma once

#include "cli/dead/letter_filter.h"
#include "cli/front/front.h"
#include "common/kafka/kafka.h"

enum dead_action { DEAD_NONE, DEAD_LIST, DEAD_SHOW, DEAD_REQUEUE, DEAD_DROP };
enum dead_by { DEAD_BY_REASON, DEAD_BY_NODE };

struct dead_own_options {
	int action;
	int by;
	struct conf_list reasons;
	char *node;
	char *id;
	char *older;
	char *newer;
	int64_t range_start;
	int64_t range_end;
	bool each;
	bool json;
	bool yes;
	bool dryrun;
};

struct dead_options {
	struct dead_own_options own;
	struct kafka_options kafka;
	struct front_log log;
	struct letter_filter filter; // what they mean
};

// 0; 1: help was shown; or a negative errno after the error was told.
int dead_options_read(
	struct conf **out,
	struct dead_options *options,
	void *target_config,
	const struct invocation *invocation
);
