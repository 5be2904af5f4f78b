// SPDX-License-Identifier: MPL-2.0
// swift_doubt_test: when what we know of the cluster is wrong.
#include "support/test.h"

#include "common/targets/swift/scan/doubt.h"

#include <errno.h>

static const struct visit stray = {.words = "'/1': a stray"};
static const struct visit unknown = {.is_hash_right = true, .words = "'/2': unknown"};
static const struct visit fine = {.is_hash_right = true};

static void one_stray_among_others_is_no_fault_of_ours(void **state) {
	struct doubt doubt = {.is_hash_right = false};
	char error[500];

	(void)state;
	doubt_note(&doubt, VISIT_WRONG_HASH, &stray);
	// A live account shows that the hash is right.
	doubt_note(&doubt, VISIT_LEFT, &fine);
	assert_int_equal(doubt_end(&doubt, error, sizeof(error)), 0);
}

static void when_no_account_has_the_hash_of_its_directory_nothing_is_to_be_trusted(void **state) {
	struct doubt doubt = {.is_hash_right = false};
	char error[500];

	(void)state;
	assert_int_equal(doubt_end(&doubt, error, sizeof(error)), 0);
	doubt_note(&doubt, VISIT_WRONG_HASH, &stray);
	assert_int_equal(doubt_end(&doubt, error, sizeof(error)), -EPERM);
	assert_string_equal(error, "'/1': a stray; nothing is touched");
}

static void an_account_that_its_server_does_not_know_speaks_against_the_ring(void **state) {
	struct doubt doubt = {.is_hash_right = false};
	char error[500];

	(void)state;
	doubt_note(&doubt, VISIT_LEFT, &fine);
	doubt_note(&doubt, VISIT_WRONG_RING, &unknown);
	assert_int_equal(doubt_end(&doubt, error, sizeof(error)), -EPERM);
	assert_string_equal(error, "'/2': unknown; nothing is touched");
	doubt_note(&doubt, VISIT_DUE, &fine);
	assert_int_equal(doubt_end(&doubt, error, sizeof(error)), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_stray_among_others_is_no_fault_of_ours),
		cmocka_unit_test(
			when_no_account_has_the_hash_of_its_directory_nothing_is_to_be_trusted
		),
		cmocka_unit_test(an_account_that_its_server_does_not_know_speaks_against_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
