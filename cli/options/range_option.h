// SPDX-License-Identifier: MPL-2.0
// range_option: --range-start and --range-end, which decide what may go. Both are exclusive.
// Thread: main.
#pragma once

#include "common/conf/conf_row.h"
#include "common/target/target_front.h"

#include <stdint.h>

struct conf;

// The row of one of them; `at`: the offset of its int64_t.
#define RANGE_OPTION_ROW(option, at, words)                                                        \
	{                                                                                          \
		.name = (option), .needs = NEEDS_RANGES, .exact = true, .kind = CONF_INT,          \
		.offset = (at), .meta = "UID", .help = (words)                                     \
	}

// 0, or -EINVAL after it was told that no uid is between the two.
int range_option_check(const struct conf *conf, int64_t start, int64_t end);
