// SPDX-License-Identifier: MPL-2.0
// conf_slots: the rows of options, and what each source said of each. For the files of conf; others
// use conf.h.
//
// First every source hands in the texts it has (conf_give), then the texts of the source that goes
// first are stored. So nothing is filled when help is asked for, and a bad value that another one
// replaces does no harm.
// Thread: main.
#pragma once

#include "common/base/words.h"
#include "common/conf/conf_row.h"

enum conf_source { // a greater one goes first
	CONF_FROM_DEFAULT,
	CONF_FROM_PRESET,
	CONF_FROM_OWN_FILE, // the application's own
	CONF_FROM_FILE,
	// Of the file, that is for this command alone.
	CONF_FROM_SECTION,
	// Of a file of environment variables.
	CONF_FROM_ENV_FILE,
	CONF_FROM_ENV,
	CONF_FROM_WORDS, // of the command line
};

// One row and what became of it.
struct conf_slot {
	const struct conf_row *row;
	unsigned char *field;
	enum conf_source source;
	struct conf_list list; // owned, for CONF_LIST
};

struct conf_given { // one text for a slot
	struct conf_slot *slot;
	enum conf_source source;
	// Variable or file, for errors: the row's own text, that of the option that names the
	// file, or one of own_paths.
	const char *where;
	size_t where_len;
	size_t line; // of the file
	bool is_no; // --no-…
	char *text; // NULL: a flag without a value
};

struct conf {
	struct conf_slot *slots;
	size_t slot_count;
	struct conf_given *given;
	size_t given_count;
	size_t given_room;
	// What is needed to read the file again; `elsewhere` is owned.
	struct conf_input file_input;
	// Of the application's own files; owned.
	struct conf_list own_paths;
	// Owned. Of one that stands beside another (conf_again.c): what its fields point to. NULL:
	// they are the groups'.
	struct conf_list *cells;
};

// A copy of `text` fit to be shown: cut, and without control characters.
struct conf_shown {
	char text[64];
};
struct conf_shown conf_show(const char *text, size_t len);

// Is `name` what the `len` bytes at `word` say, or does it begin so? '_' and '-' are the same.
bool conf_name_is(const char *name, const char *word, size_t len);
bool conf_name_begins(const char *name, const char *word, size_t len);

struct conf_slot *conf_find(const struct conf *conf, const char *name, size_t len); // or NULL

// The row of pairs that the key belongs to, and the key's bytes in the word behind its name; or
// NULL.
struct conf_slot *conf_find_pairs(
	const struct conf *conf, const char *name, size_t len, size_t *name_len
);
// Hands in "key=value" as conf_give does.
int conf_give_pair(
	struct conf *conf,
	const struct conf_given *given,
	const char *key,
	size_t key_len,
	const char *value
);

// Hands in one text; `given->text` is ignored, `text` is copied (NULL: none). 0 or -ENOMEM.
int conf_give(struct conf *conf, const struct conf_given *given, const char *text, size_t len);

// Does it go before what other sources say of its slot, or stand beside it?
bool conf_given_counts(const struct conf_given *given);
// All sources have handed in theirs: fills the fields. 0, -EINVAL with a note, or -ENOMEM; an error
// leaves the fields zero.
int conf_settle(struct conf *conf, const struct words *note);
// Fills the field of one slot anew, from what was settled before.
void conf_settle_again(struct conf *conf, struct conf_slot *slot);
// The file to read, or NULL.
const char *conf_file_path(const struct conf *conf);

// The name of the shown row nearest to the word, or NULL.
const char *conf_slots_nearest(const struct conf *conf, const char *word, size_t len);
