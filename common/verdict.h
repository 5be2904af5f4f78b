// SPDX-License-Identifier: MPL-2.0
// verdict: the fate of a candidate, and the small fixed set of reasons for it.
//
// A verdict is not an error: errors are negative errno and concern us, verdicts concern one record.
// Thread: any.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct candidate;

enum verdict {
	VERDICT_GO, // nothing against the next step
	// Purged; or its data and row were already gone.
	VERDICT_DONE,
	// Rightly left alone; the reason says why.
	VERDICT_LEFT,
	// The world changed meanwhile: check again before anything else.
	VERDICT_RECHECK,
	// Failed now, may work soon; counts as an attempt.
	VERDICT_RETRY,
	// 401 or 403: our secret, our clock, the node, or this one row.
	VERDICT_DENIED,
	// Cannot succeed as it is, or its attempts are used up.
	VERDICT_FAILED,
	// Not tried to the end: its node is down, stopped or overloaded; stays for later.
	VERDICT_POSTPONED
};

enum reason {
	REASON_NONE,
	// left
	// Somebody else removed it first (counts as done).
	REASON_GONE,
	REASON_YOUNG, // not old enough any more
	REASON_LIVE, // in use again
	REASON_CHANGED, // not the row that was judged
	REASON_NODE_DOWN, // its node is marked down
	// The node says that somebody wrote meanwhile.
	REASON_MODIFIED,
	REASON_LEGAL_HOLD, // somebody said that it must stay
	// The run's limit of records is reached.
	REASON_LIMIT,
	REASON_BLOCKED, // other rows still refer to it
	// Another record of the same is in work in this process.
	REASON_IN_WORK,
	// failed, retried or postponed
	REASON_HTTP_4XX,
	REASON_HTTP_5XX,
	REASON_HTTP_OTHER,
	REASON_TIMEOUT,
	REASON_CONNECT,
	// The record itself cannot be worked on.
	REASON_UNKNOWN,
	REASON_DATABASE,
	// A file or a directory cannot be looked at, moved or removed.
	REASON_FILES,
	// Its lane is stopped, or the program is stopping.
	REASON_STOPPED,
	// Waited so long for its node that it held up others.
	REASON_HELD,
	REASON_COUNT
};

// All that is known when a candidate is given back.
struct fate {
	enum verdict verdict; // DONE, LEFT, FAILED or POSTPONED
	enum reason reason;
	// Of the last answer of a node; 0: none.
	int status;
	int attempts; // requests of the last step
	// Rows that were removed for it, and rows of other kinds that went with them.
	int64_t removed;
	int64_t removed_also;
	int64_t removed_bytes; // of storage, where they are counted
	// Ours, never a node's body; "": none. Lives during the call.
	const char *message;
	// Of one that was begun and is POSTPONED or FAILED: what is left of it, to be worked on in
	// its place; NULL: all of it. Lives during the call.
	const struct candidate *rest;
	// The worker ends, or cannot go on.
	bool is_ending;
	// Its end could not be written down: it counts as not done, whatever was done.
	bool is_unheard;
	// What is to be written down of its end by the queue, before the candidate counts as done;
	// NULL: nothing. Lives during the call.
	const char *audit;
	size_t audit_bytes;
};

const char *verdict_name(enum verdict verdict); // "left"
const char *reason_name(enum reason reason); // "node_down"
// Of something postponed: is it a node that it waits for?
bool reason_is_of_node(enum reason reason);
