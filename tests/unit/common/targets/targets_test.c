// SPDX-License-Identifier: MPL-2.0
#include "common/target/target.h"
#include "common/target/target_calls.h"
#include "common/target/target_front.h"
#include "common/target/target_remover.h"
#include "common/target/target_scanner.h"
#include "common/targets/table.h"
#include "support/test.h"

#include <string.h>

static void no_target_lacks_a_slot_that_the_engine_calls(void **state) {
	(void)state;
	for (size_t i = 0; targets[i] != NULL; i++) {
		const struct target *target = targets[i];

		print_message("%s\n", target->name);
		assert_non_null(target->front->summary);
		assert_non_null(target->front->options);
		assert_true(target->front->option_count > 0);
		assert_true(target->front->config_bytes > 0);
		assert_non_null(target->front->metrics_prefix);
		assert_non_null(target->front->set_up);
		assert_non_null(target->front->tear_down);
		assert_non_null(target->scanner->begin);
		assert_non_null(target->scanner->page);
		assert_non_null(target->scanner->end);
		assert_non_null(target->remover->load);
		assert_non_null(target->remover->unload);
		assert_non_null(target->remover->remove);
	}
}

static void slots_that_need_each_other_are_both_there(void **state) {
	(void)state;
	for (size_t i = 0; targets[i] != NULL; i++) {
		const struct target *target = targets[i];

		print_message("%s\n", target->name);
		if (target->calls == NULL)
			continue;
		assert_true(target->calls->at_once > 0);
		assert_non_null(target->calls->denied_words);
		assert_non_null(target->calls->denied_outcome);
		assert_non_null(target->calls->denied_remedy);
		assert_non_null(target->calls->next);
		assert_non_null(target->calls->make);
		assert_non_null(target->calls->take);
		assert_non_null(target->remover->check); // for VERDICT_RECHECK
	}
}

static void no_two_targets_know_a_variable_for_the_same_option(void **state) {
	(void)state;
	for (size_t i = 0; targets[i] != NULL; i++) {
		const struct target_env *env = targets[i]->front->envs;

		for (; env != NULL && env->option != NULL; env++)
			assert_ptr_equal(target_env_of(env->option), env->names);
	}
	assert_null(target_env_of("nothing"));
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
		cmocka_unit_test(no_two_targets_know_a_variable_for_the_same_option),
		cmocka_unit_test(targets_are_found_by_name_and_stand_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
