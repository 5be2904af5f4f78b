// SPDX-License-Identifier: MPL-2.0
// softdelete_chunk_test: what a candidate carries, and that nothing hostile gets into a statement.
#include "support/test.h"

#include "common/pack/pack.h"
#include "common/targets/softdelete/deletion/chunk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct preset preset = {
	.tables =
		{
			{.name = "tasks", .key = "id", .age = "deleted_at"},
			{.name = "task_info", .key = "task_id", .goes_with = "tasks"},
		},
	.count = 2,
};

static const char cutoff[] = "2026-01-02 03:04:05.678901";

static void carries_keys_of_any_bytes(void **state) {
	(void)state;
	static const struct {
		const char *text;
		size_t len;
	} keys[] = {{"a", 1}, {"", 0}, {"nul\0inside", 10}, {"'; DROP", 7}};
	static const int64_t times[] = {5, 3, 9, 4};
	struct chunk_writer writer;
	struct candidate candidate = {0};
	const unsigned char *data;
	struct chunk *chunk;
	assert_int_equal(chunk_writer_init(&writer), 0);
	for (size_t i = 0; i < 4; i++)
		assert_true(chunk_writer_add(&writer, keys[i].text, keys[i].len, times[i]));
	assert_int_equal(
		chunk_writer_data(
			&writer, &preset.tables[0], cutoff, true, &data, &candidate.data_bytes
		),
		0
	);
	candidate.data = (unsigned char *)data;
	assert_int_equal(chunk_read(&chunk, &preset, &candidate), 0);
	assert_int_equal(chunk->count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(chunk->keys[i].len, keys[i].len);
		assert_memory_equal(chunk->keys[i].text, keys[i].text, keys[i].len);
	}
	assert_ptr_equal(chunk->table, &preset.tables[0]);
	assert_string_equal(chunk->cutoff, cutoff);
	assert_int_equal(chunk->oldest_ms, 3);
	assert_int_equal(chunk->newest_ms, 9);
	chunk_free(chunk);
	chunk_writer_fini(&writer);
}

static void is_full_before_a_record_is_too_large(void **state) {
	(void)state;
	struct chunk_writer writer;
	const unsigned char *data;
	char key[255];
	size_t len = 0;
	memset(key, 'x', sizeof(key));
	assert_int_equal(chunk_writer_init(&writer), 0);
	while (chunk_writer_add(&writer, key, sizeof(key), 1))
		;
	assert_int_in_range(writer.count, 200, CHUNK_KEYS_MAX);
	assert_int_equal(
		chunk_writer_data(&writer, &preset.tables[0], cutoff, true, &data, &len), 0
	);
	chunk_writer_clear(&writer);
	while (chunk_writer_add(&writer, "1", 1, 1))
		;
	assert_int_equal(writer.count, CHUNK_KEYS_MAX);
	chunk_writer_fini(&writer);
}

struct record {
	const char *table;
	const char *before;
	bool text;
	const char *keys;
	size_t len;
};

static int read_record(const struct record *record) {
	struct pack *pack = pack_new();
	struct candidate candidate = {0};
	const unsigned char *data;
	struct chunk *chunk = NULL;
	int err;
	pack_reset(pack, 4);
	pack_str(pack, "table", record->table);
	pack_str(pack, "before", record->before);
	pack_bool(pack, "text", record->text);
	pack_bin(pack, "keys", record->keys, record->len);
	assert_int_equal(pack_data(pack, &data, &candidate.data_bytes), 0);
	candidate.data = (unsigned char *)data;
	err = chunk_read(&chunk, &preset, &candidate);
	if (err == 0)
		chunk_free(chunk);
	pack_free(pack);
	return err;
}

static const struct record hostile[] = {
	{"users",
	 cutoff,
	 false,
	 "\0\1"
	 "1",
	 3},
	{"task_info",
	 cutoff,
	 false,
	 "\0\1"
	 "1",
	 3},
	{"tasks",
	 "' OR 1 = 1 --",
	 false,
	 "\0\1"
	 "1",
	 3},
	{"tasks",
	 "",
	 false,
	 "\0\1"
	 "1",
	 3},
	{"tasks",
	 NULL,
	 false,
	 "\0\1"
	 "1",
	 3},
	{"tasks", cutoff, false, "", 0},
	{"tasks", cutoff, false, "\0", 1},
	{"tasks",
	 cutoff,
	 false,
	 "\0\2"
	 "1",
	 3},
	{"tasks",
	 cutoff,
	 false,
	 "\xff\xff"
	 "1",
	 3},
	{"tasks",
	 cutoff,
	 false,
	 "\0\1"
	 "1"
	 "\0",
	 4},
	{"tasks",
	 cutoff,
	 false,
	 "\0\3"
	 "1,2",
	 5},
	{"tasks", cutoff, false, "\0\0", 2},
	{"tasks",
	 cutoff,
	 false,
	 "\0\1"
	 "-",
	 3},
	{"tasks",
	 cutoff,
	 false,
	 "\0\3"
	 "id ",
	 5},
};

static void refuses_what_no_scan_wrote(void **state) {
	(void)state;
	const struct record good = {
		"tasks",
		cutoff,
		false,
		"\0\2"
		"-1"
		"\0\1"
		"7",
		7};
	assert_int_equal(read_record(&good), 0);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		if (read_record(&hostile[i]) != -EBADMSG)
			fail_msg("record %zu was taken", i);
}

static void refuses_more_keys_than_a_chunk_has(void **state) {
	(void)state;
	char keys[(CHUNK_KEYS_MAX + 1) * 3];
	struct record record = {"tasks", cutoff, false, keys, sizeof(keys)};
	memset(keys, 0, sizeof(keys));
	for (size_t i = 0; i < sizeof(keys); i += 3) {
		keys[i + 1] = 1;
		keys[i + 2] = '1';
	}
	assert_int_equal(read_record(&record), -EBADMSG);
	record.len -= 3;
	assert_int_equal(read_record(&record), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_keys_of_any_bytes),
		cmocka_unit_test(is_full_before_a_record_is_too_large),
		cmocka_unit_test(refuses_what_no_scan_wrote),
		cmocka_unit_test(refuses_more_keys_than_a_chunk_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
