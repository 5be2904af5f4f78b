// SPDX-License-Identifier: MPL-2.0
// source_leave: the last commits, and the way out of the group.
//
// Design notes
// - librdkafka (2.0.2) leaves the group when a consumer closes, but not when it has a name. It does leave, whoever it is,
//   when the last subscription is given up; so that comes first when a member with a name does not come back.
#include "common/clock.h"
#include "common/log.h"
#include "worker/source_state.h"

#include <poll.h>

enum { LEAVE_MS = 5000, LOOK_AGAIN_MS = 20 };

void source_leave_for_good(struct source *source) {
	source->leaves_for_good = true;
}

static void wait_and_serve(struct source *source, int64_t until_ms) {
	struct pollfd fd = {.fd = source->serve_fd, .events = POLLIN};
	int64_t now_ms = clock_mono_ms();
	int64_t wait_ms = source_wait_ms(source, now_ms);

	if (wait_ms > until_ms - now_ms)
		wait_ms = until_ms - now_ms;
	poll(&fd, 1, wait_ms < 0 ? 0 : (int)wait_ms);
	source_serve(source, clock_mono_ms());
}

static bool is_member(const struct source *source) {
	char *id = rd_kafka_memberid(source->consumer);
	bool has_id = id != NULL && id[0] != '\0';

	rd_kafka_mem_free(source->consumer, id);
	return has_id;
}

// A member with a name does not leave when it closes, but when it wants no topic any more.
static void end_membership(struct source *source, int64_t until_ms) {
	int64_t now_ms = clock_mono_ms();

	if (rd_kafka_unsubscribe(source->consumer) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (; (source->joined || is_member(source)) && now_ms < until_ms; now_ms = clock_mono_ms())
		wait_and_serve(source, now_ms + LOOK_AGAIN_MS);
	LOG(source->setup.log,
	    is_member(source) ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
	    is_member(source)
		    ? "the group could not be left for good; it keeps our partitions until "
		      "the session ends"
		    : "left the group for good");
}

bool source_leave(struct source *source, int64_t until_ms, int *destroy_flags) {
	rd_kafka_error_t *error;

	while (clock_mono_ms() < until_ms && source->state == SOURCE_RUNS &&
	       (source->lent > 0 || source->commit_out || source_has_to_commit(source)))
		wait_and_serve(source, until_ms);
	if (source->leaves_for_good && source->setup.instance_id != NULL &&
	    source->state == SOURCE_RUNS)
		end_membership(source, until_ms + LEAVE_MS);
	error = rd_kafka_consumer_close_queue(source->consumer, source->events);
	if (error != NULL) { // it is broken: nothing to leave
		rd_kafka_error_destroy(error);
		*destroy_flags = RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
		return true;
	}
	while (!rd_kafka_consumer_closed(source->consumer) && clock_mono_ms() < until_ms + LEAVE_MS)
		wait_and_serve(source, until_ms + LEAVE_MS);
	return rd_kafka_consumer_closed(source->consumer) != 0;
}
