// SPDX-License-Identifier: MPL-2.0
// conf_row: what options there are, and where their texts come from.
// Thread: main, before others start.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_kind {
	CONF_FLAG, // bool; --opt, --no-opt, --opt=true|false
	CONF_INT, // int64_t between min and max
	CONF_DOUBLE, // double between min and max
	// A char *, owned by conf, NULL when not set.
	CONF_STRING,
	CONF_CHOICE, // int: index in `choices`
	// int64_t milliseconds; text: seconds ("0.5", "-1") or with a unit: ms s m h d.
	CONF_DURATION,
	// A struct conf_list; the option may be given several times, or a comma list.
	CONF_LIST,
	// A struct conf_list of "KEY=VALUE"; the name ends with a dot and the key follows it:
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
	// Whoever uses its field looks at it each time, so it may change (conf_again). Not for
	// lists, pairs and secrets.
	bool live;
	// What it is about, as bits that the caller knows: --help shows it where all of it is
	// there.
	unsigned needs;
	// Of the field in the group's base struct.
	size_t offset;
	// Default as text, NULL: zero / NULL.
	const char *fallback;
	// Environment variable(s) tried in order, separated by one space; NULL: as conf_env_of
	// says.
	const char *env;
	// Row whose value from a source that goes first suppresses this one.
	const char *yields_to;
	// Of a list: row whose list its values go to, in the order given; both have the same field.
	const char *joins;
	// "TIME", "URL": word for the value in --help; NULL for flags.
	const char *meta;
	// Its name may not be cut, because it decides what may go.
	bool exact;
	// Of a flag that is one of `words`: the word that sets it, also as an option, or its
	// first letter as one.
	const char *word;
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

// A default changed by an alias of the program.
struct conf_preset {
	const char *name;
	const char *value;
};

// Says which environment variables, as conf_row.env, a row has that names none. NULL: none.
typedef const char *conf_env_of(const char *row);

// Where a file says something.
struct conf_place {
	const char *path;
	size_t line;
};

// Hands in what a file says of an option; `name` as in conf_row. All is copied. 0 or -ENOMEM.
typedef int conf_take_own(
	void *ctx, const char *name, const char *value, const struct conf_place *place
);

// A file of the application's own, or a directory of such, of another kind than ours, that one of
// the options names.
struct conf_own_file {
	const char *row;
	// Takes each option that the file has a value for; those that the command does not have are
	// passed over. 0, -ENOMEM, or another negative errno with words in `error`.
	int (*read
	)(const char *path, conf_take_own *take, void *ctx, char *error, size_t error_bytes);
};

struct conf_input {
	int argc; // words after the command and target
	// Secret values in it are overwritten with 'x' after they were copied.
	char **argv;
	char **envp; // "NAME=value" …, NULL-terminated
	conf_env_of *env_of; // may be NULL
	// A file of such variables, for those that envp does not have; as env_file.h. NULL: none.
	// Lives as long as the conf.
	const char *env_file;
	bool env_file_may_miss; // then it is no error
	// The row whose value names an INI file (see below); NULL: none.
	const char *file_row;
	// The section of the file that is for this command alone, and goes before what is for all;
	// NULL: none.
	const char *section;
	// All that there are of such sections, each with its `section`; ends with NULL; may be
	// NULL. Those of other commands are passed over.
	const char *const *sections;
	// Options that this command does not have, and that the file may give for all; their base
	// is unused.
	const struct conf_group *elsewhere;
	size_t elsewhere_count;
	// NULL: there is none.
	const struct conf_own_file *own_file;
	// Ends with name NULL; may be NULL.
	const struct conf_preset *presets;
	// The row that the one word fills; NULL: none allowed.
	const char *positional;
	// Where none is: what is told of a word, which may be a secret; NULL: it is named.
	const char *word_hint;
	// Or the rows that words fill, in order (a minus and a digit is a word; a flag has its own
	// one); ends with NULL.
	const char *const *words;
};

// The row's environment variables, or those that env_of knows; "": none. env_of may be NULL.
const char *conf_row_env(const struct conf_row *row, conf_env_of *env_of);
// Moves *names to the first of them and returns its length, 0: there is no more. Whoever goes on
// adds that length.
size_t conf_row_first_env(const char **names);

// Asked for instead of anything else.
enum { CONF_HELP = 1, CONF_VERSION = 2 };
