// SPDX-License-Identifier: MPL-2.0
// verdict: the fate of a candidate, and the small fixed set of reasons for it.
//
// A verdict is not an error: errors are negative errno and concern us, verdicts concern one record. Thread: any.
#pragma once

enum verdict {
	VERDICT_GO, // nothing against the next step
	VERDICT_DONE, // purged; or its data and row were already gone
	VERDICT_LEFT, // rightly left alone; the reason says why
	VERDICT_RECHECK, // the world changed meanwhile: check again before anything else
	VERDICT_RETRY, // failed now, may work soon; counts as an attempt
	VERDICT_DENIED, // 401 or 403: our secret, our clock, the node, or this one row
	VERDICT_FAILED, // cannot succeed as it is, or its attempts are used up
	VERDICT_POSTPONED // not tried to the end: its node is down, stopped or overloaded; stays for later
};

enum reason {
	REASON_NONE,
	// left
	REASON_GONE, // somebody else removed it first (counts as done)
	REASON_YOUNG, // not old enough any more
	REASON_LIVE, // in use again
	REASON_CHANGED, // not the row that was judged
	REASON_NODE_DOWN, // its node is marked down
	REASON_MODIFIED, // the node says that somebody wrote meanwhile
	REASON_LIMIT, // the run's limit of records is reached
	REASON_BLOCKED, // other rows still refer to it
	// failed, retried or postponed
	REASON_HTTP_4XX,
	REASON_HTTP_5XX,
	REASON_HTTP_OTHER,
	REASON_TIMEOUT,
	REASON_CONNECT,
	REASON_UNKNOWN, // the record itself cannot be worked on
	REASON_DATABASE,
	REASON_STOPPED, // its lane is stopped, or the program is stopping
	REASON_HELD, // waited so long for its node that it held up others
	REASON_COUNT
};

// All that is known when a candidate is given back.
struct fate {
	enum verdict verdict; // DONE, LEFT, FAILED or POSTPONED
	enum reason reason;
	int status; // of the last answer of a node; 0: none
	int attempts; // requests of the last step
	const char *message; // ours, never a node's body; "": none. Lives during the call
};

const char *verdict_name(enum verdict verdict); // "left"
const char *reason_name(enum reason reason); // "node_down"
