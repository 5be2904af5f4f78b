// SPDX-License-Identifier: MPL-2.0
// dlrepo_remover_test: tags are judged again before they go, and rows are counted however often a
// remove is called.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/handle.h"
#include "common/page.h"
#include "common/target/target_remover.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/remover.h"
#include "common/targets/dlrepo/rule/surplus.h"
#include "support/repository.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define POLICY "branches/main/.cleanup_policy"

static const struct record_moment moment = {.wall_ms = 1};

struct scene {
	const struct repository *repository;
	struct handle *handle;
	struct dlrepo_config config;
	struct page page;
	struct work works[2];
	struct work_result results[2];
	struct work_pair pairs[2];
	size_t count;
};

static struct scene *begin(const struct repository *repository) {
	struct scene *scene = calloc(1, sizeof(*scene));
	char error[200];

	assert_non_null(scene);
	scene->repository = repository;
	scene->config.root = (char *)repository->path;
	scene->config.aside = repository->aside;
	scene->config.orphan_lifetime_ms = 600000;
	page_init(&scene->page);
	assert_int_equal(
		handle_new(&scene->handle, HANDLE_DIR, repository->path, error, sizeof(error)), 0
	);
	assert_int_equal(handle_open(scene->handle), 0);
	return scene;
}

static void load(struct scene *scene) {
	struct finding why = {.verdict = VERDICT_GO};

	for (const struct candidate *one = scene->page.first; one != NULL; one = one->next) {
		struct work *work = &scene->works[scene->count];

		assert_true(scene->count < 2);
		work->candidate = one;
		assert_int_equal(dlrepo_remover.load(&scene->config, work, &why), 0);
		scene->pairs[scene->count] = (struct work_pair){
			work, &scene->results[scene->count]};
		scene->count++;
	}
}

static void end(struct scene *scene) {
	for (size_t i = 0; i < scene->count; i++) {
		finding_clear(&scene->results[i].finding);
		dlrepo_remover.unload(&scene->config, &scene->works[i]);
	}
	page_fini(&scene->page);
	handle_free(scene->handle);
	free(scene);
}

static void call(struct scene *scene, target_remover_batch *batch) {
	for (size_t i = 0; i < scene->count; i++) {
		finding_clear(&scene->results[i].finding);
		scene->results[i] = (struct work_result){.counted = false};
	}
	assert_int_equal(batch(&scene->config, scene->handle, scene->pairs, scene->count), 0);
}

// --- tags

static void make_tag(struct scene *scene, const char *name, int64_t age_s) {
	struct tag tag = {.name = (char *)name};
	char path[100];

	snprintf(path, sizeof(path), "branches/main/%s/.stamp", name);
	repository_make_file(scene->repository, path, "");
	repository_make_old(scene->repository, path, age_s);
	tag.stamp = repository_look(scene->repository, path).st_mtim;
	if (age_s > 100)
		assert_int_equal(record_put_tag(&scene->page, &moment, "main", &tag), 0);
}

static struct scene *begin_with_surplus(const struct repository *repository) {
	struct scene *scene = begin(repository);

	repository_make_file(repository, POLICY, "{\"max_daily_tags\": 1}");
	make_tag(scene, "t1", 100);
	make_tag(scene, "t2", 200);
	make_tag(scene, "t3", 300);
	load(scene);
	return scene;
}

static void tags_that_are_still_beyond_the_policy_go(void **state) {
	struct scene *scene = begin_with_surplus(*state);

	call(scene, dlrepo_remover.check);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(scene->results[i].finding.verdict, VERDICT_GO);
		assert_true(scene->results[i].judged.mono_ms > 0);
		assert_true(scene->results[i].counted);
	}
	call(scene, dlrepo_remover.remove);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(scene->results[i].finding.verdict, VERDICT_DONE);
		assert_int_equal(scene->results[i].rows.removed, 1);
	}
	assert_true(repository_has(scene->repository, "branches/main/t1"));
	assert_false(repository_has(scene->repository, "branches/main/t2"));
	assert_false(repository_has(scene->repository, "branches/main/t3"));
	end(scene);
}

static void assert_checked(
	struct scene *scene, enum verdict second, enum verdict third, enum reason reason
) {
	const enum verdict expected[] = {second, third};

	call(scene, dlrepo_remover.check);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(scene->results[i].finding.verdict, expected[i]);
		if (expected[i] != VERDICT_GO)
			assert_int_equal(scene->results[i].finding.reason, reason);
	}
}

static void a_policy_that_changed_since_is_heeded(void **state) {
	const struct repository *repository = *state;
	struct scene *scene = begin_with_surplus(repository);

	repository_make_file(repository, POLICY, "{\"max_daily_tags\": 2}");
	assert_checked(scene, VERDICT_LEFT, VERDICT_GO, REASON_CHANGED);
	repository_make_file(repository, POLICY, "{}");
	assert_checked(scene, VERDICT_LEFT, VERDICT_LEFT, REASON_CHANGED);
	repository_make_file(repository, POLICY, "[1]");
	assert_checked(scene, VERDICT_LEFT, VERDICT_LEFT, REASON_CHANGED);
	repository_make_file(repository, POLICY, "{\"max_daily_tags\": 1}");
	repository_make_file(repository, "branches/main/t1/.locked", "");
	assert_checked(scene, VERDICT_LEFT, VERDICT_GO, REASON_CHANGED);
	repository_make_file(repository, "branches/main/t3/.released", "");
	assert_checked(scene, VERDICT_LEFT, VERDICT_LEFT, REASON_CHANGED);
	end(scene);
}

// What was asked of its servers before is not known.
static void a_released_tag_that_comes_back_and_stays_is_told(void **state) {
	const struct repository *repository = *state;
	struct tag tag = {.name = (char *)"t2", .is_released = true};
	struct scene *scene = begin(repository);

	repository_make_file(repository, POLICY, "{\"max_released_tags\": 1}");
	repository_make_file(repository, "branches/main/t1/.released", "");
	repository_make_file(repository, "branches/main/t2/.released", "");
	repository_make_file(repository, "branches/main/t2/.locked", "");
	assert_int_equal(record_put_tag(&scene->page, &moment, "main", &tag), 0);
	load(scene);
	call(scene, dlrepo_remover.check);
	assert_int_equal(scene->results[0].finding.verdict, VERDICT_LEFT);
	scene->page.first->origin.attempts = 1;
	call(scene, dlrepo_remover.check);
	assert_int_equal(scene->results[0].finding.verdict, VERDICT_FAILED);
	assert_int_equal(scene->results[0].finding.reason, REASON_UNKNOWN);
	end(scene);
}

static void a_branch_that_cannot_be_read_fails_its_tags(void **state) {
	struct repository *repository = *state;
	struct scene *scene = begin_with_surplus(repository);

	repository_drop_rights(repository);
	repository_chmod(repository, "branches/main", 0);
	assert_checked(scene, VERDICT_FAILED, VERDICT_FAILED, REASON_FILES);
	assert_string_equal(finding_words(&scene->results[0].finding), "Permission denied");
	end(scene);
}

// --- files

static struct scene *begin_with_files(const struct repository *repository) {
	static const char *const names[] = {"a", "b", "c"};
	struct record_writer *writer = record_writer_new();
	struct scene *scene = begin(repository);
	char path[50];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), ".blobs/x/%s", names[i]);
		repository_make_file(repository, path, "content");
		repository_make_old(repository, path, 700);
		assert_int_equal(record_writer_add(writer, ".blobs/x", names[i], 1), 0);
	}
	assert_int_equal(record_writer_put(writer, &scene->page, &moment), 0);
	record_writer_free(writer);
	load(scene);
	assert_int_equal(scene->works[0].rows, 3);
	return scene;
}

// As the engine does: when the time has come that it says.
static void call_until_done(struct scene *scene) {
	do {
		clock_pause(scene->results[0].again_ms);
		call(scene, dlrepo_remover.remove);
	} while (scene->results[0].again_ms > 0);
}

static void files_go_in_three_calls_and_count_in_the_last(void **state) {
	const struct repository *repository = *state;
	struct scene *scene = begin_with_files(repository);
	const struct work_result *result = &scene->results[0];

	scene->config.orphan_wait_ms = 60000;
	assert_int_equal(unlinkat(repository->fd, ".blobs/x/b", 0), 0);
	call(scene, dlrepo_remover.check);
	assert_int_equal(result->finding.verdict, VERDICT_GO);
	call(scene, dlrepo_remover.remove);
	assert_int_equal(result->finding.verdict, VERDICT_GO);
	assert_int_equal(result->again_ms, 60000);
	assert_int_equal(result->rows.removed, 0);
	scene->config.orphan_wait_ms = 0;
	repository_make_old(repository, ".blobs/x/c", 0);
	call(scene, dlrepo_remover.remove);
	assert_int_equal(result->finding.verdict, VERDICT_GO);
	call_until_done(scene);
	assert_int_equal(result->finding.verdict, VERDICT_DONE);
	assert_int_equal(result->again_ms, 0);
	assert_int_equal(result->rows.removed, 1);
	assert_int_equal(result->rows.bytes, 7);
	assert_int_equal(result->rows.gone, 1);
	assert_int_equal(result->rows.spared, 1);
	assert_int_equal(result->rows.failed, 0);
	end(scene);
}

static void each_file_that_cannot_go_is_named(void **state) {
	const struct repository *repository = *state;
	struct scene *scene = begin_with_files(repository);
	struct row_words words;

	repository_make_file(repository, ".deleting/test/files/.blobs/x/c", "earlier");
	call_until_done(scene);
	assert_int_equal(scene->results[0].finding.verdict, VERDICT_DONE);
	assert_int_equal(scene->results[0].finding.reason, REASON_FILES);
	assert_int_equal(scene->results[0].rows.removed, 2);
	assert_int_equal(scene->results[0].rows.failed, 1);
	dlrepo_remover.failed_row(&scene->config, &scene->works[0], 0, &words);
	assert_int_equal(words.reason, REASON_FILES);
	assert_string_equal(words.id, ".blobs/x/c");
	assert_string_equal(
		words.words, "cannot make a directory in .deleting for '.blobs/x/c': File exists"
	);
	end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(tags_that_are_still_beyond_the_policy_go),
		IN_A_REPOSITORY(a_policy_that_changed_since_is_heeded),
		IN_A_REPOSITORY(a_released_tag_that_comes_back_and_stays_is_told),
		IN_A_REPOSITORY(a_branch_that_cannot_be_read_fails_its_tags),
		IN_A_REPOSITORY(files_go_in_three_calls_and_count_in_the_last),
		IN_A_REPOSITORY(each_file_that_cannot_go_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
