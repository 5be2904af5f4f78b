// SPDX-License-Identifier: MPL-2.0
// swift_ring_test: rings of format 1 that are right.
#include "support/test.h"

#include "common/targets/swift/ring/ring.h"
#include "support/ring_text.h"

#include <string.h>

// Four partitions.
#define METADATA(replicas, order)                                                                  \
	"{" order "\"devs\": " RING_DEVICES ", \"part_shift\": 30, \"replica_count\": " replicas   \
	", \"version\": 7}"
#define LITTLE "\"byteorder\": \"little\", "
#define BIG "\"byteorder\": \"big\", "

static struct ring *parse(const struct ring_text *text) {
	char error[256] = "";
	struct ring *ring = NULL;
	struct buf bytes;
	int err;

	ring_text_v1(&bytes, text);
	err = ring_parse(&ring, (unsigned char *)bytes.data, bytes.len, error, sizeof(error));
	buf_fini(&bytes);
	assert_string_equal(error, "");
	assert_int_equal(err, 0);
	return ring;
}

static void assert_nodes(const struct ring *ring, uint32_t partition, const char *ids) {
	const struct ring_device *nodes[RING_REPLICAS_MAX];
	char text[16] = "";
	size_t count = ring_nodes(ring, partition, nodes, RING_REPLICAS_MAX);

	assert_true(count < sizeof(text));
	for (size_t i = 0; i < count; i++)
		text[i] = (char)('0' + nodes[i]->id);
	assert_string_equal(text, ids);
}

static void a_partition_has_a_device_of_each_row(void **state) {
	static const unsigned char ids[] = {0, 0, 2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0, 0, 0};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("2", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_int_equal(ring_partitions(ring), 4);
	assert_nodes(ring, 0, "02");
	assert_nodes(ring, 1, "20");
	assert_nodes(ring, 2, "02");
	assert_nodes(ring, 3, "20");
	ring_free(ring);
}

static void partitions_may_be_about_to_become_more(void **state) {
	static const unsigned char ids[] = {0, 0, 2, 0, 0, 0, 2, 0};
	struct ring_text text = {.assignments = ids, .assignment_bytes = sizeof(ids)};
	struct ring *ring;

	(void)state;
	text.metadata = METADATA("1", LITTLE);
	ring = parse(&text);
	assert_int_equal(ring_next_part_power(ring), 0);
	ring_free(ring);
	text.metadata = METADATA("1", LITTLE "\"next_part_power\": 3, ");
	ring = parse(&text);
	assert_int_equal(ring_next_part_power(ring), 3);
	ring_free(ring);
}

static void ids_may_have_the_highest_byte_first(void **state) {
	static const unsigned char ids[] = {0, 0, 0, 2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0, 0};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("2", BIG), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_nodes(ring, 0, "02");
	assert_nodes(ring, 3, "20");
	ring_free(ring);
}

static void without_an_order_it_is_that_of_this_machine(void **state) {
	static const uint16_t ids[] = {0, 2, 0, 2, 2, 0, 2, 0};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("2", ""), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_nodes(ring, 0, "02");
	assert_nodes(ring, 3, "20");
	ring_free(ring);
}

static void the_last_row_may_be_short(void **state) {
	static const unsigned char ids[] = {0, 0, 2, 0, 0, 0, 2, 0, 2, 0};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("2", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_nodes(ring, 0, "02");
	assert_nodes(ring, 1, "2");
	assert_nodes(ring, 3, "2");
	ring_free(ring);
}

// Swift makes it of 2.1 replicas.
static void of_few_partitions_the_last_row_may_be_empty(void **state) {
	static const unsigned char ids[] = {0, 0, 2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0, 0, 0};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("3", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_nodes(ring, 0, "02");
	assert_nodes(ring, 3, "20");
	ring_free(ring);
}

static void a_device_of_two_replicas_is_listed_once(void **state) {
	static const unsigned char ids[] = {
		0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("3", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_nodes(ring, 0, "02");
	assert_nodes(ring, 1, "2");
	assert_nodes(ring, 2, "02");
	assert_nodes(ring, 3, "20");
	ring_free(ring);
}

static void a_replica_may_have_no_device(void **state) {
	static const unsigned char ids[] = {
		0xff, 0xff, 2, 0, 0, 0, 0xff, 0xff, 2, 0, 0xff, 0xff, 2, 0, 0xff, 0xff};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("2", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_nodes(ring, 0, "2");
	assert_nodes(ring, 1, "2");
	assert_nodes(ring, 2, "02");
	assert_nodes(ring, 3, "");
	ring_free(ring);
}

static void too_little_room_gets_the_first_ones_and_the_count(void **state) {
	static const unsigned char ids[] = {0, 0, 2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0, 0, 0};
	const struct ring_device *nodes[2] = {NULL, NULL};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("2", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_int_equal(ring_nodes(ring, 1, nodes, 1), 2);
	assert_int_equal(nodes[0]->id, 2);
	assert_null(nodes[1]);
	assert_int_equal(ring_nodes(ring, 1, NULL, 0), 2);
	ring_free(ring);
}

static void a_partition_beyond_the_last_has_no_nodes(void **state) {
	static const unsigned char ids[] = {0, 0, 2, 0, 0, 0, 2, 0};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("1", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	assert_nodes(ring, 4, "");
	assert_nodes(ring, UINT32_MAX, "");
	ring_free(ring);
}

static void the_first_bits_of_a_hash_tell_the_partition(void **state) {
	static const unsigned char ids[] = {0, 0, 2, 0, 0, 0, 2, 0};
	static const unsigned char hashes[][RING_HASH_BYTES] = {
		{0x3f, 0xff, 0xff, 0xff, 0xff}, {0x40}, {0xbf, 0xff}, {0xff}};
	struct ring *ring = parse(&(struct ring_text
	){.metadata = METADATA("1", LITTLE), .assignments = ids, .assignment_bytes = sizeof(ids)});

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(ring_partition(ring, hashes[i]), i);
	ring_free(ring);
}

static void a_ring_may_have_one_partition(void **state) {
	static const unsigned char ids[] = {2, 0};
	static const unsigned char hash[RING_HASH_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff};
	struct ring *ring = parse(&(struct ring_text){
		.metadata = "{\"devs\": " RING_DEVICES
			    ", \"part_shift\": 32, \"replica_count\": 1, "
			    "\"byteorder\": \"little\"}",
		.assignments = ids,
		.assignment_bytes = sizeof(ids),
	});

	(void)state;
	assert_int_equal(ring_partitions(ring), 1);
	assert_int_equal(ring_partition(ring, hash), 0);
	assert_nodes(ring, 0, "2");
	ring_free(ring);
}

static void a_device_without_a_replication_address_has_its_own(void **state) {
	static const unsigned char ids[] = {2, 0};
	struct ring *ring = parse(&(struct ring_text){
		.metadata = "{\"devs\": [" RING_DEVICE(
			"0", "node-1.example", "d 1"
		) ", null, "
		  "{\"id\": 2, \"ip\": \"10.0.0.1\", \"port\": 1, \"device\": \"d2\", "
		  "\"replication_ip\": \"fe80::1\", \"replication_port\": 65535, "
		  "\"meta\": \"nul \\u0000 inside\", \"weight\": 1.5}], "
		  "\"part_shift\": 32, \"replica_count\": 1, \"byteorder\": \"little\"}",
		.assignments = ids,
		.assignment_bytes = sizeof(ids),
	});
	const struct ring_device *first = ring_device_at(ring, 0);
	const struct ring_device *third = ring_device_at(ring, 2);

	(void)state;
	assert_int_equal(ring_device_count(ring), 3);
	assert_null(ring_device_at(ring, 1));
	assert_null(ring_device_at(ring, 3));
	assert_null(ring_device_at(ring, SIZE_MAX));
	assert_int_equal(first->id, 0);
	assert_string_equal(first->ip, "node-1.example");
	assert_string_equal(first->replication_ip, "node-1.example");
	assert_int_equal(first->port, 6200);
	assert_int_equal(first->replication_port, 6200);
	assert_string_equal(first->device, "d 1");
	assert_int_equal(third->id, 2);
	assert_string_equal(third->ip, "10.0.0.1");
	assert_string_equal(third->replication_ip, "fe80::1");
	assert_int_equal(third->port, 1);
	assert_int_equal(third->replication_port, 65535);
	ring_free(ring);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_partition_has_a_device_of_each_row),
		cmocka_unit_test(partitions_may_be_about_to_become_more),
		cmocka_unit_test(ids_may_have_the_highest_byte_first),
		cmocka_unit_test(without_an_order_it_is_that_of_this_machine),
		cmocka_unit_test(the_last_row_may_be_short),
		cmocka_unit_test(of_few_partitions_the_last_row_may_be_empty),
		cmocka_unit_test(a_device_of_two_replicas_is_listed_once),
		cmocka_unit_test(a_replica_may_have_no_device),
		cmocka_unit_test(too_little_room_gets_the_first_ones_and_the_count),
		cmocka_unit_test(a_partition_beyond_the_last_has_no_nodes),
		cmocka_unit_test(the_first_bits_of_a_hash_tell_the_partition),
		cmocka_unit_test(a_ring_may_have_one_partition),
		cmocka_unit_test(a_device_without_a_replication_address_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
