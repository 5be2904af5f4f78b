// SPDX-License-Identifier: MPL-2.0
// standing_test: what two looks at the workers prove. A look is written down as text.
#include "common/kafka/kafka_lag.h"
#include "producer/outbox/standing.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES_MAX = 8 };

#define CANDIDATES "purge.fruit"
#define RETRY "purge.fruit.retry.1m"

struct place {
	char *topic;
	int32_t partition;
	int64_t commit, begin, end;
};

static int64_t next_number(char **rest) {
	char *word = strtok_r(NULL, " ", rest);

	assert_non_null(word);
	return strtoll(word, NULL, 10);
}

static struct place place_of(char *text) {
	char *rest = NULL;
	struct place place = {.topic = strtok_r(text, " ", &rest)};

	assert_non_null(place.topic);
	place.partition = (int32_t)next_number(&rest);
	place.commit = next_number(&rest);
	place.begin = next_number(&rest);
	place.end = next_number(&rest);
	return place;
}

static void set(rd_kafka_topic_partition_list_t *list, const struct place *place, int64_t offset) {
	rd_kafka_topic_partition_list_set_offset(list, place->topic, place->partition, offset);
}

// "TOPIC PARTITION COMMIT BEGIN END" for each partition, with semicolons; COMMIT -1001: none.
static struct standing look(const char *text) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(0);
	struct standing standing = {.commits = NULL};
	struct place places[PLACES_MAX];
	char *copy = strdup(text), *rest = NULL;
	size_t count = 0;

	for (char *part = strtok_r(copy, ";", &rest); part != NULL;
	     part = strtok_r(NULL, ";", &rest)) {
		assert_true(count < PLACES_MAX);
		places[count] = place_of(part);
		rd_kafka_topic_partition_list_add(
			list, places[count].topic, places[count].partition
		);
		count++;
	}
	standing_init(&standing, list);
	for (size_t i = 0; i < count; i++) {
		set(standing.commits, &places[i], places[i].commit);
		set(standing.begins, &places[i], places[i].begin);
		set(standing.ends, &places[i], places[i].end);
	}
	rd_kafka_topic_partition_list_destroy(list);
	free(copy);
	return standing;
}

static bool proves(const char *before, const char *now) {
	struct standing one = look(before), other = look(now);
	bool proves = standing_proves_the_end(&one, &other);

	standing_fini(&one);
	standing_fini(&other);
	return proves;
}

static void no_lag_and_the_same_ends_prove_it(void **state) {
	(void)state;
	assert_true(
		proves(CANDIDATES " 0 5 0 5;" CANDIDATES " 1 0 0 0;" RETRY " 0 3 0 3",
		       CANDIDATES " 0 5 0 5;" CANDIDATES " 1 0 0 0;" RETRY " 0 3 0 3")
	);
}

static void the_order_in_which_topics_are_told_is_no_matter(void **state) {
	(void)state;
	assert_true(
		proves(CANDIDATES " 0 5 0 5;" CANDIDATES " 1 7 0 7;" RETRY " 0 3 0 3",
		       RETRY " 0 3 0 3;" CANDIDATES " 1 7 0 7;" CANDIDATES " 0 5 0 5")
	);
}

static void a_lag_in_either_proves_nothing(void **state) {
	(void)state;
	assert_false(proves(CANDIDATES " 0 4 0 5", CANDIDATES " 0 5 0 5"));
	assert_false(proves(CANDIDATES " 0 5 0 5", CANDIDATES " 0 4 0 5"));
	assert_false(proves(RETRY " 0 -1001 0 1", RETRY " 0 1 0 1"));
}

// The candidates' topic was looked at after the hand-over and the retry topic before it, and the
// record came back from there: neither look saw it.
static void a_record_that_slipped_through_shows_in_the_ends(void **state) {
	(void)state;
	assert_false(proves(
		CANDIDATES " 0 5 0 5;" RETRY " 0 3 0 3", CANDIDATES " 0 5 0 5;" RETRY " 0 4 0 4"
	));
}

static void a_retry_topic_or_partition_that_is_new_proves_nothing(void **state) {
	(void)state;
	assert_false(proves(CANDIDATES " 0 5 0 5", CANDIDATES " 0 5 0 5;" RETRY " 0 1 0 1"));
	assert_false(proves(
		CANDIDATES " 0 5 0 5;" RETRY " 0 0 0 0", CANDIDATES " 0 5 0 5;" RETRY " 1 0 0 0"
	));
	assert_false(
		proves(CANDIDATES " 0 5 0 5;" RETRY " 0 0 0 0",
		       CANDIDATES " 0 5 0 5;purge.fruit.retry.1h 0 0 0 0")
	);
}

static void what_was_deleted_is_no_lag(void **state) {
	(void)state;
	assert_true(proves(CANDIDATES " 0 2 5 5", CANDIDATES " 0 2 5 5"));
	assert_true(proves(CANDIDATES " 0 -1001 5 5", CANDIDATES " 0 -1001 5 5"));
}

// A worker that has taken nothing yet commits 0 with words, also where nothing is.
static void a_commit_that_stands_for_none_is_none(void **state) {
	struct standing standing = look(CANDIDATES " 0 2 0 2");

	(void)state;
	assert_int_equal(standing_left(&standing, NULL), 0);
	assert_true(standing_has_commits(&standing));
	standing.commits->elems[0].metadata = strdup(KAFKA_NOTHING_READ); // the list's
	standing.commits->elems[0].metadata_size = strlen(KAFKA_NOTHING_READ);
	assert_int_equal(standing_left(&standing, NULL), 2);
	assert_false(standing_has_commits(&standing));
	standing_fini(&standing);
}

static void a_look_that_told_nothing_proves_nothing(void **state) {
	struct standing unknown = {.commits = NULL}, known = look(CANDIDATES " 0 5 0 5");
	char words[64];

	(void)state;
	assert_false(standing_proves_the_end(&unknown, &known));
	assert_false(standing_proves_the_end(&known, &unknown));
	assert_false(standing_proves_the_end(&unknown, &unknown));
	assert_int_equal(standing_left(&unknown, NULL), -1);
	standing_words(&unknown, words, sizeof(words));
	assert_string_equal(words, "");
	standing_fini(&known);
}

static void says_where_records_are_left(void **state) {
	struct standing standing = look(RETRY " 0 1 0 2;" CANDIDATES " 0 1 0 4;" CANDIDATES
					      " 1 0 0 2;purge.fruit.retry.1h 0 3 0 3");
	char words[128];

	(void)state;
	assert_int_equal(standing_left(&standing, NULL), 6);
	assert_int_equal(standing_left(&standing, CANDIDATES), 5);
	standing_words(&standing, words, sizeof(words));
	assert_string_equal(words, "purge.fruit: 5, purge.fruit.retry.1m: 1");
	standing_words(&standing, words, 20);
	assert_string_equal(words, "purge.fruit: 5, pur");
	standing_fini(&standing);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_lag_and_the_same_ends_prove_it),
		cmocka_unit_test(the_order_in_which_topics_are_told_is_no_matter),
		cmocka_unit_test(a_lag_in_either_proves_nothing),
		cmocka_unit_test(a_record_that_slipped_through_shows_in_the_ends),
		cmocka_unit_test(a_retry_topic_or_partition_that_is_new_proves_nothing),
		cmocka_unit_test(what_was_deleted_is_no_lag),
		cmocka_unit_test(a_commit_that_stands_for_none_is_none),
		cmocka_unit_test(a_look_that_told_nothing_proves_nothing),
		cmocka_unit_test(says_where_records_are_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
