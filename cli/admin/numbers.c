// SPDX-License-Identifier: MPL-2.0
// numbers: how a process stands at one moment, as plain numbers that can be copied.
#include "cli/admin/numbers.h"

void numbers_init(struct numbers *numbers) {
	*numbers = (struct numbers){
		.started_ms = NUMBER_UNKNOWN,
		.idle_ms = NUMBER_UNKNOWN,
		.is_paused = NUMBER_UNKNOWN,
		.is_stopping = NUMBER_UNKNOWN,
		.database = NUMBER_UNKNOWN,
		.worker = {.database = NUMBER_UNKNOWN},
		.scan =
			{
				.backlog = NUMBER_UNKNOWN,
				.overdue = NUMBER_UNKNOWN,
				.overdue_ms = NUMBER_UNKNOWN,
				.overdue_counted_ms = NUMBER_UNKNOWN,
				.success_ms = NUMBER_UNKNOWN,
				.duration_ms = NUMBER_UNKNOWN,
			},
		.publisher =
			{
				.unacknowledged = NUMBER_UNKNOWN,
				.lag = NUMBER_UNKNOWN,
				.is_waiting = NUMBER_UNKNOWN,
				.is_standby = NUMBER_UNKNOWN,
			},
		.candidate_ended_ms = NUMBER_UNKNOWN,
		.page_read_ms = NUMBER_UNKNOWN,
		.database_ms = NUMBER_UNKNOWN,
	};
}
