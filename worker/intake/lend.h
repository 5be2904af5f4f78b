// SPDX-License-Identifier: MPL-2.0
// lend: one record that is lent, and what becomes of it when it comes back. Thread: loop.
// Owner: the source.
#pragma once

#include "common/base/quota.h"
#include "common/candidate.h"
#include "common/verdict.h"
#include "worker/handover/departures.h"
#include "worker/handover/loans.h"
#include "worker/inquiry/age.h"
#include "worker/member/member.h"

// Zeroed but for the first four, which outlive it.
struct lend {
	struct member *member;
	struct loans *loans;
	struct departures *departures;
	struct age *age;
	struct quota letters_named;
};

// Reads a message, which it owns from now on, into a loan. *out NULL: a dead letter. 0; -ENOMEM
// (then the message is still the caller's).
int lend_record(
	struct lend *lend,
	struct holding *holding,
	rd_kafka_message_t *message,
	struct candidate **out
);
// As queue_take_ops.ends.
const char *lend_end_of(
	const struct lend *lend, struct candidate *candidate, const struct fate *fate
);
void lend_take_back(struct lend *lend, struct candidate *candidate, const struct fate *fate);
