// SPDX-License-Identifier: MPL-2.0
// db_url_query: the query parameters of a database URL. Pure but for the option file. Thread: any.
#pragma once

#include "common/db/url/db_url_answer.h"

// Takes the query parameters of these names out of the text of a URL, in place. 0; -EINVAL with
// words in `error`: one of them means something here, or the URL is not cut where its writer meant
// it.
int db_url_ignore(char *text, char *const *names, size_t count, char *error, size_t error_bytes);
// Cuts `query` (NULL: none) into its parameters and takes them over. 0 or -EINVAL with a note.
int db_url_read_query(struct db_url *url, char *query, const struct words *note);
