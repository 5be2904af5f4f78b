// SPDX-License-Identifier: MPL-2.0
// conf_value: reads the text of one option into its field. Pure. Thread: main.
#pragma once

#include "common/conf/conf_slots.h"

#include <stdint.h>

// Reads the text and stores it in the field. A string's field is the text of `given` itself.
// 0, -EINVAL with a note, -ENOMEM.
int conf_value_store(const struct conf_given *given, const struct words *note);

// Reads a time as CONF_DURATION takes it, in ms. Only zero is zero. 0, -EINVAL.
int conf_duration_read(const char *text, int64_t *out_ms);

// "from 0 to 5", or "" when there is no limit.
struct conf_shown conf_range(const struct conf_row *row);
