// SPDX-License-Identifier: MPL-2.0
// conf: one table of option rows drives the command line, the environment, the INI file and --help.
//
// A group of rows fills one plain struct (its base), by offset. Precedence: command line,
// environment (an empty variable is not set), environment file, file, the application's own file,
// the presets of an alias,
// default; of equals the last one. Long options take `--opt value` and `--opt=value`, `_` and `-`
// are the same, a value may begin with a minus, a name may be cut as long as it stays unique (not
// that of an exact row, nor behind `no-`), `--` ends the options. Pure but for reading the files.
// Thread: main, and all but conf_again before others start.
#pragma once

#include "common/conf/conf_row.h"

#include <stdbool.h>
#include <stddef.h>

// Opaque; owns every string in the filled structs.
struct conf;

// The file has `key = value` lines, keys as option names, and comment lines with # or ;. What is
// before the first section and in [purgefleet] is for all commands. The section of this command
// counts too and goes first, those of other commands are passed over, any other one is refused.
// Values are taken as they are: no quotes, no comments behind them, no continued lines.

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

enum conf_change_kind {
	CONF_TAKEN, // it holds from now on
	// The command has to be started anew for it to hold.
	CONF_WAITS,
	// It would be taken, but command line or environment say something else.
	CONF_OVERRULED,
};

struct conf_change {
	const struct conf_row *row;
	enum conf_change_kind kind;
	// As they are written; NULL: not given, or not to be shown.
	const char *before;
	const char *now;
};
typedef void conf_tell_change(void *ctx, const struct conf_change *change);

// Was a file named?
bool conf_has_file(const struct conf *conf);
// Reads the file again and tells each option of which it says something else than before. Live
// rows take it. All of the file is read and judged first: 0, or as conf_parse, and then nothing
// has changed. A file that is no regular one (a pipe is read once) is -ENOTSUP.
int conf_again(
	struct conf *conf, conf_tell_change *tell, void *ctx, char *error, size_t error_bytes
);
