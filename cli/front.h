// SPDX-License-Identifier: MPL-2.0
// front: what every command does before its own work: read its options, show its help, open the log.
// Thread: main.
#pragma once

#include "cli/command.h"
#include "common/conf.h"

#include <stdbool.h>
#include <stddef.h>

struct log;

struct front_command {
	const char *usage; // behind "purgefleet ", e.g. "topics TARGET create|show [options]"
	const char *summary;
	const struct conf_group *groups;
	size_t group_count;
	const char *positional; // see conf_input
};

// Options that are about the log. Filled by conf.
struct front_log {
	bool human_logs;
	bool verbose;
	char *log_level;
	char *config; // the INI file
};
enum { FRONT_LOG_ROWS = 4 };
extern const struct conf_row front_log_rows[FRONT_LOG_ROWS];

// 0; 1: help was asked for and shown; or a negative errno after the error was told.
int front_parse(
	struct conf **out, const struct invocation *invocation, const struct front_command *command
);
// NULL after the error was told.
struct log *front_open_log(const struct front_log *options);
// Tells an error and returns err.
int front_fail(int err, const char *error);
int front_exit_status(int err); // of a command that could not start; 1: help

// A crash must not leave a secret or anyone's data on disk.
void front_forbid_core_dumps(void);
// Each request may hold a connection, and each connection kept is a descriptor.
void front_allow_many_files(void);
