// SPDX-License-Identifier: MPL-2.0
// replay_test: what the state topic has of a replay, and what belongs to it.
#include "support/test.h"

#include "common/kafka/topics/replay.h"

#include <errno.h>
#include <string.h>

static struct replay_span spans[] = {{0, 10}, {5, 5}, {7, 1000000000007}};

static struct replay whole(void) {
	return (struct replay){
		.id = "lost-node",
		.group = "purge.fruit.replay.lost-node.17",
		.scope = "basket/1",
		.created_ms = 17,
		.from = "beginning",
		.to = "end",
		.deleted = 3,
		.has_range_start = true,
		.range_start = -5,
		.has_range_end = true,
		.range_end = 50,
		.node = "https://n1.example",
		.node_id = 7,
		.spans = spans,
		.count = sizeof(spans) / sizeof(spans[0]),
	};
}

static void what_is_written_reads_back(void **state) {
	struct replay in = whole(), out;
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;
	(void)state;
	assert_int_equal(replay_pack(&in, pack, &data, &len), 0);
	assert_int_equal(replay_unpack(&out, "lost-node", data, len), 0);
	assert_string_equal(out.id, in.id);
	assert_string_equal(out.group, in.group);
	assert_string_equal(out.scope, in.scope);
	assert_int_equal(out.created_ms, 17);
	assert_string_equal(out.from, in.from);
	assert_string_equal(out.to, in.to);
	assert_int_equal(out.deleted, 3);
	assert_true(out.has_range_start && out.has_range_end);
	assert_int_equal(out.range_start, -5);
	assert_int_equal(out.range_end, 50);
	assert_string_equal(out.node, in.node);
	assert_int_equal(out.node_id, 7);
	assert_int_equal(out.count, in.count);
	assert_memory_equal(out.spans, spans, sizeof(spans));
	replay_fini(&out);
	pack_free(pack);
}

static void what_is_not_limited_reads_back_so(void **state) {
	struct replay in = whole(), out;
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;
	(void)state;
	in.has_range_start = in.has_range_end = false;
	in.node[0] = '\0';
	in.deleted = -1;
	assert_int_equal(replay_pack(&in, pack, &data, &len), 0);
	assert_int_equal(replay_unpack(&out, "x", data, len), 0);
	assert_false(out.has_range_start || out.has_range_end);
	assert_string_equal(out.node, "");
	assert_int_equal(out.deleted, -1);
	replay_fini(&out);
	pack_free(pack);
}

// As an int, text or nil; the others are as they should be.
static int read_with(const char *key, const char *text) {
	static const char *const names[] = {"group", "scope", "from", "to", "spans"};
	struct pack *pack = pack_new();
	struct replay out;
	const unsigned char *data;
	size_t len;
	int err;

	pack_reset(pack, 8);
	pack_int(pack, "v", strcmp(key, "v") == 0 ? 2 : 1);
	pack_int(pack, "created", 1);
	pack_int(pack, "deleted", 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		pack_str(pack, names[i], strcmp(key, names[i]) == 0 ? text : "0-1");
	assert_int_equal(pack_data(pack, &data, &len), 0);
	err = replay_unpack(&out, "x", data, len);
	replay_fini(&out);
	pack_free(pack);
	return err;
}

static void what_this_version_does_not_know_is_refused(void **state) {
	static const char *const bad[] = {
		"",
		"1",
		"1-",
		"-1",
		"1-2,",
		",1-2",
		"2-1",
		"1-2-3",
		"a-b",
		"1 - 2",
		"1-99999999999999999999"};
	(void)state;
	assert_int_equal(read_with("", ""), 0);
	assert_int_equal(read_with("v", ""), -EBADMSG);
	assert_int_equal(read_with("group", NULL), -EBADMSG);
	assert_int_equal(read_with("spans", NULL), -EBADMSG);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_with("spans", bad[i]), -EBADMSG);
}

static void as_many_partitions_as_fit_are_taken(void **state) {
	static struct replay_span many[20000];
	struct replay in = whole();
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;
	(void)state;
	in.spans = many;
	in.count = 10000;
	assert_int_equal(replay_pack(&in, pack, &data, &len), 0);
	in.count = 20000;
	assert_int_equal(replay_pack(&in, pack, &data, &len), -EMSGSIZE);
	pack_free(pack);
}

static void a_partition_that_came_later_has_nothing_to_replay(void **state) {
	struct replay replay = whole();
	(void)state;
	assert_int_equal(replay_span_of(&replay, 2).start, 7);
	assert_int_equal(replay_span_of(&replay, 3).start, 0);
	assert_int_equal(replay_span_of(&replay, 3).end, 0);
	assert_int_equal(replay_span_of(&replay, -1).end, 0);
	assert_int_equal(replay_records(&replay), 10 + 1000000000000);
}

static void both_ends_of_a_range_are_left_out(void **state) {
	struct replay replay = whole();
	(void)state;
	assert_false(replay_has_key(&replay, -5));
	assert_true(replay_has_key(&replay, -4));
	assert_true(replay_has_key(&replay, 49));
	assert_false(replay_has_key(&replay, 50));
	replay.has_range_start = replay.has_range_end = false;
	assert_true(replay_has_key(&replay, INT64_MIN));
	assert_true(replay_has_key(&replay, INT64_MAX));
}

static void an_id_makes_a_key_and_a_group_of_its_own(void **state) {
	char key[REPLAY_KEY_BYTES], group[REPLAY_GROUP_BYTES], later[REPLAY_GROUP_BYTES];
	(void)state;
	assert_true(replay_id_is_valid("a.B_9-x"));
	assert_false(replay_id_is_valid(""));
	assert_false(replay_id_is_valid("a/b"));
	assert_false(replay_id_is_valid("a b"));
	assert_false(replay_id_is_valid(
		"0123456789012345678901234567890123456789012345678901234567890123X"
	));
	replay_key("lost-node", key);
	assert_string_equal(key, "replay/lost-node");
	assert_string_equal(replay_id_of_key(key), "lost-node");
	assert_null(replay_id_of_key("layout"));
	assert_null(replay_id_of_key("replay/"));
	replay_group("purge.fruit", "x", 17, group);
	replay_group("purge.fruit", "x", 18, later);
	assert_string_equal(group, "purge.fruit.replay.x.17");
	assert_string_not_equal(group, later);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(what_is_not_limited_reads_back_so),
		cmocka_unit_test(what_this_version_does_not_know_is_refused),
		cmocka_unit_test(as_many_partitions_as_fit_are_taken),
		cmocka_unit_test(a_partition_that_came_later_has_nothing_to_replay),
		cmocka_unit_test(both_ends_of_a_range_are_left_out),
		cmocka_unit_test(an_id_makes_a_key_and_a_group_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
