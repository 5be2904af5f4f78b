// SPDX-License-Identifier: MPL-2.0
// member: this process in its consumer group: what it was told, the library's consumer, the
// partitions that it holds, and how it stands. The parts of the source read it; each field says who
// writes it. Thread: loop. Owner: the source.
#pragma once

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/tiers.h"
#include "worker/member/holdings.h"
#include "worker/member/source_setup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum source_state {
	SOURCE_RUNS,
	SOURCE_FENCED, // another worker has our instance id
	SOURCE_FAILED, // cannot go on
};

struct source_counts { // since the start
	int64_t taken;
	int64_t undecodable;
	int64_t retried; // handed over to the retry topics
	int64_t dead; // handed over to the dead letters
	int64_t audited; // in the topic of the audit
	int64_t expired; // left: postponed for too long
	// Deleted by the brokers before they could be taken.
	int64_t expired_unread;
	int64_t revocations;
	int64_t commits_failed; // or could not be sent
	// Taken by a replay that is not about them.
	int64_t passed_over;
};

struct member {
	const struct source_setup *setup;
	rd_kafka_t *consumer;
	// As wake.h: something can be taken, or is to be served.
	int take_fd, serve_fd;

	// Written by assign; what is lent, by loans.
	struct holdings holdings;
	uint64_t epoch; // of the assignment
	// There is an assignment, which may be empty.
	bool joined;
	bool has_joined; // there ever was one
	bool revoking;
	// While revoking: at the latest; 0: at once, by member_give_back_now.
	int64_t give_back_ms;
	bool joins_anew; // once all is given back

	// Written by the source.
	bool stopped;
	bool rests; // nothing holds up the others
	int32_t partitions; // of the candidates' topic; 0: unknown
	int32_t retry_partitions[TOPIC_TIERS_MAX]; // 0: unknown

	// Written by whoever sees it.
	// Grows with each assignment, record, rest and log that began anew: older answers may be
	// wrong.
	uint64_t moves;
	bool news; // leases or shares changed
	struct source_counts counts;
	enum source_state state;
	char error[KAFKA_RIGHT_BYTES];
};

// It cannot go on. The first failure is the one that is told.
void member_fail(struct member *member, enum source_state state, const char *why);
// The same for an error of the library. Once there was a fatal one, every call answers __FATAL,
// maybe before its own event came.
void member_fail_by(struct member *member, rd_kafka_resp_err_t err);
// While revoking: what is still owed will not be committed any more.
void member_give_back_now(struct member *member);

// Is everything done that we see in our partitions, and nothing on its way?
bool member_is_at_rest(const struct member *member);
// Does it give its partitions back, or end?
bool member_is_leaving(const struct member *member);
