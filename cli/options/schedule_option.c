// SPDX-License-Identifier: MPL-2.0
// schedule_option: the options about when runs and passes begin.
#include "cli/options/schedule_option.h"

struct schedule_options schedule_option_wants(
	const struct schedule_option *option, bool is_single
) {
	return (struct schedule_options){
		.interval_ms = option->purge_interval,
		.jitter = option->interval_jitter,
		.at_start = option->at_start || is_single,
	};
}
