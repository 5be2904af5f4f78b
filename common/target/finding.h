// SPDX-License-Identifier: MPL-2.0
// finding: what a check, an answer or a failure says about a work. Thread: whoever has it.
#pragma once

#include "common/verdict.h"

enum { FINDING_WORDS_BYTES = 160 };

struct finding { // zeroed: GO, without words
	enum verdict verdict;
	enum reason reason;
	// For the log when it fails, no e-mail address; owned, NULL: none. Most have none, and
	// there is one of these for each task.
	char *words;
};

// Sets the words, cut to FINDING_WORDS_BYTES with the NUL. Out of memory: there are none then.
void finding_say(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *finding_words(const struct finding *finding); // "": none
// Takes what is in `from`, which has no words then.
void finding_take(struct finding *finding, struct finding *from);
void finding_clear(struct finding *finding); // GO, without words
