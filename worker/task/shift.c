// SPDX-License-Identifier: MPL-2.0
// shift: what all parts of a worker share in a pass.
#include "worker/task/shift.h"

#include "worker/task/task.h"

#include <stdio.h>

bool shift_is_stopping(const struct shift *shift) {
	return shift->quitting || shift->fatal[0] != '\0';
}

bool shift_is_quiet(const struct shift *shift) {
	return shift->is_paused && !shift_is_stopping(shift);
}

bool shift_is_outdated(const struct shift *shift, const struct task *task) {
	return shift->check_ttl_ms >= 0 && task->work.judged.mono_ms > 0 &&
		task->work.judged.mono_ms <= shift->judged_anew_ms;
}

int64_t shift_fresh_until_ms(const struct shift *shift, const struct task *task) {
	if (shift->check_ttl_ms < 0)
		return 0;
	if (shift_is_outdated(shift, task))
		return 1; // long ago
	return task->work.judged.mono_ms + shift->check_ttl_ms;
}

bool shift_is_fresh(const struct shift *shift, const struct task *task) {
	return shift->check_ttl_ms < 0 ||
		(task->work.judged.mono_ms > 0 && shift->now_ms < shift_fresh_until_ms(shift, task)
		);
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
