// SPDX-License-Identifier: MPL-2.0
// tally: what became of the candidates of one pass.
#include "worker/task/tally.h"

static int64_t tally_sum(const int64_t counts[REASON_COUNT]) {
	int64_t sum = 0;

	for (int i = 0; i < REASON_COUNT; i++)
		sum += counts[i];
	return sum;
}

int64_t tally_left(const struct tally *tally) {
	return tally_sum(tally->left);
}

int64_t tally_failed(const struct tally *tally) {
	return tally_sum(tally->failed);
}

int64_t tally_postponed(const struct tally *tally) {
	return tally_sum(tally->postponed);
}

void tally_add_left(struct tally *tally, const int64_t left[REASON_COUNT]) {
	for (int i = 0; i < REASON_COUNT; i++)
		tally->left[i] += left[i];
}

int64_t tally_finished(const struct tally *tally) {
	return tally->purged + tally->gone + tally_left(tally) + tally_failed(tally) +
		tally_postponed(tally);
}
