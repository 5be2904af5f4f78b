// SPDX-License-Identifier: MPL-2.0
// reload: SIGHUP has the file of options read again. Thread: loop.
#pragma once

#include <stdbool.h>

struct front;
struct front_log;

// Live options hold what the file says now, and the log has its level; all that changed is told. A
// file that is refused changes nothing. False: no file was named.
bool reload_options(const struct front *front, const struct front_log *options);
