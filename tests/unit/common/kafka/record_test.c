// SPDX-License-Identifier: MPL-2.0
// record_test: candidates written into records and read back, and records that are not as they
// should be.
#include "common/kafka/record.h"
#include "support/test.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static unsigned char inner[] = {0x81, 0xa1, 'x', 0x2a}; // {"x": 42}

static const struct candidate sample = {
	.id = (char *)"4711",
	.key = 4711,
	.at = 1600000000123,
	.cutoff = 1700000000456,
	.seen_ms = 1700000000789,
	.checked_mono_ms = 99,
	.data = inner,
	.data_bytes = sizeof(inner),
};

static struct pack *new_pack(void) {
	struct pack *pack = pack_new();

	assert_non_null(pack);
	return pack;
}

static void assert_fault(const unsigned char *bytes, size_t len, const char *fault) {
	struct candidate *candidate = NULL;
	struct record head;

	assert_int_equal(record_decode(bytes, len, &head, &candidate), -EBADMSG);
	assert_string_equal(head.fault, fault);
	assert_null(candidate);
}

static void reads_back_what_was_written(void **state) {
	struct pack *pack = new_pack();
	struct candidate *candidate = NULL;
	const unsigned char *data = NULL;
	struct record head;
	size_t len = 0;

	(void)state;
	assert_int_equal(record_encode(pack, "target", "run1", &sample, &data, &len), 0);
	assert_int_equal(record_decode(data, len, &head, &candidate), 0);
	assert_int_equal(head.version, RECORD_VERSION);
	assert_string_equal(head.target, "target");
	assert_string_equal(head.run, "run1");
	assert_null(head.fault);
	assert_string_equal(candidate->id, sample.id);
	assert_int_equal(candidate->key, sample.key);
	assert_int_equal(candidate->at, sample.at);
	assert_int_equal(candidate->cutoff, sample.cutoff);
	assert_int_equal(candidate->seen_ms, sample.seen_ms);
	assert_int_equal(candidate->data_bytes, sizeof(inner));
	assert_memory_equal(candidate->data, inner, sizeof(inner));
	candidate_free(candidate);
	pack_free(pack);
}

static void forgets_that_another_process_judged_it(void **state) {
	struct pack *pack = new_pack();
	struct candidate *candidate = NULL;
	const unsigned char *data = NULL;
	struct record head;
	size_t len = 0;

	(void)state;
	assert_int_equal(record_encode(pack, "t", "r", &sample, &data, &len), 0);
	assert_int_equal(record_decode(data, len, &head, &candidate), 0);
	assert_int_equal(candidate->checked_mono_ms, 0);
	candidate_free(candidate);
	pack_free(pack);
}

static void writes_a_candidate_without_data_as_an_empty_map(void **state) {
	struct candidate bare = sample;
	struct pack *pack = new_pack();
	struct candidate *candidate = NULL;
	const unsigned char *data = NULL;
	struct record head;
	size_t len = 0;

	(void)state;
	bare.data_bytes = 0;
	assert_int_equal(record_encode(pack, "t", "r", &bare, &data, &len), 0);
	assert_int_equal(record_decode(data, len, &head, &candidate), 0);
	assert_int_equal(candidate->data_bytes, 1);
	assert_int_equal(candidate->data[0], 0x80);
	candidate_free(candidate);
	pack_free(pack);
}

static void writes_nothing_that_could_not_be_read_back(void **state) {
	char long_text[RECORD_ID_BYTES + 1];
	struct candidate wide = sample;
	struct pack *pack = new_pack();
	const unsigned char *data = NULL;
	size_t len = 0;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	long_text[RECORD_ID_BYTES] = '\0';
	wide.id = long_text;
	assert_int_equal(record_encode(pack, "t", "r", &wide, &data, &len), -EMSGSIZE);
	assert_int_equal(record_encode(pack, long_text, "r", &sample, &data, &len), -EMSGSIZE);
	assert_int_equal(record_encode(pack, "t", long_text, &sample, &data, &len), -EMSGSIZE);
	pack_free(pack);
}

enum part {
	PART_V,
	PART_T,
	PART_ID,
	PART_K,
	PART_AT,
	PART_CUT,
	PART_SEEN,
	PART_RUN,
	PART_D,
	PARTS
};

static const char *const part_names[PARTS] = {
	"v",
	"t",
	"id",
	"k",
	"at",
	"cut",
	"seen",
	"run",
	"d",
};

// A record whose `odd` part has another type (or stands not there at all), and one key that nobody
// knows.
static void write_odd(struct pack *pack, int odd, bool absent) {
	pack_reset(pack, PARTS + 1 - (absent ? 1 : 0));
	pack_str(pack, "unknown", "later versions may add this");
	for (int i = 0; i < PARTS; i++) {
		const char *name = part_names[i];
		bool is_text = i == PART_T || i == PART_ID || i == PART_RUN;

		if (i == odd && absent)
			continue;
		if (i == odd && is_text)
			pack_int(pack, name, 7);
		else if (i == odd)
			pack_str(pack, name, "odd");
		else if (i == PART_D)
			pack_raw(pack, name, inner, sizeof(inner));
		else if (is_text)
			pack_str(pack, name, "7");
		else
			pack_int(pack, name, 1);
	}
}

static void passes_over_keys_that_it_does_not_know(void **state) {
	struct pack *pack = new_pack();
	struct candidate *candidate = NULL;
	const unsigned char *data = NULL;
	struct record head;
	size_t len = 0;

	(void)state;
	write_odd(pack, -1, false);
	assert_int_equal(pack_data(pack, &data, &len), 0);
	assert_int_equal(record_decode(data, len, &head, &candidate), 0);
	candidate_free(candidate);
	pack_free(pack);
}

static void says_which_part_is_missing_or_of_another_type(void **state) {
	static const char *const faults[PARTS] = {
		[PART_V] = "bad_version",
		[PART_T] = "bad_target",
		[PART_ID] = "bad_id",
		[PART_K] = "bad_key",
		[PART_AT] = "bad_time",
		[PART_CUT] = "bad_time",
		[PART_SEEN] = "bad_time",
		[PART_RUN] = "bad_run",
		[PART_D] = "bad_data",
	};
	struct pack *pack = new_pack();

	(void)state;
	for (int i = 0; i < 2 * PARTS; i++) {
		const unsigned char *data = NULL;
		size_t len = 0;

		write_odd(pack, i / 2, i % 2 == 1);
		assert_int_equal(pack_data(pack, &data, &len), 0);
		assert_fault(data, len, faults[i / 2]);
	}
	pack_free(pack);
}

static void refuses_times_that_no_clock_shows(void **state) {
	static const int64_t odd[] = {
		INT64_MIN,
		-1,
		(INT64_C(1) << 53) + 1,
		INT64_MAX,
	};
	struct pack *pack = new_pack();

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(odd) / sizeof(odd[0]); i++) {
		struct candidate hostile = sample;
		const unsigned char *data = NULL;
		size_t len = 0;

		*(i % 2 == 0 ? &hostile.seen_ms : &hostile.cutoff) = odd[i / 2];
		assert_int_equal(record_encode(pack, "t", "r", &hostile, &data, &len), 0);
		assert_fault(data, len, "bad_time");
	}
	pack_free(pack);
}

static void takes_a_row_of_any_time(void **state) {
	static const int64_t odd[] = {INT64_MIN, -1, 0, INT64_MAX};
	struct pack *pack = new_pack();

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct candidate like = sample, *candidate = NULL;
		const unsigned char *data = NULL;
		struct record head;
		size_t len = 0;

		like.at = odd[i];
		assert_int_equal(record_encode(pack, "t", "r", &like, &data, &len), 0);
		assert_int_equal(record_decode(data, len, &head, &candidate), 0);
		assert_int_equal(candidate->at, odd[i]);
		candidate_free(candidate);
	}
	pack_free(pack);
}

static void refuses_a_newer_version(void **state) {
	static const unsigned char bytes[] = {0x81, 0xa1, 'v', 0x02};

	(void)state;
	assert_fault(bytes, sizeof(bytes), "newer_version");
}

static void refuses_hostile_bytes(void **state) {
	static const unsigned char huge_map[] = {0xdf, 0xff, 0xff, 0xff, 0xff};
	static const unsigned char huge_text[] = {0x81, 0xa1, 'v', 0xdb, 0xff, 0xff, 0xff, 0xff};
	static const unsigned char number[] = {0x07};
	static unsigned char deep[64];
	static unsigned char large[PACK_BYTES_MAX + 1];

	(void)state;
	memset(deep, 0x91, sizeof(deep));
	assert_fault(huge_map, sizeof(huge_map), "not_a_map");
	assert_fault(huge_text, sizeof(huge_text), "not_a_map");
	assert_fault(number, sizeof(number), "not_a_map");
	assert_fault(deep, sizeof(deep), "not_a_map");
	assert_fault(large, sizeof(large), "not_a_map");
	assert_fault(number, 0, "not_a_map");
}

static void refuses_every_record_that_is_cut_short(void **state) {
	struct pack *pack = new_pack();
	const unsigned char *data = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(record_encode(pack, "t", "r", &sample, &data, &len), 0);
	for (size_t cut = 0; cut < len; cut++)
		assert_fault(data, cut, "not_a_map");
	pack_free(pack);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back_what_was_written),
		cmocka_unit_test(forgets_that_another_process_judged_it),
		cmocka_unit_test(writes_a_candidate_without_data_as_an_empty_map),
		cmocka_unit_test(writes_nothing_that_could_not_be_read_back),
		cmocka_unit_test(passes_over_keys_that_it_does_not_know),
		cmocka_unit_test(says_which_part_is_missing_or_of_another_type),
		cmocka_unit_test(refuses_times_that_no_clock_shows),
		cmocka_unit_test(takes_a_row_of_any_time),
		cmocka_unit_test(refuses_a_newer_version),
		cmocka_unit_test(refuses_hostile_bytes),
		cmocka_unit_test(refuses_every_record_that_is_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
