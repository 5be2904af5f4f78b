// SPDX-License-Identifier: MPL-2.0
// view_json: how a fleet stands, for programs. Pure. Thread: any.
#pragma once

#include "cli/status/view.h"
#include "common/base/buf.h"

// Appends one line with an object, in which null is what is not known; out->error says whether it
// could be built.
void view_json(struct buf *out, const struct view *view);
