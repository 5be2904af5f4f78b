// SPDX-License-Identifier: MPL-2.0
// conf_help: the options part of --help. Thread: main.
#pragma once

#include "common/conf/conf_row.h"

// The options part of --help for these groups, as text; caller frees. NULL: out of memory.
// `has`: bits as conf_row.needs, for what is there. `presets`: the defaults in force (as in
// conf_input).
char *conf_help(
	const struct conf_group *groups,
	size_t group_count,
	unsigned has,
	const struct conf_preset *presets
);
