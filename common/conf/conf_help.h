// SPDX-License-Identifier: MPL-2.0
// conf_help: the options part of --help. Thread: main.
#pragma once

#include "common/conf/conf_row.h"

struct conf_facts {
	unsigned has; // what is there: bits as conf_row.needs
	const struct conf_preset *presets; // as in conf_input
	conf_env_of *env_of; // as in conf_input
};

// The options part of --help for these groups, as text; caller frees. NULL: out of memory.
char *conf_help(
	const struct conf_group *groups, size_t group_count, const struct conf_facts *facts
);
