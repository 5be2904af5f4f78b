// SPDX-License-Identifier: MPL-2.0
// calls: the requests that empty and delete a container.
#include "common/targets/swift/calls.h"

#include "common/base/clock.h"
#include "common/http/http_message.h"
#include "common/target/finding.h"
#include "common/target/work.h"
#include "common/targets/swift/reaping/deletes.h"
#include "common/targets/swift/reaping/reap.h"
#include "common/targets/swift/reaping/reap_plan.h"
#include "common/targets/swift/reaping/reap_take.h"

static int next(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
) {
	struct reap *reap = work->state;
	int found;

	(void)config;
	// The remover said so, on a thread that has no rings.
	if (reap->phase == REAP_OVER && reap->outcome.verdict == VERDICT_RETRY)
		reap_begin(reap);
	found = reap_plan_next(reap, index, out);
	if (found < 0)
		finding_say(why, "the ring has a server with a name that is too long");
	return found;
}

static int make(
	const void *config,
	const struct work *work,
	int64_t id,
	const struct send_moment *moment,
	struct http_request *out,
	struct finding *why
) {
	(void)config;
	(void)moment;
	(void)why;
	return reap_plan_make(work->state, id, out);
}

static void take(
	const void *config,
	struct work *work,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io
) {
	(void)config;
	reap_take_answer(work->state, id, answer, io, clock_wall_us());
}

static bool unsent(const void *config, struct work *work, int64_t id) {
	(void)config;
	return reap_take_unsent(work->state, id, clock_wall_us());
}

const struct target_calls swift_calls = {
	.at_once = DELETES_OPEN_MAX,
	.denied_words = "the server refuses all requests, which Swift's own servers never do: is "
			"something else on its port?",
	.denied_outcome = "refuses all requests",
	.denied_remedy = "look what serves its port",
	.next = next,
	.make = make,
	.take = take,
	.unsent = unsent,
};
