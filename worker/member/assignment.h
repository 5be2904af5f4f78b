// SPDX-License-Identifier: MPL-2.0
// assignment: what a group has assigned to one of its members, as the brokers tell it (Kafka's
// consumer protocol, version 0 and later). Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

// How many partitions of `topic` are in it. No bytes: none. 0; -EBADMSG: it is no assignment.
int assignment_count(const void *bytes, size_t len, const char *topic, int32_t *out);
