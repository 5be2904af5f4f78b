// SPDX-License-Identifier: MPL-2.0
// dlrepo_aside_test: each process has a directory of its own for what it removes, and others see
// whether it is alive.
#include "support/test.h"

#include "common/targets/dlrepo/repo/aside.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void make(const struct repository *repository, struct aside *aside) {
	int fd = aside_open(aside, repository->fd, ASIDE_FILES "/a/b");

	assert_true(fd >= 0);
	close(fd);
}

static void it_makes_nothing_before_it_is_needed_and_leaves_nothing(void **state) {
	const struct repository *repository = *state;

	assert_false(repository_has(repository, ASIDE_DIR));
	make(repository, repository->aside);
	assert_true(repository_has(repository, ".deleting/test/files/a/b"));
	assert_int_equal(unlinkat(repository->fd, ".deleting/test/files/a/b", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(repository->fd, ".deleting/test/files/a", AT_REMOVEDIR), 0);
	aside_leave(repository->aside);
	assert_false(repository_has(repository, ASIDE_DIR));
	make(repository, repository->aside);
	assert_true(repository_has(repository, ".deleting/test/files/a/b"));
}

static void what_lies_there_stays_when_it_leaves(void **state) {
	const struct repository *repository = *state;

	make(repository, repository->aside);
	repository_make_file(repository, ".deleting/test/files/a/b/c", "content");
	aside_leave(repository->aside);
	repository_assert_text(repository, ".deleting/test/files/a/b/c", "content");
	assert_true(aside_has_orphans(repository->fd));
}

static void a_process_that_is_alive_cannot_be_taken_over(void **state) {
	const struct repository *repository = *state;
	int lock;

	make(repository, repository->aside);
	assert_int_equal(aside_take_over(repository->fd, "test"), -EBUSY);
	assert_false(aside_has_orphans(repository->fd));
	aside_leave(repository->aside);
	lock = aside_take_over(repository->fd, "test");
	assert_true(lock >= 0);
	assert_int_equal(aside_take_over(repository->fd, "test"), -EBUSY);
	assert_false(aside_has_orphans(repository->fd));
	close(lock);
	assert_true(aside_has_orphans(repository->fd));
}

// However it ended.
static void a_process_that_was_killed_can_be_taken_over(void **state) {
	const struct repository *repository = *state;
	pid_t child = fork();
	int status, lock;

	if (child == 0) {
		make(repository, repository->aside);
		abort();
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_true(repository_has(repository, ".deleting/test/files/a/b"));
	lock = aside_take_over(repository->fd, "test");
	assert_true(lock >= 0);
	close(lock);
}

static void one_whose_directory_was_removed_makes_it_anew(void **state) {
	const struct repository *repository = *state;

	make(repository, repository->aside);
	assert_int_equal(unlinkat(repository->fd, ".deleting/test/lock", 0), 0);
	assert_int_equal(unlinkat(repository->fd, ".deleting/test/files/a/b", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(repository->fd, ".deleting/test/files/a", AT_REMOVEDIR), 0);
	aside_remove(repository->fd, "test", -1);
	assert_false(repository_has(repository, ASIDE_DIR));
	make(repository, repository->aside);
	assert_int_equal(aside_take_over(repository->fd, "test"), -EBUSY);
}

static void one_whose_lock_another_process_has_waits_and_says_so(void **state) {
	const struct repository *repository = *state;
	int lock;

	repository_make_dir(repository, ".deleting/test");
	lock = aside_take_over(repository->fd, "test");
	assert_true(lock >= 0);
	assert_int_equal(aside_open(repository->aside, repository->fd, ASIDE_TAGS), -EBUSY);
	aside_leave(repository->aside);
	assert_true(repository_has(repository, ".deleting/test/lock"));
	close(lock);
	make(repository, repository->aside);
}

static void *turn_often(void *aside) {
	for (int i = 0; i < 200; i++)
		aside_turn(aside);
	return NULL;
}

// As a batch thread does when something of it stays there.
static void one_thread_may_turn_while_another_one_opens(void **state) {
	const struct repository *repository = *state;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, turn_often, repository->aside), 0);
	for (int i = 0; i < 200; i++)
		make(repository, repository->aside);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void no_two_have_the_same_name(void **state) {
	const struct repository *repository = *state;
	char first[ASIDE_PATH_BYTES], second[ASIDE_PATH_BYTES];
	struct aside *one, *other;

	assert_int_equal(aside_new(&one, NULL), 0);
	assert_int_equal(aside_new(&other, NULL), 0);
	aside_path(one, first);
	aside_path(other, second);
	assert_string_not_equal(first, second);
	assert_memory_equal(first, ".deleting/", 10);
	assert_null(strchr(first + 10, '/'));
	assert_true(aside_is_own(one, first + 10));
	assert_false(aside_is_own(one, second + 10));
	aside_turn(one);
	aside_path(one, second);
	assert_string_not_equal(first, second);
	assert_false(aside_is_own(one, first + 10));
	make(repository, one);
	make(repository, other);
	aside_free(one);
	aside_free(other);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(it_makes_nothing_before_it_is_needed_and_leaves_nothing),
		IN_A_REPOSITORY(what_lies_there_stays_when_it_leaves),
		IN_A_REPOSITORY(a_process_that_is_alive_cannot_be_taken_over),
		IN_A_REPOSITORY(a_process_that_was_killed_can_be_taken_over),
		IN_A_REPOSITORY(one_whose_directory_was_removed_makes_it_anew),
		IN_A_REPOSITORY(one_whose_lock_another_process_has_waits_and_says_so),
		IN_A_REPOSITORY(one_thread_may_turn_while_another_one_opens),
		IN_A_REPOSITORY(no_two_have_the_same_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
