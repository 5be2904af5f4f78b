// SPDX-License-Identifier: MPL-2.0
// kafka_lag: where partitions end, and how far a consumer group is behind. Blocks. Thread: the owner's of the handle.
#pragma once

#include "common/kafka.h"

// Fills in the offset behind the last record that a reader of committed records may see, for each partition of the list.
// 0, -EAGAIN (no answer in time), -EACCES, -ENOENT.
int kafka_ends(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms);

// `handle` is a consumer of the group that subscribes to nothing; nobody else polls it.
// Messages between the group's commits and the end; a partition without a commit counts whole. NO_ERROR, or why it is
// unknown, which is never zero: GROUP_AUTHORIZATION_FAILED is told once only, so the handle is to be made anew after it.
// Blocks up to timeout_ms in all.
rd_kafka_resp_err_t
kafka_lag(rd_kafka_t *handle, const char *topic, int32_t partitions, int timeout_ms, int64_t *out);
