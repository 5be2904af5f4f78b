// SPDX-License-Identifier: MPL-2.0
// dlrepo_identity_test: a repository gets a number once, and keeps it.
#include "support/test.h"

#include "common/targets/dlrepo/repo/identity.h"
#include "support/repository.h"

#include <errno.h>
#include <string.h>

static void one_without_a_number_gets_one_when_that_is_wanted(void **state) {
	const struct repository *repository = *state;
	char first[IDENTITY_BYTES], again[IDENTITY_BYTES];

	assert_int_equal(identity_read(repository->fd, first), -ENOENT);
	assert_int_equal(identity_make(repository->fd, first), 0);
	assert_int_equal(strlen(first), 32);
	assert_int_equal(identity_read(repository->fd, again), 0);
	assert_string_equal(first, again);
	assert_int_equal(identity_make(repository->fd, again), 0);
	assert_string_equal(first, again);
}

static void what_is_no_number_is_neither_taken_nor_written_over(void **state) {
	static const char *const odd[] = {
		"",
		"0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcde\n",
		"0123456789ABCDEF0123456789ABCDEF\n",
		"0123456789abcdef0123456789abcdef\nx"};
	const struct repository *repository = *state;
	char number[IDENTITY_BYTES];

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		repository_make_file(repository, IDENTITY_FILE, odd[i]);
		assert_int_equal(identity_make(repository->fd, number), -EBADMSG);
		repository_assert_text(repository, IDENTITY_FILE, odd[i]);
	}
}

static void a_link_is_not_followed(void **state) {
	const struct repository *repository = *state;
	char number[IDENTITY_BYTES];

	repository_make_file(repository, "other", "0123456789abcdef0123456789abcdef\n");
	repository_make_link(repository, IDENTITY_FILE, "other");
	assert_int_equal(identity_make(repository->fd, number), -ELOOP);
}

static void a_root_that_may_not_be_changed_is_told(void **state) {
	struct repository *repository = *state;
	char number[IDENTITY_BYTES];

	repository_drop_rights(repository);
	repository_chmod(repository, ".", 0500);
	assert_int_equal(identity_make(repository->fd, number), -EACCES);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(one_without_a_number_gets_one_when_that_is_wanted),
		IN_A_REPOSITORY(what_is_no_number_is_neither_taken_nor_written_over),
		IN_A_REPOSITORY(a_link_is_not_followed),
		IN_A_REPOSITORY(a_root_that_may_not_be_changed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
