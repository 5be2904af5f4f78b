// SPDX-License-Identifier: MPL-2.0
// swift_ring_sections_test: rings of format 2, right and wrong.
#include "support/test.h"

#include "common/targets/swift/ring/ring.h"
#include "support/ring_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Two partitions.
#define METADATA(replicas, width)                                                                  \
	"{\"dev_id_bytes\": " width ", \"part_shift\": 31, \"replica_count\": " replicas           \
	", \"version\": 7}"

static const unsigned char narrow[] = {0, 0, 0, 2, 0, 2};
static const unsigned char wide[] = {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, 0, 0, 0, 0};

static void make(struct buf *out, const char *metadata, const unsigned char *ids, size_t len) {
	ring_text_v2(
		out,
		&(struct ring_text){
			.metadata = metadata,
			.devices = RING_DEVICES,
			.assignments = ids,
			.assignment_bytes = len,
		}
	);
}

static void assert_refused(const struct buf *bytes, const char *why) {
	char error[256] = "";
	struct ring *ring = NULL;
	int err = ring_parse(&ring, (unsigned char *)bytes->data, bytes->len, error, sizeof(error));

	assert_int_equal(err, -EINVAL);
	assert_null(ring);
	if (strstr(error, why) == NULL)
		fail_msg("'%s' does not say '%s'", error, why);
}

static struct ring *parse(const struct buf *bytes) {
	char error[256] = "";
	struct ring *ring = NULL;
	int err = ring_parse(&ring, (unsigned char *)bytes->data, bytes->len, error, sizeof(error));

	assert_string_equal(error, "");
	assert_int_equal(err, 0);
	return ring;
}

static void ids_may_have_two_bytes(void **state) {
	const struct ring_device *nodes[2];
	struct ring *ring;
	struct buf bytes;

	(void)state;
	make(&bytes, METADATA("1.5", "2"), narrow, sizeof(narrow));
	ring = parse(&bytes);
	assert_int_equal(ring_partitions(ring), 2);
	assert_int_equal(ring_nodes(ring, 0, nodes, 2), 2);
	assert_int_equal(nodes[0]->id, 0);
	assert_int_equal(nodes[1]->id, 2);
	assert_int_equal(ring_nodes(ring, 1, nodes, 2), 1);
	assert_string_equal(nodes[0]->ip, "::1");
	ring_free(ring);
	buf_fini(&bytes);
}

static void ids_may_have_four_bytes(void **state) {
	const struct ring_device *nodes[2];
	struct ring *ring;
	struct buf bytes;

	(void)state;
	make(&bytes, METADATA("2", "4"), wide, sizeof(wide));
	ring = parse(&bytes);
	assert_int_equal(ring_nodes(ring, 0, nodes, 2), 2);
	assert_int_equal(nodes[0]->id, 0);
	assert_int_equal(nodes[1]->id, 2);
	// The other replica has no device.
	assert_int_equal(ring_nodes(ring, 1, nodes, 2), 1);
	assert_int_equal(nodes[0]->id, 0);
	ring_free(ring);
	buf_fini(&bytes);
}

struct wrong {
	const char *metadata;
	const char *why;
};

static void metadata_that_does_not_fit_is_refused(void **state) {
	static const struct wrong rows[] = {
		{METADATA("1.5", "3"), "dev_id_bytes"},
		{METADATA("1.5", "0"), "dev_id_bytes"},
		{METADATA("1.5", "\"2\""), "dev_id_bytes"},
		{"{\"part_shift\": 31, \"replica_count\": 1.5}", "dev_id_bytes"},
		{METADATA("1.5", "4"), "within an assignment"},
		{METADATA("1.4", "2"), "other assignments"},
		{METADATA("2", "2"), "other assignments"},
		{METADATA("1", "2"), "more assignments"},
		{METADATA("2.5", "2"), "fewer rows"},
		{METADATA("0.5", "2"), "replica_count"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf bytes;

		make(&bytes, rows[i].metadata, narrow, sizeof(narrow));
		assert_refused(&bytes, rows[i].why);
		buf_fini(&bytes);
	}
}

// Puts text of the same length in place of the last such text.
static void replace(struct buf *bytes, const char *text, const char *other) {
	size_t len = strlen(text);

	assert_int_equal(strlen(other), len);
	for (size_t at = bytes->len - len; at > 0; at--) {
		if (memcmp(bytes->data + at, text, len) == 0) {
			memcpy(bytes->data + at, other, len);
			return;
		}
	}
	fail_msg("no '%s'", text);
}

struct change {
	const char *text;
	const char *other;
	const char *why;
};

static void an_index_that_lies_is_refused(void **state) {
	static const struct change rows[] = {
		{"swift/ring/metadata", "swift/ring/Metadata", "metadata is missing"},
		{"swift/ring/devices", "swift/ring/device5", "devices is missing"},
		{"swift/ring/assignments", "swift/ring/assignment5", "assignments is missing"},
		{"\"sha256\"", "\"sha257\"", "no known kind"},
		{"\"sha256\"", "\"sha512\"", "another digest"},
		{"\"sha256\"", "1234567,", "no JSON"},
		{"[6, 6, 9, ", "[6, 7, 9, ", "not where it should be"},
		{"[6, 6, 9, ", "[6,-6, 9, ", "not where it should be"},
		{"[6, 6, 9, ", "[ 6.0, 9, ", "not where it should be"},
		{"[6, 6, 9, ", "[ 6,    9,", "not where it should be"},
		{"sda", "sdb", "devices has another digest"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf bytes;

		make(&bytes, METADATA("1.5", "2"), narrow, sizeof(narrow));
		replace(&bytes, rows[i].text, rows[i].other);
		assert_refused(&bytes, rows[i].why);
		buf_fini(&bytes);
	}
}

static void an_end_that_points_elsewhere_is_refused(void **state) {
	struct buf bytes;

	(void)state;
	for (int byte = 1; byte <= 8; byte++) {
		make(&bytes, METADATA("1.5", "2"), narrow, sizeof(narrow));
		bytes.data[bytes.len - 8 - (size_t)byte] ^= (char)0xff;
		assert_refused(&bytes, "index is not where");
		buf_fini(&bytes);
	}
}

// What is cut lies in memory of its own size, so that a sanitizer sees a read behind its end.
static void a_ring_that_is_cut_anywhere_is_refused(void **state) {
	struct buf whole;

	(void)state;
	make(&whole, METADATA("1.5", "2"), narrow, sizeof(narrow));
	for (size_t len = 0; len < whole.len; len++) {
		struct buf cut = {.data = malloc(len > 0 ? len : 1), .len = len};

		assert_non_null(cut.data);
		memcpy(cut.data, whole.data, len);
		assert_refused(&cut, ";");
		free(cut.data);
	}
	buf_fini(&whole);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_may_have_two_bytes),
		cmocka_unit_test(ids_may_have_four_bytes),
		cmocka_unit_test(metadata_that_does_not_fit_is_refused),
		cmocka_unit_test(an_index_that_lies_is_refused),
		cmocka_unit_test(an_end_that_points_elsewhere_is_refused),
		cmocka_unit_test(a_ring_that_is_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
