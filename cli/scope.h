// SPDX-License-Identifier: MPL-2.0
// scope: do the topics hold candidates of this database? Thread: main.
#pragma once

struct front;
struct kafka_options;

#include <stddef.h>

// Both block, for a bounded time. 0, or a negative errno after the error was told.

// Names the database, at least LAYOUT_SCOPE_BYTES; "" when candidates may come from any one.
int scope_find(const struct front *front, char *scope, size_t scope_bytes);
// Topics that belong to no database yet are bound to this one. -ESTALE: they are of another one.
int scope_bind(const struct front *front, const struct kafka_options *kafka, const char *scope);
