// SPDX-License-Identifier: MPL-2.0
// commits: sends what has to be committed, and hears what became of it.
//
// Design notes
// - No commit is sent before the group has said what it has: it would hide that the group forgot.
//   So a commit begins with a question (recall.c), and its answer sends the commit.
// - All that is out, question or commit, is one: offsets->is_out.
#include "worker/commits/commits.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka_error.h"
#include "worker/member/holdings.h"

enum { COMPLAIN_EVERY_MS = 60 * 1000, PATIENCE_MS = 5000 };

// All topics once a second while there is work; else at once, unless the last one was refused: that
// would be a loop without a pause.
int64_t commits_due_ms(const struct commits *commits) {
	bool at_once = offsets_is_amid(commits->offsets) ||
		(!commits->has_failed &&
		 (commits->member->holdings.lent == 0 || commits->member->revoking));

	return at_once ? 0 : commits->sent_ms + commits->member->setup->commit_every_ms;
}

static void complain(struct commits *commits, rd_kafka_resp_err_t err) {
	int64_t now_ms = clock_mono_ms();

	if (err == commits->told && now_ms - commits->told_ms < COMPLAIN_EVERY_MS)
		return;
	commits->told = err;
	commits->told_ms = now_ms;
	LOG(commits->member->setup->log,
	    LOG_LEVEL_WARNING,
	    "offsets could not be committed; trying again",
	    log_str("error", rd_kafka_err2str(err)),
	    log_str("class", kafka_class_name(kafka_classify(err))));
}

static void send_commit(struct commits *commits, int64_t now_ms) {
	rd_kafka_topic_partition_list_t *list = offsets_next(commits->offsets);
	rd_kafka_resp_err_t err = recall_unsure(commits->recall);

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		err = RD_KAFKA_RESP_ERR__WAIT_COORD;
	commits->sent_ms = now_ms;
	if (list->cnt > 0)
		err = rd_kafka_commit_queue(
			commits->member->consumer, list, commits->events, NULL, NULL
		);
	rd_kafka_topic_partition_list_destroy(list);
	commits->offsets->is_out = err == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (commits->offsets->is_out)
		return;
	commits->has_failed = true;
	commits->member->counts.commits_failed++;
	if (kafka_classify(err) != KAFKA_DENIED) // that is told with the topic
		complain(commits, err);
}

void commits_send(struct commits *commits, int64_t now_ms) {
	if (commits->offsets->is_out || commits->member->state != SOURCE_RUNS ||
	    !offsets_are_owed(commits->offsets))
		return;
	commits->sent_ms = now_ms;
	if (!recall_ask(commits->recall, now_ms))
		send_commit(commits, now_ms);
}

static void on_commit_error(struct commits *commits, rd_kafka_resp_err_t err) {
	switch (kafka_classify(err)) {
	case KAFKA_FENCED:
	case KAFKA_FATAL:
		member_fail_by(commits->member, err);
		break;
	// Others do again what was not committed.
	case KAFKA_LOST:
		member_give_back_now(commits->member);
		break;
	case KAFKA_DENIED:
		if (err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
			faults_note_group(commits->faults, err);
		break; // of a topic: told with it
	case KAFKA_MISSING:
		faults_suspect(commits->faults);
		complain(commits, err);
		break;
	default:
		complain(commits, err);
		break;
	}
}

void commits_take_event(struct commits *commits, rd_kafka_event_t *event) {
	const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);
	rd_kafka_resp_err_t failed = rd_kafka_event_error(event);
	bool is_done = true;

	commits->offsets->is_out = false;
	for (int i = 0; list != NULL && i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *partition = &list->elems[i];
		struct holding *holding = holdings_find(&commits->member->holdings, partition);

		if (partition->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			failed = partition->err;
		if (holding != NULL)
			holding->uncommitted = partition->err ==
					RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
				? partition->err
				: RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	if (list != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR)
		is_done = offsets_committed(commits->offsets, list);
	commits->has_failed = !is_done || failed != RD_KAFKA_RESP_ERR_NO_ERROR ||
		recall_unsure(commits->recall) != RD_KAFKA_RESP_ERR_NO_ERROR;
	if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
		commits->member->counts.commits_failed++;
		on_commit_error(commits, failed);
		return;
	}
	commits->told = RD_KAFKA_RESP_ERR_NO_ERROR;
	faults_clear_group(commits->faults);
	trouble_answered(commits->trouble);
}

static void on_recalled(struct commits *commits, rd_kafka_resp_err_t err, int64_t now_ms) {
	// A commit that is denied says so again.
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		faults_clear_group(commits->faults);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) { // nor could a commit be sent
		commits->has_failed = true;
		commits->member->counts.commits_failed += offsets_are_owed(commits->offsets);
		on_commit_error(commits, err);
	} else if (commits->member->state == SOURCE_RUNS && offsets_are_owed(commits->offsets)) {
		send_commit(commits, now_ms);
	} else {
		trouble_answered(commits->trouble);
	}
}

// Counts once for each question.
static void on_late(struct commits *commits) {
	if (commits->late_asked_ms != recall_asked_ms(commits->recall))
		commits->member->counts.commits_failed++;
	commits->late_asked_ms = recall_asked_ms(commits->recall);
	complain(commits, RD_KAFKA_RESP_ERR__WAIT_COORD);
}

void commits_serve(struct commits *commits, int64_t now_ms) {
	bool is_late = recall_is_asking(commits->recall) &&
		now_ms - recall_asked_ms(commits->recall) > PATIENCE_MS;
	rd_kafka_resp_err_t err;

	if (recall_answered(commits->recall, &err))
		on_recalled(commits, err, now_ms);
	else if (is_late && offsets_are_owed(commits->offsets))
		on_late(commits);
}

bool commits_are_clear(const struct commits *commits) {
	return !commits->offsets->is_out && !offsets_are_owed(commits->offsets) &&
		(trouble_is_on(commits->trouble) ||
		 (recall_is_current(commits->recall) && !proof_is_missing(commits->member)));
}
