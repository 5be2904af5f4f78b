// SPDX-License-Identifier: MPL-2.0
// letter_reason: why a record was given up, as its letter says it.
#include "cli/dead/letter_reason.h"

#include "common/verdict.h"

#include <string.h>

// What a record can fail of; the others are reasons to leave it alone.
static const enum reason failures[LETTER_UNDECODABLE] = {
	REASON_HTTP_4XX,
	REASON_HTTP_5XX,
	REASON_HTTP_OTHER,
	REASON_TIMEOUT,
	REASON_CONNECT,
	REASON_UNKNOWN,
	REASON_DATABASE,
	REASON_FILES,
	REASON_BLOCKED,
	REASON_STOPPED,
	REASON_HELD,
};

const char *letter_reason_name(int reason) {
	if (reason == LETTER_UNDECODABLE)
		return "undecodable";
	return reason == LETTER_OTHER ? "other" : reason_name(failures[reason]);
}

int letter_reason_of(const void *text, size_t len) {
	for (int i = 0; i < LETTER_OTHER; i++) {
		const char *name = letter_reason_name(i);

		if (strlen(name) == len && memcmp(name, text, len) == 0)
			return i;
	}
	return LETTER_OTHER;
}

int letter_reason_find(const char *word) {
	for (int i = 0; i < LETTER_REASONS; i++)
		if (strcmp(letter_reason_name(i), word) == 0)
			return i;
	return -1;
}
