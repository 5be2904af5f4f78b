// SPDX-License-Identifier: MPL-2.0
// schedule_option: the options about when runs and passes begin.
#include "cli/options/schedule_option.h"

#include "cli/front/front.h"
#include "common/base/log.h"

struct schedule_options schedule_option_wants(
	const struct schedule_option *option, bool is_single
) {
	return (struct schedule_options){
		.interval_ms = option->purge_interval,
		.jitter = option->interval_jitter,
		.at_start = option->at_start || is_single,
	};
}

void schedule_option_tell(const struct schedule_options *schedule, const struct front *front) {
	if (schedule->at_start)
		return;
	if (schedule->interval_ms > 0)
		front_tell_next(front, "next run", schedule->interval_ms);
	else
		LOG(front->log, LOG_LEVEL_INFO, "each run is asked for; there is no timer");
}
