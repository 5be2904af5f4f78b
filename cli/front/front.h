// SPDX-License-Identifier: MPL-2.0
// front: what every command does before its own work: read its options, show its help, set its
// target up, open log and metrics.
// Thread: main.
#pragma once

#include "cli/front/command.h"
#include "cli/front/front_log.h"
#include "common/base/log.h"
#include "common/conf/conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metrics;
struct vigil;

struct front_command {
	// "run": the usage is then that of a command with a target.
	const char *name;
	// Or behind "purgefleet ", e.g. "topics TARGET create|show [options]".
	const char *usage;
	const char *summary;
	const struct conf_group *groups;
	size_t group_count;
	// See conf_input; an alias has its own.
	const char *positional;
	const char *const *words; // the same
	const char *word_hint; // see conf_input
	// Options of others, see conf_input.
	const struct conf_group *elsewhere;
	size_t elsewhere_count;
	// So --help does without what only requests and removals need.
	bool only_scans;
	// So --help does without what only scans need.
	bool only_removes;
	// Paragraphs at the end of --help; optional.
	const char *notes;
};

void front_print_version(void);

// 0, or a negative errno after the error was told.
int front_open_log(struct log **out, const struct front_log *options);

// 0; 1: help or version was asked for and shown; or a negative errno after the error was told
// (-EINVAL: wrong usage, also a file that cannot be read). The target's presets count for the
// options that the command has.
int front_parse(
	struct conf **out, const struct invocation *invocation, const struct front_command *command
);
// Tells an error, under the name that the program was called by, and returns err.
int front_fail(int err, const char *error);
// The program ends with this exit status, or with EXIT_FAILED after the error was told: what it was
// to show on standard output could not be written.
int front_end(int status);
// Of a command that could not start; 1: help or version.
int front_exit_status(int err);

// What a command that works on a target holds while it runs. Owner: the command.
struct front {
	const struct invocation *invocation;
	const struct target *target;
	void *config; // the target's, filled by its options
	const char *location; // lives as long as config
	// Where that was given, likewise; NULL: by --database-url.
	const char *source;
	const char *caution; // about it; NULL: none
	struct conf *conf;
	struct log *log;
	// From front_watch to front_begin; NULL: none.
	struct vigil *vigil;
	struct metrics *metrics; // NULL: none are sent
};

int front_init(struct front *front, const struct invocation *invocation); // 0 or -ENOMEM
void front_fini(struct front *front); // in any state after front_init

// Between front_parse and the command's own work: sets the target up, opens the log, looks whether
// the location makes sense. only_scans: nothing will be requested. 0, or a negative errno after the
// error was told.
int front_set_up(struct front *front, const struct front_log *options, bool only_scans);
// As target_front.is_unfinished and .abandon. After front_set_up.
bool front_is_unfinished(const struct front *front);
void front_abandon(const struct front *front);
// As front_set_up for a command that only looks at records, with or without a database: where none
// is named, the location is NULL. Whether it makes sense is not looked at.
int front_set_up_look(struct front *front, const struct front_log *options);
// Of a command that scans or purges: target_front.read_files.
enum { FRONT_WORDS_BYTES = 512 };
int front_read_files(const struct front *front, char *words, size_t words_bytes);
// Behind front_set_up, of a command with orders_open, which has blocked the signals: from here on
// TERM and INT end the process at once. What may go is read, and told. 0, or a negative errno after
// the error was told.
int front_watch(struct front *front);
// The command's own work begins: it obeys its orders from here on.
void front_begin(struct front *front);
// Metrics are worth a warning, not a purge that does not take place.
void front_open_metrics(struct front *front, const char *host, int64_t port);
// What the target wants the operator to see once, when all else has been opened.
void front_warn(const struct front *front);
// Tells an operator when the next run or pass ("next run") begins, in_ms from now.
void front_tell_next(const struct front *front, const char *what, int64_t in_ms);
// A number as the log shows it when its option was given; null when it was not.
struct log_field front_log_given(
	const struct front *front, const char *option, const char *key, int64_t number
);
// When something failed: the target's last line. Returns false when it has none; else the exit
// status is EXIT_FAILED.
bool front_say_last_words(const struct front *front);
