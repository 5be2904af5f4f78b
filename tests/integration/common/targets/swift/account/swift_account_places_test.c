// SPDX-License-Identifier: MPL-2.0
// swift_account_places_test: where the databases of accounts lie on a device.
#include "support/test.h"

#include "common/targets/swift/account/account_places.h"
#include "support/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define A "accounts/"
#define HASH_1 "0123456789abcdef0123456789abcdef"
#define HASH_2 "fedcba9876543210fedcba9876543210"

// No directory whose path ends like this is opened; NULL: any may be.
static const char *never;

WRAPS(opendir);
DIR *__wrap_opendir(const char *path) {
	size_t len = strlen(path), never_len = never == NULL ? 0 : strlen(never);

	if (never != NULL && len >= never_len && strcmp(path + len - never_len, never) == 0)
		fail_msg("'%s' was opened", path);
	return __real_opendir(path);
}

enum { FOUND_MOST = 20 };

struct search {
	struct scratch *scratch;
	uint32_t unwanted;
	char found[FOUND_MOST][200]; // below the device
	uint32_t partitions[FOUND_MOST];
	size_t count;
	size_t turns; // given to its caller
	char trouble[SCRATCH_PATH_BYTES];
	int err;
};

static bool wants(void *ctx, uint32_t partition) {
	return partition != ((struct search *)ctx)->unwanted;
}

static void take_trouble(void *ctx, const char *path, int err) {
	struct search *search = ctx;

	assert_string_equal(search->trouble, "");
	snprintf(search->trouble, sizeof(search->trouble), "%s", path);
	search->err = err;
}

static struct account_places *open_places(struct search *search) {
	struct account_places *places = NULL;
	char device[SCRATCH_PATH_BYTES];
	const struct account_places_setup setup = {
		.device = device, .wants = wants, .trouble = take_trouble, .ctx = search};

	snprintf(device, sizeof(device), "%s", search->scratch->dir);
	assert_int_equal(account_places_open(&places, &setup), 0);
	// The setup was copied.
	memset(device, 'x', sizeof(device) - 1);
	return places;
}

static void take_place(struct search *search, const struct account_place *place) {
	const char *path = place->path + strlen(search->scratch->dir);
	char hash[ACCOUNT_HASH_BYTES + 2];

	assert_memory_equal(place->path, search->scratch->dir, strlen(search->scratch->dir));
	snprintf(hash, sizeof(hash), "/%s/", place->hash);
	assert_non_null(strstr(path, hash));
	assert_true(search->count < FOUND_MOST && strlen(path) < sizeof(search->found[0]));
	search->partitions[search->count] = place->partition;
	memcpy(search->found[search->count++], path + 1, strlen(path));
}

static void look(struct search *search) {
	struct account_places *places = open_places(search);
	struct account_place place;
	int got;

	while ((got = account_places_next(places, &place)) != 0) {
		if (got == 1)
			take_place(search, &place);
		else
			assert_int_equal(got, -EAGAIN);
		search->turns += got != 1;
	}
	assert_int_equal(account_places_next(places, &place), 0);
	account_places_close(places);
}

// It was found; the order of directories is nobody's promise.
static void assert_found(const struct search *search, const char *path, uint32_t partition) {
	for (size_t i = 0; i < search->count; i++) {
		if (strcmp(search->found[i], path) == 0) {
			assert_int_equal(search->partitions[i], partition);
			return;
		}
	}
	fail_msg("'%s' is not found", path);
}

static void make_db(struct scratch *scratch, const char *name) {
	scratch_make_file(scratch, name, "x", 1);
}

static void assert_nothing(struct scratch *scratch) {
	struct search search = {.scratch = scratch, .unwanted = 9};

	look(&search);
	assert_int_equal(search.count, 0);
	assert_string_equal(search.trouble, "");
}

static void databases_of_all_wanted_partitions_are_found(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};

	make_db(*state, A "5/abc/" HASH_1 "/" HASH_1 ".db");
	make_db(*state, A "5/abc/" HASH_2 "/" HASH_2 ".db");
	make_db(*state, A "5/def/" HASH_1 "/" HASH_1 ".db");
	make_db(*state, A "0/def/" HASH_1 "/" HASH_1 ".db");
	make_db(*state, A "4294967295/def/" HASH_1 "/" HASH_1 ".db");
	look(&search);
	assert_int_equal(search.count, 5);
	assert_found(&search, A "5/abc/" HASH_1 "/" HASH_1 ".db", 5);
	assert_found(&search, A "5/abc/" HASH_2 "/" HASH_2 ".db", 5);
	assert_found(&search, A "5/def/" HASH_1 "/" HASH_1 ".db", 5);
	assert_found(&search, A "0/def/" HASH_1 "/" HASH_1 ".db", 0);
	assert_found(&search, A "4294967295/def/" HASH_1 "/" HASH_1 ".db", UINT32_MAX);
	assert_string_equal(search.trouble, "");
}

static void a_partition_that_is_not_wanted_is_not_entered(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};

	make_db(*state, A "9/abc/" HASH_1 "/" HASH_1 ".db");
	make_db(*state, A "09/abc/" HASH_1 "/" HASH_1 ".db");
	make_db(*state, A "90/abc/" HASH_1 "/" HASH_1 ".db");
	never = "9";
	look(&search);
	assert_int_equal(search.count, 1);
	assert_found(&search, A "90/abc/" HASH_1 "/" HASH_1 ".db", 90);
}

static void other_trees_of_the_device_are_not_entered(void **state) {
	make_db(*state, "containers/5/abc/" HASH_1 "/" HASH_1 ".db");
	make_db(*state, "objects/5/abc/" HASH_1 "/" HASH_1 ".db");
	never = "s/5";
	assert_nothing(*state);
	scratch_make_dir(*state, "accounts");
	assert_nothing(*state);
}

static void a_device_without_accounts_has_none(void **state) {
	assert_nothing(*state);
	make_db(*state, "accounts");
	assert_nothing(*state);
}

// --- files of a hash

static void a_tombstone_ends_a_hash(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};

	make_db(*state, A "5/abc/" HASH_1 "/a.db");
	make_db(*state, A "5/abc/" HASH_1 "/b.ts");
	make_db(*state, A "5/abc/" HASH_1 "/c.db");
	make_db(*state, A "5/abc/" HASH_2 "/a.db");
	make_db(*state, A "5/abc/" HASH_2 "/z.ts");
	look(&search);
	assert_int_equal(search.count, 1);
	assert_found(&search, A "5/abc/" HASH_1 "/c.db", 5);
}

static void two_databases_of_a_hash_come_from_the_end(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};

	make_db(*state, A "5/abc/" HASH_1 "/a.db");
	make_db(*state, A "5/abc/" HASH_1 "/b_1.db");
	make_db(*state, A "5/abc/" HASH_1 "/b.db");
	look(&search);
	assert_int_equal(search.count, 3);
	assert_string_equal(search.found[0], A "5/abc/" HASH_1 "/b_1.db");
	assert_string_equal(search.found[1], A "5/abc/" HASH_1 "/b.db");
	assert_string_equal(search.found[2], A "5/abc/" HASH_1 "/a.db");
}

static void what_lies_beside_a_database_is_passed_over(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};

	make_db(*state, A "5/abc/" HASH_1 "/a.db");
	make_db(*state, A "5/abc/" HASH_1 "/a.db.pending");
	make_db(*state, A "5/abc/" HASH_1 "/a.db-journal");
	make_db(*state, A "5/abc/" HASH_1 "/.lock");
	make_db(*state, A "5/abc/" HASH_1 "/a.ts.tmp");
	make_db(*state, A "5/abc/" HASH_1 "/tmp/b.db");
	make_db(*state, A "5/abc/" HASH_1 "/db");
	look(&search);
	assert_int_equal(search.count, 1);
	assert_found(&search, A "5/abc/" HASH_1 "/a.db", 5);
}

// --- what is elsewhere

static void strays_of_each_level_are_passed_over(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};
	char long_name[ACCOUNT_HASH_BYTES + 40];

	make_db(*state, A "5/abc/" HASH_1 "/a.db");
	make_db(*state, A "stray.db");
	make_db(*state, A "6");
	make_db(*state, A "5/stray.db");
	make_db(*state, A "5/abc/stray.db");
	make_db(*state, A "5/abc/stray.ts");
	make_db(*state, A "tmp/abc/" HASH_1 "/a.db");
	make_db(*state, A "-5/abc/" HASH_1 "/a.db");
	make_db(*state, A "5x/abc/" HASH_1 "/a.db");
	make_db(*state, A " 5/abc/" HASH_1 "/a.db");
	make_db(*state, A "4294967296/abc/" HASH_1 "/a.db");
	snprintf(long_name, sizeof(long_name), A "5/abc/%064d/a.db", 0);
	make_db(*state, long_name);
	scratch_make_dir(*state, A "7");
	scratch_make_dir(*state, A "8/abc");
	scratch_make_dir(*state, A "8/def/" HASH_1);
	assert_int_equal(mkfifo(scratch_path(*state, A "10"), 0600), 0);
	assert_int_equal(symlink("nowhere", scratch_path(*state, A "11")), 0);
	look(&search);
	assert_int_equal(search.count, 1);
	assert_found(&search, A "5/abc/" HASH_1 "/a.db", 5);
	assert_string_equal(search.trouble, "");
}

static void assert_unreadable(struct scratch *scratch, const char *name) {
	struct search search = {.scratch = scratch, .unwanted = 9};

	make_db(scratch, A "5/abc/" HASH_1 "/a.db");
	make_db(scratch, A "5/abc/" HASH_2 "/a.db");
	make_db(scratch, A "6/def/" HASH_1 "/a.db");
	make_db(scratch, A "7/abc/" HASH_1 "/a.db");
	scratch_hide(scratch, name);
	look(&search);
	assert_string_equal(search.trouble, scratch_path(scratch, name));
	assert_int_equal(search.err, -EACCES);
	assert_int_equal(search.count, 3);
}

static void a_partition_that_cannot_be_read_is_told_and_others_go_on(void **state) {
	assert_unreadable(*state, A "6");
}

static void a_suffix_that_cannot_be_read_is_told_and_others_go_on(void **state) {
	assert_unreadable(*state, A "6/def");
}

static void a_hash_that_cannot_be_read_is_told_and_others_go_on(void **state) {
	assert_unreadable(*state, A "5/abc/" HASH_1);
}

static void a_device_that_cannot_be_read_is_told(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};

	make_db(*state, A "5/abc/" HASH_1 "/a.db");
	scratch_hide(*state, "accounts");
	look(&search);
	assert_string_equal(search.trouble, scratch_path(*state, "accounts"));
	assert_int_equal(search.err, -EACCES);
	assert_int_equal(search.count, 0);
}

// --- turns

static void a_long_search_lets_others_have_their_turn(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};
	char name[80];

	for (int i = 0; i < 2500; i++) {
		snprintf(name, sizeof(name), A "5/abc/%032d", i);
		scratch_make_dir(*state, name);
	}
	make_db(*state, A "5/abc/" HASH_1 "/a.db");
	make_db(*state, A "6/abc/" HASH_1 "/a.db");
	look(&search);
	assert_int_equal(search.count, 2);
	assert_found(&search, A "5/abc/" HASH_1 "/a.db", 5);
	assert_found(&search, A "6/abc/" HASH_1 "/a.db", 6);
	// How many entries are between those depends on the order.
	assert_in_range(search.turns, 1, 2);
}

static void a_search_can_end_in_the_middle(void **state) {
	struct search search = {.scratch = *state, .unwanted = 9};
	struct account_places *places;
	struct account_place place;

	make_db(*state, A "5/abc/" HASH_1 "/a.db");
	make_db(*state, A "5/abc/" HASH_1 "/b.db");
	places = open_places(&search);
	assert_int_equal(account_places_next(places, &place), 1);
	account_places_close(places);
	account_places_close(NULL);
}

static int end(void **state) {
	never = NULL;
	return scratch_end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_begin, end)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(databases_of_all_wanted_partitions_are_found),
		TEST(a_partition_that_is_not_wanted_is_not_entered),
		TEST(other_trees_of_the_device_are_not_entered),
		TEST(a_device_without_accounts_has_none),
		TEST(a_tombstone_ends_a_hash),
		TEST(two_databases_of_a_hash_come_from_the_end),
		TEST(what_lies_beside_a_database_is_passed_over),
		TEST(strays_of_each_level_are_passed_over),
		TEST(a_partition_that_cannot_be_read_is_told_and_others_go_on),
		TEST(a_suffix_that_cannot_be_read_is_told_and_others_go_on),
		TEST(a_hash_that_cannot_be_read_is_told_and_others_go_on),
		TEST(a_device_that_cannot_be_read_is_told),
		TEST(a_long_search_lets_others_have_their_turn),
		TEST(a_search_can_end_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
