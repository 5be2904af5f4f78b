// SPDX-License-Identifier: MPL-2.0
// report: the metrics of this target.
// Thread: scan or loop.
#pragma once

#include "common/target/event.h"

struct metrics;

// As target.report.
void dlrepo_report(const void *config, struct metrics *metrics, const struct event *event);
