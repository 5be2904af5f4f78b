// SPDX-License-Identifier: MPL-2.0
// show_control: a pause in words, as operators read it. Thread: any.
#pragma once

#include "common/kafka/topics/control.h"
#include "common/text/moment.h"

enum { SHOW_CONTROL_BYTES = 1024 };

// "running", "paused since 2026-11-30T10:00:00Z by ann@host: the disks are full".
const char *show_control(const struct control *control, char out[SHOW_CONTROL_BYTES]);
// "2026-11-30T10:00:00Z"; NULL: it is not known.
const char *show_control_since(const struct control *control, char out[MOMENT_BYTES]);
