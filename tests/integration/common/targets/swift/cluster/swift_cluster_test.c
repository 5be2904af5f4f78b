// SPDX-License-Identifier: MPL-2.0
// swift_cluster_test: the rings of a cluster, and where its names lie.
#include "support/test.h"

#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/cluster/shelf.h"
#include "common/text/hex.h"
#include "support/gzip_file.h"
#include "support/ring_text.h"
#include "support/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NO_DEVICE = 0xFFFF, IDS_MOST = 80 };

static struct swift_conf conf = {
	.prefix = (char *)"pfx", .suffix = (char *)"sfx", .has_policy = {[0] = true, [3] = true}};

static struct cluster *cluster_begin(const struct scratch *scratch) {
	struct cluster *cluster = cluster_new(scratch->dir, &conf);

	assert_non_null(cluster);
	return cluster;
}

// A ring of one partition, with so many devices, of which these ids have a replica each.
static void put_ring(
	struct scratch *scratch,
	const char *name,
	size_t devices,
	const uint16_t *ids,
	size_t replicas
) {
	unsigned char rows[2 * IDS_MOST];
	struct gzip_file file = {.packed = NULL};
	struct buf bytes, metadata;

	buf_init(&metadata, 0);
	buf_str(&metadata, "{\"devs\": [");
	for (size_t i = 0; i < devices; i++)
		buf_fmt(&metadata,
			"%s{\"id\": %zu, \"ip\": \"10.0.0.%zu\", \"port\": 6200, \"device\": "
			"\"d%zu\"}",
			i == 0 ? "" : ", ",
			i,
			i,
			i);
	buf_fmt(&metadata,
		"], \"part_shift\": 32, \"replica_count\": %zu, \"byteorder\": \"little\"}",
		replicas);
	assert_true(replicas <= IDS_MOST);
	for (size_t i = 0; i < replicas; i++) {
		rows[2 * i] = (unsigned char)ids[i];
		rows[2 * i + 1] = (unsigned char)(ids[i] >> 8);
	}
	ring_text_v1(
		&bytes,
		&(struct ring_text){
			.metadata = buf_text(&metadata),
			.assignments = rows,
			.assignment_bytes = 2 * replicas,
		}
	);
	gzip_file_pack(&file, bytes.data, bytes.len);
	scratch_make_file(scratch, name, file.packed, file.packed_bytes);
	free(file.packed);
	buf_fini(&bytes);
	buf_fini(&metadata);
}

static struct shelf_ring *take(struct cluster *cluster, enum cluster_ring kind, int64_t policy) {
	struct shelf_ring *ring = NULL;
	char error[700] = "";

	assert_int_equal(cluster_take_ring(cluster, kind, policy, &ring, error, sizeof(error)), 0);
	assert_string_equal(error, "");
	return ring;
}

static void assert_refused(
	struct cluster *cluster,
	enum cluster_ring kind,
	int64_t policy,
	int wanted,
	const char *words
) {
	struct shelf_ring *ring = NULL;
	char error[700] = "";

	assert_int_equal(
		cluster_take_ring(cluster, kind, policy, &ring, error, sizeof(error)), wanted
	);
	assert_null(ring);
	if (strstr(error, words) == NULL)
		fail_msg("'%s' does not say '%s'", error, words);
}

static int64_t device_of(const struct shelf_ring *ring) {
	const struct ring_device *node = NULL;

	assert_int_equal(ring_nodes(shelf_ring_of(ring), 0, &node, 1), 1);
	return node->id;
}

// --- rings

static void each_kind_and_policy_has_its_file(void **state) {
	static const uint16_t ids[] = {0, 1, 2, 3};
	struct cluster *cluster = cluster_begin(*state);
	struct shelf_ring *rings[4];

	put_ring(*state, "account.ring.gz", 4, &ids[0], 1);
	put_ring(*state, "container.ring.gz", 4, &ids[1], 1);
	put_ring(*state, "object.ring.gz", 4, &ids[2], 1);
	put_ring(*state, "object-3.ring.gz", 4, &ids[3], 1);
	rings[0] = take(cluster, CLUSTER_ACCOUNT, 0);
	rings[1] = take(cluster, CLUSTER_CONTAINER, 0);
	rings[2] = take(cluster, CLUSTER_OBJECT, 0);
	rings[3] = take(cluster, CLUSTER_OBJECT, 3);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(device_of(rings[i]), i);
		shelf_give_back(rings[i]);
	}
	cluster_free(cluster);
	cluster_free(NULL);
}

static void a_policy_that_swift_conf_has_not_is_said(void **state) {
	static const uint16_t ids[] = {0};
	struct cluster *cluster = cluster_begin(*state);

	put_ring(*state, "object-1.ring.gz", 1, ids, 1);
	assert_refused(
		cluster, CLUSTER_OBJECT, 1, -ENOENT, "storage policy 1 is not in /tmp/scratch."
	);
	assert_refused(cluster, CLUSTER_OBJECT, -1, -ENOENT, "storage policy -1 is not in");
	assert_refused(cluster, CLUSTER_OBJECT, 256, -ENOENT, "storage policy 256 is not in");
	assert_refused(cluster, CLUSTER_OBJECT, INT64_MAX, -ENOENT, "/swift.conf");
	assert_true(cluster_policies(cluster)[3]);
	assert_false(cluster_policies(cluster)[1]);
	cluster_free(cluster);
}

static void a_ring_file_that_is_not_there_or_no_ring_is_named(void **state) {
	struct cluster *cluster = cluster_begin(*state);

	assert_refused(cluster, CLUSTER_OBJECT, 3, -ENOENT, "/object-3.ring.gz: cannot open");
	scratch_make_file(*state, "account.ring.gz", "R1NG", 4);
	assert_refused(cluster, CLUSTER_ACCOUNT, 0, -EINVAL, "/account.ring.gz");
	cluster_free(cluster);
}

// --- names

static struct name_path name_of(const char *account, const char *container, const char *object) {
	return (struct name_path){
		.account = {account, strlen(account)},
		.container = {container, strlen(container)},
		.object = {object, strlen(object)},
	};
}

static void a_name_is_hashed_with_what_swift_conf_says(void **state) {
	const struct name_path account = name_of("AUTH_a", "", "");
	const struct name_path object = name_of("AUTH_a", "c x", "obj \xC3\xA9/1");
	const struct name_path wrong = name_of("AUTH_a", "", "o");
	struct cluster *cluster = cluster_begin(*state);
	unsigned char hash[NAME_HASH_BYTES];
	struct buf text;

	buf_init(&text, 0);
	assert_int_equal(cluster_hash(cluster, &account, hash), 0);
	assert_int_equal(hex_add(&text, hash, sizeof(hash)), 0);
	buf_str(&text, " ");
	assert_int_equal(cluster_hash(cluster, &object, hash), 0);
	assert_int_equal(hex_add(&text, hash, sizeof(hash)), 0);
	assert_string_equal(
		buf_text(&text), "ea3a7c33d7834a1a45b47cd3cb7a260c cc6bb5bc4d7ad711e7998537105aada8"
	);
	assert_int_equal(cluster_hash(cluster, &wrong, hash), -EINVAL);
	buf_fini(&text);
	cluster_free(cluster);
}

static int locate(struct cluster *cluster, struct cluster_site *site) {
	const struct name_path path = name_of("AUTH_a", "c", "");

	return cluster_locate(cluster, take(cluster, CLUSTER_CONTAINER, 0), &path, site);
}

static void a_name_lies_on_each_device_once(void **state) {
	static const uint16_t ids[] = {2, 0, 2, NO_DEVICE};
	struct cluster *cluster = cluster_begin(*state);
	struct cluster_site site;

	put_ring(*state, "container.ring.gz", 3, ids, 4);
	assert_int_equal(locate(cluster, &site), 0);
	assert_int_equal(site.partition, 0);
	assert_int_equal(site.count, 2);
	assert_string_equal(site.devices[0]->device, "d2");
	assert_string_equal(site.devices[1]->device, "d0");
	cluster_leave(&site);
	assert_null(site.ring);
	assert_int_equal(site.count, 0);
	cluster_leave(&site);
	cluster_free(cluster);
}

static void a_name_that_lies_nowhere_is_an_error(void **state) {
	static const uint16_t ids[] = {NO_DEVICE, NO_DEVICE};
	struct cluster *cluster = cluster_begin(*state);
	struct cluster_site site;

	put_ring(*state, "container.ring.gz", 3, ids, 2);
	assert_int_equal(locate(cluster, &site), -ENODEV);
	cluster_leave(&site);
	cluster_free(cluster);
}

static void a_name_on_more_devices_than_there_is_room_for_is_an_error(void **state) {
	struct cluster *cluster = cluster_begin(*state);
	struct cluster_site site;
	uint16_t ids[CLUSTER_DEVICES_MAX + 1];

	for (size_t i = 0; i < CLUSTER_DEVICES_MAX + 1; i++)
		ids[i] = (uint16_t)i;
	put_ring(*state, "container.ring.gz", CLUSTER_DEVICES_MAX + 1, ids, CLUSTER_DEVICES_MAX);
	assert_int_equal(locate(cluster, &site), 0);
	assert_int_equal(site.count, CLUSTER_DEVICES_MAX);
	assert_int_equal(site.devices[CLUSTER_DEVICES_MAX - 1]->id, CLUSTER_DEVICES_MAX - 1);
	cluster_leave(&site);
	cluster_free(cluster);
	cluster = cluster_begin(*state);
	put_ring(
		*state, "container.ring.gz", CLUSTER_DEVICES_MAX + 1, ids, CLUSTER_DEVICES_MAX + 1
	);
	assert_int_equal(locate(cluster, &site), -E2BIG);
	cluster_leave(&site);
	cluster_free(cluster);
}

static void a_name_without_a_part_has_its_ring_all_the_same(void **state) {
	static const uint16_t ids[] = {0};
	const struct name_path wrong = name_of("", "c", "");
	struct cluster *cluster = cluster_begin(*state);
	struct cluster_site site;

	put_ring(*state, "container.ring.gz", 1, ids, 1);
	assert_int_equal(
		cluster_locate(cluster, take(cluster, CLUSTER_CONTAINER, 0), &wrong, &site), -EINVAL
	);
	assert_non_null(site.ring);
	cluster_leave(&site);
	cluster_free(cluster);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		WITH_A_SCRATCH(each_kind_and_policy_has_its_file),
		WITH_A_SCRATCH(a_policy_that_swift_conf_has_not_is_said),
		WITH_A_SCRATCH(a_ring_file_that_is_not_there_or_no_ring_is_named),
		WITH_A_SCRATCH(a_name_is_hashed_with_what_swift_conf_says),
		WITH_A_SCRATCH(a_name_lies_on_each_device_once),
		WITH_A_SCRATCH(a_name_that_lies_nowhere_is_an_error),
		WITH_A_SCRATCH(a_name_on_more_devices_than_there_is_room_for_is_an_error),
		WITH_A_SCRATCH(a_name_without_a_part_has_its_ring_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
