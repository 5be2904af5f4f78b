// SPDX-License-Identifier: MPL-2.0
// scope: do the topics hold candidates of this database? Thread: main.
#pragma once

struct front;
struct kafka_options;

// Topics that belong to no database yet are bound to this one. 0, or a negative errno after the error was told; -ESTALE:
// they are of another one. Blocks, for a bounded time.
int scope_check(const struct front *front, const struct kafka_options *kafka);
