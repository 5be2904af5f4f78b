// SPDX-License-Identifier: MPL-2.0
// report: the metrics of this target. Thread: scan or loop.
#pragma once

struct event;
struct metrics;

void swift_report(const void *config, struct metrics *metrics, const struct event *event);
