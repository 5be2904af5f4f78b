// SPDX-License-Identifier: MPL-2.0
// tally: what became of the candidates of one pass.
#include "worker/task/tally.h"

#include <string.h>

static const char *const end_names[TALLY_ENDS] = {
	[END_PURGED] = "purged",
	[END_GONE] = "gone",
	[END_LEFT] = "left",
	[END_FAILED] = "failed",
	[END_POSTPONED] = "postponed",
	[END_TAKEN_AWAY] = "taken away",
	[END_PLANNED] = "planned",
};

static const char *const answer_names[TALLY_ANSWERS] = {
	[ANSWER_2XX] = "2xx",
	[ANSWER_3XX] = "3xx",
	[ANSWER_4XX] = "4xx",
	[ANSWER_5XX] = "5xx",
	[ANSWER_OTHER] = "other",
	[ANSWER_TIMEOUT] = "timeout",
	[ANSWER_CONNECT] = "connect",
	[ANSWER_UNSENT] = "unsent",
};

enum { TALLY_NUMBERS = sizeof(struct tally) / sizeof(int64_t) };
_Static_assert(sizeof(struct tally) % sizeof(int64_t) == 0, "a tally has nothing but numbers");

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

void tally_add(struct tally *tally, const struct tally *other) {
	int64_t sums[TALLY_NUMBERS], more[TALLY_NUMBERS];

	memcpy(sums, tally, sizeof(sums));
	memcpy(more, other, sizeof(more));
	for (size_t i = 0; i < TALLY_NUMBERS; i++)
		sums[i] += more[i];
	memcpy(tally, sums, sizeof(sums));
}

const char *tally_end_name(enum tally_end end) {
	return end_names[end];
}

const char *tally_answer_name(enum tally_answer answer) {
	return answer_names[answer];
}
