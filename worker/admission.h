// SPDX-License-Identifier: MPL-2.0
// admission: how many records a worker takes in now. Pure. Thread: loop.
#pragma once

#include "worker/park/pace.h"
#include "worker/task/shift.h"

#include <stddef.h>

enum { ADMISSION_MOST = 1024 };

// At most ADMISSION_MOST. It ends at --window, at what the rates let through in time, and at the
// rows that the target wants in work at once.
size_t admission_room(const struct pace_limits *limits, const struct shift *shift);
