// SPDX-License-Identifier: MPL-2.0
// replay_line: a replay and its progress in words. Pure. Thread: any.
#pragma once

#include "cli/replay/replay_progress.h"
#include "common/base/buf.h"
#include "common/kafka/topics/replay.h"

// All append to `out`; out->error says whether it could be built. What is not known is "unknown",
// in JSON null.

// Several lines, one for each partition that it is about.
void replay_line_text(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
);
// One line.
void replay_line_short(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
);
// One line with an object.
void replay_line_json(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
);
