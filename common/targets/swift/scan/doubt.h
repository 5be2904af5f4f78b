// SPDX-License-Identifier: MPL-2.0
// doubt: is what we know of the cluster right? One account that is not where it should be may be a
// stray; when no account is, the hash of swift.conf or the ring is another cluster's. Pure.
// Thread: scan.
#pragma once

#include "common/targets/swift/scan/visit.h"

#include <stddef.h>

struct doubt { // zeroed
	// Accounts of this pass showed that the hash is right, and the ring.
	bool is_hash_right, is_ring_right;
	// What was said of the first one that spoke against it; "": none did.
	char against_hash[VISIT_WORDS_BYTES], against_ring[VISIT_WORDS_BYTES];
};

void doubt_note(struct doubt *doubt, enum visit_outcome outcome, const struct visit *visit);
// At the end of a pass. 0; -EPERM with words: nothing here can be trusted.
int doubt_end(const struct doubt *doubt, char *error, size_t error_bytes);
