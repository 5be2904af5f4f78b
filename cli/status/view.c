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

double view_rate(const struct view_lags *before, const struct view_lags *now, size_t topic) {
	int64_t passed_ms = now->at_ms - before->at_ms;
	int64_t done = 0;

	if (!before->source.is_known || !now->source.is_known || passed_ms <= 0)
		return -1;
	for (size_t i = 0; i < now->partition_count; i++) {
		const struct view_partition *later = &now->partitions[i];
		const struct view_partition *earlier;
		const char *name = now->topics[later->topic].name;

		if (later->topic != topic)
			continue;
		earlier = view_find(before, name, strlen(name), later->partition);
		if (earlier == NULL || place_of(earlier) < 0 || place_of(later) < 0)
			return -1;
		if (place_of(later) > place_of(earlier))
			done += place_of(later) - place_of(earlier);
	}
	return (double)done * 1000 / (double)passed_ms;
}

int64_t view_eta_s(int64_t lag, double rate) {
	if (lag == 0)
		return 0;
	return lag < 0 || rate <= 0 ? VIEW_UNKNOWN : (int64_t)((double)lag / rate + 0.5);
}
