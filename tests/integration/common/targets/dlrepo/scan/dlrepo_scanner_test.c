// SPDX-License-Identifier: MPL-2.0
// dlrepo_scanner_test: what a pass finds in a repository, in which order, and what it tells of it.
#include "support/test.h"

#include "common/handle.h"
#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/scan/scanner.h"
#include "support/repository.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY "branches/main/.cleanup_policy"
#define E3 ".blobs/sha256/e3/"

struct scan {
	const struct repository *repository;
	struct handle *handle;
	struct dlrepo_config config;
	struct pass pass;
	struct estimate estimate;
	int64_t staying;
	// How often the guard would have been.
	int asked;
	// Becomes an orphan when all are counted.
	const char *late;
	// A line for each record, note and end of a stage.
	char *text;
	size_t len;
	FILE *out;
};

static struct scan *begin(const struct repository *repository) {
	struct scan *scan = calloc(1, sizeof(*scan));
	char error[200];

	assert_non_null(scan);
	scan->repository = repository;
	scan->config.root = (char *)repository->path;
	scan->config.aside = repository->aside;
	scan->config.orphan_lifetime_ms = 600000;
	scan->config.orphan_wait_ms = 2000;
	scan->config.scan_threads = 1;
	scan->pass.wish.page_rows = 1000;
	handle_new(&scan->handle, HANDLE_DIR, repository->path, error, sizeof(error));
	assert_int_equal(handle_open(scan->handle), 0);
	scan->out = open_memstream(&scan->text, &scan->len);
	return scan;
}

static void end(struct scan *scan) {
	handle_free(scan->handle);
	fclose(scan->out);
	free(scan->text);
	free(scan);
}

static void tell_record(struct scan *scan, const struct candidate *candidate) {
	struct record record;

	assert_int_equal(record_read(&record, candidate), 0);
	if (record.kind == RECORD_TAG)
		fprintf(scan->out, "record %s/%s\n", record.tag.branch, record.tag.tag);
	for (size_t i = 0; i < record.files.count; i++)
		fprintf(scan->out, "record %s/%s\n", record.files.dir, record.files.names[i]);
	record_fini(&record);
}

static void make_orphan(const struct repository *repository, const char *path);

static void tell_page(struct scan *scan, const struct page *page) {
	const struct target_scanner *scanner = &dlrepo_scanner;
	char line[300];

	for (const struct page_note *note = page->notes; note != NULL; note = note->next)
		fprintf(scan->out,
			"%s%s\n",
			note->kind == PAGE_TROUBLE ? "trouble: " : "",
			note->words);
	for (const struct candidate *one = page->first; one != NULL; one = one->next)
		tell_record(scan, one);
	scan->asked += page->has_estimate;
	if (page->has_estimate && scan->late != NULL)
		make_orphan(scan->repository, scan->late);
	if (page->has_estimate)
		scanner->estimate(&scan->config, scan->handle, &scan->pass, 1000, &scan->estimate);
	if (page->has_estimate)
		scanner->count_staying(
			&scan->config, scan->handle, &scan->pass, 1000, 1000, &scan->staying
		);
	if (page->end_of_stage &&
	    scanner->narrate(
		    &scan->config,
		    &scan->pass,
		    &(struct narration){.ended = true},
		    line,
		    sizeof(line)
	    ))
		fprintf(scan->out, "%s\n", line);
}

static void run(struct scan *scan) {
	const struct target_scanner *scanner = &dlrepo_scanner;
	bool is_over = false;

	assert_int_equal(scanner->begin(&scan->config, scan->handle, &scan->pass), 0);
	while (!is_over) {
		struct page page;

		page_init(&page);
		assert_int_equal(scanner->page(&scan->config, scan->handle, &scan->pass, &page), 0);
		tell_page(scan, &page);
		is_over = page.end_of_pass;
		page_fini(&page);
	}
	scanner->end(&scan->config, &scan->pass);
	fflush(scan->out);
}

static void assert_told(struct scan *scan, const char *expected) {
	run(scan);
	assert_string_equal(scan->text, expected);
	end(scan);
}

static void make_tag(const struct repository *repository, const char *name, int64_t age_s) {
	char path[100];

	snprintf(path, sizeof(path), "branches/main/%s/.stamp", name);
	repository_make_file(repository, path, "");
	repository_make_old(repository, path, age_s);
}

static void make_orphan(const struct repository *repository, const char *path) {
	repository_make_file(repository, path, "content");
	repository_make_old(repository, path, 700);
}

// --- tags

static void surplus_tags_are_found_first_and_then_orphans(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, POLICY, "{\"max_daily_tags\": 1}");
	make_tag(repository, "t1", 100);
	make_tag(repository, "t2", 200);
	repository_make_file(repository, "branches/.hidden/.cleanup_policy", "[]");
	make_orphan(repository, ".uploads/0123");
	make_orphan(repository, E3 "e3b0");
	repository_make_file(repository, E3 "e3b1", "new");
	make_orphan(repository, E3 "e3b2");
	repository_make_name(repository, "branches/main/t1/job/fmt/file", E3 "e3b2");
	assert_told(
		begin(repository),
		"Deleting daily tag main/t2 ...\n"
		"record main/t2\n"
		"Deleted 0 tags\n"
		"record " E3 "e3b0\n"
		"record .uploads/0123\n"
		"Deleted 0 orphan blobs (0 bytes)\n"
	);
}

static void a_dry_run_tells_what_it_would_delete_and_makes_nothing(void **state) {
	const struct repository *repository = *state;
	struct scan *scan = begin(repository);
	char *before, *after;

	repository_make_file(repository, POLICY, "{\"max_daily_tags\": 1}");
	make_tag(repository, "t1", 100);
	make_tag(repository, "t2", 200);
	make_orphan(repository, E3 "e3b0");
	repository_make_file(repository, ".deleting/gone/files/" E3 "e3b1", "left by a crash");
	before = repository_tell(repository, ".");
	scan->pass.wish.dryrun = true;
	scan->config.quotas = true;
	assert_told(
		scan,
		"Would delete daily tag main/t2 ...\n"
		"record main/t2\n"
		"Would delete 1 tags\n"
		"record " E3 "e3b0\n"
		"Would delete 1 orphan blobs (7.0 bytes)\n"
	);
	after = repository_tell(repository, ".");
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void what_keeps_a_tag_is_told(void **state) {
	const struct repository *repository = *state;

	repository_make_file(
		repository, POLICY, "{\"max_daily_tags\": 1, \"max_released_tags\": 1}"
	);
	make_tag(repository, "t1", 100);
	make_tag(repository, "T2", 200);
	make_tag(repository, "r3", 300);
	make_tag(repository, "r4", 400);
	repository_make_file(repository, "branches/main/r3/.released", "");
	repository_make_file(repository, "branches/main/r4/.released", "");
	repository_make_file(repository, "branches/odd/.cleanup_policy", "[]");
	repository_make_file(repository, "branches/Capitals/.cleanup_policy", "[]");
	assert_told(
		begin(repository),
		"branch Capitals is left alone: it has capitals, so dlrepo itself cannot find it\n"
		"trouble: tag main/r4 stays: it is released, and --publish-url does not say where "
		"it was published\n"
		"trouble: tag main/T2 stays: it has capitals, so dlrepo itself cannot find it\n"
		"branch odd: all tags stay, for its '.cleanup_policy' says nothing: it is no JSON "
		"object as dlrepo writes it\n"
		"Deleted 0 tags\n"
		"Deleted 0 orphan blobs (0 bytes)\n"
	);
}

// --- orphans

static void orphans_are_counted_before_any_is_put(void **state) {
	const struct repository *repository = *state;
	struct scan *scan = begin(repository);

	scan->config.orphans_only = true;
	repository_make_file(repository, POLICY, "[]");
	make_orphan(repository, E3 "e3b0");
	make_orphan(repository, ".blobs/.trash-q");
	make_orphan(repository, ".blobs/.nfs0001");
	repository_make_file(repository, E3 "e3b1", "new");
	repository_make_link(repository, E3 "e3b2", "e3b0");
	run(scan);
	assert_int_equal(scan->estimate.eligible, 2);
	assert_true(scan->estimate.eligible_exact);
	assert_int_equal(scan->staying, 1);
	assert_null(strstr(scan->text, "trouble"));
	assert_non_null(strstr(scan->text, "record .blobs/.trash-q\n"));
	assert_null(strstr(scan->text, ".nfs0001"));
	end(scan);
}

static void the_guard_is_asked_once_when_all_are_counted(void **state) {
	const struct repository *repository = *state;
	struct scan *scan = begin(repository);
	char path[50];

	for (int i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), E3 "e3%02d", i);
		make_orphan(repository, path);
	}
	scan->pass.wish.page_rows = 3;
	run(scan);
	assert_int_equal(scan->asked, 1);
	assert_int_equal(scan->estimate.eligible, 10);
	end(scan);
}

static void what_the_guard_did_not_count_is_not_put(void **state) {
	const struct repository *repository = *state;
	struct scan *scan = begin(repository);

	make_orphan(repository, E3 "e3b0");
	scan->late = E3 "e3b1";
	run(scan);
	assert_int_equal(scan->estimate.eligible, 1);
	assert_non_null(strstr(scan->text, "record " E3 "e3b0\n"));
	assert_null(strstr(scan->text, "e3b1"));
	end(scan);
}

static void no_more_are_put_than_are_wished_for(void **state) {
	const struct repository *repository = *state;
	struct scan *scan = begin(repository);
	char path[50];

	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), E3 "e3%02d", i);
		make_orphan(repository, path);
	}
	scan->pass.wish.max_records = 5;
	scan->pass.wish.page_rows = 3;
	run(scan);
	assert_int_equal(scan->estimate.eligible, 20);
	for (int i = 0; i < 5; i++) {
		char *at = strstr(scan->text, "record ");

		assert_non_null(at);
		at[0] = ' ';
	}
	assert_null(strstr(scan->text, "record "));
	end(scan);
}

static void an_empty_blob_by_the_name_of_other_content_is_told(void **state) {
	static const char damaged[] = E3
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b854";
	static const char nothing[] = E3
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	const struct repository *repository = *state;
	struct scan *scan = begin(repository);

	repository_make_file(repository, damaged, "");
	repository_make_name(repository, "branches/main/t1/job/fmt/file", damaged);
	repository_make_file(repository, nothing, "");
	run(scan);
	assert_non_null(strstr(scan->text, "852b854' is empty, and its name is of other content"));
	assert_non_null(strstr(scan->text, "(1 links)"));
	assert_null(strstr(scan->text, "852b855"));
	end(scan);
}

// --- before and behind

static void what_a_crash_left_is_brought_to_its_end_and_told(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ".deleting/gone/files/" E3 "e3b0", "content");
	repository_make_dir(repository, E3 "e3b0");
	repository_make_file(repository, ".deleting/gone/tags/77.0/.stamp", "");
	assert_told(
		begin(repository),
		"An earlier run was cut off: 1 tags that it had begun with are deleted, 1 files "
		"are back in their places\n"
		"Deleted 0 tags\n"
		"Deleted 0 orphan blobs (0 bytes)\n"
	);
	repository_assert_text(repository, E3 "e3b0", "content");
	assert_false(repository_has(repository, ".deleting"));
}

static void a_repository_that_cannot_be_changed_is_refused_before_anything(void **state) {
	struct repository *repository = *state;
	struct scan *scan = begin(repository);

	repository_make_dir(repository, ".blobs");
	repository_drop_rights(repository);
	repository_chmod(repository, ".", 0500);
	for (int i = 0; i < 2; i++) {
		scan->config.no_server = i > 0;
		assert_int_equal(
			dlrepo_scanner.begin(&scan->config, scan->handle, &scan->pass), -EPERM
		);
		assert_non_null(strstr(scan->pass.facts.error, "/.deleting': Permission denied"));
		assert_null(scan->pass.facts.scan);
	}
	repository_chmod(repository, ".", 0700);
	end(scan);
}

// --- quotas

static void a_users_disk_usage_counts_every_name(void **state) {
	const struct repository *repository = *state;
	struct scan *scan = begin(repository);

	repository_make_file(repository, "users/bob/branches/b/t/j/f/file", "12345");
	repository_make_name(
		repository, "users/bob/branches/b/t/j/f/other", "users/bob/branches/b/t/j/f/file"
	);
	repository_make_link(repository, "users/bob/branches/b/t/j/f/link", "file");
	repository_make_link(repository, "users/bob/branches/b/t/j/tree", "f");
	repository_make_file(repository, "users/bob/.disk_usage", "99");
	repository_make_file(repository, "users/Eve/file", "12345");
	repository_make_dir(repository, "users/nil");
	repository_make_link(repository, "users/lost/link", "nothing");
	repository_make_file(repository, "users/lost/.disk_usage", "7");
	scan->config.quotas = true;
	assert_told(
		scan,
		"Deleted 0 tags\n"
		"user Eve is left alone: the name has capitals, so dlrepo itself cannot find it\n"
		"trouble: the disk usage of user lost stays as it was: a link leads to nothing\n"
		"Deleted 0 orphan blobs (0 bytes)\n"
	);
	repository_assert_text(repository, "users/bob/.disk_usage", "17");
	repository_assert_text(repository, "users/nil/.disk_usage", "0");
	repository_assert_text(repository, "users/lost/.disk_usage", "7");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(surplus_tags_are_found_first_and_then_orphans),
		IN_A_REPOSITORY(a_dry_run_tells_what_it_would_delete_and_makes_nothing),
		IN_A_REPOSITORY(what_keeps_a_tag_is_told),
		IN_A_REPOSITORY(orphans_are_counted_before_any_is_put),
		IN_A_REPOSITORY(the_guard_is_asked_once_when_all_are_counted),
		IN_A_REPOSITORY(what_the_guard_did_not_count_is_not_put),
		IN_A_REPOSITORY(no_more_are_put_than_are_wished_for),
		IN_A_REPOSITORY(an_empty_blob_by_the_name_of_other_content_is_told),
		IN_A_REPOSITORY(what_a_crash_left_is_brought_to_its_end_and_told),
		IN_A_REPOSITORY(a_repository_that_cannot_be_changed_is_refused_before_anything),
		IN_A_REPOSITORY(a_users_disk_usage_counts_every_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
