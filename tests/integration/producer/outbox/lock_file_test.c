// SPDX-License-Identifier: MPL-2.0
// lock_file_test: one scanner at a time, in a directory.
#include "producer/outbox/lock_file.h"
#include "support/test.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct scene {
	char directory[32];
	char path[64]; // of the lock of fruit
};

static int begin_scene(void **state) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	snprintf(scene->directory, sizeof(scene->directory), "/tmp/lock_file_test.XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	snprintf(scene->path, sizeof(scene->path), "%s/.purgefleet-fruit.lock", scene->directory);
	*state = scene;
	return 0;
}

static int end_scene(void **state) {
	struct scene *scene = *state;
	char other[64];

	snprintf(other, sizeof(other), "%s/.purgefleet-vegetables.lock", scene->directory);
	unlink(scene->path);
	unlink(other);
	assert_int_equal(rmdir(scene->directory), 0);
	free(scene);
	return 0;
}

static struct lock *make_lock(const struct scene *scene, const char *target) {
	struct lock *lock = NULL;

	assert_int_equal(lock_file_new(&lock, scene->directory, target), 0);
	return lock;
}

static void is_held_by_one(void **state) {
	struct lock *first = make_lock(*state, "fruit");
	struct lock *second = make_lock(*state, "fruit");
	struct lock *other = make_lock(*state, "vegetables");

	assert_int_equal(first->ops->take(first), 0);
	assert_int_equal(first->ops->take(first), 0);
	assert_int_equal(first->ops->verify(first), 0);
	assert_int_equal(second->ops->take(second), -EBUSY);
	assert_non_null(strstr(second->ops->error(second), "another process has '"));
	assert_int_equal(second->ops->verify(second), -ESTALE);
	assert_int_equal(other->ops->take(other), 0);
	first->ops->free(first);
	assert_int_equal(second->ops->take(second), 0);
	second->ops->free(second);
	other->ops->free(other);
}

// In a process of its own, which then lives until it is killed.
static pid_t hold_elsewhere(const struct scene *scene) {
	int ends[2];
	bool taken = false;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct lock *lock;

		taken = lock_file_new(&lock, scene->directory, "fruit") == 0 &&
			lock->ops->take(lock) == 0;
		if (write(ends[1], &taken, sizeof(taken)) > 0)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &taken, sizeof(taken)), sizeof(taken));
	assert_true(taken);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void ends_with_the_process_that_holds_it(void **state) {
	struct lock *lock = make_lock(*state, "fruit");
	pid_t pid = hold_elsewhere(*state);

	assert_int_equal(lock->ops->take(lock), -EBUSY);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(lock->ops->take(lock), 0);
	lock->ops->free(lock);
}

static void is_lost_with_its_file_and_can_be_taken_again(void **state) {
	const struct scene *scene = *state;
	struct lock *lock = make_lock(scene, "fruit");

	assert_int_equal(lock->ops->take(lock), 0);
	assert_int_equal(unlink(scene->path), 0);
	assert_int_equal(lock->ops->verify(lock), -ESTALE);
	assert_non_null(strstr(lock->ops->error(lock), "lost"));
	assert_int_equal(lock->ops->verify(lock), -ESTALE);
	assert_int_equal(lock->ops->take(lock), 0);
	assert_int_equal(lock->ops->verify(lock), 0);
	lock->ops->free(lock);
}

static void belongs_to_whoever_locked_the_file_in_its_place(void **state) {
	const struct scene *scene = *state;
	struct lock *first = make_lock(scene, "fruit");
	struct lock *second = make_lock(scene, "fruit");

	assert_int_equal(first->ops->take(first), 0);
	assert_int_equal(unlink(scene->path), 0);
	assert_int_equal(second->ops->take(second), 0);
	assert_int_equal(first->ops->verify(first), -ESTALE);
	assert_int_equal(first->ops->take(first), -EBUSY);
	assert_int_equal(second->ops->verify(second), 0);
	first->ops->free(first);
	assert_int_equal(second->ops->verify(second), 0);
	second->ops->free(second);
}

static void follows_no_link(void **state) {
	const struct scene *scene = *state;
	struct lock *lock = make_lock(scene, "fruit");

	assert_int_equal(symlink("/tmp/elsewhere", scene->path), 0);
	assert_int_equal(lock->ops->take(lock), -ENOTCONN);
	assert_non_null(strstr(lock->ops->error(lock), scene->path));
	lock->ops->free(lock);
}

static void is_on_a_directory_in_which_nothing_may_be_made(void **state) {
	const struct scene *scene = *state;
	struct lock *first = NULL, *second = NULL;

	assert_int_equal(lock_file_of_directory(&first, scene->directory), 0);
	assert_int_equal(lock_file_of_directory(&second, scene->directory), 0);
	assert_int_equal(first->ops->take(first), 0);
	assert_int_equal(first->ops->verify(first), 0);
	assert_int_equal(second->ops->take(second), -EBUSY);
	first->ops->free(first);
	assert_int_equal(second->ops->take(second), 0);
	second->ops->free(second);
	assert_int_equal(access(scene->path, F_OK), -1);
}

static void says_why_it_cannot_be_taken(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(lock_file_new(&lock, "/nowhere/at/all", "fruit"), 0);
	assert_int_equal(lock->ops->take(lock), -ENOENT);
	assert_non_null(strstr(lock->ops->error(lock), "cannot take the scanner's lock: "));
	assert_non_null(strstr(lock->ops->error(lock), "/nowhere/at/all/.purgefleet-fruit.lock"));
	lock->ops->free(lock);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, begin_scene, end_scene)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(is_held_by_one),
		IN_A_SCENE(ends_with_the_process_that_holds_it),
		IN_A_SCENE(is_lost_with_its_file_and_can_be_taken_again),
		IN_A_SCENE(belongs_to_whoever_locked_the_file_in_its_place),
		IN_A_SCENE(follows_no_link),
		IN_A_SCENE(is_on_a_directory_in_which_nothing_may_be_made),
		cmocka_unit_test(says_why_it_cannot_be_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
