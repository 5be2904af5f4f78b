// SPDX-License-Identifier: MPL-2.0
// look_logs: where the logs of partitions begin and end. Blocks. Thread: the handle's.
#pragma once

#include "cli/status/view.h"

#include <librdkafka/rdkafka.h>

// Fills in begin and end of each partition, for at most timeout_ms; those that are not told stay as
// they are, and lags->source.why says so unless it says something already.
void look_logs(rd_kafka_t *handle, int timeout_ms, struct view_lags *lags);
