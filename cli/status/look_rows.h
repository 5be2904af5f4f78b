// SPDX-License-Identifier: MPL-2.0
// look_rows: how many rows may be purged, as the database says. Blocks. Thread: the owner's.
#pragma once

#include "cli/status/view.h"

#include <stdint.h>

struct front;

// What cannot be counted within timeout_ms is unknown in it.
void look_rows_ask(const struct front *front, int64_t timeout_ms, struct view_rows *out);
