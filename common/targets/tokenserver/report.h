// SPDX-License-Identifier: MPL-2.0
// report: the metrics of this target, which are those of the script that it replaces.
// Thread: scan or loop.
#pragma once

#include "common/target/event.h"

struct metrics;

// As target.report.
void tokenserver_report(const void *config, struct metrics *metrics, const struct event *event);
