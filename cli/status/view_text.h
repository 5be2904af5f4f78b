// SPDX-License-Identifier: MPL-2.0
// view_text: how a fleet stands, for people. Pure. Thread: any.
#pragma once

#include "cli/status/view.h"
#include "common/base/buf.h"

// Both append to `out`; out->error says whether it could be built.

// Some lines, and with `each` one for each partition of the candidates.
void view_text(struct buf *out, const struct view *view, bool each);
// One line.
void view_text_short(struct buf *out, const struct view *view);
// Is anything unknown?
bool view_is_partial(const struct view *view);
