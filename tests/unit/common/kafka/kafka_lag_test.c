// SPDX-License-Identifier: MPL-2.0
// kafka_lag_test: what a group has before it, by the places of a partition.
#include "common/kafka/kafka_lag.h"
#include "support/test.h"

#include <string.h>

enum { NONE = -1 };

// Of the group's commits, which are at 0.
static const char *metadata;

WRAPS(rd_kafka_committed);
WRAPS(rd_kafka_consumer_poll);
WRAPS(rd_kafka_offsets_for_times);
WRAPS(rd_kafka_poll);

rd_kafka_resp_err_t __wrap_rd_kafka_committed(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	(void)handle;
	(void)timeout_ms;
	for (int i = 0; i < list->cnt; i++) {
		list->elems[i].offset = 0;
		list->elems[i].metadata = strdup(metadata); // the list's
		list->elems[i].metadata_size = strlen(metadata);
	}
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_message_t *__wrap_rd_kafka_consumer_poll(rd_kafka_t *handle, int timeout_ms) {
	(void)handle;
	(void)timeout_ms;
	return NULL;
}

int __wrap_rd_kafka_poll(rd_kafka_t *handle, int timeout_ms) {
	(void)handle;
	(void)timeout_ms;
	return 0;
}

// The log begins at 30 and ends at 100.
rd_kafka_resp_err_t __wrap_rd_kafka_offsets_for_times(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	(void)handle;
	(void)timeout_ms;
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = list->elems[i].offset == RD_KAFKA_OFFSET_BEGINNING ? 30
											   : 100;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static struct kafka_lag lag_of(int64_t commit, int64_t begin, int64_t end, int64_t young) {
	struct kafka_lag lag = {0};

	kafka_lag_add(
		&lag,
		&(struct kafka_lag_place){
			.commit = commit, .begin = begin, .end = end, .young = young}
	);
	return lag;
}

static void assert_lag(struct kafka_lag lag, int64_t records, int64_t old, int64_t deleted) {
	assert_int_equal(lag.records, records);
	assert_int_equal(lag.old, old);
	assert_int_equal(lag.deleted, deleted);
}

static void counts_what_is_behind_the_commit(void **state) {
	(void)state;
	assert_lag(lag_of(10, 0, 100, 0), 90, 0, 0);
	assert_lag(lag_of(100, 0, 100, NONE), 0, 0, 0);
	// Nobody ever committed: all that is there.
	assert_lag(lag_of(NONE, 20, 100, 0), 80, 0, 0);
	assert_lag(lag_of(0, 0, 0, NONE), 0, 0, 0);
}

static void counts_of_these_what_was_written_before_the_time(void **state) {
	(void)state;
	assert_lag(lag_of(10, 0, 100, 40), 90, 30, 0);
	assert_lag(lag_of(40, 0, 100, 40), 60, 0, 0);
	assert_lag(lag_of(50, 0, 100, 40), 50, 0, 0); // all that is old was taken
	assert_lag(lag_of(10, 0, 100, NONE), 90, 90, 0); // nothing was written since
	assert_lag(lag_of(10, 0, 100, 105), 90, 90, 0); // but while we asked
	assert_lag(lag_of(NONE, 20, 100, 40), 80, 20, 0);
}

static void counts_what_was_deleted_before_the_commit_came_to_it(void **state) {
	(void)state;
	assert_lag(lag_of(10, 30, 100, 0), 70, 0, 20);
	assert_lag(lag_of(10, 100, 100, NONE), 0, 0, 90);
	assert_lag(lag_of(30, 30, 100, 0), 70, 0, 0);
}

// Who said that nothing was read has taken none of them; of who says nothing nobody knows.
static void counts_apart_what_was_deleted_where_there_is_no_commit(void **state) {
	struct kafka_lag lag = {0};

	(void)state;
	kafka_lag_add(
		&lag,
		&(struct kafka_lag_place){.commit = NONE, .is_bare = true, .begin = 30, .end = 100}
	);
	kafka_lag_add(&lag, &(struct kafka_lag_place){.commit = NONE, .begin = 7, .end = 100});
	assert_lag(lag, 70 + 93, 0, 30);
	assert_int_equal(lag.deleted_unsure, 7);
}

static void an_age_that_is_unknown_stays_unknown(void **state) {
	struct kafka_lag lag = {.old = -1};

	(void)state;
	kafka_lag_add(&lag, &(struct kafka_lag_place){.commit = 10, .end = 100, .young = 40});
	assert_lag(lag, 90, -1, 0);
}

static void adds_up_the_partitions(void **state) {
	struct kafka_lag lag = {0};

	(void)state;
	for (int i = 0; i < 2; i++)
		kafka_lag_add(
			&lag,
			&(struct kafka_lag_place){
				.commit = 10, .begin = 20, .end = 100, .young = 40}
		);
	assert_lag(lag, 160, 40, 20);
}

static void a_commit_that_says_that_nothing_was_read_is_none(void **state) {
	struct kafka_lag lag;

	(void)state;
	metadata = KAFKA_NOTHING_READ;
	assert_int_equal(kafka_lag(NULL, "p.fruit", 1, -1, 1000, &lag), 0);
	assert_lag(lag, 70, -1, 30);
	assert_false(lag.has_commits);
	metadata = "";
	assert_int_equal(kafka_lag(NULL, "p.fruit", 1, -1, 1000, &lag), 0);
	assert_lag(lag, 70, -1, 30);
	assert_true(lag.has_commits);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_behind_the_commit),
		cmocka_unit_test(counts_of_these_what_was_written_before_the_time),
		cmocka_unit_test(counts_what_was_deleted_before_the_commit_came_to_it),
		cmocka_unit_test(counts_apart_what_was_deleted_where_there_is_no_commit),
		cmocka_unit_test(an_age_that_is_unknown_stays_unknown),
		cmocka_unit_test(adds_up_the_partitions),
		cmocka_unit_test(a_commit_that_says_that_nothing_was_read_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
