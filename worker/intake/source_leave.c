// SPDX-License-Identifier: MPL-2.0
// source_leave: the last commits, and the way out of the group.
//
// Design notes
// - librdkafka (2.0.2) leaves the group when a consumer closes, but not when it has a name. It does
//   leave, whoever it is, when the last subscription is given up; so that comes first when a member
//   with a name does not come back.
// - It forgets its membership then whatever the brokers say, and tells nobody what they said. So
//   the group is asked.
// - Brokers do not list a group that we may not Describe, as if there were none. So it is believed
//   only when the group answers something that takes the same right.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "worker/intake/source_state.h"

#include <poll.h>
#include <string.h>

enum { LEAVE_MS = 5000, LOOK_AGAIN_MS = 20, LIST_MS = 1000 };

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

// The group may know our name and we not yet what it has for us: only who has joined can leave.
static bool is_on_the_way_in(const struct source *source) {
	return !source->joined && !source->joins_anew && source->state == SOURCE_RUNS;
}

static bool has_member(
	const struct rd_kafka_group_list *list, rd_kafka_resp_err_t err, const char *id
) {
	if (list->group_cnt == 0)
		return err != RD_KAFKA_RESP_ERR_NO_ERROR;
	for (int i = 0; i < list->groups[0].member_cnt; i++)
		if (strcmp(list->groups[0].members[i].member_id, id) == 0)
			return true;
	return list->groups[0].err != RD_KAFKA_RESP_ERR_NO_ERROR &&
		list->groups[0].err != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND; // it was the last one
}

// Does the group still have this member? Also when it does not say.
static bool is_listed(const struct source *source, const char *id) {
	const struct rd_kafka_group_list *list = NULL;
	rd_kafka_resp_err_t err = rd_kafka_list_groups(
		source->consumer, source->setup.group, &list, LIST_MS
	);
	bool is_there = list == NULL || has_member(list, err, id);

	if (list != NULL)
		rd_kafka_group_list_destroy(list);
	return is_there;
}

// May we see what the group has? The answer that counts is one to a question that is asked now.
static bool may_see_group(struct source *source, int64_t until_ms) {
	const rd_kafka_resp_err_t *denied = &source->faults.group;

	while (source->commit_out && clock_mono_ms() < until_ms)
		wait_and_serve(source, clock_mono_ms() + LOOK_AGAIN_MS);
	if (source->commit_out)
		return false;
	source_log_greet(source, clock_mono_ms());
	while (source->asks_log && *denied == RD_KAFKA_RESP_ERR_NO_ERROR &&
	       clock_mono_ms() < until_ms)
		wait_and_serve(source, clock_mono_ms() + LOOK_AGAIN_MS);
	source_fault_serve(source, clock_mono_ms());
	return !source->asks_log && *denied == RD_KAFKA_RESP_ERR_NO_ERROR;
}

// Gives up what we subscribed to, and waits until the member `id` is gone.
static bool unsubscribe(struct source *source, const char *id, int64_t until_ms) {
	if (rd_kafka_unsubscribe(source->consumer) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	while (source->joined && clock_mono_ms() < until_ms)
		wait_and_serve(source, clock_mono_ms() + LOOK_AGAIN_MS);
	while (is_listed(source, id)) {
		if (clock_mono_ms() >= until_ms)
			return false;
		wait_and_serve(source, clock_mono_ms() + LOOK_AGAIN_MS);
	}
	return may_see_group(source, until_ms);
}

// A member with a name does not leave when it closes, but when it wants no topic any more.
static bool end_membership(struct source *source, int64_t until_ms) {
	bool has_left;
	char *id;

	while (is_on_the_way_in(source) && clock_mono_ms() < until_ms)
		wait_and_serve(source, clock_mono_ms() + LOOK_AGAIN_MS);
	if (is_on_the_way_in(source) || source->state != SOURCE_RUNS)
		return false;
	id = rd_kafka_memberid(source->consumer);
	has_left = id != NULL && id[0] != '\0' && unsubscribe(source, id, until_ms);
	rd_kafka_mem_free(source->consumer, id);
	return has_left;
}

static void leave_for_good(struct source *source, int64_t until_ms) {
	bool has_left = end_membership(source, until_ms);

	LOG(source->setup.log,
	    has_left ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    has_left ? "left the group for good"
		     : "the group could not be left for good; it keeps our partitions until "
		       "the session ends");
}

bool source_leave(struct source *source, int64_t until_ms, int *destroy_flags) {
	rd_kafka_error_t *error;

	// Not all was opened, so it never subscribed.
	if (source->peers == NULL) {
		*destroy_flags = RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
		return true;
	}
	while (clock_mono_ms() < until_ms && source->state == SOURCE_RUNS &&
	       (source->lent > 0 || !source_guard_is_clear(source)))
		wait_and_serve(source, until_ms);
	if (source->state == SOURCE_RUNS && source_has_to_commit(source))
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "what was done last could not be committed; whoever takes it next finds it done"
		);
	if (source->leaves_for_good && source->setup.instance_id != NULL &&
	    source->state == SOURCE_RUNS)
		leave_for_good(source, until_ms + LEAVE_MS);
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
