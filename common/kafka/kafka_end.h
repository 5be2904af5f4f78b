// SPDX-License-Identifier: MPL-2.0
// kafka_end: the end of a handle, which may not come. Thread: the handle's owner.
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdint.h>

// rd_kafka_destroy_flags, waited for up to timeout_ms. 0; -EBUSY: it is not over, and never may be:
// what the handle uses, its log and its opaque, must stay, and the process can only end by _exit.
// NULL is fine.
int kafka_end(rd_kafka_t *handle, int flags, int64_t timeout_ms);
