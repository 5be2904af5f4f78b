// SPDX-License-Identifier: MPL-2.0
// binding: topics belong to one database, the first one from which candidates were published.
// Thread: scan.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct handle;
struct kafka_state;
struct layout;
struct target_scanner;

struct binding { // all outlive it
	const struct target_scanner *scanner;
	const void *config;
	struct kafka_state *state;
	bool dryrun; // binds nothing
};

// Reads the layout, and binds the topics to the scanner's database unless they are bound. Asks the
// database and the brokers, these for up to 15 s. 0; -ENOTCONN: the database was lost, without
// words; -EINVAL: the topics belong to another database; or what scanner.identify and
// kafka_state_layout say.
int binding_check(
	const struct binding *binding,
	struct handle *handle,
	struct layout *out,
	char *error,
	size_t error_bytes
);
