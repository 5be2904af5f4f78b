// SPDX-License-Identifier: MPL-2.0
// topics_change: makes topics, and gives them partitions. Both block up to their time limit.
// Thread: the owner's.
#pragma once

#include "common/kafka/topics/topics_admin.h"

// 0 as well when it exists already.
int topics_change_create(struct topics_admin *admin, const struct topic_plan *plan);
int topics_change_grow(struct topics_admin *admin, const char *topic, int32_t partitions);
