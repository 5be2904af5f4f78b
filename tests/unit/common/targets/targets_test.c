// SPDX-License-Identifier: MPL-2.0
#include "common/target.h"
#include "common/targets/table.h"
#include "support/test.h"

#include <string.h>

static void no_target_lacks_a_slot_that_the_engine_calls(void **state) {
	(void)state;
	for (size_t i = 0; targets[i] != NULL; i++) {
		const struct target *target = targets[i];

		print_message("%s\n", target->name);
		assert_non_null(target->summary);
		assert_non_null(target->options);
		assert_true(target->option_count > 0);
		assert_true(target->config_bytes > 0);
		assert_non_null(target->metrics_prefix);
		assert_non_null(target->setup);
		assert_non_null(target->teardown);
		assert_non_null(target->begin);
		assert_non_null(target->scan);
		assert_non_null(target->end);
		assert_non_null(target->load);
		assert_non_null(target->unload);
		assert_non_null(target->remove);
	}
}

static void slots_that_need_each_other_are_both_there(void **state) {
	(void)state;
	for (size_t i = 0; targets[i] != NULL; i++) {
		const struct target *target = targets[i];

		print_message("%s\n", target->name);
		assert_true((target->route == NULL) == (target->request == NULL));
		assert_true(target->judge == NULL || target->route != NULL);
	}
}

static void targets_are_found_by_name_and_stand_in_order(void **state) {
	(void)state;
	for (size_t i = 0; targets[i] != NULL; i++) {
		assert_ptr_equal(target_find(targets[i]->name), targets[i]);
		if (i > 0)
			assert_true(strcmp(targets[i - 1]->name, targets[i]->name) < 0);
	}
	assert_null(target_find("nothing"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_target_lacks_a_slot_that_the_engine_calls),
		cmocka_unit_test(slots_that_need_each_other_are_both_there),
		cmocka_unit_test(targets_are_found_by_name_and_stand_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
