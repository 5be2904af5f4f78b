// SPDX-License-Identifier: MPL-2.0
// letter_return_test: what a letter is put back as, and how letters are counted.
#include "support/test.h"

#include "cli/dead/letter_counts.h"
#include "cli/dead/letter_return.h"
#include "common/kafka/record.h"

#include <string.h>

static char id[] = "4097";
static char node_a[] = "https://a.example";
static char node_b[] = "https://b.example";
static char replay[] = "r1";
static unsigned char data[] = {0x81, 0xa1, 'x', 0x01}; // {"x": 1}

static struct candidate candidate = {
	.id = id,
	.key = 4097,
	.at = 5,
	.cutoff = 6,
	.seen_ms = 7,
	.data = data,
	.data_bytes = sizeof(data),
};

static struct letter make_letter(void) {
	return (struct letter){
		.key = id,
		.key_bytes = 4,
		.candidate = &candidate,
		.head = {.version = 1, .target = "fruit", .run = "pass"},
		.attempts = 10,
	};
}

static void it_goes_to_the_partition_of_its_range_and_lives_anew(void **state) {
	const struct letter_goal goal = {.range_width = 4096, .partitions = 3};
	const struct letter letter = make_letter();
	struct pack *pack = pack_new();
	struct candidate *back = NULL;
	struct letter_return out;
	struct record head;

	(void)state;
	assert_non_null(pack);
	assert_int_equal(letter_return_make(&out, pack, &letter, &goal, 1234), 0);
	assert_int_equal(out.range, 1);
	assert_int_equal(out.partition, 1);
	assert_int_equal(record_decode(out.value, out.value_bytes, &head, &back), 0);
	assert_string_equal(head.target, "fruit");
	assert_string_equal(head.run, "pass");
	assert_string_equal(back->id, "4097");
	assert_int_equal(back->at, 5);
	assert_int_equal(back->cutoff, 6);
	assert_int_equal(back->seen_ms, 1234);
	assert_int_equal(back->data_bytes, sizeof(data));
	assert_memory_equal(back->data, data, sizeof(data));
	assert_int_equal(candidate.seen_ms, 7);
	candidate_free(back);
	pack_free(pack);
}

static void assert_headers(const rd_kafka_headers_t *headers, const char *expected_replay) {
	size_t count = rd_kafka_header_cnt(headers);
	const void *value = NULL;
	size_t len = 0;

	assert_int_equal(count, expected_replay == NULL ? 1 : 2);
	assert_int_equal(
		rd_kafka_header_get_last(headers, "purge.requeued_at", &value, &len),
		RD_KAFKA_RESP_ERR_NO_ERROR
	);
	assert_string_equal(value, "1234");
	if (expected_replay == NULL)
		return;
	assert_int_equal(
		rd_kafka_header_get_last(headers, "purge.replay", &value, &len),
		RD_KAFKA_RESP_ERR_NO_ERROR
	);
	assert_string_equal(value, expected_replay);
}

static void of_its_headers_only_the_replay_stays(void **state) {
	struct letter letter = make_letter();
	rd_kafka_headers_t *headers = letter_return_headers(&letter, 1234);

	(void)state;
	assert_non_null(headers);
	assert_headers(headers, NULL);
	rd_kafka_headers_destroy(headers);
	letter.replay = replay;
	headers = letter_return_headers(&letter, 1234);
	assert_non_null(headers);
	assert_headers(headers, "r1");
	rd_kafka_headers_destroy(headers);
}

static void what_is_not_whole_stays(void **state) {
	struct letter letter = make_letter();

	(void)state;
	assert_true(letter_can_return(&letter));
	letter.is_truncated = true;
	assert_false(letter_can_return(&letter));
	letter.is_truncated = false;
	letter.candidate = NULL;
	assert_false(letter_can_return(&letter));
}

static void add(struct letter_counts *counts, const struct letter *letter) {
	assert_int_equal(letter_counts_add(counts, letter), 0);
}

static void letters_count_by_reason_and_node_and_state(void **state) {
	struct letter_counts counts = {.nodes = NULL};
	struct letter letter = make_letter();

	(void)state;
	letter.node = node_b;
	letter.stamp_ms = 50;
	letter.state = LETTER_OPEN;
	add(&counts, &letter);
	letter.node = node_a;
	letter.stamp_ms = 40;
	letter.state = LETTER_SOLVED;
	letter.solved_by = REASON_GONE;
	letter.reason = 1;
	add(&counts, &letter);
	letter.solved_by = REASON_CHANGED;
	letter.stamp_ms = -1;
	add(&counts, &letter);
	letter = (struct letter){.key = id, .reason = LETTER_UNDECODABLE, .stamp_ms = 45};
	letter.is_truncated = true;
	add(&counts, &letter);
	assert_int_equal(counts.all.letters, 4);
	assert_int_equal(counts.all.states[LETTER_OPEN], 1);
	assert_int_equal(counts.all.states[LETTER_SOLVED], 2);
	assert_int_equal(counts.all.states[LETTER_IN_DOUBT], 1);
	assert_int_equal(counts.gone, 1);
	assert_int_equal(counts.changed, 1);
	assert_int_equal(counts.undecodable, 1);
	assert_int_equal(counts.truncated, 1);
	assert_int_equal(counts.returnable, 3);
	assert_int_equal(counts.oldest_ms, 40);
	assert_int_equal(counts.reasons[1].letters, 2);
	assert_int_equal(counts.reasons[1].states[LETTER_SOLVED], 2);
	assert_int_equal(counts.node_count, 3);
	assert_string_equal(counts.nodes[0].name, "");
	assert_string_equal(counts.nodes[1].name, node_a);
	assert_int_equal(counts.nodes[1].count.letters, 2);
	assert_string_equal(counts.nodes[2].name, node_b);
	letter_counts_fini(&counts);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_to_the_partition_of_its_range_and_lives_anew),
		cmocka_unit_test(of_its_headers_only_the_replay_stays),
		cmocka_unit_test(what_is_not_whole_stays),
		cmocka_unit_test(letters_count_by_reason_and_node_and_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
