// SPDX-License-Identifier: MPL-2.0
// dlrepo_orphans_test: each orphan is put once, whether it was kept when it was counted or marked.
#include "support/test.h"

#include "common/candidate.h"
#include "common/page.h"
#include "common/target/pass.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/scan/orphans.h"
#include "common/targets/dlrepo/scan/survey.h"
#include "support/repository.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHARDS = 16, FILES = 800, ORPHANS = FILES / 2, DAY_S = 86400 };

struct story {
	struct dlrepo_config config;
	struct survey *survey;
	struct pass pass;
	// How often each was put; its name is its number.
	int put[FILES];
	int64_t put_count;
};

// The even ones are orphans.
static void make_files(const struct repository *repository) {
	char path[64], link[64];

	for (int i = 0; i < FILES; i++) {
		snprintf(
			path, sizeof(path), ".blobs/sha256/%02x/%d", (unsigned)(i / 2 % SHARDS), i
		);
		snprintf(link, sizeof(link), "users/links/%d", i);
		repository_make_file(repository, path, "x");
		if (i % 2 == 1)
			repository_make_name(repository, link, path);
		repository_make_old(repository, path, DAY_S);
	}
}

static void begin(struct story *story, const struct repository *repository) {
	*story = (struct story){
		.config = {.orphan_lifetime_ms = 600000, .scan_threads = 3},
		.survey = calloc(1, sizeof(*story->survey)),
		.pass = {.wish = {.page_rows = 50}},
	};
	assert_non_null(story->survey);
	story->survey->root = dup(repository->fd);
	story->survey->stage = SURVEY_COUNT;
	page_init(&story->survey->kept);
}

static void note_put(struct story *story, const struct candidate *candidate) {
	struct record record;

	assert_int_equal(record_read(&record, candidate), 0);
	for (size_t i = 0; i < record.files.count; i++) {
		story->put[strtol(record.files.names[i], NULL, 10)]++;
		story->put_count++;
	}
	record_fini(&record);
}

// When so many were counted, what is kept takes all the room there is. Returns the pages.
static int count_all(struct story *story, int64_t full_at) {
	bool is_over = false;
	int pages = 0;

	for (; !is_over; pages++) {
		struct page page;

		if (story->survey->files >= full_at)
			story->survey->kept_bytes = SIZE_MAX / 2;
		page_init(&page);
		assert_int_equal(
			orphans_count_page(&story->config, story->survey, &story->pass, &page), 0
		);
		assert_int_equal(page.count, 0);
		is_over = page.end_of_stage;
		assert_int_equal(page.has_estimate, is_over);
		page_fini(&page);
	}
	return pages;
}

static void put_all(struct story *story) {
	bool is_over = false;

	survey_begin_stage(story->survey, SURVEY_ORPHANS, &story->pass);
	while (!is_over) {
		struct page page;

		page_init(&page);
		assert_int_equal(
			orphans_page(&story->config, story->survey, &story->pass, &page), 0
		);
		for (const struct candidate *one = page.first; one != NULL; one = one->next)
			note_put(story, one);
		is_over = page.end_of_stage;
		page_fini(&page);
	}
}

static void assert_each_was_put_once(const struct story *story) {
	for (int i = 0; i < FILES; i++)
		assert_int_equal(story->put[i], i % 2 == 0);
	assert_int_equal(story->survey->files, FILES);
	assert_int_equal(story->survey->orphans, ORPHANS);
	assert_int_equal(story->survey->put, ORPHANS);
	assert_int_equal(story->survey->stage_put, ORPHANS);
	assert_int_equal(story->survey->stage_bytes, ORPHANS);
}

static void they_are_put_once_wherever_there_is_no_more_room_to_keep_them(void **state) {
	static const int64_t full_at[] = {0, 60, FILES / 2, FILES - 60, FILES + 1};

	make_files(*state);
	for (size_t i = 0; i < 5; i++) {
		struct story story;

		begin(&story, *state);
		assert_true(count_all(&story, full_at[i]) >= FILES / 51);
		assert_int_equal(story.survey->kept.count == 0, full_at[i] < FILES);
		assert_int_equal(story.survey->marks == NULL, full_at[i] > FILES);
		put_all(&story);
		assert_each_was_put_once(&story);
		survey_free(story.survey);
	}
}

static void no_more_files_are_put_than_may_be(void **state) {
	static const int64_t most[] = {1, 10, 51, ORPHANS - 1, ORPHANS, ORPHANS + 1};

	make_files(*state);
	for (size_t i = 0; i < 6; i++) {
		struct story story;

		begin(&story, *state);
		story.pass.wish.max_records = most[i];
		count_all(&story, FILES + 1);
		assert_int_equal(story.survey->orphans, ORPHANS);
		put_all(&story);
		assert_int_equal(story.put_count, most[i] < ORPHANS ? most[i] : ORPHANS);
		assert_int_equal(story.survey->put, story.put_count);
		survey_free(story.survey);
	}
}

static void an_empty_repository_has_none(void **state) {
	struct story story;

	begin(&story, *state);
	assert_int_equal(count_all(&story, 1), 1);
	put_all(&story);
	assert_int_equal(story.put_count, 0);
	survey_free(story.survey);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(they_are_put_once_wherever_there_is_no_more_room_to_keep_them),
		IN_A_REPOSITORY(no_more_files_are_put_than_may_be),
		IN_A_REPOSITORY(an_empty_repository_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
