// SPDX-License-Identifier: MPL-2.0
// run_lock_test: one run at a time in a directory.
#include "cli/run_lock.h"
#include "common/target/pass.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct target_scanner scanner = {.named = "orchard"};
static const struct target fruit = {
	.name = "fruit", .handle_kind = HANDLE_DIR, .scanner = &scanner};

struct scene {
	char directory[32];
	char path[64]; // of the lock
	struct run_lock locks[2];
	struct pass pass;
};

static int begin_scene(void **state) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	snprintf(scene->directory, sizeof(scene->directory), "/tmp/run_lock_test.XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	snprintf(scene->path, sizeof(scene->path), "%s/.purgefleet-fruit.lock", scene->directory);
	*state = scene;
	return 0;
}

static int end_scene(void **state) {
	struct scene *scene = *state;

	for (size_t i = 0; i < 2; i++)
		run_lock_close(&scene->locks[i]);
	unlink(scene->path);
	assert_int_equal(rmdir(scene->directory), 0);
	free(scene);
	return 0;
}

static void open_lock(struct scene *scene, size_t number, bool dryrun) {
	assert_int_equal(run_lock_open(&scene->locks[number], &fruit, scene->directory, dryrun), 0);
}

// As the producer does before a pass.
static int begin_pass(struct scene *scene, size_t number) {
	struct producer_hooks hooks = run_lock_hooks(&scene->locks[number]);

	scene->pass = (struct pass){.is_standby = false};
	return hooks.begin == NULL ? 0 : hooks.begin(hooks.ctx, NULL, &scene->pass);
}

static void the_second_says_that_another_has_it(void **state) {
	struct scene *scene = *state;

	open_lock(scene, 0, false);
	open_lock(scene, 1, false);
	assert_int_equal(begin_pass(scene, 0), 0);
	assert_string_equal(scene->pass.facts.error, "");
	assert_int_equal(begin_pass(scene, 1), -EBUSY);
	assert_non_null(strstr(scene->pass.facts.error, "another process has"));
	assert_non_null(strstr(scene->pass.facts.error, scene->path));
	assert_false(scene->pass.is_standby);
	// It is kept from pass to pass.
	assert_int_equal(begin_pass(scene, 0), 0);
	assert_int_equal(begin_pass(scene, 1), -EBUSY);
	run_lock_close(&scene->locks[0]);
	assert_int_equal(begin_pass(scene, 1), 0);
}

static void nothing_is_locked_before_a_pass_begins(void **state) {
	struct scene *scene = *state;

	open_lock(scene, 0, false);
	assert_int_equal(access(scene->path, F_OK), -1);
	open_lock(scene, 1, false);
	assert_int_equal(begin_pass(scene, 1), 0);
	assert_int_equal(access(scene->path, F_OK), 0);
}

static void a_dry_run_takes_none(void **state) {
	struct scene *scene = *state;

	open_lock(scene, 0, true);
	assert_null(scene->locks[0].lock);
	assert_null(run_lock_hooks(&scene->locks[0]).begin);
	assert_int_equal(begin_pass(scene, 0), 0);
	assert_int_equal(access(scene->path, F_OK), -1);
	// Nor does it mind who has it.
	open_lock(scene, 1, false);
	assert_int_equal(begin_pass(scene, 1), 0);
	assert_int_equal(begin_pass(scene, 0), 0);
}

static void a_database_takes_none(void **state) {
	const struct target target = {.name = "fruit", .handle_kind = HANDLE_DB};
	struct scene *scene = *state;
	struct run_lock *lock = &scene->locks[0];

	assert_int_equal(run_lock_open(lock, &target, "mysql://u@127.0.0.1:1/fruit", false), 0);
	assert_null(lock->lock);
	assert_null(run_lock_hooks(lock).begin);
}

static void a_directory_that_is_not_there_fails_with_its_name(void **state) {
	struct scene *scene = *state;
	struct run_lock *lock = &scene->locks[0];

	assert_int_equal(run_lock_open(lock, &fruit, "/nowhere/at/all", false), 0);
	assert_int_equal(begin_pass(scene, 0), -ENOENT);
	assert_non_null(strstr(scene->pass.facts.error, "/nowhere/at/all"));
}

static void one_that_was_never_opened_can_be_closed(void **state) {
	struct run_lock lock = {.lock = NULL};

	(void)state;
	run_lock_close(&lock);
	assert_null(run_lock_hooks(&lock).begin);
}

#define IN_A_SCENE(name) cmocka_unit_test_setup_teardown(name, begin_scene, end_scene)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(the_second_says_that_another_has_it),
		IN_A_SCENE(nothing_is_locked_before_a_pass_begins),
		IN_A_SCENE(a_dry_run_takes_none),
		IN_A_SCENE(a_database_takes_none),
		IN_A_SCENE(a_directory_that_is_not_there_fails_with_its_name),
		cmocka_unit_test(one_that_was_never_opened_can_be_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
