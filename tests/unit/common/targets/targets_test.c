// SPDX-License-Identifier: MPL-2.0
// targets_test: the table of targets, and what each of them has.
#include "common/target/target.h"
#include "common/target/target_calls.h"
#include "common/target/target_front.h"
#include "common/target/target_remover.h"
#include "common/target/target_scanner.h"
#include "common/targets/table.h"
#include "common/targets/tokenserver/tokenserver.h"
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

// Its calls ask again what there is to judge, so none of them says VERDICT_RECHECK.
static bool never_says_recheck(const struct target *target) {
	return strcmp(target->name, "swift") == 0;
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
		if (!never_says_recheck(target))
			assert_non_null(target->remover->check);
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

static void finds_the_target_by_its_names(void **state) {
	const struct target_alias *alias = NULL;

	(void)state;
	assert_ptr_equal(target_find("tokenserver"), &target_tokenserver);
	assert_null(target_find("purge_old_records"));
	assert_null(target_find(""));
	assert_null(target_find_alias("purgefleet", &alias));
	assert_null(alias);
	assert_ptr_equal(target_find_alias("purge_old_records", &alias), &target_tokenserver);
	assert_true(alias->failures_exit_0);
	assert_string_equal(alias->presets[0].name, "max-per-loop");
	assert_string_equal(alias->presets[0].value, "10");
}

static void lists_the_targets_by_name(void **state) {
	(void)state;
	assert_non_null(targets[0]);
	for (size_t i = 1; targets[i] != NULL; i++)
		assert_true(strcmp(targets[i - 1]->name, targets[i]->name) < 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_target_lacks_a_slot_that_the_engine_calls),
		cmocka_unit_test(slots_that_need_each_other_are_both_there),
		cmocka_unit_test(no_two_targets_know_a_variable_for_the_same_option),
		cmocka_unit_test(targets_are_found_by_name_and_stand_in_order),
		cmocka_unit_test(finds_the_target_by_its_names),
		cmocka_unit_test(lists_the_targets_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
