// SPDX-License-Identifier: MPL-2.0
// age: are records taken in time, before the topic deletes them? Thread: loop.
#pragma once

#include "common/kafka/topics/retention.h"
#include "worker/member/holdings.h"
#include "worker/member/source_setup.h"

#include <stddef.h>
#include <stdint.h>

struct age { // zeroed but for the setup
	const struct source_setup *setup;
	struct retention_notice told[1 + SOURCE_RETRIES_MAX]; // as source_setup_topic
};

// Warns when a record that is taken would soon have been deleted.
void age_look(struct age *age, const struct holding *holding, const rd_kafka_message_t *message);
// So many records of the topic were deleted before they could be taken.
void age_tell_deleted(const struct age *age, size_t index, int64_t records);
