// SPDX-License-Identifier: MPL-2.0
// scope: do the topics hold candidates of this database?
#pragma once

#include "common/kafka/topics/topics.h"

#include <stddef.h>
#include <stdint.h>

struct front;
struct kafka_options;
struct log;

struct scope {
	const struct kafka_options *kafka;
	const char *target;
	struct log *log;
	// Of the database, or of what candidates come from else; "": they may come from any one.
	const char *named; // what it is the name of
	char name[LAYOUT_SCOPE_BYTES];
};

// All block, for a bounded time.

// Fills in the name. 0, or a negative errno after the error was told. Thread: main.
int scope_find(const struct front *front, struct scope *scope);
// Topics that belong to no database yet are bound to this one. 0; -ESTALE: they are of another one;
// another negative errno: it cannot be known now; with words in `error`. Thread: any.
int scope_look(const struct scope *scope, int64_t timeout_ms, char *error, size_t error_bytes);
// The same before the start: 0, or a negative errno after the error was told. Thread: main.
int scope_bind(const struct scope *scope);
