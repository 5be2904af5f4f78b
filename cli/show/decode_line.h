// SPDX-License-Identifier: MPL-2.0
// decode_line: a record as one line of JSON. What is not one whole value is shown by its bytes, in
// hex. Pure.
// Thread: any.
#pragma once

#include "common/base/buf.h"

#include <librdkafka/rdkafka.h>
#include <stddef.h>

// Both replace what is in `line`; line->error says whether it could be built.
void decode_line_message(struct buf *line, const rd_kafka_message_t *message);
void decode_line_value(struct buf *line, const unsigned char *bytes, size_t len);
