// SPDX-License-Identifier: MPL-2.0
// leave: the last commits, and the way out of the group.
//
// Design notes
// - librdkafka (2.0.2) leaves the group when a consumer closes, but not when it has a name. It does
//   leave, whoever it is, when the last subscription is given up; so that comes first when a member
//   with a name does not come back.
// - It forgets its membership then whatever the brokers say, and tells nobody what they said. So
//   the group is asked.
// - Brokers do not list a group that we may not Describe, as if there were none. So it is believed
//   only when the group answers something that takes the same right.
#include "worker/intake/leave.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "worker/commits/offsets.h"
#include "worker/commits/recall.h"

#include <poll.h>
#include <string.h>

enum { LEAVE_MS = 5000, LOOK_AGAIN_MS = 20, LIST_MS = 1000 };

static void wait_and_serve(struct leave *leave, int64_t until_ms) {
	struct pollfd fd = {.fd = leave->member->serve_fd, .events = POLLIN};
	int64_t now_ms = clock_mono_ms();
	int64_t wait_ms = leave->wait_ms(leave->ctx, now_ms);

	if (wait_ms > until_ms - now_ms)
		wait_ms = until_ms - now_ms;
	poll(&fd, 1, wait_ms < 0 ? 0 : (int)wait_ms);
	leave->serve(leave->ctx, clock_mono_ms());
}

// The group may know our name and we not yet what it has for us: only who has joined can leave.
static bool is_on_the_way_in(const struct leave *leave) {
	return !leave->member->joined && !leave->member->joins_anew &&
		leave->member->state == SOURCE_RUNS;
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
static bool is_listed(const struct leave *leave, const char *id) {
	const struct rd_kafka_group_list *list = NULL;
	rd_kafka_resp_err_t err = rd_kafka_list_groups(
		leave->member->consumer, leave->member->setup->group, &list, LIST_MS
	);
	bool is_there = list == NULL || has_member(list, err, id);

	if (list != NULL)
		rd_kafka_group_list_destroy(list);
	return is_there;
}

// May we see what the group has? The answer that counts is one to a question that is asked now.
static bool may_see_group(struct leave *leave, int64_t until_ms) {
	const rd_kafka_resp_err_t *denied = &leave->faults->group;

	while (leave->commits->offsets->is_out && clock_mono_ms() < until_ms)
		wait_and_serve(leave, clock_mono_ms() + LOOK_AGAIN_MS);
	if (leave->commits->offsets->is_out)
		return false;
	recall_greet(leave->commits->recall, clock_mono_ms());
	while (recall_is_asking(leave->commits->recall) && *denied == RD_KAFKA_RESP_ERR_NO_ERROR &&
	       clock_mono_ms() < until_ms)
		wait_and_serve(leave, clock_mono_ms() + LOOK_AGAIN_MS);
	faults_serve(leave->faults, clock_mono_ms());
	return !recall_is_asking(leave->commits->recall) && *denied == RD_KAFKA_RESP_ERR_NO_ERROR;
}

// Gives up what we subscribed to, and waits until the member `id` is gone.
static bool unsubscribe(struct leave *leave, const char *id, int64_t until_ms) {
	if (rd_kafka_unsubscribe(leave->member->consumer) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	while (leave->member->joined && clock_mono_ms() < until_ms)
		wait_and_serve(leave, clock_mono_ms() + LOOK_AGAIN_MS);
	while (is_listed(leave, id)) {
		if (clock_mono_ms() >= until_ms)
			return false;
		wait_and_serve(leave, clock_mono_ms() + LOOK_AGAIN_MS);
	}
	return may_see_group(leave, until_ms);
}

// A member with a name does not leave when it closes, but when it wants no topic any more.
static bool end_membership(struct leave *leave, int64_t until_ms) {
	bool has_left;
	char *id;

	while (is_on_the_way_in(leave) && clock_mono_ms() < until_ms)
		wait_and_serve(leave, clock_mono_ms() + LOOK_AGAIN_MS);
	if (is_on_the_way_in(leave) || leave->member->state != SOURCE_RUNS)
		return false;
	id = rd_kafka_memberid(leave->member->consumer);
	has_left = id != NULL && id[0] != '\0' && unsubscribe(leave, id, until_ms);
	rd_kafka_mem_free(leave->member->consumer, id);
	return has_left;
}

static void leave_for_good(struct leave *leave, int64_t until_ms) {
	bool has_left = end_membership(leave, until_ms);

	LOG(leave->member->setup->log,
	    has_left ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    has_left ? "left the group for good"
		     : "the group could not be left for good; it keeps our partitions until "
		       "the session ends");
}

bool leave_group(struct leave *leave, int64_t until_ms, int *destroy_flags) {
	rd_kafka_error_t *error;

	while (clock_mono_ms() < until_ms && leave->member->state == SOURCE_RUNS &&
	       (leave->member->holdings.lent > 0 || !commits_are_clear(leave->commits)))
		wait_and_serve(leave, until_ms);
	if (leave->member->state == SOURCE_RUNS && offsets_are_owed(leave->commits->offsets))
		LOG(leave->member->setup->log,
		    LOG_LEVEL_WARNING,
		    "what was done last could not be committed; whoever takes it next finds it done"
		);
	if (leave->is_for_good && leave->member->setup->instance_id != NULL &&
	    leave->member->state == SOURCE_RUNS)
		leave_for_good(leave, until_ms + LEAVE_MS);
	error = rd_kafka_consumer_close_queue(leave->member->consumer, leave->commits->events);
	if (error != NULL) { // it is broken: nothing to leave
		rd_kafka_error_destroy(error);
		*destroy_flags = RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
		return true;
	}
	while (!rd_kafka_consumer_closed(leave->member->consumer) &&
	       clock_mono_ms() < until_ms + LEAVE_MS)
		wait_and_serve(leave, until_ms + LEAVE_MS);
	return rd_kafka_consumer_closed(leave->member->consumer) != 0;
}
