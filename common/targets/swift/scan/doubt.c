// SPDX-License-Identifier: MPL-2.0
// doubt: is what we know of the cluster right?
#include "common/targets/swift/scan/doubt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void note_first(char first[VISIT_WORDS_BYTES], const char *words) {
	if (first[0] == '\0')
		memcpy(first, words, VISIT_WORDS_BYTES);
}

void doubt_note(struct doubt *doubt, enum visit_outcome outcome, const struct visit *visit) {
	doubt->is_hash_right |= visit->is_hash_right;
	doubt->is_ring_right |= outcome == VISIT_DUE || outcome == VISIT_SEEN;
	if (outcome == VISIT_WRONG_HASH)
		note_first(doubt->against_hash, visit->words);
	if (outcome == VISIT_WRONG_RING)
		note_first(doubt->against_ring, visit->words);
}

int doubt_end(const struct doubt *doubt, char *error, size_t error_bytes) {
	const char *words = NULL;

	if (!doubt->is_hash_right && doubt->against_hash[0] != '\0')
		words = doubt->against_hash;
	else if (!doubt->is_ring_right && doubt->against_ring[0] != '\0')
		words = doubt->against_ring;
	if (words == NULL)
		return 0;
	snprintf(error, error_bytes, "%s; nothing is touched", words);
	return -EPERM;
}
