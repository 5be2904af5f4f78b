// SPDX-License-Identifier: MPL-2.0
// conf_parts: what the files of conf share; others use common/conf/conf.h.
//
// First every source hands in the texts it has (conf_give), then the texts of the source that goes
// first are stored. So nothing is filled when help is asked for, and a bad value that another one
// replaces does no harm.
// Thread: main.
#pragma once

#include "common/conf/conf.h"

enum conf_source { // a greater one goes first
	CONF_FROM_DEFAULT,
	CONF_FROM_PRESET,
	CONF_FROM_FILE,
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
	// Variable or file, for errors; borrowed for the time of conf_parse.
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
};

// Where the words about what is wrong go.
struct conf_note {
	char *text;
	size_t bytes;
};

// Writes the note and returns -EINVAL.
int conf_fail(const struct conf_note *note, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

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

// The name of the shown row nearest to the word, or NULL.
const char *conf_nearest_row(const struct conf *conf, const char *word, size_t len);

// Hands in one text; `given->text` is ignored, `text` is copied (NULL: none). 0 or -ENOMEM.
int conf_give(struct conf *conf, const struct conf_given *given, const char *text, size_t len);

// Each hands in what its source has. 0, -EINVAL with a note, -ENOMEM; 1 of the words: help is asked
// for.
int conf_words_read(
	struct conf *conf, const struct conf_input *input, const struct conf_note *note
);
// Also -errno of the file, with a note. file_row: the row that named it, which it may not give
// itself.
int conf_file_read(
	struct conf *conf, const char *file_row, const char *path, const struct conf_note *note
);

// Reads the text and stores it in the field. A string's field is the text of `given` itself.
int conf_value_store(const struct conf_given *given, const struct conf_note *note);

// "from 0 to 5", or "" when there is no limit.
struct conf_shown conf_range(const struct conf_row *row);
