// SPDX-License-Identifier: MPL-2.0
// pace: the limit of records a second over all nodes.
#include "worker/park/pace.h"

enum { LEAST_MS = 2000 };

bool pace_allows(const struct pace *pace, int64_t now_ms) {
	return rate_has(&pace->rate, *pace->max_rate, now_ms);
}

void pace_take(struct pace *pace, int64_t records, int64_t now_ms) {
	rate_take(&pace->rate, *pace->max_rate, (double)records, now_ms);
}

void pace_admit(struct pace *pace, struct task *task, int64_t now_ms) {
	task->is_paced = true;
	pace_take(pace, task->work.rows, now_ms);
}

int64_t pace_due_ms(const struct pace *pace, int64_t now_ms) {
	return rate_due_ms(&pace->rate, *pace->max_rate, now_ms);
}

// What waits for its turn in a lane must not wait for so long that it would be taken for held up:
// more than the rates allow in half of the patience is not taken in.
size_t pace_window(const struct pace_limits *limits) {
	int64_t patience_ms = limits->patience_ms < LEAST_MS ? LEAST_MS : limits->patience_ms;
	double some_s = (double)patience_ms / 2000;
	double most = (double)limits->window;

	if (limits->max_rate > 0 && limits->max_rate * some_s < most)
		most = limits->max_rate * some_s;
	if (limits->node_rate > 0) {
		double nodes = limits->node_rate * (double)(limits->nodes == 0 ? 1 : limits->nodes);

		if (nodes * some_s < most)
			most = nodes * some_s;
	}
	return most < 1 ? 1 : (size_t)most;
}
