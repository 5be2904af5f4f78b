// SPDX-License-Identifier: MPL-2.0
// topics_settle: waits until all brokers know what one of them has made. Thread: the owner's.
#pragma once

#include "common/kafka/topics/topics_admin.h"

// Waits, for seconds, until every broker knows the topic, and one of them so many partitions of it.
// 0, or a failure.
int topics_settle(struct topics_admin *admin, const char *name, int32_t partitions);
