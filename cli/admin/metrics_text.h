// SPDX-License-Identifier: MPL-2.0
// metrics_text: the numbers as Prometheus wants them, in its text format 0.0.4. Pure. Thread: any.
#pragma once

#include "cli/admin/numbers.h"
#include "common/base/buf.h"

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

void metrics_text(const struct numbers *numbers, const struct numbers_of *of, struct buf *out);
