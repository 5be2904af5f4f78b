// SPDX-License-Identifier: MPL-2.0
// run_read: reads the options of `run`. Thread: main.
#pragma once

struct conf;
struct front_log;
struct invocation;
struct run_options;

// 0; 1: help was shown; or a negative errno after the error was told.
int run_options_read(
	struct conf **out,
	struct run_options *options,
	struct front_log *log,
	void *target_config,
	const struct invocation *invocation
);
