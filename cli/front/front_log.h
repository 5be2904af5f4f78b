// SPDX-License-Identifier: MPL-2.0
// front_log: the options about the log.
// Thread: main.
#pragma once

#include "common/base/log.h"
#include "common/conf/conf_row.h"

#include <stdbool.h>

// Options that are about the log. Filled by conf.
struct front_log {
	bool human_logs;
	bool verbose;
	bool quiet;
	char *log_level;
	char *config; // the INI file
};
enum { FRONT_LOG_ROWS = 5 };
extern const struct conf_row front_log_rows[FRONT_LOG_ROWS];

enum log_level front_log_level(const struct front_log *options);
