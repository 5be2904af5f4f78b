// SPDX-License-Identifier: MPL-2.0
// lock_choice_test: the kind of the handle says which kind of lock it is.
#include "common/target/target.h"
#include "producer/outbox/lock.h"
#include "producer/outbox/lock_choice.h"
#include "support/test.h"

#include <errno.h>
#include <string.h>

static int choose(struct lock **out, enum handle_kind kind, const char *location) {
	const struct target target = {.name = "fruit", .handle_kind = kind};

	return lock_choice_new(out, &target, location, false);
}

static void a_database_has_its_own_lock(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(choose(&lock, HANDLE_DB, "nonsense"), -EINVAL);
	assert_int_equal(choose(&lock, HANDLE_DB, "mysql://u@127.0.0.1:1/fruit"), 0);
	lock->ops->free(lock);
}

static void a_directory_has_a_file(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(choose(&lock, HANDLE_DIR, "/nowhere/at/all"), 0);
	assert_int_equal(lock->ops->take(lock), -ENOENT);
	assert_non_null(strstr(lock->ops->error(lock), "/nowhere/at/all/.purgefleet-fruit.lock"));
	lock->ops->free(lock);
}

static void what_is_nowhere_has_no_lock(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(choose(&lock, HANDLE_NONE, ""), -ENOTSUP);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_has_its_own_lock),
		cmocka_unit_test(a_directory_has_a_file),
		cmocka_unit_test(what_is_nowhere_has_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
