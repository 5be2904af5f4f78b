// SPDX-License-Identifier: MPL-2.0
// view: how a fleet stands, as `status` knows it. What is not known is never a number. Pure.
// Thread: the owner's.
#pragma once

#include "cli/dead/letter_reason.h"
#include "common/kafka/topics/control.h"
#include "common/kafka/topics/limits.h"
#include "common/kafka/topics/topics.h"
#include "common/target/pass.h"
#include "producer/outbox/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VIEW_UNKNOWN = -1, // of any number
	// Of a commit: the group has none.
	VIEW_NONE = -2,
	VIEW_WHY_BYTES = 1200,
};

// Where a piece of the view comes from, and whether it did.
struct view_source {
	bool is_known;
	// It is not, or not all of it; "": it is.
	char why[VIEW_WHY_BYTES];
};

struct view_partition {
	size_t topic; // in lags.topics
	int32_t partition;
	int32_t leader; // the broker's number; -1: none
	int64_t begin, end; // of its log
	int64_t commit; // of the group
	// Unix time of the first record that the group has not committed.
	int64_t oldest_ms;
	// In lags.workers; SIZE_MAX: none that is known.
	size_t worker;
};

struct view_topic {
	char name[TOPIC_NAME_BYTES];
	int64_t delay_ms; // 0: the candidates'
};

struct view_worker {
	char id[160];
	char host[80];
	int32_t partitions; // of all topics
};

// What the brokers say of the group and its topics.
struct view_lags {
	struct view_source source;
	int64_t at_ms; // monotonic, when it was asked
	struct view_topic *topics; // the candidates' first; owner: this
	size_t topic_count;
	// By topic, then by number; owner: this.
	struct view_partition *partitions;
	size_t partition_count;
	struct view_source workers_source;
	struct view_worker *workers; // owner: this
	size_t worker_count;
};

void view_lags_fini(struct view_lags *lags); // a zeroed one is fine

// NULL: there is none. Owner: the lags. The name's end need not be marked.
struct view_partition *view_find(
	const struct view_lags *lags, const char *topic, size_t topic_len, int32_t partition
);

// Records between the commit and the end, as Kafka's own tools count: without a commit those that
// the log has.
int64_t view_lag(const struct view_partition *partition);

struct view_sum {
	int64_t lag; // VIEW_UNKNOWN: of some partition it is
	int64_t known_lag; // of the others
	size_t partitions;
	size_t unknown; // of these
	// Of these: the group has no commit.
	size_t uncommitted;
	int64_t oldest_ms; // as in view_partition, of any; VIEW_UNKNOWN
};
struct view_sum view_sum(const struct view_lags *lags, size_t topic);

struct view_replay {
	char id[80];
	int64_t records;
	int64_t done; // VIEW_UNKNOWN
};

// What the state topic says.
struct view_state {
	struct view_source source;
	int64_t range_width; // 0: there is no layout
	char scope[LAYOUT_SCOPE_BYTES]; // "": bound to no database
	struct control control; // whether all is paused
	struct limits limits; // as a worker told them last
	bool has_cursor;
	// It is none that this version knows.
	bool is_cursor_odd;
	struct cursor cursor;
	int64_t cursor_ms; // Unix time: when it was written
	struct view_replay *replays; // owner: this
	size_t replay_count;
};
void view_state_fini(struct view_state *state); // a zeroed one is fine

// What the database says.
struct view_rows {
	struct view_source source;
	// Less than 0 rows when it is known that nobody but a pass counts them.
	struct estimate estimate;
};

// The dead letters. VIEW_UNKNOWN where nobody says; then source.why says why.
struct view_letters {
	struct view_source source;
	int64_t letters;
	int64_t open, solved; // of them
	// Of which nobody can say whether they are solved.
	int64_t unknown;
	int64_t reasons[LETTER_REASONS]; // by letter_reason.h
	int64_t oldest_ms; // Unix time
};

// All of it. Owner of what is in it: whoever has it.
struct view {
	const char *target;
	const char *group;
	// Every pass is a full one.
	bool has_no_cursors;
	bool has_nodes; // that requests are sent to
	int64_t at_ms; // Unix time
	struct view_lags before; // an earlier look, for the rate
	struct view_lags lags;
	struct view_state state;
	struct view_rows rows;
	struct view_letters letters;
};

// How fast the group got on in a topic between two looks, records a second; negative: unknown.
double view_rate(const struct view_lags *before, const struct view_lags *now, size_t topic);
// How fast records were added to it meanwhile, likewise.
double view_added(const struct view_lags *before, const struct view_lags *now, size_t topic);
// Seconds until a lag is worked off, while so much is done and added a second; VIEW_UNKNOWN: it
// gets no less, or nobody knows.
int64_t view_eta_s(int64_t lag, double rate, double added);
