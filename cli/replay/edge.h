// SPDX-License-Identifier: MPL-2.0
// edge: where a replay begins or ends, as an operator says it. Pure. Thread: any.
#pragma once

#include "common/kafka/topics/replay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum edge_kind {
	EDGE_BEGINNING, // of what the log still has
	EDGE_END, // of what it has now
	EDGE_TIME,
	EDGE_PLACES
};

struct edge_place {
	int32_t partition;
	int64_t offset;
};

struct edge {
	enum edge_kind kind;
	int64_t time_ms; // Unix time
	struct edge_place *places; // owner: this
	size_t count;
};

#define EDGE_WANTS                                                                                 \
	"'beginning', PARTITION:OFFSET,..., or a time such as 2026-01-31T12:00:00Z, 2026-01-31 "   \
	"or '2h ago'"

// "beginning", a moment (common/text/moment.h), or "PARTITION:OFFSET,...". 0; -EINVAL: it is none
// of these, or names a partition twice; -ENOMEM.
int edge_parse(struct edge *out, const char *text, int64_t now_ms);
void edge_fini(struct edge *edge); // a zeroed one is fine

// What the brokers say of one partition. The offsets since a time: negative when no record is so
// young; not looked at unless the edge is a time.
struct edge_log {
	int64_t begin;
	int64_t end;
	int64_t since_from;
	int64_t since_to;
};

struct edge_span {
	struct replay_span span; // within the log
	// Records that belong to it and were deleted; -1: nobody can tell.
	int64_t deleted;
	// It would end behind the log.
	bool is_beyond;
};

// A partition that `from` leaves out has nothing to replay; one that `to` leaves out ends where the
// log does.
void edge_decide(
	const struct edge *from,
	const struct edge *to,
	int32_t partition,
	const struct edge_log *log,
	struct edge_span *out
);
