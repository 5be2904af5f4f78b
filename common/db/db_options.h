// SPDX-License-Identifier: MPL-2.0
// db_options: what a connection is told before it connects. The functions are for the files of db.
// Thread: the handle's.
#pragma once

#include <stdint.h>

struct db_url;
struct st_mysql; // the client library's

// Each is rounded up to whole seconds, at least 1.
struct db_limits {
	// Looking up the host's name is not limited.
	int64_t connect_timeout_ms;
	// A server that says nothing for this long is lost; writes as well.
	int64_t read_timeout_ms;
	int64_t lock_wait_timeout_ms; // cut to less than read_timeout_ms
};

// What the libraries and the servers want for a time: whole seconds, at least 1.
unsigned db_options_seconds(int64_t ms);
// The program's limits, but what the URL says goes before them.
struct db_limits db_options_limits(const struct db_url *url, const struct db_limits *limits);
// Sets them, TLS too. 0; -EINVAL: the library refuses one, and its handle knows why.
int db_options_set(
	struct st_mysql *handle, const struct db_url *url, const struct db_limits *limits
);
