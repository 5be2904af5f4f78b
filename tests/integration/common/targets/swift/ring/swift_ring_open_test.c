// SPDX-License-Identifier: MPL-2.0
// swift_ring_open_test: rings that swift-ring-builder wrote, and damaged ones, beside what Swift
// reads in them.
#include "support/test.h"

#include "common/targets/swift/ring/ring.h"
#include "common/targets/swift/ring/ring_open.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define RINGS TEST_DATA_DIR "/swift/rings/"

static int begin(void **state) {
	json_error_t error;

	*state = json_load_file(RINGS "expected.json", 0, &error);
	assert_non_null(*state);
	return 0;
}

static int end(void **state) {
	json_decref(*state);
	return 0;
}

static int open_ring(struct ring **out, const char *name, char error[512]) {
	char path[512];

	error[0] = '\0';
	snprintf(path, sizeof(path), RINGS "%s", name);
	return ring_open(out, path, error, 512);
}

static const char *text_of(const json_t *device, const char *field) {
	return json_string_value(json_object_get(device, field));
}

static int number_of(const json_t *device, const char *field) {
	return (int)json_integer_value(json_object_get(device, field));
}

static void assert_devices(const struct ring *ring, const json_t *wanted) {
	assert_int_equal(ring_device_count(ring), json_array_size(wanted));
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		const json_t *one = json_array_get(wanted, i);
		const struct ring_device *device = ring_device_at(ring, i);

		if (json_is_null(one)) {
			assert_null(device);
			continue;
		}
		assert_int_equal(device->id, number_of(one, "id"));
		assert_string_equal(device->ip, text_of(one, "ip"));
		assert_int_equal(device->port, number_of(one, "port"));
		assert_string_equal(device->replication_ip, text_of(one, "replication_ip"));
		assert_int_equal(device->replication_port, number_of(one, "replication_port"));
		assert_string_equal(device->device, text_of(one, "device"));
	}
}

static void assert_nodes(const struct ring *ring, const json_t *wanted) {
	assert_int_equal(ring_partitions(ring), json_array_size(wanted));
	for (size_t part = 0; part < json_array_size(wanted); part++) {
		const struct ring_device *nodes[RING_REPLICAS_MAX];
		const json_t *ids = json_array_get(wanted, part);
		size_t count = ring_nodes(ring, (uint32_t)part, nodes, RING_REPLICAS_MAX);

		assert_int_equal(count, json_array_size(ids));
		for (size_t i = 0; i < count; i++)
			assert_int_equal(nodes[i]->id, json_integer_value(json_array_get(ids, i)));
	}
}

static void assert_reads(const json_t *expected, const char *name, const char *as) {
	const json_t *wanted = json_object_get(expected, as);
	struct ring *ring = NULL;
	char error[512];
	int err = open_ring(&ring, name, error);

	assert_string_equal(error, "");
	assert_int_equal(err, 0);
	assert_devices(ring, json_object_get(wanted, "devs"));
	assert_nodes(ring, json_object_get(wanted, "nodes_of_partition"));
	ring_free(ring);
}

static void assert_refused(const char *name, const char *why) {
	struct ring *ring = (struct ring *)name;
	char error[512];

	assert_int_equal(open_ring(&ring, name, error), -EINVAL);
	assert_null(ring);
	if (strstr(error, name) == NULL || strstr(error, why) == NULL)
		fail_msg("'%s' does not say '%s'", error, why);
}

static void rings_of_format_1_are_read(void **state) {
	assert_reads(*state, "a.ring.gz", "a.ring.gz");
	assert_reads(*state, "f.ring.gz", "f.ring.gz");
	assert_reads(*state, "h.ring.gz", "h.ring.gz");
}

static void rings_of_format_2_are_read(void **state) {
	assert_reads(*state, "b.ring.gz", "b.ring.gz");
	assert_reads(*state, "c.ring.gz", "c.ring.gz");
	assert_reads(*state, "fv2.ring.gz", "fv2.ring.gz");
}

static void a_ring_of_another_or_no_order_is_read(void **state) {
	assert_reads(*state, "xbig.gz", "xbig.gz");
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	assert_reads(*state, "xnobo.gz", "xnobo.gz");
#endif
}

// It was made so; that gzip's CRC is right says that nothing was lost on the way.
static void a_short_last_row_is_read(void **state) {
	assert_reads(*state, "xshort.gz", "xshort.gz");
}

// Swift refuses it, as it looks for the index in the file.
static void a_ring_that_was_compressed_anew_is_read(void **state) {
	assert_reads(*state, "xrecompressed.gz", "b.ring.gz");
}

static void what_swift_refuses_is_refused(void **state) {
	(void)state;
	assert_refused("x0.gz", "does not begin with R1NG; copy the ring again");
	assert_refused("x3.gz", "has format 3, and 1 and 2 are known");
	assert_refused("xempty.gz", "does not begin with R1NG");
	assert_refused("xplain", "incorrect header check; copy it again");
	assert_refused("xtrunc.gz", "it is cut short; copy it again");
}

static void a_ring_that_is_not_there_is_named(void **state) {
	struct ring *ring = NULL;
	char error[512];

	(void)state;
	assert_int_equal(open_ring(&ring, "nowhere.ring.gz", error), -ENOENT);
	assert_non_null(strstr(error, "/nowhere.ring.gz: cannot open: No such file"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rings_of_format_1_are_read, begin, end),
		cmocka_unit_test_setup_teardown(rings_of_format_2_are_read, begin, end),
		cmocka_unit_test_setup_teardown(a_ring_of_another_or_no_order_is_read, begin, end),
		cmocka_unit_test_setup_teardown(a_short_last_row_is_read, begin, end),
		cmocka_unit_test_setup_teardown(
			a_ring_that_was_compressed_anew_is_read, begin, end
		),
		cmocka_unit_test(what_swift_refuses_is_refused),
		cmocka_unit_test(a_ring_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
