// SPDX-License-Identifier: MPL-2.0
// source_log_test: a topic that was deleted and made again is taken from its beginning, however
// much is in it by then.
#include "common/base/clock.h"
#include "common/kafka/kafka_lag.h"
#include "support/side_by_side.h"
#include "support/source_scene.h"
#include "support/test.h"
#include "worker/intake/source_parts.h"

#include <poll.h>
#include <stdatomic.h>
#include <string.h>

// How often the source asked the group.
static atomic_int asked;
// The next answer: the group has nothing, as after a topic was deleted.
static atomic_bool has_forgotten;
// So many are, of those that come next.
static atomic_int seeks_refused;
// When the next commit arrives, which thus is one in the new topic.
static atomic_bool is_made_anew;
// What the group had of it, since then.
static atomic_bool is_forgotten[PARTITIONS];
static atomic_bool are_refused; // all commits
static atomic_bool is_mute; // the group does not answer
// Commits of a partition, the first that the group has, of another place than "nothing read".
static atomic_int unmarked;
static atomic_bool is_marked[PARTITIONS]; // the group has something of it
// What the group has in the first partition.
static atomic_bool one_is_withheld;

// How brokers that are not Kafka say that a group has committed nothing.
enum unknown { NOT_SAID, AS_ANSWER, OF_EACH_PARTITION };
static _Atomic enum unknown unknown;

WRAPS(rd_kafka_commit_queue);
WRAPS(rd_kafka_committed);
WRAPS(rd_kafka_seek_partitions);

static void look_at_commit(const rd_kafka_topic_partition_t *place) {
	bool is_bare = place->offset == 0 && place->metadata_size == strlen(KAFKA_NOTHING_READ);

	if (!atomic_exchange(&is_marked[place->partition], true))
		atomic_fetch_add(&unmarked, !is_bare);
	atomic_store(&is_forgotten[place->partition], false);
}

rd_kafka_resp_err_t __wrap_rd_kafka_commit_queue(
	rd_kafka_t *handle,
	const rd_kafka_topic_partition_list_t *list,
	rd_kafka_queue_t *queue,
	void (*callback
	)(rd_kafka_t *, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t *, void *),
	void *opaque
) {
	bool begins = atomic_exchange(&is_made_anew, false);

	if (atomic_load(&are_refused))
		return RD_KAFKA_RESP_ERR__TRANSPORT;
	for (int i = 0; begins && i < PARTITIONS; i++)
		atomic_store(&is_forgotten[i], true);
	for (int i = 0; i < list->cnt; i++)
		if (strcmp(list->elems[i].topic, SCENE_TOPIC) == 0)
			look_at_commit(&list->elems[i]);
	return __real_rd_kafka_commit_queue(handle, list, queue, callback, opaque);
}

// A busy machine takes longer than the loop waits for, so those that are not refused get all the
// time there is.
rd_kafka_error_t *__wrap_rd_kafka_seek_partitions(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	if (atomic_load(&seeks_refused) == 0)
		return __real_rd_kafka_seek_partitions(handle, list, 30 * timeout_ms);
	atomic_fetch_sub(&seeks_refused, 1);
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	return NULL;
}

static rd_kafka_resp_err_t say_unknown(rd_kafka_topic_partition_list_t *list) {
	enum unknown how = atomic_load(&unknown);

	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].offset >= 0)
			how = NOT_SAID;
	for (int i = 0; how == OF_EACH_PARTITION && i < list->cnt; i++)
		list->elems[i].err = RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
	return how == AS_ANSWER ? RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND : RD_KAFKA_RESP_ERR_NO_ERROR;
}

// Called on the thread that asks, which starts after the flags were set.
rd_kafka_resp_err_t __wrap_rd_kafka_committed(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	rd_kafka_resp_err_t err = __real_rd_kafka_committed(handle, list, timeout_ms);
	// One: the scene's reader.
	bool forgets = list->cnt > 1 && atomic_exchange(&has_forgotten, false);

	while (atomic_load(&is_mute))
		poll(NULL, 0, 10);

	atomic_fetch_add(&asked, list->cnt > 1);
	for (int i = 0; list->cnt > 1 && i < list->cnt; i++)
		if (strcmp(list->elems[i].topic, SCENE_TOPIC) == 0 &&
		    (forgets || atomic_load(&is_forgotten[list->elems[i].partition])))
			list->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
	for (int i = 0; atomic_load(&one_is_withheld) && i < list->cnt; i++)
		if (strcmp(list->elems[i].topic, SCENE_TOPIC) == 0 && list->elems[i].partition == 0)
			list->elems[i].err = RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
	if (list->cnt > 1 && err == RD_KAFKA_RESP_ERR_NO_ERROR)
		err = say_unknown(list);
	return err;
}

static void wait_until_all_begin_anew(struct scene *scene) {
	while (scene_said(scene, "the log of a partition began anew") < PARTITIONS)
		scene_step(scene);
}

// Everything was done and committed. The same records then stand for what the new log has below our
// offset.
static struct scene *scene_with_a_new_log(void) {
	struct scene *scene = scene_begin();

	scene_drain(scene);
	memset(scene->seen, 0, sizeof(scene->seen));
	atomic_store(&has_forgotten, true);
	return scene;
}

static void a_commit_in_a_new_log_is_not_sent_and_it_is_taken_from_its_beginning(void **state) {
	(void)state;
	struct scene *scene = scene_with_a_new_log();
	scene_produce(scene); // something to commit
	wait_until_all_begin_anew(scene);
	scene_drain(scene);
	for (int key = 0; key < RECORDS; key++)
		assert_true(scene->seen[key] > 1);
	assert_int_equal(scene_committed(scene), 2 * RECORDS);
	scene_end(scene);
}

static void a_new_log_with_nothing_new_for_us_is_found_too(void **state) {
	(void)state;
	struct scene *scene = scene_with_a_new_log();
	wait_until_all_begin_anew(scene); // nothing comes and nothing is committed
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

// It was given partitions and took nothing of them, as when it is quiet: what the group had then
// counts.
static void a_new_log_is_found_by_who_has_not_committed_yet(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene_drain(scene);
	scene_close(scene);
	memset(scene->seen, 0, sizeof(scene->seen));
	atomic_store(&asked, 0);
	scene_open(scene);
	while (atomic_load(&asked) == 0 && clock_mono_ms() < scene->give_up_ms) {
		struct pollfd fd = {.fd = source_fd(scene->source), .events = POLLIN};

		source_serve(scene->source, clock_mono_ms());
		poll(&fd, 1, 100);
	}
	source_serve(scene->source, clock_mono_ms());
	atomic_store(&has_forgotten, true);
	wait_until_all_begin_anew(scene);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void nothing_is_taken_before_the_group_has_something_that_it_would_forget(void **state) {
	(void)state;
	struct scene *scene;
	for (int i = 0; i < PARTITIONS; i++)
		atomic_store(&is_marked[i], false);
	atomic_store(&unmarked, 0);
	atomic_store(&are_refused, true);
	scene = scene_begin();
	while (scene_said(scene, "offsets could not be committed") == 0)
		scene_step(scene);
	for (int i = 0; i < 10; i++)
		scene_step(scene);
	assert_int_equal(source_counts(scene->source)->taken, 0);
	atomic_store(&are_refused, false);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(atomic_load(&unmarked), 0);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

// All partitions have something to commit, and the question before it was answered for the old
// topic.
static struct scene *scene_with_a_commit_in_the_new_topic(void) {
	struct scene *scene = scene_begin();

	scene_drain(scene);
	scene->keep = true;
	scene_produce(scene);
	while (scene->held_count < RECORDS && source_counts(scene->source)->taken < RECORDS + 48)
		scene_step(scene);
	memset(scene->seen, 0, sizeof(scene->seen));
	atomic_store(&is_made_anew, true);
	scene->keep = false;
	return scene;
}

static void a_commit_that_lands_in_the_new_topic_gives_itself_away(void **state) {
	(void)state;
	struct scene *scene = scene_with_a_commit_in_the_new_topic();
	wait_until_all_begin_anew(scene);
	memset(scene->seen, 0, sizeof(scene->seen));
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), 2 * RECORDS);
	scene_end(scene);
}

static void who_ends_then_takes_it_back(void **state) {
	(void)state;
	struct scene *scene = scene_with_a_commit_in_the_new_topic();
	while (atomic_load(&is_made_anew))
		scene_step(scene);
	scene_close(scene);
	assert_int_equal(scene_committed(scene), 0);
	scene_open(scene);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), 2 * RECORDS);
	scene_end(scene);
}

static void who_is_given_the_partitions_before_it_could_ask_takes_it_back_too(void **state) {
	(void)state;
	struct scene *scene = scene_with_a_commit_in_the_new_topic();
	int given = scene_said(scene, "partitions assigned");
	scene->source->setup.revoke_deadline_ms = 0;
	while (atomic_load(&is_made_anew))
		scene_step(scene);
	atomic_store(&is_mute, true);
	assign_join_anew(&scene->source->assign);
	while (scene_said(scene, "partitions assigned") == given)
		scene_step(scene);
	assert_int_equal(scene_said(scene, "the log of a partition began anew"), 0);
	atomic_store(&is_mute, false);
	wait_until_all_begin_anew(scene);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), 2 * RECORDS);
	scene_end(scene);
}

static void partitions_of_which_the_group_has_nothing_yet_are_no_new_log(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene_drain(scene);
	scene->source->offsets.pasts[0].partitions = 2; // there are more since
	for (int i = 2; i < PARTITIONS; i++)
		atomic_store(&is_forgotten[i], true);
	int given = scene_said(scene, "partitions assigned");
	assign_join_anew(&scene->source->assign);
	scene->source->setup.revoke_deadline_ms = 0;
	while (scene_said(scene, "partitions assigned") == given)
		scene_step(scene);
	scene_drain(scene);
	assert_int_equal(scene_said(scene, "the log of a partition began anew"), 0);
	scene_end(scene);
}

// The library does so with one whose new log is shorter, and goes on with the others where they
// were.
static void when_one_partition_is_thrown_back_all_of_its_topic_go_back(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	scene_drain(scene);
	memset(scene->seen, 0, sizeof(scene->seen));
	rd_kafka_topic_partition_list_add(list, SCENE_TOPIC, 2)->offset = 0;
	rd_kafka_error_destroy(
		__real_rd_kafka_seek_partitions(scene->source->member.consumer, list, GIVE_UP_MS)
	);
	rd_kafka_topic_partition_list_destroy(list);
	wait_until_all_begin_anew(scene);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void those_that_cannot_go_back_at_once_are_tried_again(void **state) {
	(void)state;
	struct scene *scene = scene_with_a_new_log();
	atomic_store(&seeks_refused, 2);
	wait_until_all_begin_anew(scene);
	scene_drain(scene);
	assert_int_equal(source_state(scene->source), SOURCE_RUNS);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void commits_of_the_same_log_go_on(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene_drain(scene);
	scene_produce(scene);
	while (source_counts(scene->source)->taken < (int64_t)2 * RECORDS)
		scene_step(scene);
	scene_drain(scene);
	assert_int_equal(scene_committed(scene), 2 * RECORDS);
	assert_int_equal(scene_said(scene, "the log of a partition began anew"), 0);
	assert_int_equal(source_counts(scene->source)->taken, 2 * RECORDS);
	scene_end(scene);
}

// One of them would be looked at again, if we held no other partition.
static void the_last_record_that_was_taken_is_known_by_its_place(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	const struct holding *holding;
	scene_drain(scene);
	TAILQ_FOREACH (holding, &scene->source->member.holdings.list, link) {
		assert_int_equal(
			holding->last.offset,
			holding->claim.is_retry ? -1 : RECORDS / PARTITIONS - 1
		);
	}
	scene_end(scene);
}

static void a_partition_of_which_the_group_says_nothing_is_not_committed_yet(void **state) {
	(void)state;
	atomic_store(&one_is_withheld, true);
	struct scene *scene = scene_begin();
	while (scene_committed_in(scene, SCENE_TOPIC, 1) <= 0)
		scene_step(scene);
	assert_true(scene_committed_in(scene, SCENE_TOPIC, 0) <= 0);
	atomic_store(&one_is_withheld, false);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void a_group_that_is_not_known_gets_its_first_commit(void **state) {
	(void)state;
	for (enum unknown how = AS_ANSWER; how <= OF_EACH_PARTITION; how++) {
		atomic_store(&unknown, how);
		struct scene *scene = scene_begin();
		scene_drain(scene);
		scene_assert_all_seen(scene);
		assert_int_equal(scene_committed(scene), RECORDS);
		assert_int_equal(scene_said(scene, "the log of a partition began anew"), 0);
		assert_int_equal(scene_said(scene, "offsets could not be committed"), 0);
		scene_end(scene);
	}
	atomic_store(&unknown, NOT_SAID);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_commit_in_a_new_log_is_not_sent_and_it_is_taken_from_its_beginning
		),
		cmocka_unit_test(a_new_log_with_nothing_new_for_us_is_found_too),
		cmocka_unit_test(a_new_log_is_found_by_who_has_not_committed_yet),
		cmocka_unit_test(
			nothing_is_taken_before_the_group_has_something_that_it_would_forget
		),
		cmocka_unit_test(a_commit_that_lands_in_the_new_topic_gives_itself_away),
		cmocka_unit_test(who_ends_then_takes_it_back),
		cmocka_unit_test(who_is_given_the_partitions_before_it_could_ask_takes_it_back_too),
		cmocka_unit_test(partitions_of_which_the_group_has_nothing_yet_are_no_new_log),
		cmocka_unit_test(when_one_partition_is_thrown_back_all_of_its_topic_go_back),
		cmocka_unit_test(those_that_cannot_go_back_at_once_are_tried_again),
		cmocka_unit_test(commits_of_the_same_log_go_on),
		cmocka_unit_test(the_last_record_that_was_taken_is_known_by_its_place),
		cmocka_unit_test(a_group_that_is_not_known_gets_its_first_commit),
		cmocka_unit_test(a_partition_of_which_the_group_says_nothing_is_not_committed_yet),
	};
	return side_by_side_run(tests, sizeof(tests) / sizeof(*tests));
}
