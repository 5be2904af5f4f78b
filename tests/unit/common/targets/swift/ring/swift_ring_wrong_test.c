// SPDX-License-Identifier: MPL-2.0
// swift_ring_wrong_test: rings of format 1 that are refused.
#include "support/test.h"

#include "common/targets/swift/ring/ring.h"
#include "support/ring_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Two partitions, and two replicas of them.
static const unsigned char ids[] = {0, 0, 2, 0, 2, 0, 0, 0};

#define REST ", \"part_shift\": 31, \"replica_count\": 2, \"byteorder\": \"little\"}"
#define WITH_DEVICES(devices) "{\"devs\": " devices REST
#define WITH_DEVICE(fields)                                                                        \
	WITH_DEVICES("[{\"id\": 0, " fields "}, null, " RING_DEVICE("2", "::1", "sdc") "]")
#define WITH(fields) "{\"devs\": " RING_DEVICES ", " fields "}"
#define SHIFT(value) WITH("\"part_shift\": " value ", \"replica_count\": 2")
#define REPLICAS(value)                                                                            \
	WITH("\"part_shift\": 31, \"byteorder\": \"little\", \"replica_count\": " value)

struct wrong {
	const char *metadata;
	const char *why;
};

static void assert_bytes_refused(const void *bytes, size_t len, const char *why) {
	char error[256] = "";
	struct ring *ring = NULL;

	assert_int_equal(ring_parse(&ring, bytes, len, error, sizeof(error)), -EINVAL);
	assert_null(ring);
	if (strstr(error, why) == NULL)
		fail_msg("'%s' does not say '%s'", error, why);
	if (strstr(error, "; copy the ring again") == NULL)
		fail_msg("'%s' has no remedy", error);
}

static void assert_refused(const struct wrong *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		struct buf bytes;

		ring_text_v1(
			&bytes,
			&(struct ring_text){
				.metadata = rows[i].metadata,
				.assignments = ids,
				.assignment_bytes = sizeof(ids),
			}
		);
		assert_bytes_refused(bytes.data, bytes.len, rows[i].why);
		buf_fini(&bytes);
	}
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void what_does_not_begin_as_a_ring_is_refused(void **state) {
	(void)state;
	assert_bytes_refused("", 0, "does not begin with R1NG");
	assert_bytes_refused("R1NG\0", 5, "does not begin with R1NG");
	assert_bytes_refused("r1ng\0\1", 6, "does not begin with R1NG");
	assert_bytes_refused("\x80\x02}q\1U\4devs", 11, "does not begin with R1NG");
}

static void another_format_is_refused(void **state) {
	(void)state;
	assert_bytes_refused("R1NG\0\0", 6, "format 0, and 1 and 2 are known");
	assert_bytes_refused("R1NG\0\3abc", 9, "format 3, and 1 and 2 are known");
	assert_bytes_refused("R1NG\xff\xff", 6, "format 65535, and 1 and 2 are known");
}

static void a_part_shift_from_0_to_32_is_wanted(void **state) {
	static const struct wrong rows[] = {
		{WITH("\"replica_count\": 2"), "part_shift"},
		{SHIFT("-1"), "part_shift"},
		{SHIFT("33"), "part_shift"},
		{SHIFT("31.0"), "part_shift"},
		{SHIFT("\"31\""), "part_shift"},
		{SHIFT("null"), "part_shift"},
		{SHIFT("31, \"part_shift\": 31"), "no JSON"},
		{SHIFT("9223372036854775808"), "no JSON"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

static void as_many_rows_as_replicas_are_wanted(void **state) {
	static const struct wrong rows[] = {
		{WITH("\"part_shift\": 31"), "replica_count"},
		{REPLICAS("0"), "replica_count"},
		{REPLICAS("-2"), "replica_count"},
		{REPLICAS("2.0"), "replica_count"},
		{REPLICAS("\"2\""), "replica_count"},
		{REPLICAS("129"), "replica_count"},
		{REPLICAS("1"), "more assignments than replicas"},
		{REPLICAS("4"), "fewer rows of assignments than replicas"},
		{REPLICAS("128"), "fewer rows of assignments than replicas"},
		{SHIFT("0"), "fewer rows of assignments than replicas"},
		{SHIFT("29"), "fewer rows of assignments than replicas"},
		{SHIFT("32"), "more assignments than replicas"},
		{WITH("\"part_shift\": 29, \"replica_count\": 1"), "only row"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

static void of_many_partitions_no_row_may_be_missing(void **state) {
	static const unsigned char zeros[128 * 2 * 2];
	struct buf bytes;

	(void)state;
	ring_text_v1(
		&bytes,
		&(struct ring_text){
			.metadata = WITH("\"part_shift\": 25, \"replica_count\": 3"),
			.assignments = zeros,
			.assignment_bytes = sizeof(zeros),
		}
	);
	assert_bytes_refused(bytes.data, bytes.len, "fewer rows of assignments than replicas");
	buf_fini(&bytes);
}

static void another_order_of_bytes_is_refused(void **state) {
	static const struct wrong rows[] = {
		{SHIFT("31, \"byteorder\": \"Little\""), "byteorder"},
		{SHIFT("31, \"byteorder\": \"\""), "byteorder"},
		{SHIFT("31, \"byteorder\": null"), "byteorder"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

static void metadata_that_is_no_object_is_refused(void **state) {
	static const struct wrong rows[] = {
		{"", "no JSON"},
		{"[]", "part_shift"},
		{"7", "no JSON"},
		{"{\"devs\"", "no JSON"},
		{SHIFT("31") "x", "no JSON"},
		{SHIFT("31") "{}", "no JSON"},
		{WITH_DEVICES("[NaN]"), "no JSON"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

static void a_list_of_devices_is_wanted(void **state) {
	static const struct wrong rows[] = {
		{"{\"part_shift\": 31, \"replica_count\": 2}", "no list of devices"},
		{WITH_DEVICES("{}"), "no list of devices"},
		{WITH_DEVICES("[]"), "no list of devices"},
		{WITH_DEVICES("null"), "no list of devices"},
		{WITH_DEVICES("[1]"), "device 0 has no 'id'"},
		{WITH_DEVICES("[[]]"), "device 0 has no 'id'"},
		{WITH_DEVICES("[null, null, null]"), "of device 0, and there is none"},
		{WITH_DEVICES("[" RING_DEVICE("0", "h", "d") ", null, null]"), "of device 2, and"},
		{WITH_DEVICES("[" RING_DEVICE("0", "h", "d") "]"), "of device 2, and"},
		{WITH_DEVICES("[" RING_DEVICE("1", "h", "d") "]"), "device 0 has no 'id'"},
		{WITH_DEVICES("[" RING_DEVICE("0.0", "h", "d") "]"), "device 0 has no 'id'"},
		{WITH_DEVICES("[null, " RING_DEVICE("0", "h", "d") "]"), "device 1 has no 'id'"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

#define IP(value) WITH_DEVICE("\"ip\": " value ", \"port\": 1, \"device\": \"d\"")
#define PORT(value) WITH_DEVICE("\"ip\": \"h\", \"port\": " value ", \"device\": \"d\"")
#define NAME(value) WITH_DEVICE("\"ip\": \"h\", \"port\": 1, \"device\": " value)
#define OTHER(field, value)                                                                        \
	WITH_DEVICE("\"ip\": \"h\", \"port\": 1, \"device\": \"d\", \"" field "\": " value)

static void an_address_that_is_none_is_refused(void **state) {
	static const struct wrong rows[] = {
		{WITH_DEVICE("\"port\": 1, \"device\": \"d\""), "device 0 has no 'ip'"},
		{IP("\"\""), "device 0 has no 'ip'"},
		{IP("null"), "device 0 has no 'ip'"},
		{IP("1"), "device 0 has no 'ip'"},
		{IP("\"h\\u0000\""), "device 0 has no 'ip'"},
		{IP("\"h/x\""), "device 0 has no 'ip'"},
		{IP("\"u@h\""), "device 0 has no 'ip'"},
		{IP("\"[::1]\""), "device 0 has no 'ip'"},
		{IP("\"h \""), "device 0 has no 'ip'"},
		{IP("\"\xc3\xa9\""), "device 0 has no 'ip'"},
		{OTHER("replication_ip", "\"\""), "device 0 has no 'replication_ip'"},
		{OTHER("replication_ip", "null"), "device 0 has no 'replication_ip'"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

static void a_port_that_is_none_is_refused(void **state) {
	static const struct wrong rows[] = {
		{WITH_DEVICE("\"ip\": \"h\", \"device\": \"d\""), "device 0 has no 'port'"},
		{PORT("0"), "device 0 has no 'port'"},
		{PORT("-1"), "device 0 has no 'port'"},
		{PORT("65536"), "device 0 has no 'port'"},
		{PORT("4294967297"), "device 0 has no 'port'"},
		{PORT("80.0"), "device 0 has no 'port'"},
		{PORT("\"80\""), "device 0 has no 'port'"},
		{OTHER("replication_port", "0"), "device 0 has no 'replication_port'"},
		{OTHER("replication_port", "null"), "device 0 has no 'replication_port'"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

static void a_name_that_is_no_directory_is_refused(void **state) {
	static const struct wrong rows[] = {
		{WITH_DEVICE("\"ip\": \"h\", \"port\": 1"), "device 0 has no 'device'"},
		{NAME("\"\""), "device 0 has no 'device'"},
		{NAME("null"), "device 0 has no 'device'"},
		{NAME("7"), "device 0 has no 'device'"},
		{NAME("\"a/b\""), "device 0 has no 'device'"},
		{NAME("\".\""), "device 0 has no 'device'"},
		{NAME("\"..\""), "device 0 has no 'device'"},
		{NAME("\"a\\u0000\""), "device 0 has no 'device'"},
		{NAME("\"a\\n\""), "device 0 has no 'device'"},
	};

	(void)state;
	assert_refused(rows, COUNT(rows));
}

// Where the last row is cut, a ring looks like one with fewer replicas; the file's own length
// tells.
static void a_ring_that_is_cut_is_refused_or_has_a_short_last_row(void **state) {
	struct buf whole;

	(void)state;
	ring_text_v1(
		&whole,
		&(struct ring_text
		){.metadata = REPLICAS("2"), .assignments = ids, .assignment_bytes = sizeof(ids)}
	);
	for (size_t len = 0; len < whole.len; len++) {
		unsigned char *cut = malloc(len > 0 ? len : 1);
		struct ring *ring = NULL;

		assert_non_null(cut);
		memcpy(cut, whole.data, len);
		if (len != whole.len - 2 && len != whole.len - 4) {
			assert_bytes_refused(cut, len, ";");
		} else {
			assert_int_equal(ring_parse(&ring, cut, len, NULL, 0), 0);
			assert_int_equal(
				ring_nodes(ring, 0, NULL, 0), len == whole.len - 4 ? 1 : 2
			);
			assert_int_equal(ring_nodes(ring, 1, NULL, 0), 1);
			ring_free(ring);
		}
		free(cut);
	}
	buf_fini(&whole);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_begin_as_a_ring_is_refused),
		cmocka_unit_test(another_format_is_refused),
		cmocka_unit_test(a_part_shift_from_0_to_32_is_wanted),
		cmocka_unit_test(as_many_rows_as_replicas_are_wanted),
		cmocka_unit_test(of_many_partitions_no_row_may_be_missing),
		cmocka_unit_test(another_order_of_bytes_is_refused),
		cmocka_unit_test(metadata_that_is_no_object_is_refused),
		cmocka_unit_test(a_list_of_devices_is_wanted),
		cmocka_unit_test(an_address_that_is_none_is_refused),
		cmocka_unit_test(a_port_that_is_none_is_refused),
		cmocka_unit_test(a_name_that_is_no_directory_is_refused),
		cmocka_unit_test(a_ring_that_is_cut_is_refused_or_has_a_short_last_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
