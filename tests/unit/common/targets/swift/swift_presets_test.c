// SPDX-License-Identifier: MPL-2.0
// swift_presets_test: the engine's options have the defaults of the reaper that comes with Swift.
#include "support/test.h"

#include "common/target/target.h"
#include "common/target/target_front.h"
#include "common/targets/swift/swift.h"

#include <string.h>

static const char *find(const struct conf_preset *presets, const char *name) {
	for (; presets->name != NULL; presets++) {
		if (strcmp(presets->name, name) == 0)
			return presets->value;
	}
	fail_msg("%s has no preset", name);
	return NULL;
}

static void assert_presets(const struct conf_preset *presets) {
	assert_string_equal(find(presets, "purge-interval"), "3600");
	assert_string_equal(find(presets, "inflight"), "25");
	assert_string_equal(find(presets, "request-timeout"), "10");
	assert_string_equal(find(presets, "connect-timeout"), "0.5");
}

static void by_both_of_its_names_it_is_as_patient_as_the_reaper(void **state) {
	const struct target_alias *alias = target_swift.front->aliases;

	(void)state;
	assert_presets(target_swift.front->presets);
	assert_string_equal(alias->program, "swift-account-reaper");
	assert_presets(alias->presets);
	assert_string_equal(find(alias->presets, "human-logs"), "true");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_both_of_its_names_it_is_as_patient_as_the_reaper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
