// SPDX-License-Identifier: MPL-2.0
// schedule: when the next pass starts.
#include "producer/schedule.h"

enum { AT_ONCE = 0 };

static void advance(int64_t *at_ms, int64_t to_ms) {
	if (*at_ms > to_ms)
		*at_ms = to_ms;
}

// Of the pass that runs, or ran last.
static int64_t *own_time(struct schedule *schedule) {
	return schedule->is_short ? &schedule->short_ms : &schedule->whole_ms;
}

void schedule_init(
	struct schedule *schedule, const struct schedule_options *options, int64_t now_ms
) {
	*schedule = (struct schedule){
		.options = *options,
		.whole_ms = INT64_MAX,
		.short_ms = INT64_MAX,
	};
	if (options->at_start)
		schedule->whole_ms = now_ms;
	else if (options->interval_ms > 0)
		schedule->whole_ms = now_ms + options->interval_ms;
}

bool schedule_is_due(const struct schedule *schedule, int64_t now_ms) {
	return now_ms >= schedule_due_ms(schedule);
}

int64_t schedule_due_ms(const struct schedule *schedule) {
	if (schedule->running)
		return INT64_MAX;
	return schedule->short_ms < schedule->whole_ms ? schedule->short_ms : schedule->whole_ms;
}

int64_t schedule_wait_ms(const struct schedule *schedule, int64_t now_ms) {
	int64_t due_ms = schedule_due_ms(schedule);

	if (due_ms == INT64_MAX)
		return -1;
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

bool schedule_began(struct schedule *schedule, int64_t now_ms) {
	schedule->running = true;
	schedule->is_short = schedule->whole_ms > now_ms && schedule->short_ms <= now_ms;
	// A whole one does what was asked of a short one.
	schedule->short_ms = INT64_MAX;
	if (!schedule->is_short)
		schedule->whole_ms = INT64_MAX;
	return schedule->is_short;
}

void schedule_ended(struct schedule *schedule, int64_t now_ms, double random) {
	const struct schedule_options *options = &schedule->options;
	double factor = 1.0 - options->jitter + 2.0 * options->jitter * random;

	schedule->running = false;
	if (!schedule->is_short && options->interval_ms > 0)
		advance(&schedule->whole_ms,
			now_ms + (int64_t)((double)options->interval_ms * factor));
}

void schedule_again(struct schedule *schedule, int64_t now_ms, int64_t within_ms) {
	advance(own_time(schedule), now_ms + within_ms);
}

void schedule_put_off(struct schedule *schedule, int64_t now_ms, int64_t wait_ms) {
	schedule->running = false;
	advance(own_time(schedule), now_ms + wait_ms);
}

void schedule_request(struct schedule *schedule, bool is_short) {
	advance(is_short ? &schedule->short_ms : &schedule->whole_ms, AT_ONCE);
}
