// SPDX-License-Identifier: MPL-2.0
// kafka_lag: how far a consumer group is behind a topic. Blocks. Thread: the owner's of the handle, a consumer of that group
// that subscribes to nothing.
#pragma once

#include "common/kafka.h"

// Messages between the group's commits and the end; a partition without a commit counts whole. 0; an error means unknown,
// never zero: -EAGAIN (no answer in time), -EACCES, -ENOENT (topic).
int kafka_lag(
	rd_kafka_t *handle, const char *topic, int32_t partitions, int timeout_ms, int64_t *out
);
