// SPDX-License-Identifier: MPL-2.0
// db_url_text: how the text of a database URL is cut and unescaped, and words about what is wrong
// with it. Pure. Thread: any.
#pragma once

#include "common/base/words.h"

#include <stdbool.h>
#include <stddef.h>

#define DB_URL_FORM "mysql://user:password@host:3306/database"

// In place. A '%' that begins no escape stays as it is, as in Python. -EINVAL: a NUL byte.
int db_url_unescape(char *text, bool plus_is_space);

// Cuts `text` at the first `stop` and returns what follows it; NULL when there is none.
char *db_url_cut(char *text, char stop);

// Is the text of a URL cut where its writer meant it? 0 or -EINVAL with a note. Nothing may be cut
// before this.
int db_url_check_shape(const char *text, const struct words *note);

// Is it made of letters, digits and a few signs that part nothing?
bool db_url_is_word(const char *text);
