// SPDX-License-Identifier: MPL-2.0
// schedule_option: the options about when runs and passes begin. Thread: main.
#pragma once

#include "common/conf/conf_row.h"
#include "producer/schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct front;

struct schedule_option { // filled by conf
	int64_t purge_interval; // ms
	double interval_jitter;
	bool at_start;
};

// Its rows; AT: of the struct schedule_option in the group's base struct.
#define SCHEDULE_OPTION_ROWS(AT)                                                                   \
	{.name = "purge-interval",                                                                 \
	 .kind = CONF_DURATION,                                                                    \
	 .offset = (AT) + offsetof(struct schedule_option, purge_interval),                        \
	 .fallback = "3600",                                                                       \
	 .meta = "TIME",                                                                           \
	 .max = 31536000,                                                                          \
	 .help = "pause between runs; 0: each further one is asked for"},                          \
		{.name = "interval-jitter",                                                        \
		 .kind = CONF_DOUBLE,                                                              \
		 .offset = (AT) + offsetof(struct schedule_option, interval_jitter),               \
		 .fallback = "0.3",                                                                \
		 .meta = "SHARE",                                                                  \
		 .max = 1,                                                                         \
		 .help = "how much more or less --purge-interval may be, at random"},              \
	{                                                                                          \
		.name = "at-start", .kind = CONF_FLAG,                                             \
		.offset = (AT) + offsetof(struct schedule_option, at_start), .fallback = "true",   \
		.help = "the first run begins at once, and not only after --purge-interval or "    \
			"when it is asked for; with --oneshot it always does"                      \
	}

// is_single: the first pass is the only one.
struct schedule_options schedule_option_wants(const struct schedule_option *option, bool is_single);
// Tells when the first one begins, unless it does at once.
void schedule_option_tell(const struct schedule_options *schedule, const struct front *front);
