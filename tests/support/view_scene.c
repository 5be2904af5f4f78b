// SPDX-License-Identifier: MPL-2.0
// view_scene: fleets to be shown.
#include "support/view_scene.h"

static struct view_topic topics[] = {
	{.name = "purge.fruit"}, {.name = "purge.fruit.retry.1m", .delay_ms = 60000}};

struct view_partition partition(int64_t begin, int64_t end, int64_t commit) {
	return (struct view_partition){
		.begin = begin,
		.end = end,
		.commit = commit,
		.oldest_ms = VIEW_UNKNOWN,
		.worker = SIZE_MAX};
}

struct view_lags lags_of(struct view_partition *partitions, size_t count) {
	for (size_t i = 0; i < count; i++)
		partitions[i].partition = (int32_t)i;
	return (struct view_lags){
		.source = {.is_known = true},
		.topics = topics,
		.topic_count = 1,
		.partitions = partitions,
		.partition_count = count,
		.workers_source = {.is_known = true},
	};
}

struct view whole_view(
	struct view_partition *earlier,
	struct view_partition *later,
	struct view_worker *worker,
	struct view_replay *replay
) {
	struct view view = {
		.target = "fruit",
		.group = "purge.fruit",
		.has_nodes = true,
		.at_ms = 90061000,
		.before = lags_of(earlier, 1),
		.lags = lags_of(later, 1),
		.state =
			{
				.source = {.is_known = true},
				.range_width = 20,
				.has_cursor = true,
				.cursor_ms = 90000000,
				.cursor = {.full_began_ms = 1000, .full_running = true},
				.control = {.is_paused = true, .since_ms = 1000, .who = "ann@host"},
				.limits =
					{.is_told = true,
					 .max_rate = 500500,
					 .node_inflight = 64,
					 .told_ms = 90000000,
					 .who = "host"},
				.replays = replay,
				.replay_count = 1,
			},
		.letters =
			{.source = {.is_known = true},
			 .letters = 5,
			 .open = 3,
			 .solved = 2,
			 .reasons = {[LETTER_UNDECODABLE] = 5},
			 .oldest_ms = 90000000},
		.rows =
			{.source = {.is_known = true},
			 .estimate = {.eligible = 5, .eligible_exact = true}},
	};

	view.lags.at_ms = 2000;
	view.lags.workers = worker;
	view.lags.worker_count = 1;
	later->worker = 0;
	later->oldest_ms = 90000000;
	return view;
}
