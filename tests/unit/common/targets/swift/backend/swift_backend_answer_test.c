// SPDX-License-Identifier: MPL-2.0
// swift_backend_answer_test: what an account or container server says is not mistaken.
#include "support/test.h"

#include "common/http/http_message.h"
#include "common/targets/swift/backend/backend_answer.h"

#include <stdio.h>
#include <string.h>

#define PUT "1700000000.00000"
#define LATER "1700000000.00001"
#define ZERO "0000000000.00000"

// Values in the order of the names that are kept; fewer: "".
struct said {
	int status;
	const char *kept[HTTP_KEPT_MAX];
};

static struct http_answer answer_of(
	const struct said *said, char kept[HTTP_KEPT_MAX][HTTP_KEPT_BYTES]
) {
	for (size_t i = 0; i < HTTP_KEPT_MAX; i++)
		snprintf(
			kept[i], HTTP_KEPT_BYTES, "%s", said->kept[i] == NULL ? "" : said->kept[i]
		);
	return (struct http_answer){
		.status = said->status, .kept = (const char(*)[HTTP_KEPT_BYTES])kept};
}

static size_t index_in(const char *const *names, const char *name) {
	size_t index = 0;

	while (names[index] != NULL && strcmp(names[index], name) != 0)
		index++;
	assert_non_null(names[index]);
	return index;
}

static enum account_answer account(int status, const char *value) {
	char kept[HTTP_KEPT_MAX][HTTP_KEPT_BYTES];
	struct said said = {.status = status};

	said.kept[index_in(backend_account_headers, "X-Account-Status")] = value;

	const struct http_answer answer = answer_of(&said, kept);

	return backend_answer_account(&answer);
}

struct listing {
	int status;
	const char *state, *type, *put, *deleted;
	const char *policy, *record_policy;
};

static struct http_answer list_answer_of(
	const struct listing *listing, char kept[HTTP_KEPT_MAX][HTTP_KEPT_BYTES]
) {
	const char *const *names = backend_list_headers;
	struct said said = {.status = listing->status};

	said.kept[index_in(names, "X-Backend-Sharding-State")] = listing->state;
	said.kept[index_in(names, "X-Backend-Record-Type")] = listing->type;
	said.kept[index_in(names, "X-Backend-Put-Timestamp")] = listing->put;
	said.kept[index_in(names, "X-Backend-Delete-Timestamp")] = listing->deleted;
	said.kept[index_in(names, "X-Backend-Storage-Policy-Index")] = listing->policy;
	said.kept[index_in(
		names, "X-Backend-Record-Storage-Policy-Index"
	)] = listing->record_policy;
	return answer_of(&said, kept);
}

static enum list_answer list(const struct listing *listing) {
	char kept[HTTP_KEPT_MAX][HTTP_KEPT_BYTES];
	const struct http_answer answer = list_answer_of(listing, kept);

	return backend_answer_list(&answer);
}

static int64_t policy(const char *own, const char *record) {
	char kept[HTTP_KEPT_MAX][HTTP_KEPT_BYTES];
	const struct listing listing = {.status = 200, .policy = own, .record_policy = record};
	const struct http_answer answer = list_answer_of(&listing, kept);

	return backend_answer_policy(&answer);
}

static void an_account_is_deleted_when_a_404_says_so(void **state) {
	(void)state;
	assert_int_equal(account(404, "Deleted"), ACCOUNT_IS_DELETED);
	assert_int_equal(account(404, "DELETED"), ACCOUNT_IS_DELETED);
	assert_int_equal(account(404, ""), ACCOUNT_IS_UNKNOWN);
	assert_int_equal(account(404, "Deleted?"), ACCOUNT_IS_UNKNOWN);
}

static void an_account_is_seen_whatever_else_is_said(void **state) {
	(void)state;
	assert_int_equal(account(204, ""), ACCOUNT_IS_SEEN);
	assert_int_equal(account(200, "Deleted"), ACCOUNT_IS_SEEN);
}

static void other_answers_tell_nothing_of_an_account(void **state) {
	const struct http_answer none = {.failure = HTTP_FAILURE_TIMEOUT};
	const struct http_answer cut = {.failure = HTTP_FAILURE_CONNECT, .status = 204};

	(void)state;
	assert_int_equal(account(410, "Deleted"), ACCOUNT_DOES_NOT_TELL);
	assert_int_equal(account(503, "Deleted"), ACCOUNT_DOES_NOT_TELL);
	assert_int_equal(account(507, ""), ACCOUNT_DOES_NOT_TELL);
	assert_int_equal(account(301, ""), ACCOUNT_DOES_NOT_TELL);
	assert_int_equal(backend_answer_account(&none), ACCOUNT_DOES_NOT_TELL);
	assert_int_equal(backend_answer_account(&cut), ACCOUNT_DOES_NOT_TELL);
}

static void a_listing_is_complete_only_of_a_container_that_says_so(void **state) {
	static const struct {
		const char *state;
		enum list_answer answer;
	} cases[] = {
		{"unsharded", LIST_IS_PAGE},
		{"collapsed", LIST_IS_PAGE},
		{"sharding", LIST_IS_RETIRING},
		{"sharded", LIST_IS_SHARDED},
		{"", LIST_DOES_NOT_TELL},
		{"not_found", LIST_DOES_NOT_TELL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			list(&(struct listing){.status = 200, .state = cases[i].state}),
			cases[i].answer
		);
}

static void names_of_shards_are_no_objects(void **state) {
	(void)state;
	assert_int_equal(
		list(&(struct listing){.status = 200, .state = "sharded", .type = "shard"}),
		LIST_IS_OF_SHARDS
	);
	assert_int_equal(
		list(&(struct listing){.status = 200, .state = "unsharded", .type = "shard"}),
		LIST_IS_OF_SHARDS
	);
	assert_int_equal(
		list(&(struct listing){.status = 200, .state = "unsharded", .type = "object"}),
		LIST_IS_PAGE
	);
}

static void a_404_proves_a_deletion_only_when_it_is_later_than_the_creation(void **state) {
	static const struct {
		const char *put, *deleted;
		enum list_answer answer;
	} cases[] = {
		{PUT, LATER, LIST_IS_DELETED},
		{PUT, PUT, LIST_IS_UNKNOWN},
		{LATER, PUT, LIST_IS_UNKNOWN},
		{ZERO, ZERO, LIST_IS_UNKNOWN},
		{PUT, ZERO, LIST_IS_UNKNOWN},
		{ZERO, PUT, LIST_IS_DELETED},
		{"", "", LIST_IS_UNKNOWN},
		{PUT, "", LIST_IS_UNKNOWN},
		{"", ZERO, LIST_IS_UNKNOWN},
		{PUT, PUT "_00000000000000ff", LIST_IS_DELETED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			list(&(struct listing){
				.status = 404, .put = cases[i].put, .deleted = cases[i].deleted}),
			cases[i].answer
		);
}

static void other_answers_tell_nothing_of_a_container(void **state) {
	static const int statuses[] = {204, 206, 301, 400, 412, 500, 503, 507};
	const struct http_answer none = {.failure = HTTP_FAILURE_TIMEOUT};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		assert_int_equal(
			list(&(struct listing
			){.status = statuses[i], .state = "unsharded", .put = PUT, .deleted = LATER}
			),
			LIST_DOES_NOT_TELL
		);
	assert_int_equal(backend_answer_list(&none), LIST_DOES_NOT_TELL);
}

static void the_policy_is_that_of_the_rows(void **state) {
	(void)state;
	assert_int_equal(policy("0", ""), 0);
	assert_int_equal(policy("3", ""), 3);
	assert_int_equal(policy("0", "1"), 1);
	assert_int_equal(policy("2147483647", ""), INT32_MAX);
}

static void a_policy_that_is_no_number_is_not_said(void **state) {
	(void)state;
	assert_int_equal(policy("", ""), -1);
	assert_int_equal(policy("-1", ""), -1);
	assert_int_equal(policy("gold", ""), -1);
	assert_int_equal(policy("1x", ""), -1);
	assert_int_equal(policy("2147483648", ""), -1);
	assert_int_equal(policy("0", "x"), -1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_is_deleted_when_a_404_says_so),
		cmocka_unit_test(an_account_is_seen_whatever_else_is_said),
		cmocka_unit_test(other_answers_tell_nothing_of_an_account),
		cmocka_unit_test(a_listing_is_complete_only_of_a_container_that_says_so),
		cmocka_unit_test(names_of_shards_are_no_objects),
		cmocka_unit_test(a_404_proves_a_deletion_only_when_it_is_later_than_the_creation),
		cmocka_unit_test(other_answers_tell_nothing_of_a_container),
		cmocka_unit_test(the_policy_is_that_of_the_rows),
		cmocka_unit_test(a_policy_that_is_no_number_is_not_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
