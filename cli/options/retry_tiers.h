// SPDX-License-Identifier: MPL-2.0
// retry_tiers: the options that say which retry topics there are to be: --retry-tiers, or
// --retry-delay. Thread: main.
#pragma once

#include "common/conf/conf.h"
#include "common/kafka/topics/tiers.h"

#include <stdint.h>

struct retry_tiers_options { // filled by conf
	char *tiers; // NULL: not given
	int64_t delay; // ms; 0: not given
};

enum { RETRY_TIERS_ROWS = 2 };
extern const struct conf_row retry_tiers_rows[RETRY_TIERS_ROWS]; // of that struct

// The delays that the options say. Of two sources the one that goes first counts. 0; -EINVAL after
// the error was told: one source gives both.
int retry_tiers_read(
	const struct retry_tiers_options *options, const struct conf *conf, struct topic_tiers *out
);
