// SPDX-License-Identifier: MPL-2.0
// stage_news: tells the operator that a pass waits for the end of a stage, for what, and when it
// goes on.
// Thread: scan.
#pragma once

#include <stdint.h>

struct log;
struct standing;

struct stage_news { // log and group are its maker's
	struct log *log;
	const char *group;
	// When it was last told of this wait; 0: not yet.
	int64_t told_ms;
};

enum { STAGE_WORDS_BYTES = 600 };

void stage_news_begin(struct stage_news *news); // a wait begins: nothing was told
// It has waited for so long. `why`: words for a look that told nothing.
void stage_news_wait(
	struct stage_news *news,
	const struct standing *standing,
	const char *why,
	int64_t waited_ms,
	int64_t now_ms
);
void stage_news_end(const struct stage_news *news, int64_t waited_ms);
// The limit is reached, and the pass goes on all the same.
void stage_news_late(
	const struct stage_news *news,
	const struct standing *standing,
	const char *why,
	int64_t waited_ms
);
// "3 record(s) are left (purge.fruit: 3)", or that it is not known, and why.
void stage_news_words(
	const struct standing *standing, const char *why, char out[STAGE_WORDS_BYTES]
);
