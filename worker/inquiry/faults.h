// SPDX-License-Identifier: MPL-2.0
// faults: what keeps us from our work until an operator mends it. Thread: loop. Owner: the source.
#pragma once

#include "common/kafka/kafka_right.h"
#include "worker/inquiry/hindrance.h"
#include "worker/inquiry/source_count.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed but for the first three. NO_ERROR: there is none.
struct faults {
	struct member *member;
	const struct source_setup *setup; // the member's
	struct source_count *count;
	// The candidates' and the retries': it cannot be seen.
	rd_kafka_resp_err_t topics[1 + SOURCE_RETRIES_MAX];
	// By source_setup_handover_topic: of the last that was refused.
	rd_kafka_resp_err_t handovers[SOURCE_GOALS];
	// Records that were, and are not there yet.
	size_t owed[SOURCE_GOALS];
	// That is what was told of it last.
	bool was_unseen[1 + SOURCE_RETRIES_MAX];
	// Of those that we have no partition of.
	rd_kafka_resp_err_t others[1 + SOURCE_RETRIES_MAX];
	rd_kafka_resp_err_t group;
	struct hindrance reads[1 + SOURCE_RETRIES_MAX];
	struct hindrance writes[SOURCE_GOALS];
	struct hindrance membership;
	struct hindrance standstill; // of partitions whose record nobody takes
	bool has_seen_topics; // they were asked for once
	// One of them may be missing: they are asked for until there is an answer.
	bool is_suspect;
	int64_t asked_ms; // when they were asked for last
	int64_t looked_ms;
	// A topic that was away is there again.
	bool is_back;
	char words[KAFKA_RIGHT_BYTES]; // of the last that was told
};

void faults_serve(struct faults *faults, int64_t now_ms); // tells
// May there be records that we do not see?
bool faults_hides(const struct faults *faults);
bool faults_lasts(const struct faults *faults, int64_t now_ms);
// Records that the brokers did not take when they were to be handed over, and that are not there
// yet.
int64_t faults_owed(const struct faults *faults);
// A topic may be missing: look, soon.
void faults_suspect(struct faults *faults);
void faults_note_group(struct faults *faults, rd_kafka_resp_err_t err); // it denied something
void faults_clear_group(struct faults *faults); // it answered, and denied nothing
void faults_note_topics(struct faults *faults, const int32_t *answers); // of source_count
// A topic that we have no partition of.
void faults_note_others(struct faults *faults, size_t index, bool is_denied);
// A record was refused by the topic, as source_setup_handover_topic; is_new: not before.
void faults_owe(struct faults *faults, size_t index, rd_kafka_resp_err_t err, bool is_new);
// It is there, or others do it.
void faults_repay(struct faults *faults, size_t index);
// Did a topic that was away come back, since this was asked last?
bool faults_take_back(struct faults *faults);
