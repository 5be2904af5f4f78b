// SPDX-License-Identifier: MPL-2.0
// view_scene: fleets to be shown.
#pragma once

#include "cli/status/view.h"

struct view_partition partition(int64_t begin, int64_t end, int64_t commit);
// All of one topic; they become its first ones.
struct view_lags lags_of(struct view_partition *partitions, size_t count);
// All of it is known, of one partition in two looks, two seconds apart. The parts are the caller's.
struct view whole_view(
	struct view_partition *earlier,
	struct view_partition *later,
	struct view_worker *worker,
	struct view_replay *replay
);
