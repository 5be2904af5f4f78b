// SPDX-License-Identifier: MPL-2.0
// visit: looks at the account of one database, and says whether it is to be emptied. Thread: scan;
// blocks.
//
// Design notes
// - Its database says which account it is. Its hash has to be that of its directory, and its server
//   has to say that it is deleted: else it is a stray, or the hash of swift.conf or the ring is not
//   this cluster's, and every request of ours would go to a wrong place.
// - The server is asked only for an account that the database says is deleted. It merges what is
//   pending, which may be the rows that count, and it says what users see.
#pragma once

#include "common/targets/swift/account/account_db.h"
#include "common/targets/swift/account/account_places.h"
#include "common/targets/swift/account/account_rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account_head;
struct cluster;
struct ring_device;
struct shelf_ring;

enum visit_outcome {
	VISIT_LEFT, // live or empty
	VISIT_YOUNG,
	VISIT_DUE,
	VISIT_SEEN, // half undeleted: users see it
	// It cannot be looked at now, with words.
	VISIT_TROUBLE,
	// A stray, or the hash of swift.conf is another cluster's; with words.
	VISIT_WRONG_HASH,
	// The same of the account ring, or of who listens there.
	VISIT_WRONG_RING,
};

enum { VISIT_WORDS_BYTES = 400 };

struct visit_setup {
	const struct cluster *cluster;
	struct shelf_ring *ring; // of accounts
	struct account_head *head;
	struct account_terms terms;
	bool takes_half_undeleted;
};

struct visit {
	struct account_info info;
	int64_t deleted_us; // of VISIT_DUE
	bool is_overdue;
	bool is_hash_right; // by its directory
	char words[VISIT_WORDS_BYTES]; // with the path
};

// `device`: the one that it lies on, as the ring has it. 0 and *outcome; -ENOMEM.
int visit_make(
	const struct visit_setup *setup,
	const struct account_place *place,
	const struct ring_device *device,
	enum visit_outcome *outcome,
	struct visit *out
);
