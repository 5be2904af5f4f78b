// SPDX-License-Identifier: MPL-2.0
// swift_name_hash_test: hashes of names, as Swift makes them.
#include "support/test.h"

#include "common/base/buf.h"
#include "common/targets/swift/ring/name_hash.h"
#include "common/text/hex.h"

#include <errno.h>
#include <string.h>

#define PART(text)                                                                                 \
	{ text, sizeof(text) - 1 }

static const struct name_hash_affixes affixes = {PART("pfx"), PART("sfx")};

static void assert_hash(
	const struct name_hash_affixes *used, const struct name_path *path, const char *hex
) {
	unsigned char hash[NAME_HASH_BYTES];
	struct buf text;

	assert_int_equal(name_hash(used, path, hash), 0);
	buf_init(&text, 0);
	hex_add(&text, hash, sizeof(hash));
	assert_string_equal(buf_text(&text), hex);
	buf_fini(&text);
}

static void accounts_containers_and_objects_have_hashes(void **state) {
	static const struct name_path account = {PART("AUTH_a"), {NULL, 0}, {NULL, 0}};
	static const struct name_path container = {PART("AUTH_a"), PART("c x"), {NULL, 0}};
	static const struct name_path object = {
		PART("AUTH_a"), PART("c x"), PART("obj \xc3\xa9/1")};

	(void)state;
	assert_hash(&affixes, &account, "ea3a7c33d7834a1a45b47cd3cb7a260c");
	assert_hash(&affixes, &container, "ae8b2017f7eb1e677545d93f739c5f58");
	assert_hash(&affixes, &object, "cc6bb5bc4d7ad711e7998537105aada8");
}

static void a_name_may_have_bytes_of_zero(void **state) {
	static const struct name_path object = {
		PART("AUTH_a"),
		PART("\0versions\0ver"),
		PART("\0v\xc3\xa9\0"
		     "8204114610.89953")};

	(void)state;
	assert_hash(&affixes, &object, "2e42610271f403cf6cec29e658d3d304");
}

static void an_affix_may_be_missing(void **state) {
	static const struct name_hash_affixes none = {{NULL, 0}, {NULL, 0}};
	static const struct name_path account = {PART("AUTH_a"), {NULL, 0}, {NULL, 0}};

	(void)state;
	// Of "/AUTH_a".
	assert_hash(&none, &account, "56c51f3dcc7d0457b152417ed551f118");
}

static void a_part_wants_those_before_it(void **state) {
	static const struct name_path no_account = {{NULL, 0}, PART("c"), {NULL, 0}};
	static const struct name_path no_container = {PART("a"), {NULL, 0}, PART("o")};
	unsigned char hash[NAME_HASH_BYTES];

	(void)state;
	assert_int_equal(name_hash(&affixes, &no_account, hash), -EINVAL);
	assert_int_equal(name_hash(&affixes, &no_container, hash), -EINVAL);
}

struct shard_row {
	struct name_part name;
	uint32_t of[5]; // 1 to 5 nodes
};

static void a_container_is_of_one_node(void **state) {
	static char many_x[200];
	static const struct shard_row rows[] = {
		{PART("c1"), {0, 1, 1, 1, 4}},
		{PART("c2"), {0, 1, 2, 1, 2}},
		{PART("plain"), {0, 0, 1, 2, 2}},
		{PART("sp ace"), {0, 0, 1, 0, 4}},
		{PART("uni-\xc3\xa9"), {0, 1, 2, 3, 2}},
		{PART("\0versions\0ver"), {0, 1, 1, 1, 2}},
		{{many_x, sizeof(many_x)}, {0, 0, 0, 0, 4}},
	};

	(void)state;
	memset(many_x, 'x', sizeof(many_x));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (uint32_t nodes = 1; nodes <= 5; nodes++) {
			uint32_t shard = 77;

			assert_int_equal(name_shard(&shard, rows[i].name, nodes), 0);
			assert_int_equal(shard, rows[i].of[nodes - 1]);
		}
	}
}

static void no_nodes_have_no_shard(void **state) {
	uint32_t shard = 77;

	(void)state;
	assert_int_equal(name_shard(&shard, (struct name_part)PART("c1"), 0), -EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_containers_and_objects_have_hashes),
		cmocka_unit_test(a_name_may_have_bytes_of_zero),
		cmocka_unit_test(an_affix_may_be_missing),
		cmocka_unit_test(a_part_wants_those_before_it),
		cmocka_unit_test(a_container_is_of_one_node),
		cmocka_unit_test(no_nodes_have_no_shard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
