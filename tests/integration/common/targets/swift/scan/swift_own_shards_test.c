// SPDX-License-Identifier: MPL-2.0
// swift_own_shards_test: which partitions of accounts a node looks after.
#include "support/test.h"

#include "common/targets/swift/scan/local_ips.h"
#include "common/targets/swift/scan/own_shards.h"
#include "support/ring_text.h"

#define DEVICE(id, ip, port, device)                                                               \
	"{\"id\": " id ", \"ip\": \"" ip "\", \"port\": " port ", \"device\": \"" device "\"}"

#define NODE_0 DEVICE("0", "10.0.0.1", "6202", "sda")
#define NODE_2 DEVICE("2", "10.0.0.1", "6202", "sdb")
#define NODE_3 DEVICE("3", "10.0.0.2", "6202", "sda")
#define NODE_4 DEVICE("4", "10.0.0.1", "6203", "sdc")
#define NODE_5 DEVICE("5", "10.0.0.1", "6202", "spare")
#define NODES NODE_0 ", null, " NODE_2 ", " NODE_3 ", " NODE_4 ", " NODE_5

enum { OUR_PORT = 6202, NO_DEVICE = 0xFF };

// Two partitions, of three replicas.
static struct ring *ring_begin(void) {
	static const unsigned char ids[] = {
		// Of partition 0, and of 1.
		3,
		0,
		4,
		0, //
		0,
		0,
		3,
		0, //
		2,
		0,
		NO_DEVICE,
		NO_DEVICE, //
	};
	struct ring *ring = NULL;
	char error[256] = "";
	struct buf bytes;

	ring_text_v1(
		&bytes,
		&(struct ring_text){
			.metadata = "{\"devs\": [" NODES
				    "], \"part_shift\": 31, \"replica_count\": 3, "
				    "\"byteorder\": \"little\"}",
			.assignments = ids,
			.assignment_bytes = sizeof(ids),
		}
	);
	assert_int_equal(
		ring_parse(
			&ring, (const unsigned char *)bytes.data, bytes.len, error, sizeof(error)
		),
		0
	);
	assert_string_equal(error, "");
	buf_fini(&bytes);
	return ring;
}

static struct own_shards *shards_begin(const struct ring *ring, const char *ip, int64_t port) {
	struct local_ips ips = {.count = 0};
	struct own_shards *shards;

	assert_int_equal(local_ips_read(&ips, ip), 0);
	shards = own_shards_new(ring, &ips, port);
	assert_non_null(shards);
	local_ips_free(&ips);
	return shards;
}

static void assert_shard(
	const struct own_shards *shards,
	const char *device,
	uint32_t partition,
	uint32_t shard,
	uint32_t nodes
) {
	struct own_shard found;

	assert_true(own_shards_find(shards, device, partition, &found));
	assert_string_equal(found.device->device, device);
	assert_int_equal(found.shard, shard);
	assert_int_equal(found.nodes, nodes);
}

static void a_share_is_the_place_among_the_primaries(void **state) {
	struct ring *ring = ring_begin();
	struct own_shards *shards = shards_begin(ring, "10.0.0.1", OUR_PORT);

	(void)state;
	assert_shard(shards, "sda", 0, 1, 3);
	assert_shard(shards, "sdb", 0, 2, 3);
	own_shards_free(shards);
	shards = shards_begin(ring, "10.0.0.2", OUR_PORT);
	assert_shard(shards, "sda", 0, 0, 3);
	// A replica without a device is no node.
	assert_shard(shards, "sda", 1, 1, 2);
	own_shards_free(shards);
	own_shards_free(NULL);
	ring_free(ring);
}

static void what_is_elsewhere_is_not_ours(void **state) {
	struct ring *ring = ring_begin();
	struct own_shards *shards = shards_begin(ring, "10.0.0.1", OUR_PORT);
	struct own_shard found;

	(void)state;
	// Another node's device of the same name.
	assert_false(own_shards_find(shards, "sda", 1, &found));
	assert_false(own_shards_find(shards, "sdb", 1, &found));
	assert_false(own_shards_find(shards, "spare", 0, &found));
	assert_false(own_shards_find(shards, "sd", 0, &found));
	assert_false(own_shards_find(shards, "", 0, &found));
	own_shards_free(shards);
	shards = shards_begin(ring, "10.0.0.3", OUR_PORT);
	assert_false(own_shards_find(shards, "sda", 0, &found));
	own_shards_free(shards);
	ring_free(ring);
}

static void a_port_tells_servers_of_one_machine_apart(void **state) {
	struct ring *ring = ring_begin();
	struct own_shards *shards = shards_begin(ring, "10.0.0.1", OUR_PORT);
	struct own_shard found;

	(void)state;
	assert_false(own_shards_find(shards, "sdc", 1, &found));
	assert_false(own_shards_has(shards, "sdc"));
	own_shards_free(shards);
	shards = shards_begin(ring, "10.0.0.1", 6203);
	assert_shard(shards, "sdc", 1, 0, 2);
	assert_false(own_shards_has(shards, "sda"));
	own_shards_free(shards);
	shards = shards_begin(ring, "10.0.0.1", 0);
	assert_shard(shards, "sdc", 1, 0, 2);
	assert_shard(shards, "sda", 0, 1, 3);
	own_shards_free(shards);
	ring_free(ring);
}

static void a_partition_that_the_ring_has_not_is_not_ours(void **state) {
	struct ring *ring = ring_begin();
	struct own_shards *shards = shards_begin(ring, "10.0.0.1", 0);
	struct own_shard found;

	(void)state;
	assert_false(own_shards_find(shards, "sda", 2, &found));
	assert_false(own_shards_find(shards, "sda", UINT32_MAX, &found));
	own_shards_free(shards);
	ring_free(ring);
}

static void a_device_is_known_without_a_partition(void **state) {
	struct ring *ring = ring_begin();
	struct own_shards *shards = shards_begin(ring, "10.0.0.1", OUR_PORT);

	(void)state;
	assert_true(own_shards_has(shards, "sda"));
	assert_true(own_shards_has(shards, "sdb"));
	assert_true(own_shards_has(shards, "spare"));
	assert_false(own_shards_has(shards, "sdd"));
	assert_false(own_shards_has(shards, ""));
	own_shards_free(shards);
	ring_free(ring);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_is_the_place_among_the_primaries),
		cmocka_unit_test(what_is_elsewhere_is_not_ours),
		cmocka_unit_test(a_port_tells_servers_of_one_machine_apart),
		cmocka_unit_test(a_partition_that_the_ring_has_not_is_not_ours),
		cmocka_unit_test(a_device_is_known_without_a_partition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
