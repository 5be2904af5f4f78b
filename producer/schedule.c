// SPDX-License-Identifier: MPL-2.0
// schedule: when the next pass starts.
#include "producer/schedule.h"

void schedule_init(
	struct schedule *schedule, const struct schedule_options *options, int64_t now_ms
) {
	*schedule = (struct schedule){.options = *options, .next_ms = now_ms};
	if (!options->at_start)
		schedule->next_ms = options->interval_ms > 0 ? now_ms + options->interval_ms
							     : INT64_MAX;
}

bool schedule_is_due(const struct schedule *schedule, int64_t now_ms) {
	return !schedule->running && (schedule->requested || now_ms >= schedule->next_ms);
}

int64_t schedule_due_ms(const struct schedule *schedule) {
	if (schedule->running)
		return INT64_MAX;
	return schedule->requested ? 0 : schedule->next_ms;
}

int64_t schedule_wait_ms(const struct schedule *schedule, int64_t now_ms) {
	int64_t due_ms = schedule_due_ms(schedule);

	if (due_ms == INT64_MAX)
		return -1;
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

void schedule_began(struct schedule *schedule) {
	schedule->running = true;
	schedule->requested = false;
	schedule->next_ms = INT64_MAX;
}

void schedule_ended(struct schedule *schedule, int64_t now_ms, double random) {
	const struct schedule_options *options = &schedule->options;
	double factor = 1.0 - options->jitter + 2.0 * options->jitter * random;

	schedule->running = false;
	if (options->interval_ms > 0)
		schedule->next_ms = now_ms + (int64_t)((double)options->interval_ms * factor);
}

void schedule_again(struct schedule *schedule, int64_t now_ms, int64_t within_ms) {
	if (schedule->next_ms > now_ms + within_ms)
		schedule->next_ms = now_ms + within_ms;
}

void schedule_put_off(struct schedule *schedule, int64_t now_ms, int64_t wait_ms) {
	schedule->running = false;
	schedule->next_ms = now_ms + wait_ms;
}

void schedule_request(struct schedule *schedule) {
	schedule->requested = true;
}
