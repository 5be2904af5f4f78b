// SPDX-License-Identifier: MPL-2.0
// db_words: the server's words about a failure, without the data of rows that they quote.
//
// Internal to db. Pure. Thread: any.
#pragma once

#include <stddef.h>

// Copies `words` and writes … for each value that they quote:
//   - of the numbers whose text quotes a row's value (a duplicate entry, an incorrect value): that
//     value, but not the name of the key that ends the text;
//   - anything in quotes that holds an @, and anything that is cut off inside its quotes;
//   - an address that stands there without quotes.
// Names and accounts as in 'test'@'127.0.0.1' stay.
void db_words_copy(char *out, size_t out_bytes, unsigned number, const char *words);
