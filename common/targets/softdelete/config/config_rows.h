// SPDX-License-Identifier: MPL-2.0
// config_rows: the options of a purge of soft-deleted rows, and what they are read into. What does
// not come from an option is of softdelete_config_set_up. Thread: main, then any.
#pragma once

#include "common/conf/conf.h"
#include "common/targets/softdelete/config/connection.h"
#include "common/targets/softdelete/config/preset.h"

struct softdelete_config {
	char *database_url;
	struct conf_list ignored_parameters; // of its query
	struct conf_list config_files; // and directories
	char *preset_name;
	char *age_option; // NULL: not given
	char *max_option;
	bool require_flag;
	int64_t chunk_rows;
	// Words of the program that is replaced; NULL: not given.
	char *command;
	char *age_word;
	char *max_word;
	char *surplus_word; // behind all that have a meaning
	bool takes_words;
	bool looks_for_glance; // in the places where glance-manage looks

	struct preset *preset; // Owner: this
	struct connection connection; // of another program's configuration
	int64_t age_in_days;
	// Of a table in one run; -1: no limit.
	int64_t max_rows;
};

enum { SOFTDELETE_CONFIG_ROWS = 15 };
extern const struct conf_row softdelete_config_rows[SOFTDELETE_CONFIG_ROWS];
