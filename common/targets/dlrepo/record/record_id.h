// SPDX-License-Identifier: MPL-2.0
// record_id: how a record is called. Pure. Thread: any.
#pragma once

#include <stdint.h>

// What fits into every topic: record.h has the limit.
enum { RECORD_ID_TEXT_BYTES = 512 };

// "DIR/NAME", and the key that its range comes from: the same in every process. Names are bytes, an
// id is text: where it is no UTF-8 or too long, what does not fit is left out and a number that
// stands for the whole follows.
int64_t record_id(const char *dir, const char *name, char out[RECORD_ID_TEXT_BYTES]);
