// SPDX-License-Identifier: MPL-2.0
// shift: what all parts of a worker share in a pass.
#include "worker/task/shift.h"

#include <stdio.h>

bool shift_is_stopping(const struct shift *shift) {
	return shift->quitting || shift->fatal[0] != '\0';
}

bool shift_is_quiet(const struct shift *shift) {
	return shift->is_paused && !shift_is_stopping(shift);
}

void shift_fail(struct shift *shift, const char *why) {
	if (shift->fatal[0] == '\0')
		snprintf(
			shift->fatal,
			sizeof(shift->fatal),
			"%s",
			why[0] == '\0' ? "unknown error" : why
		);
}

void shift_report(const struct shift *shift, const struct event *event) {
	if (shift->target->report != NULL)
		shift->target->report(shift->config, shift->metrics, event);
}
