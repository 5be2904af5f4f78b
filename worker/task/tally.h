// SPDX-License-Identifier: MPL-2.0
// tally: what became of the candidates of one pass, in rows where not said otherwise. Thread: loop.
#pragma once

#include "common/verdict.h"

#include <stdint.h>

// How a candidate ended, as an operator would call it.
enum tally_end {
	END_PURGED,
	END_GONE, // somebody else was first
	END_LEFT,
	END_FAILED,
	END_POSTPONED,
	END_TAKEN_AWAY, // another worker has it now
	END_PLANNED, // by a dry run
	TALLY_ENDS
};

// What became of a request.
enum tally_answer {
	ANSWER_2XX,
	ANSWER_3XX,
	ANSWER_4XX,
	ANSWER_5XX,
	ANSWER_OTHER, // another status, or no HTTP
	ANSWER_TIMEOUT,
	ANSWER_CONNECT, // no connection, or it was lost
	// Too late for its judgement, or for want of a file.
	ANSWER_UNSENT,
	TALLY_ANSWERS
};

struct tally {
	int64_t taken; // candidates that reached the worker
	int64_t purged; // rows gone by our hand
	// The same, and rows of other kinds that went with them.
	int64_t removed_in_all;
	int64_t removed_bytes; // of storage, where they are counted
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
	// Candidates that came to their end.
	int64_t ended[TALLY_ENDS][REASON_COUNT];
	int64_t answers[TALLY_ANSWERS]; // to the requests
};

int64_t tally_left(const struct tally *tally); // sum
int64_t tally_failed(const struct tally *tally); // sum
int64_t tally_postponed(const struct tally *tally); // sum
void tally_add_left(struct tally *tally, const int64_t left[REASON_COUNT]);
int64_t tally_finished(const struct tally *tally); // rows with a fate
void tally_add(struct tally *tally, const struct tally *other); // number by number
const char *tally_end_name(enum tally_end end); // "taken away"
const char *tally_answer_name(enum tally_answer answer); // "2xx"
