// SPDX-License-Identifier: MPL-2.0
// db_url_options: what the option file of a database URL adds to it. Reads files. Thread: any.
#pragma once

#include "common/db/url/db_url_answer.h"

// Adds what the option file says about TLS, if the query names one. 0, -ENOMEM, or -EINVAL with a
// note: it says something else, or what may protect the connection and is not understood.
int db_url_read_options(struct db_url *url, struct db_url_query *query, const struct words *note);
