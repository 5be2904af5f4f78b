// SPDX-License-Identifier: MPL-2.0
// swift_account_dbs_test: databases that Swift wrote, beside what Swift makes of them.
#include "support/test.h"

#include "common/targets/swift/account/account_db.h"
#include "common/targets/swift/account/account_rule.h"
#include "support/scratch.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNTS TEST_DATA_DIR "/swift/accountdb"

enum { ACCOUNTS_COUNT = 11 };

static int begin(void **state) {
	json_error_t error;

	*state = json_load_file(ACCOUNTS "/expected.json", JSON_ALLOW_NUL, &error);
	assert_non_null(*state);
	assert_int_equal(json_object_size(*state), ACCOUNTS_COUNT);
	return 0;
}

static int end(void **state) {
	json_decref(*state);
	return 0;
}

struct account {
	char path[512];
	struct account_db *db;
	struct account_info info;
	int64_t pending_bytes;
};

static void account_read(struct account *out, const char *name) {
	char error[200] = "";

	snprintf(out->path, sizeof(out->path), ACCOUNTS "/%s/x.db", name);
	assert_int_equal(account_db_pending(out->path, &out->pending_bytes), 0);
	assert_int_equal(account_db_open(&out->db, out->path, error, sizeof(error)), 0);
	assert_int_equal(account_db_info(out->db, &out->info, error, sizeof(error)), 0);
	assert_string_equal(error, "");
}

static const char *text_of(const json_t *raw, const char *field) {
	return json_string_value(json_object_get(raw, field));
}

static int64_t number_of(const json_t *object, const char *field) {
	return json_integer_value(json_object_get(object, field));
}

static void what_an_account_says_is_what_swift_reads(void **state) {
	char *before = scratch_look(ACCOUNTS);
	const char *name;
	json_t *wanted;

	json_object_foreach((json_t *)*state, name, wanted) {
		const json_t *raw = json_object_get(wanted, "raw");
		char full_name[64];
		struct account account = {.db = NULL};

		account_read(&account, name);
		snprintf(full_name, sizeof(full_name), "AUTH_%s", name);
		assert_string_equal(account.info.name, full_name);
		assert_int_equal(account.info.name_len, strlen(full_name));
		assert_string_equal(account.info.status, text_of(raw, "status"));
		assert_string_equal(account.info.put_timestamp, text_of(raw, "put_timestamp"));
		assert_string_equal(
			account.info.delete_timestamp, text_of(raw, "delete_timestamp")
		);
		assert_int_equal(account.info.containers, number_of(raw, "container_count"));
		assert_int_equal(account.pending_bytes, number_of(wanted, "pending_bytes"));
		account_db_close(account.db);
	}
	scratch_assert_same(ACCOUNTS, before);
}

struct listing {
	const json_t *wanted; // NULL: any
	size_t count;
	char last[64];
	size_t last_len;
};

static int take(void *ctx, struct name_part name) {
	struct listing *listing = ctx;
	size_t at = listing->count++;

	if (listing->wanted != NULL) {
		const json_t *wanted = json_array_get(listing->wanted, at);

		assert_non_null(wanted);
		assert_int_equal(name.len, json_string_length(wanted));
		assert_memory_equal(name.bytes, json_string_value(wanted), name.len);
	}
	assert_true(name.len <= sizeof(listing->last));
	memcpy(listing->last, name.bytes, name.len);
	listing->last_len = name.len;
	return 0;
}

// What is pending comes in with the next writer.
static void containers_are_those_that_swift_lists(void **state) {
	const char *name;
	json_t *wanted;

	json_object_foreach((json_t *)*state, name, wanted) {
		struct listing listing = {.count = 0};
		struct account account = {.db = NULL};
		int count;

		account_read(&account, name);
		if (account.pending_bytes == 0)
			listing.wanted = json_object_get(wanted, "containers");
		do {
			struct name_part after = {listing.last, listing.last_len};
			// It is overwritten while names come.
			char copy[sizeof(listing.last)];

			memcpy(copy, listing.last, sizeof(copy));
			after.bytes = copy;
			count = account_db_containers(account.db, after, 3, take, &listing);
			assert_in_range(count, 0, 3);
		} while (count == 3);
		assert_int_equal(listing.count, account.info.containers);
		if (listing.wanted != NULL)
			assert_int_equal(listing.count, json_array_size(listing.wanted));
		account_db_close(account.db);
	}
}

// Of one with something pending the rule says that it has to be looked at.
static enum account_due due_of(const json_t *wanted, int64_t pending_bytes) {
	if (!json_is_true(json_object_get(wanted, "is_status_deleted")))
		return ACCOUNT_LIVE;
	if (pending_bytes > 0 || !json_is_true(json_object_get(wanted, "empty_after_merge")))
		return ACCOUNT_DUE;
	return ACCOUNT_EMPTY;
}

static struct account_standing standing_of(const struct account *account) {
	return (struct account_standing){
		.status = account->info.status,
		.put_timestamp = account->info.put_timestamp,
		.delete_timestamp = account->info.delete_timestamp,
		.containers = account->info.containers,
		.pending_bytes = account->pending_bytes,
	};
}

static void the_rule_is_that_of_swift(void **state) {
	const struct account_terms terms = {.now_us = INT64_C(1795880100000000)};
	const char *name;
	json_t *wanted;

	json_object_foreach((json_t *)*state, name, wanted) {
		struct account_standing standing;
		struct account account = {.db = NULL};

		account_read(&account, name);
		standing = standing_of(&account);
		assert_int_equal(
			account_rule(&standing, &terms), due_of(wanted, account.pending_bytes)
		);
		// As after the merge.
		standing.pending_bytes = 0;
		standing.containers = (int64_t)json_array_size(json_object_get(wanted, "containers")
		);
		assert_int_equal(
			account_rule(&standing, &terms) == ACCOUNT_DUE,
			json_is_true(json_object_get(wanted, "reap"))
		);
		account_db_close(account.db);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_an_account_says_is_what_swift_reads, begin, end
		),
		cmocka_unit_test_setup_teardown(containers_are_those_that_swift_lists, begin, end),
		cmocka_unit_test_setup_teardown(the_rule_is_that_of_swift, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
