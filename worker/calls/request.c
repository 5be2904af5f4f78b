// SPDX-License-Identifier: MPL-2.0
// request: has the target make the request of a call.
#include "worker/calls/request.h"

#include "common/base/clock.h"
#include "common/target/target_calls.h"
#include "worker/task/task.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

int request_make(const struct shift *shift, struct call *call, struct http_request *out) {
	struct send_moment moment = {.now_s = (double)clock_wall_ms() / 1000.0};
	struct finding *why = &call->task->result.finding;

	free(why->words);
	why->words = NULL;
	if (getrandom(moment.random, sizeof(moment.random), 0) != (ssize_t)sizeof(moment.random))
		return -EAGAIN;
	return shift->target->calls->make(
		shift->config, &call->task->work, call->id, &moment, out, why
	);
}
