// SPDX-License-Identifier: MPL-2.0
// tally: what became of the candidates of one pass, in rows where not said otherwise. Thread: loop.
#pragma once

#include "common/verdict.h"

#include <stdint.h>

struct tally {
	int64_t taken; // candidates that reached the worker
	int64_t purged; // rows gone by our hand
	// The same, and rows of other kinds that went with them.
	int64_t removed_in_all;
	// Somebody else was first; done all the same.
	int64_t gone;
	int64_t requests; // sent to nodes, retries included
	int64_t requests_done; // that reached their goal
	int64_t rechecked; // candidates judged again by the worker
	int64_t left[REASON_COUNT];
	int64_t failed[REASON_COUNT];
	int64_t postponed[REASON_COUNT];
	int64_t deferred; // of those failed
	int64_t retries;
	// Their lease was revoked; others do them.
	int64_t abandoned;
	int64_t denied; // of those failed: 401 or 403
	// Of those failed and postponed: their requests are done, and their remove did not work.
	int64_t unremoved;
	int64_t lanes_stopped; // nodes that refuse us
};

int64_t tally_left(const struct tally *tally); // sum
int64_t tally_failed(const struct tally *tally); // sum
int64_t tally_postponed(const struct tally *tally); // sum
void tally_add_left(struct tally *tally, const int64_t left[REASON_COUNT]);
int64_t tally_finished(const struct tally *tally); // rows with a fate
