// SPDX-License-Identifier: MPL-2.0
// target_front: what the command line needs of a target. Thread: main.
#pragma once

#include "common/conf/conf.h"

#include <stdbool.h>
#include <stddef.h>

struct target_alias {
	const char *program; // argv[0] that means `run TARGET`
	// Its other defaults, instead of the target's; ends with name NULL.
	const struct conf_preset *presets;
	// Option that the one word fills, when there are no `words`; optional.
	const char *positional;
	// Options that its words fill, in order; ends with NULL; optional.
	const char *const *words;
	// What may stand behind the program's name; optional.
	const char *usage;
	// Lines of --help that explain the words; optional.
	const char *about;
	// Exit 0 instead of 3 when some rows failed.
	bool failures_exit_0;
};

// Checks the options and derives from them, once. will_call: also what only requests need.
// Sets *location (lives as long as config). Returns 0, -EINVAL with words in `error` (wrong
// usage), -ERANGE with words that are told as they are (the run fails, as the program that
// is replaced would), -ENOMEM.
typedef int target_front_set_up(
	void *config, bool will_call, const char **location, char *error, size_t error_bytes
);

// An environment variable that the target's users know for an option that every target has.
struct target_env {
	const char *option;
	const char *names; // as conf_row.env
};

struct target_front {
	const char *summary; // one line for --help
	const struct target_alias *aliases; // ends with program NULL; optional
	// Those that only requests need say so (NEEDS_CALLS).
	const struct conf_row *options;
	size_t option_count;
	// Other defaults than the engine's; ends with name NULL; optional.
	const struct conf_preset *presets;
	// Ends with option NULL; optional. They hold for all targets and commands, for one
	// environment file may serve several.
	const struct target_env *envs;
	// The application's own file of environment variables, for what neither command line nor
	// environment say; it need not be there. optional.
	const char *env_file;
	// A file of the application's, for what no other source says; optional.
	const struct conf_own_file *own_file;
	// What is told of a word that is no option, which may be a secret; optional.
	const char *word_hint;
	// Size of the struct that options fill; zeroed first.
	size_t config_bytes;
	const char *metrics_prefix;
	// Another one, for metrics of other names, behind set_up; NULL: there is none. optional.
	const char *(*own_metrics_prefix)(const void *config);
	// The word for a pass of the last stages alone, in a trigger and as an option of run; NULL:
	// there is none. optional.
	const char *short_pass;

	target_front_set_up *set_up;
	// The same for a command that only looks at records, and can do so without the database:
	// *location is NULL when nothing says where it is.
	int (*set_up_look)(void *config, const char **location, char *error, size_t error_bytes);
	// Do the options say where it is? Before set_up, for a command that does without it.
	bool (*names_location)(const void *config);
	// Reads the files that say what may go, when their options were given: behind set_up of a
	// command that scans or purges, and on SIGHUP. 1: what may go is another matter than
	// before; 0: it is not; both with words on how it is. -ENOENT: there are none. Another
	// negative errno: all stays as it was, with words why. Blocks; others may use the config.
	// optional.
	int (*read_files)(void *config, char *words, size_t words_bytes);
	// Did a process that was cut off leave something that must not wait for the next pass?
	// Behind set_up; blocks. optional.
	bool (*is_unfinished)(const void *config);
	// The process ends at once, with works in the middle: undoes what must not stay so. Others
	// may use the config; a few seconds at most. optional.
	void (*abandon)(void *config);
	void (*tear_down)(void *config); // must take a zeroed config
	// Where the location was given, for a remedy; NULL: by --database-url. optional.
	const char *(*source)(const void *config);
	// Words that the operator should see once at start (an option that is ignored …), or NULL.
	// optional.
	const char *(*warning)(const void *config);
	// The last line on standard error, as it is, when a run failed or some rows did; the exit
	// status is then 1. NULL: none. optional.
	const char *(*last_words)(const void *config);
};

// What an option is about that not every target has, or not every command: so --help does without
// it. Of conf_row.needs.
enum {
	NEEDS_CALLS = 1 << 0, // requests are sent
	NEEDS_CHECK = 1 << 1, // the scan's finds are judged again
	NEEDS_DEFER = 1 << 2,
	NEEDS_BATCHES = 1 << 3, // of several works
	NEEDS_RANGES = 1 << 4,
	NEEDS_CURSORS = 1 << 5, // a pass may go on
	NEEDS_DIRECTORY = 1 << 6, // candidates come from one
	NEEDS_SCAN = 1 << 7, // the command scans
	NEEDS_REMOVAL = 1 << 8, // and this one removes
};
