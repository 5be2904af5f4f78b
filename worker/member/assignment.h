// SPDX-License-Identifier: MPL-2.0
// assignment: what a group has assigned to one of its members, as the brokers tell it (Kafka's
// consumer protocol, version 0 and later). Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Calls `see` for each partition, with the topic's name, which ends with no NUL. No bytes: none. 0;
// -EBADMSG: it is no assignment.
int assignment_each(
	const void *bytes,
	size_t len,
	void (*see)(void *ctx, const char *topic, size_t topic_len, int32_t partition),
	void *ctx
);
// How many partitions of `topic` are in it. No bytes: none. 0; -EBADMSG: it is no assignment.
int assignment_count(const void *bytes, size_t len, const char *topic, int32_t *out);
