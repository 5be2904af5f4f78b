// SPDX-License-Identifier: MPL-2.0
// judge: what an answer means for the record and for the node.
#include "worker/calls/judge.h"

#include "common/target/finding.h"
#include "common/target/target.h"
#include "common/target/target_calls.h"
#include "worker/task/task.h"

#include <stdbool.h>

static struct judgement judgement_of(
	enum verdict verdict, enum reason reason, enum lane_answer lane
) {
	return (struct judgement){.finding = {.verdict = verdict, .reason = reason}, .lane = lane};
}

static bool is_busy(int status) {
	return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

static struct judgement judge_status(int status) {
	if ((status >= 200 && status <= 299) || status == 404)
		return judgement_of(VERDICT_GO, REASON_NONE, LANE_OK);
	if (is_busy(status)) {
		enum reason reason = status >= 500 ? REASON_HTTP_5XX : REASON_HTTP_4XX;

		return judgement_of(VERDICT_RETRY, reason, LANE_BUSY);
	}
	if (status == 401 || status == 403)
		return judgement_of(VERDICT_DENIED, REASON_HTTP_4XX, LANE_DENIED);
	if (status == 412)
		return judgement_of(VERDICT_FAILED, REASON_HTTP_4XX, LANE_OK);
	if (status >= 400 && status <= 499)
		return judgement_of(VERDICT_FAILED, REASON_HTTP_4XX, LANE_NEUTRAL);
	return judgement_of(VERDICT_FAILED, REASON_HTTP_OTHER, LANE_NEUTRAL);
}

struct judgement judge_answer(const struct http_answer *answer) {
	switch (answer->failure) {
	case HTTP_FAILURE_NONE:
		return judge_status(answer->status);
	case HTTP_FAILURE_CONNECT:
		return judgement_of(VERDICT_RETRY, REASON_CONNECT, LANE_BROKEN);
	case HTTP_FAILURE_TIMEOUT:
		return judgement_of(VERDICT_RETRY, REASON_TIMEOUT, LANE_BROKEN);
	case HTTP_FAILURE_FILES: // our own fault, or our machine's
		return judgement_of(VERDICT_RETRY, REASON_STOPPED, LANE_NEUTRAL);
	case HTTP_FAILURE_STALE:
		return judgement_of(VERDICT_RECHECK, REASON_CONNECT, LANE_NEUTRAL);
	case HTTP_FAILURE_OTHER:
		break;
	}
	return judgement_of(VERDICT_FAILED, REASON_HTTP_OTHER, LANE_BUSY);
}

static enum tally_answer class_of(int status) {
	switch (status / 100) {
	case 2:
		return ANSWER_2XX;
	case 3:
		return ANSWER_3XX;
	case 4:
		return ANSWER_4XX;
	case 5:
		return ANSWER_5XX;
	default:
		return ANSWER_OTHER;
	}
}

enum tally_answer judge_class(const struct http_answer *answer) {
	switch (answer->failure) {
	case HTTP_FAILURE_NONE:
		return class_of(answer->status);
	case HTTP_FAILURE_CONNECT:
		return ANSWER_CONNECT;
	case HTTP_FAILURE_TIMEOUT:
		return ANSWER_TIMEOUT;
	case HTTP_FAILURE_FILES:
	case HTTP_FAILURE_STALE:
		return ANSWER_UNSENT;
	case HTTP_FAILURE_OTHER:
		break;
	}
	return ANSWER_OTHER;
}

// The engine's own words, when the target has no better ones.
static void say(const struct http_answer *answer, struct finding *finding) {
	if (answer->failure == HTTP_FAILURE_NONE)
		finding_say(finding, "status %d", answer->status);
	else
		finding_say(finding, "%s", answer->message);
}

struct judgement judge_call(
	const struct shift *shift, struct call *call, const struct http_answer *answer
) {
	struct judgement judgement = judge_answer(answer);

	shift->target->calls->take(
		shift->config, &call->task->work, call->id, answer, &judgement.finding
	);
	if (judgement.finding.verdict != VERDICT_GO && judgement.finding.words == NULL)
		say(answer, &judgement.finding);
	// The first refusal may be a nonce used twice by a silent resend: a fresh signature tells.
	if (judgement.finding.verdict == VERDICT_DENIED && !call->denied_once)
		judgement.lane = LANE_NEUTRAL;
	return judgement;
}
