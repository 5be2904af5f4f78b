// SPDX-License-Identifier: MPL-2.0
// dlrepo_crew_test: several threads go over the files of a repository, and each file is one's.
#include "support/test.h"

#include "common/page.h"
#include "common/targets/dlrepo/repo/walk.h"
#include "common/targets/dlrepo/scan/crew.h"
#include "support/repository.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const tops[] = {".blobs", ".uploads", NULL};

enum { SHARDS = 64, FILES = 2000, MOST_STEPS = 10000 };

struct work {
	// How often each file was found; its name is its number.
	atomic_int found[FILES];
	// Threads that were at work in this step, and those that are to be.
	atomic_int threads;
	atomic_int wanted;
	int err;
};

static struct crew *begin(const struct repository *repository, size_t threads) {
	struct crew *crew;

	assert_int_equal(crew_new(&crew, repository->fd, tops, threads), 0);
	return crew;
}

static void make_files(const struct repository *repository, int shards) {
	char path[64];

	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), ".blobs/sha256/%02x/%d", (unsigned)(i % shards), i);
		repository_make_file(repository, path, "");
	}
}

// In a step in which some are wanted each waits for the others: so many threads there are.
static void meet(struct work *work) {
	atomic_fetch_add(&work->threads, 1);
	while (atomic_load(&work->threads) < atomic_load(&work->wanted))
		sched_yield();
}

static void take_all(const void *ctx, struct crew_member *member) {
	struct work *work = *(struct work *const *)ctx;
	enum walk_step step = WALK_FILE;
	struct walk_file file;

	meet(work);
	while (member->files < (int64_t)member->rows && step != WALK_END) {
		step = walker_next(member->walker, &file);
		if (step == WALK_TROUBLE)
			page_note(&member->page, PAGE_TROUBLE, "%s", walker_words(member->walker));
		if (step != WALK_FILE)
			continue;
		atomic_fetch_add(&work->found[strtol(file.name, NULL, 10)], 1);
		member->files++;
	}
	member->orphans = 1;
	member->put = 2;
	member->put_bytes = 3;
	member->err = work->err;
}

static int go_a_step(
	struct crew *crew,
	struct work *work,
	size_t rows,
	size_t most,
	struct page *page,
	struct crew_found *found
) {
	const struct crew_order order = {
		.work = take_all, .ctx = &work, .rows = rows, .most = most};

	atomic_store(&work->threads, 0);
	return crew_step(crew, &order, page, found);
}

static void go_over_all(struct crew *crew, struct work *work, size_t rows, size_t most) {
	struct crew_found found = {.files = 0};
	struct page page;
	int steps = 0;

	page_init(&page);
	for (; !crew_is_done(crew) && steps < MOST_STEPS; steps++)
		assert_int_equal(go_a_step(crew, work, rows, most, &page, &found), 0);
	assert_true(steps < MOST_STEPS);
	assert_int_equal(found.files, FILES);
	for (int i = 0; i < FILES; i++)
		assert_int_equal(work->found[i], 1);
	page_fini(&page);
	crew_free(crew);
}

static void each_file_is_found_once_whatever_the_steps(void **state) {
	static const size_t rows[] = {1, 7, 100, 100000};

	make_files(*state, SHARDS);
	for (size_t threads = 1; threads <= 5; threads++) {
		for (size_t i = 0; i < 4; i++) {
			struct work work = {.err = 0};

			go_over_all(begin(*state, threads), &work, rows[i], threads);
		}
	}
}

static void one_directory_is_one_threads(void **state) {
	struct work work = {.err = 0};

	make_files(*state, 1);
	go_over_all(begin(*state, 4), &work, 100, 4);
}

static void as_many_threads_are_at_work_as_are_wanted(void **state) {
	struct work work = {.wanted = 1};
	struct crew_found found = {.files = 0};
	struct crew *crew;
	struct page page;

	make_files(*state, SHARDS);
	crew = begin(*state, 4);
	page_init(&page);
	// What is in the tops is not known yet.
	assert_int_equal(go_a_step(crew, &work, 4, 1, &page, &found), 0);
	assert_int_equal(work.threads, 1);
	work.wanted = 3;
	assert_int_equal(go_a_step(crew, &work, 100, 3, &page, &found), 0);
	assert_int_equal(work.threads, 3);
	work.wanted = 4;
	assert_int_equal(go_a_step(crew, &work, 100, 9, &page, &found), 0);
	assert_int_equal(work.threads, 4);
	assert_int_equal(found.files, 1 + 75 + 100);
	assert_int_equal(found.orphans, 8);
	assert_int_equal(found.put, 16);
	assert_int_equal(found.put_bytes, 24);
	page_fini(&page);
	crew_free(crew);
}

static void what_goes_wrong_with_one_is_said_and_the_others_found_what_they_found(void **state) {
	struct work work = {.err = -EMSGSIZE};
	struct crew_found found = {.files = 0};
	struct crew *crew;
	struct page page;

	make_files(*state, SHARDS);
	repository_make_link(*state, ".uploads", "elsewhere");
	crew = begin(*state, 2);
	page_init(&page);
	while (!crew_is_done(crew))
		assert_int_equal(go_a_step(crew, &work, 5000, 2, &page, &found), -EMSGSIZE);
	assert_int_equal(found.files, FILES);
	assert_int_equal(page.troubles, 1);
	assert_non_null(page.notes);
	page_fini(&page);
	crew_free(crew);
	crew_free(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(each_file_is_found_once_whatever_the_steps),
		IN_A_REPOSITORY(one_directory_is_one_threads),
		IN_A_REPOSITORY(as_many_threads_are_at_work_as_are_wanted),
		IN_A_REPOSITORY(
			what_goes_wrong_with_one_is_said_and_the_others_found_what_they_found
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
