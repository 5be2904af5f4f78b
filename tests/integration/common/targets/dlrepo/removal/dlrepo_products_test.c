// SPDX-License-Identifier: MPL-2.0
// dlrepo_products_test: the links that lead from products to a job that goes are taken away.
#include "support/test.h"

#include "common/targets/dlrepo/removal/products.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOB ".deleting/test/tags/77.0/job"
#define VERSION "products/p/v/main/1"
#define TO_BRANCHES "../../../../../branches/"

static void make_job(const struct repository *repository, const char *product) {
	repository_make_file(repository, JOB "/fmt/file", "x");
	repository_make_link(repository, JOB "/.product", product);
}

static int unlink_products(const struct repository *repository, char where[300]) {
	int fd = repository_open(repository, JOB);
	int err;

	where[0] = '\0';
	err = products_unlink(repository->fd, fd, where, 300);
	close(fd);
	return err;
}

static void assert_unlinked(const struct repository *repository) {
	char where[300];

	assert_int_equal(unlink_products(repository, where), 0);
	repository_assert_text(repository, JOB "/fmt/file", "x");
}

static void a_version_goes_with_its_last_link_and_what_is_empty_above_it(void **state) {
	const struct repository *repository = *state;

	make_job(repository, "../../../../" VERSION);
	repository_make_link(repository, VERSION "/fmt", TO_BRANCHES "main/t1/job/fmt");
	repository_make_link(repository, VERSION "/fmt2\xff", TO_BRANCHES "main/t1/job/fmt2\xff");
	repository_make_file(repository, VERSION "/.stamp", "");
	assert_unlinked(repository);
	assert_false(repository_has(repository, "products"));
}

static void only_empty_directories_go_upwards(void **state) {
	const struct repository *repository = *state;

	make_job(repository, "../../../../" VERSION);
	repository_make_link(repository, VERSION "/fmt", TO_BRANCHES "main/t1/job/fmt");
	repository_make_file(repository, "products/p/v/other/2/.stamp", "");
	assert_unlinked(repository);
	assert_false(repository_has(repository, "products/p/v/main"));
	assert_true(repository_has(repository, "products/p/v/other/2/.stamp"));
}

static void a_link_to_another_job_stays_with_its_version(void **state) {
	const struct repository *repository = *state;

	make_job(repository, "../../../../" VERSION);
	repository_make_dir(repository, "branches/main/t2/job/fmt2");
	repository_make_link(repository, VERSION "/fmt", TO_BRANCHES "main/t1/job/fmt");
	repository_make_link(repository, VERSION "/fmt2", TO_BRANCHES "main/t2/job/fmt2");
	repository_make_file(repository, VERSION "/.stamp", "");
	assert_unlinked(repository);
	assert_false(repository_has(repository, VERSION "/fmt"));
	assert_true(repository_has(repository, VERSION "/fmt2"));
	assert_true(repository_has(repository, VERSION "/.stamp"));
}

static void a_stamp_stays_while_anything_else_is_there(void **state) {
	const struct repository *repository = *state;

	make_job(repository, "../../../../" VERSION);
	repository_make_file(repository, VERSION "/.stamp", "");
	repository_make_file(repository, VERSION "/.other", "x");
	assert_unlinked(repository);
	assert_true(repository_has(repository, VERSION "/.stamp"));
	repository_assert_text(repository, VERSION "/.other", "x");
}

static void links_that_lead_to_no_directory_go_and_files_stay(void **state) {
	const struct repository *repository = *state;

	make_job(repository, "../../../../" VERSION);
	repository_make_file(repository, "branches/main/file", "x");
	repository_make_link(repository, VERSION "/fmt", TO_BRANCHES "main/file");
	repository_make_link(repository, VERSION "/fmt2", TO_BRANCHES "main/file/below");
	repository_make_file(repository, VERSION "/fmt3", "x");
	repository_make_dir(repository, VERSION "/fmt4");
	assert_unlinked(repository);
	assert_false(repository_has(repository, VERSION "/fmt"));
	assert_false(repository_has(repository, VERSION "/fmt2"));
	repository_assert_text(repository, VERSION "/fmt3", "x");
	assert_true(repository_has(repository, VERSION "/fmt4"));
	repository_assert_text(repository, "branches/main/file", "x");
}

static void a_job_without_a_product_or_with_a_version_that_is_gone_is_fine(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, JOB "/fmt/file", "x");
	assert_unlinked(repository);
	repository_make_file(repository, JOB "/.product", "products/p/v/main/1");
	assert_unlinked(repository);
	assert_int_equal(unlinkat(repository->fd, JOB "/.product", 0), 0);
	make_job(repository, "../../../../" VERSION);
	assert_unlinked(repository);
	repository_make_dir(repository, "products/p");
	assert_unlinked(repository);
	assert_true(repository_has(repository, "products/p"));
}

// But for the job itself, in which the test makes its links.
static char *tell_others(const struct repository *repository) {
	static const char format[] = JOB "/fmt";
	static const char *const paths[] = {".blobs", "branches", "products", "productsx", format};
	char *all = NULL;
	size_t len;
	FILE *out = open_memstream(&all, &len);

	assert_non_null(out);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *text = repository_tell(repository, paths[i]);

		assert_true(repository_has(repository, paths[i]));
		fputs(text, out);
		free(text);
	}
	fclose(out);
	return all;
}

static void a_product_that_is_elsewhere_is_an_error_and_nothing_is_touched(void **state) {
	static const char *const texts[] = {
		"/etc",
		"/",
		"../../../../..",
		"../../../../../products/p/v/main/1",
		"../../../../../../../../../../tmp",
		"../../../..",
		"../../../../products",
		"../../../../productsx/p",
		"../../../../branches/main/t2/job",
		"../../../../.blobs/sha256",
		"../../../../products/../.blobs/sha256",
		"fmt",
		"..",
	};
	const struct repository *repository = *state;
	char *before, *after;
	char where[300];

	repository_make_file(repository, JOB "/fmt/file", "x");
	repository_make_link(repository, ".blobs/sha256/link", "nothing");
	repository_make_link(repository, "branches/main/t2/job/link", "nothing");
	repository_make_link(repository, "productsx/p/link", "nothing");
	repository_make_dir(repository, "products");
	before = tell_others(repository);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		repository_make_link(repository, JOB "/.product", texts[i]);
		if (unlink_products(repository, where) != -EBADMSG ||
		    strstr(where, texts[i]) == NULL)
			fail_msg("'%s': '%s'", texts[i], where);
		assert_int_equal(unlinkat(repository->fd, JOB "/.product", 0), 0);
	}
	after = tell_others(repository);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void a_link_within_products_is_not_followed(void **state) {
	const struct repository *repository = *state;
	char where[300];

	make_job(repository, "../../../../" VERSION);
	repository_make_link(repository, "elsewhere/fmt", "nothing");
	repository_make_link(repository, VERSION, "../../../../elsewhere");
	assert_int_equal(unlink_products(repository, where), -ENOTDIR);
	assert_string_equal(where, VERSION);
	assert_true(repository_has(repository, "elsewhere/fmt"));
}

static void a_version_that_may_not_be_changed_is_told(void **state) {
	struct repository *repository = *state;
	char where[300];

	make_job(repository, "../../../../" VERSION);
	repository_make_link(repository, VERSION "/fmt", TO_BRANCHES "main/t1/job/fmt");
	repository_drop_rights(repository);
	repository_chmod(repository, VERSION, 0500);
	assert_int_equal(unlink_products(repository, where), -EACCES);
	assert_string_equal(where, VERSION);
	assert_true(repository_has(repository, VERSION "/fmt"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(a_version_goes_with_its_last_link_and_what_is_empty_above_it),
		IN_A_REPOSITORY(only_empty_directories_go_upwards),
		IN_A_REPOSITORY(a_link_to_another_job_stays_with_its_version),
		IN_A_REPOSITORY(a_stamp_stays_while_anything_else_is_there),
		IN_A_REPOSITORY(links_that_lead_to_no_directory_go_and_files_stay),
		IN_A_REPOSITORY(a_job_without_a_product_or_with_a_version_that_is_gone_is_fine),
		IN_A_REPOSITORY(a_product_that_is_elsewhere_is_an_error_and_nothing_is_touched),
		IN_A_REPOSITORY(a_link_within_products_is_not_followed),
		IN_A_REPOSITORY(a_version_that_may_not_be_changed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
