// SPDX-License-Identifier: MPL-2.0
// command: one word of the command line and what it does. Thread: main.
#pragma once

#include "common/conf/conf_row.h"

struct target;
struct target_alias;

// What a command gets. argv begins behind the command (and the target, when it has one).
struct invocation {
	int argc;
	char **argv;
	char **envp;
	conf_env_of *env_of; // as in conf_input
	// Its name, and those of all, which ends with NULL.
	const char *command;
	const char *const *commands;
	const struct target *target; // NULL for commands without one
	// How the program was called, or NULL.
	const struct target_alias *alias;
};

// Exit status as documented in --help. FENCED: another worker took our --instance-id.
enum { EXIT_COMPLETE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_PARTIAL = 3, EXIT_FENCED = 4 };
