// SPDX-License-Identifier: MPL-2.0
// dlrepo_tag_removal_test: a tag goes whole, unless it is another than the scan saw.
#include "support/test.h"

#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/removal/tag_removal.h"
#include "support/repository.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAG "branches/main/t1"
#define VERSION "products/p/v/main/1"

// As the scan saw it.
static struct record_tag make_tag(const struct repository *repository, const char *name) {
	struct record_tag record = {.branch = (char *)"main", .tag = (char *)name};
	char path[200];

	snprintf(path, sizeof(path), "branches/main/%s/job/fmt/file", name);
	repository_make_file(repository, path, "x");
	snprintf(path, sizeof(path), "branches/main/%s/.stamp", name);
	repository_make_file(repository, path, "");
	repository_make_old(repository, path, 1000);
	record.stamp = repository_look(repository, path).st_mtim;
	return record;
}

static struct tag_outcome remove_it(
	const struct repository *repository, const struct record_tag *record
) {
	struct tag_outcome outcome;

	tag_remove(repository->fd, repository->aside, record, &outcome);
	return outcome;
}

static void assert_removed(const struct repository *repository, const struct record_tag *record) {
	struct tag_outcome outcome = remove_it(repository, record);
	char path[300];

	if (outcome.verdict != VERDICT_DONE || !outcome.is_removed)
		fail_msg("'%s': %d, %s", record->tag, (int)outcome.verdict, outcome.words);
	snprintf(path, sizeof(path), "branches/main/%s", record->tag);
	assert_false(repository_has(repository, path));
	// Nothing is left in it.
	assert_int_equal(unlinkat(repository->fd, ".deleting/test/tags", AT_REMOVEDIR), 0);
}

static void assert_left(const struct repository *repository, const struct record_tag *record) {
	char *before = repository_tell(repository, "."), *after;
	struct tag_outcome outcome = remove_it(repository, record);

	assert_int_equal(outcome.verdict, VERDICT_LEFT);
	assert_int_equal(outcome.reason, REASON_CHANGED);
	assert_false(outcome.is_removed);
	after = repository_tell(repository, ".");
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void assert_gone(const struct repository *repository, const struct record_tag *record) {
	struct tag_outcome outcome = remove_it(repository, record);

	assert_int_equal(outcome.verdict, VERDICT_DONE);
	assert_int_equal(outcome.reason, REASON_GONE);
	assert_false(outcome.is_removed);
}

static void a_tag_goes_with_its_jobs_and_their_products(void **state) {
	const struct repository *repository = *state;
	const struct record_tag record = make_tag(repository, "t1");

	repository_make_link(repository, TAG "/job/.product", "../../../../" VERSION);
	repository_make_link(repository, VERSION "/fmt", "../../../../../" TAG "/job/fmt");
	repository_make_file(repository, VERSION "/.stamp", "");
	repository_make_name(repository, ".blobs/sha256/e3/e3b0", TAG "/job/fmt/file");
	make_tag(repository, "t2");
	assert_removed(repository, &record);
	assert_false(repository_has(repository, "products"));
	assert_int_equal(repository_look(repository, ".blobs/sha256/e3/e3b0").st_nlink, 1);
	assert_true(repository_has(repository, "branches/main/t2/job/fmt/file"));
}

static void names_may_have_any_bytes(void **state) {
	static const char *const names[] = {"a b", "\xff\xfe", "\n", "-rf", "t.*", "\x01"};
	const struct repository *repository = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct record_tag record = make_tag(repository, names[i]);

		assert_removed(repository, &record);
	}
}

static void what_an_earlier_run_left_is_not_in_its_way(void **state) {
	const struct repository *repository = *state;
	const struct record_tag record = make_tag(repository, "t1");
	struct tag_outcome outcome;
	char path[100];

	snprintf(path, sizeof(path), ".deleting/test/tags/%ld.0/job/file", (long)gettid());
	repository_make_file(repository, path, "earlier");
	outcome = remove_it(repository, &record);
	assert_int_equal(outcome.verdict, VERDICT_DONE);
	assert_true(outcome.is_removed);
	repository_assert_text(repository, path, "earlier");
	assert_false(repository_has(repository, TAG));
}

static void one_that_is_gone_is_gone(void **state) {
	const struct repository *repository = *state;
	const struct record_tag record = {.branch = (char *)"main", .tag = (char *)"t1"};

	assert_gone(repository, &record);
	repository_make_dir(repository, "branches/main");
	assert_gone(repository, &record);
	assert_false(repository_has(repository, ".deleting"));
}

// --- another than the scan saw

static void one_that_was_locked_since_is_left(void **state) {
	const struct repository *repository = *state;
	const struct record_tag record = make_tag(repository, "t1");

	repository_make_file(repository, TAG "/.locked", "");
	assert_left(repository, &record);
	assert_int_equal(unlinkat(repository->fd, TAG "/.locked", 0), 0);
	repository_make_link(repository, TAG "/.locked", "nothing");
	assert_left(repository, &record);
	assert_int_equal(unlinkat(repository->fd, TAG "/.locked", 0), 0);
	assert_removed(repository, &record);
}

static void one_that_was_released_since_or_not_any_more_is_left(void **state) {
	const struct repository *repository = *state;
	struct record_tag record = make_tag(repository, "t1");

	repository_make_file(repository, TAG "/.released", "");
	assert_left(repository, &record);
	record.is_released = true;
	assert_int_equal(unlinkat(repository->fd, TAG "/.released", 0), 0);
	assert_left(repository, &record);
	repository_make_file(repository, TAG "/.released", "");
	assert_removed(repository, &record);
}

static void one_that_was_stamped_anew_is_left(void **state) {
	const struct repository *repository = *state;
	struct record_tag record = make_tag(repository, "t1");

	repository_make_old(repository, TAG "/.stamp", 999);
	assert_left(repository, &record);
	record.stamp = repository_look(repository, TAG "/.stamp").st_mtim;
	record.stamp.tv_nsec ^= 1;
	assert_left(repository, &record);
	record.stamp.tv_nsec ^= 1;
	assert_int_equal(unlinkat(repository->fd, TAG "/.stamp", 0), 0);
	assert_left(repository, &record);
	record.stamp = (struct timespec){.tv_sec = 0};
	assert_removed(repository, &record);
}

// --- what cannot go

static void assert_failed(
	const struct repository *repository, const struct record_tag *record, const char *words
) {
	char *before = repository_tell(repository, "branches"), *after;
	struct tag_outcome outcome = remove_it(repository, record);

	assert_int_equal(outcome.verdict, VERDICT_FAILED);
	assert_int_equal(outcome.reason, REASON_FILES);
	assert_false(outcome.is_removed);
	if (strstr(outcome.words, words) == NULL)
		fail_msg("'%s'", outcome.words);
	after = repository_tell(repository, "branches");
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void a_link_is_no_tag_and_no_branch(void **state) {
	const struct repository *repository = *state;
	struct record_tag record = make_tag(repository, "t1");

	repository_make_link(repository, "branches/main/alias", "t1");
	repository_make_link(repository, "branches/other", "main");
	record.tag = (char *)"alias";
	assert_failed(repository, &record, "cannot open 'alias': it is no directory");
	record.branch = (char *)"other";
	record.tag = (char *)"t1";
	assert_failed(repository, &record, "cannot open 'branches/other': it is no directory");
}

static void what_is_in_the_way_is_found_before_anything_is_touched(void **state) {
	struct repository *repository = *state;
	const struct record_tag record = make_tag(repository, "t1");

	repository_make_file(repository, TAG "/job/secret/file", "x");
	repository_drop_rights(repository);
	repository_chmod(repository, TAG "/job/secret", 0);
	assert_failed(repository, &record, "cannot remove 'job/secret': Permission denied");
	repository_chmod(repository, TAG "/job/secret", 0700);
	repository_chmod(repository, "branches/main", 0500);
	assert_failed(repository, &record, "'t1': Permission denied");
	repository_chmod(repository, "branches/main", 0700);
	assert_removed(repository, &record);
}

static void nothing_is_moved_to_where_a_link_leads_to(void **state) {
	const struct repository *repository = *state;
	const struct record_tag record = make_tag(repository, "t1");

	repository_make_dir(repository, "elsewhere");
	repository_make_link(repository, ".deleting", "elsewhere");
	assert_failed(repository, &record, "cannot make a directory in .deleting for 't1'");
	assert_false(repository_has(repository, "elsewhere/tags"));
}

static void a_product_that_is_elsewhere_is_told_and_not_touched(void **state) {
	const struct repository *repository = *state;
	const struct record_tag record = make_tag(repository, "t1");
	struct tag_outcome outcome;

	repository_make_link(repository, TAG "/job/.product", "../../../../.blobs");
	repository_make_link(repository, ".blobs/link", "nothing");
	outcome = remove_it(repository, &record);
	assert_int_equal(outcome.verdict, VERDICT_FAILED);
	assert_int_equal(outcome.reason, REASON_FILES);
	assert_non_null(strstr(outcome.words, ".product -> ../../../../.blobs"));
	assert_true(repository_has(repository, ".blobs/link"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(a_tag_goes_with_its_jobs_and_their_products),
		IN_A_REPOSITORY(names_may_have_any_bytes),
		IN_A_REPOSITORY(what_an_earlier_run_left_is_not_in_its_way),
		IN_A_REPOSITORY(one_that_is_gone_is_gone),
		IN_A_REPOSITORY(one_that_was_locked_since_is_left),
		IN_A_REPOSITORY(one_that_was_released_since_or_not_any_more_is_left),
		IN_A_REPOSITORY(one_that_was_stamped_anew_is_left),
		IN_A_REPOSITORY(a_link_is_no_tag_and_no_branch),
		IN_A_REPOSITORY(what_is_in_the_way_is_found_before_anything_is_touched),
		IN_A_REPOSITORY(nothing_is_moved_to_where_a_link_leads_to),
		IN_A_REPOSITORY(a_product_that_is_elsewhere_is_told_and_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
