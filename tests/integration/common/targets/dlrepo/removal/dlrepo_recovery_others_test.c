// SPDX-License-Identifier: MPL-2.0
// dlrepo_recovery_others_test: what a process left that is gone is brought to its end beside those
// that are alive.
#include "support/test.h"

#include "common/targets/dlrepo/removal/recovery.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "support/repository.h"

#include <unistd.h>

#define BLOB ".blobs/sha256/e3/e3b0"
#define ASIDE ".deleting/test/files/" BLOB

static void exchange(const struct repository *repository) {
	repository_make_file(repository, BLOB, "content");
	repository_make_old(repository, BLOB, 700);
	repository_make_dir(repository, ASIDE);
	assert_int_equal(aside_exchange(repository->fd, BLOB, repository->fd, ASIDE), 0);
}

static void what_a_process_has_that_is_alive_is_left_to_it(void **state) {
	const struct repository *repository = *state;
	int fd = aside_open(repository->aside, repository->fd, ASIDE_FILES);
	struct recovery recovery;

	assert_true(fd >= 0);
	close(fd);
	exchange(repository);
	recovery_run(repository->fd, NULL, &recovery);
	assert_int_equal(recovery.files + recovery.troubles, 0);
	repository_assert_text(repository, ASIDE, "content");
	aside_leave(repository->aside);
	recovery_run(repository->fd, NULL, &recovery);
	assert_int_equal(recovery.files, 1);
	repository_assert_text(repository, BLOB, "content");
	assert_false(repository_has(repository, ".deleting"));
}

static void its_own_is_not_brought_to_an_end_with_that_of_others(void **state) {
	const struct repository *repository = *state;
	struct recovery recovery;

	exchange(repository);
	repository_make_file(repository, ".deleting/gone/files/.uploads/up", "upload");
	recovery_run(repository->fd, repository->aside, &recovery);
	assert_int_equal(recovery.files, 1);
	repository_assert_text(repository, ".uploads/up", "upload");
	repository_assert_text(repository, ASIDE, "content");
	recovery_own(repository->fd, repository->aside, &recovery);
	assert_int_equal(recovery.files, 1);
	repository_assert_text(repository, BLOB, "content");
}

static void a_process_that_ends_at_once_puts_back_its_files_and_leaves_its_tags(void **state) {
	const struct repository *repository = *state;
	struct recovery recovery;

	exchange(repository);
	repository_make_file(repository, ".deleting/test/tags/7.0/.stamp", "");
	recovery_own_files(repository->fd, repository->aside, &recovery);
	assert_int_equal(recovery.files, 1);
	repository_assert_text(repository, BLOB, "content");
	assert_true(repository_has(repository, ".deleting/test/tags/7.0/.stamp"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(what_a_process_has_that_is_alive_is_left_to_it),
		IN_A_REPOSITORY(its_own_is_not_brought_to_an_end_with_that_of_others),
		IN_A_REPOSITORY(a_process_that_ends_at_once_puts_back_its_files_and_leaves_its_tags
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
