// SPDX-License-Identifier: MPL-2.0
// reaper_report: the metrics of this target by the names of Swift's own reaper. Thread: scan or
// loop.
#pragma once

struct event;
struct metrics;
struct swift_config;

void reaper_report(
	const struct swift_config *config, struct metrics *metrics, const struct event *event
);
