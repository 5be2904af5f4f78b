// SPDX-License-Identifier: MPL-2.0
// view: how a fleet stands, as `status` knows it.
#include "cli/status/view.h"

#include <stdlib.h>
#include <string.h>

void view_lags_fini(struct view_lags *lags) {
	free(lags->topics);
	free(lags->partitions);
	free(lags->workers);
	*lags = (struct view_lags){.topic_count = 0};
}

void view_state_fini(struct view_state *state) {
	free(state->replays);
	*state = (struct view_state){.replay_count = 0};
}

// Where the group is; without a commit it is where the log began.
static int64_t place_of(const struct view_partition *partition) {
	return partition->commit == VIEW_NONE ? partition->begin : partition->commit;
}

int64_t view_lag(const struct view_partition *partition) {
	int64_t from = place_of(partition);

	if (from < 0 || partition->end < 0)
		return VIEW_UNKNOWN;
	return partition->end > from ? partition->end - from : 0;
}

static void add_oldest(struct view_sum *sum, int64_t oldest_ms) {
	if (oldest_ms >= 0 && (sum->oldest_ms < 0 || oldest_ms < sum->oldest_ms))
		sum->oldest_ms = oldest_ms;
}

struct view_sum view_sum(const struct view_lags *lags, size_t topic) {
	struct view_sum sum = {.oldest_ms = VIEW_UNKNOWN};

	for (size_t i = 0; i < lags->partition_count; i++) {
		const struct view_partition *partition = &lags->partitions[i];
		int64_t lag = view_lag(partition);

		if (partition->topic != topic)
			continue;
		sum.partitions++;
		sum.unknown += lag < 0;
		sum.uncommitted += partition->commit == VIEW_NONE;
		sum.known_lag += lag < 0 ? 0 : lag;
		add_oldest(&sum, partition->oldest_ms);
	}
	sum.lag = sum.unknown > 0 || sum.partitions == 0 ? VIEW_UNKNOWN : sum.known_lag;
	return sum;
}

struct view_partition *view_find(
	const struct view_lags *lags, const char *topic, size_t topic_len, int32_t partition
) {
	for (size_t i = 0; i < lags->partition_count; i++) {
		struct view_partition *one = &lags->partitions[i];
		const char *name = lags->topics[one->topic].name;

		if (one->partition == partition && strlen(name) == topic_len &&
		    memcmp(name, topic, topic_len) == 0)
			return one;
	}
	return NULL;
}

// How far a partition came from one look to the next; negative: unknown.
typedef int64_t moved_fn(const struct view_partition *earlier, const struct view_partition *later);

// Set back by hand it did not get on.
static int64_t moved_place(
	const struct view_partition *earlier, const struct view_partition *later
) {
	int64_t from = place_of(earlier);
	int64_t to = place_of(later);

	if (from < 0 || to < 0)
		return VIEW_UNKNOWN;
	return to > from ? to - from : 0;
}

// An end that is before the earlier one is that of another log.
static int64_t moved_end(const struct view_partition *earlier, const struct view_partition *later) {
	if (earlier->end < 0 || later->end < earlier->end)
		return VIEW_UNKNOWN;
	return later->end - earlier->end;
}

static double speed(
	const struct view_lags *before, const struct view_lags *now, size_t topic, moved_fn *moved
) {
	int64_t passed_ms = now->at_ms - before->at_ms;
	int64_t sum = 0;

	if (!before->source.is_known || !now->source.is_known || passed_ms <= 0)
		return -1;
	for (size_t i = 0; i < now->partition_count; i++) {
		const struct view_partition *later = &now->partitions[i];
		const struct view_partition *earlier;
		const char *name = now->topics[later->topic].name;
		int64_t one;

		if (later->topic != topic)
			continue;
		earlier = view_find(before, name, strlen(name), later->partition);
		one = earlier == NULL ? VIEW_UNKNOWN : moved(earlier, later);
		if (one < 0)
			return -1;
		sum += one;
	}
	return (double)sum * 1000 / (double)passed_ms;
}

double view_rate(const struct view_lags *before, const struct view_lags *now, size_t topic) {
	return speed(before, now, topic, moved_place);
}

double view_added(const struct view_lags *before, const struct view_lags *now, size_t topic) {
	return speed(before, now, topic, moved_end);
}

int64_t view_eta_s(int64_t lag, double rate, double added) {
	if (lag == 0)
		return 0;
	if (lag < 0 || rate < 0 || added < 0 || rate <= added)
		return VIEW_UNKNOWN;
	return (int64_t)((double)lag / (rate - added) + 0.5);
}
