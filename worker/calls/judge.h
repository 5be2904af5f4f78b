// SPDX-License-Identifier: MPL-2.0
// judge: what an answer means for the record and for the node. Pure. Thread: loop.
#pragma once

#include "common/http/http_message.h"
#include "common/target/work.h"
#include "worker/calls/lane.h"
#include "worker/task/call.h"
#include "worker/task/shift.h"

struct judgement {
	// GO (this request is done), RETRY, DENIED, FAILED, RECHECK; why, when not GO. Its words
	// are the caller's to free.
	struct finding finding;
	enum lane_answer lane;
};

// 2xx and 404: GO. 408 425 429 5xx, time-outs, connection errors: RETRY. 401 403: DENIED. Other
// 4xx: FAILED. 1xx, 3xx and what is not HTTP: FAILED, http_other. What came too late to be sent:
// RECHECK.
struct judgement judge_answer(const struct http_answer *answer);
enum tally_answer judge_class(const struct http_answer *answer);
// As judge_answer with words, unless the target knows better, which takes note of it.
struct judgement judge_call(
	const struct shift *shift, struct call *call, const struct http_answer *answer
);
