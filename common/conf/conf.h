// SPDX-License-Identifier: MPL-2.0
// conf: one table of option rows drives the command line, the environment, the INI file and --help.
//
// A group of rows fills one plain struct (its base), by offset. Precedence: command line,
// environment (an empty variable is not set), file, the presets of an alias, default; of equals the
// last one. Long options take `--opt value` and `--opt=value`, `_` and `-` are the same, a value
// may begin with a minus, a name may be cut as long as it stays unique (not that of an exact row,
// nor behind `no-`), `--` ends the options. Pure but for reading the file. Thread: main, before
// others start.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_kind {
	CONF_FLAG, // bool; --opt, --no-opt, --opt=true|false
	CONF_INT, // int64_t between min and max
	CONF_DOUBLE, // double between min and max
	// Char * (owned by conf, NULL when not set).
	CONF_STRING,
	CONF_CHOICE, // int: index in `choices`
	// int64_t milliseconds; text: seconds ("0.5", "-1") or with a unit: ms s m h d.
	CONF_DURATION,
	// Struct conf_list; the option may be given several times, or a comma list.
	CONF_LIST,
	// Struct conf_list of "KEY=VALUE"; the name ends with a dot and the key follows it:
	// --name.KEY=VALUE.
	CONF_PAIRS,
	// The pairs of all sources, those that go first at the end
};

struct conf_list {
	char **items; // owned by conf
	size_t count;
};

struct conf_row {
	// "purge-interval": long option without dashes, words joined by '-'.
	const char *name;
	enum conf_kind kind;
	char letter; // 'v', or 0
	// Never printed, wiped from argv at once (see conf_parse).
	bool secret;
	bool hidden; // accepted but not in --help
	// Of the field in the group's base struct.
	size_t offset;
	// Default as text, NULL: zero / NULL.
	const char *fallback;
	// Environment variable(s) tried in order, separated by one space, or NULL.
	const char *env;
	// Row whose value from a source that goes first suppresses this one.
	const char *yields_to;
	// Of a list: row whose list its values go to, in the order given; both have the same field.
	const char *joins;
	// "TIME", "URL": word for the value in --help; NULL for flags.
	const char *meta;
	// Its name may not be cut, because it decides what may go.
	bool exact;
	// One sentence, no full stop; default and range are added to it.
	const char *help;
	// For numbers (durations: seconds); both 0: no limit.
	double min, max;
	const char *const *choices; // NULL-terminated, for CONF_CHOICE
	// For CONF_STRING: what it wants instead, NULL: it is fine.
	const char *(*wants)(const char *text);
};

struct conf_group {
	// Heading in --help; NULL: the rows go on under the one before.
	const char *title;
	const struct conf_row *rows;
	size_t count;
	void *base; // the struct to fill
};

// Opaque; owns every string in the filled structs.
struct conf;

// A default changed by an alias of the program.
struct conf_preset {
	const char *name;
	const char *value;
};

struct conf_input {
	int argc; // words after the command and target
	// Secret values in it are overwritten with 'x' after they were copied.
	char **argv;
	char **envp; // "NAME=value" …, NULL-terminated
	// The row whose value names an INI file (see below); NULL: none.
	const char *file_row;
	// Ends with name NULL; may be NULL.
	const struct conf_preset *presets;
	// The row that the one word fills; NULL: none allowed.
	const char *positional;
	// Where none is: what is told of a word, which may be a secret; NULL: it is named.
	const char *word_hint;
	// Or the rows that words fill, in order (a minus and a digit is a word); ends with NULL.
	const char *const *words;
};

// The file has `key = value` lines, keys as option names, and comment lines with # or ;. What is
// before the first section and in [purgefleet] counts, other sections are refused. Values are taken
// as they are: no quotes, no comments behind them, no continued lines.

enum { CONF_HELP = 1, CONF_VERSION = 2 };

// Fills the groups' structs, which the caller has zeroed. Returns 0, or -EINVAL with a message in
// `error` that names the option, what is wrong with it and the remedy (the nearest option's name
// for an unknown one), or -ENOMEM, or -errno of the file. `--help` / `-h` anywhere gives CONF_HELP,
// `--version` CONF_VERSION, and fills nothing; after an error the fields are zero again. Secret
// values in argv are overwritten even then. The structs' strings live until conf_free.
int conf_parse(
	struct conf **out,
	const struct conf_group *groups,
	size_t group_count,
	const struct conf_input *input,
	char *error,
	size_t error_bytes
);
void conf_free(struct conf *conf); // NULL is fine; wipes secrets

// Was the row given by command line, environment, file or preset (not by its default)?
bool conf_is_set(const struct conf *conf, const char *name);

// The options part of --help for these groups, as text; caller frees. NULL: out of memory.
// `left_out` names rows that are not shown (ends with NULL; or NULL), `presets` the defaults in
// force (as in conf_input).
char *conf_help(
	const struct conf_group *groups,
	size_t group_count,
	const char *const *left_out,
	const struct conf_preset *presets
);

// The entry of `names` (NULL-terminated) nearest to `word` by edit distance, or NULL when none is
// near.
const char *conf_nearest(const char *word, const char *const *names);
