// SPDX-License-Identifier: MPL-2.0
// reload: SIGHUP has the file of options read again, and the files that say what may go.
// Thread: loop.
#pragma once

#include <stdbool.h>

struct front;
struct front_log;

// Live options hold what the file says now, and the log has its level; all that changed is told. A
// file that is refused changes nothing. Then the target reads the files that say what may go; NULL:
// nobody has to know whether that changes it. False: there is no file at all.
bool reload_options(
	const struct front *front, const struct front_log *options, bool *changes_what_may_go
);
