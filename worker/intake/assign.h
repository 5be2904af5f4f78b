// SPDX-License-Identifier: MPL-2.0
// assign: the partitions that the group gives and takes. Thread: loop. Owner: the source.
#pragma once

#include "worker/commits/commits.h"
#include "worker/inquiry/faults.h"
#include "worker/inquiry/owner.h"
#include "worker/inquiry/source_count.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stdint.h>

// Zeroed but for the first five, which outlive it.
struct assign {
	struct member *member;
	struct commits *commits;
	struct faults *faults;
	struct owner *owner;
	struct source_count *count;
	// That the group gave us another topic.
	bool told_foreign;
	bool has_joined_anew;
};

rd_kafka_resp_err_t assign_subscribe(struct assign *assign);
// All is taken from us, and we come back.
void assign_join_anew(struct assign *assign);
void assign_rebalance(struct assign *assign, rd_kafka_event_t *event, int64_t now_ms);
void assign_give_back(struct assign *assign, int64_t now_ms); // when it is time
