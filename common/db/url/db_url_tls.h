// SPDX-License-Identifier: MPL-2.0
// db_url_tls: what the ssl parameters of a database URL mean together. Pure. Thread: any.
#pragma once

#include "common/db/url/db_url_answer.h"

// TLS that is asked for is verified in full unless the query says otherwise, ssl_mode=REQUIRED too.
// 0 or -EINVAL with a note.
int db_url_settle_tls(
	const struct db_url_query *query, struct db_tls *tls, const struct words *note
);
