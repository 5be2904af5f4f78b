// SPDX-License-Identifier: MPL-2.0
// removal: takes user records out of the database, and moves the counters of their nodes by what
// was really taken.
//
// Every step may run twice, and two purgers may meet: a record is taken once and counted once.
// Thread: batch.
#pragma once

#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct hold_list;

struct removal {
	int64_t uid;
	// As judged: another value saves the record.
	int64_t replaced_at;
	int64_t nodeid; // as judged, likewise
	// On the monotonic clock: a row that is locked later is not taken; 0: whenever.
	int64_t good_until_ms;
	// Judged with a node that the nodes table does not know.
	bool nodeless;
	// Whose records stay, as it is when the row is locked; NULL: it goes whoever's it is.
	struct hold_list *holds;
	// An earlier run may have taken it. Out: so does this one, or it is known that none did.
	bool commit_unknown;
	// Out: DONE (REASON_NONE: by us; REASON_GONE: it was gone), LEFT with REASON_CHANGED or
	// REASON_LEGAL_HOLD, RETRY with REASON_DATABASE (the row of its node is locked) or
	// REASON_CHANGED (good_until_ms is over).
	enum verdict verdict;
	enum reason reason;
	bool removed; // by us
	// RETRY without having waited, because the rows of other nodes were locked before; or
	// good_until_ms is over.
	bool untried;
};

// One transaction, and one more for each node whose row is locked by somebody else (db_error says
// so): what belongs to it stays, the others go. keep_counters: the counters of nodes are left
// alone. Returns 0 or an error as common/db/db.h, then nothing was changed, but perhaps what is
// marked commit_unknown.
int removal_run(struct db *db, bool keep_counters, struct removal *items, size_t count);

// Sets replaced_at to now_ms where it still is as judged. DONE, or LEFT with REASON_CHANGED, for
// each.
int removal_defer(struct db *db, int64_t now_ms, struct removal *items, size_t count);
