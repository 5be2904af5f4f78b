// SPDX-License-Identifier: MPL-2.0
// lock_choice_test: the kind of the handle says which kind of lock it is.
#include "common/handle.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"
#include "producer/outbox/lock.h"
#include "producer/outbox/lock_choice.h"
#include "support/test.h"

#include <errno.h>
#include <string.h>

static const struct target_scanner writes, only_reads = {.only_reads = true};

static int choose(struct lock **out, enum handle_kind kind, const char *location, const char *url) {
	const struct target target = {.name = "fruit", .handle_kind = kind, .scanner = &writes};

	return lock_choice_new(
		out, &(struct lock_wish){.target = &target, .location = location, .url = url}
	);
}

static void a_database_has_its_own_lock(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(choose(&lock, HANDLE_DB, "nonsense", NULL), -EINVAL);
	assert_int_equal(choose(&lock, HANDLE_DB, "mysql://u@127.0.0.1:1/fruit", NULL), 0);
	lock->ops->free(lock);
}

static void a_directory_has_a_file(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(choose(&lock, HANDLE_DIR, "/nowhere/at/all", NULL), 0);
	assert_int_equal(lock->ops->take(lock), -ENOENT);
	assert_non_null(strstr(lock->ops->error(lock), "/nowhere/at/all/.purgefleet-fruit.lock"));
	lock->ops->free(lock);
}

static void a_directory_that_is_only_read_is_locked_itself(void **state) {
	const struct target target = {
		.name = "fruit", .handle_kind = HANDLE_DIR, .scanner = &only_reads};
	const struct lock_wish wish = {.target = &target, .location = "/nowhere/at/all"};
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(lock_choice_new(&lock, &wish), 0);
	assert_int_equal(lock->ops->take(lock), -ENOENT);
	assert_non_null(strstr(lock->ops->error(lock), "'/nowhere/at/all'"));
	lock->ops->free(lock);
	// Another host's lock would keep this one from what is its own.
	assert_int_equal(
		lock_choice_new(
			&lock,
			&(struct lock_wish){
				.target = &target,
				.location = "/nowhere",
				.url = "mysql://u@127.0.0.1:1/x",
			}
		),
		-EINVAL
	);
}

static void a_directory_may_have_its_lock_in_a_database(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(choose(&lock, HANDLE_DIR, "/nowhere", "nonsense"), -EINVAL);
	assert_int_equal(choose(&lock, HANDLE_DIR, "/nowhere", "mysql://u@127.0.0.1:1/x"), 0);
	assert_int_equal(lock->ops->take(lock), -ENOTCONN);
	lock->ops->free(lock);
}

static void a_database_keeps_its_own_lock(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(
		choose(&lock,
		       HANDLE_DB,
		       "mysql://u@127.0.0.1:1/fruit",
		       "mysql://u@127.0.0.1:1/other"),
		-EINVAL
	);
}

static void what_is_nowhere_has_no_lock(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(choose(&lock, HANDLE_NONE, "", NULL), -ENOTSUP);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_has_its_own_lock),
		cmocka_unit_test(a_directory_has_a_file),
		cmocka_unit_test(a_directory_that_is_only_read_is_locked_itself),
		cmocka_unit_test(a_directory_may_have_its_lock_in_a_database),
		cmocka_unit_test(a_database_keeps_its_own_lock),
		cmocka_unit_test(what_is_nowhere_has_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
