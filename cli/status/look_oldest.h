// SPDX-License-Identifier: MPL-2.0
// look_oldest: since when the first record of each partition waits that the group has not
// committed. Blocks. Thread: the handle's.
#pragma once

#include "cli/status/view.h"

#include <librdkafka/rdkafka.h>

// Fills in oldest_ms where there is a lag; what does not come within timeout_ms stays unknown.
// `handle` is a consumer that has subscribed to nothing.
void look_oldest(rd_kafka_t *handle, int timeout_ms, struct view_lags *lags);
