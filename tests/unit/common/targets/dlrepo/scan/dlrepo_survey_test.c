// SPDX-License-Identifier: MPL-2.0
// dlrepo_survey_test: in which order a repository is gone through.
#include "support/test.h"

#include "common/target/pass.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/scan/survey.h"

static void assert_order(
	const struct dlrepo_config *config,
	const struct pass_wish *wish,
	const enum survey_stage *stages,
	size_t count
) {
	const struct pass pass = {.wish = *wish};
	enum survey_stage stage = SURVEY_TAGS;

	for (size_t i = 0; i < count; i++) {
		stage = survey_stage_after(config, &pass, stage);
		assert_int_equal(stage, stages[i]);
	}
}

static void a_short_pass_begins_behind_tags_and_quotas(void **state) {
	const struct dlrepo_config all = {.quotas = true}, only = {.orphans_only = true};
	const struct pass whole = {.wish = {.dryrun = false}},
			  is_short = {.wish = {.is_short = true}};

	(void)state;
	assert_int_equal(survey_stage_first(&all, &whole), SURVEY_TAGS);
	assert_int_equal(survey_stage_first(&all, &is_short), SURVEY_COUNT);
	assert_int_equal(survey_stage_first(&only, &whole), SURVEY_COUNT);
}

static const enum survey_stage with_quotas[] = {
	SURVEY_QUOTAS,
	SURVEY_COUNT,
	SURVEY_ORPHANS,
	SURVEY_TIDY,
};
static const enum survey_stage without_quotas[] = {
	SURVEY_COUNT,
	SURVEY_ORPHANS,
	SURVEY_TIDY,
};

static void quotas_are_counted_only_when_they_are_wanted(void **state) {
	const struct pass_wish wish = {.dryrun = false};

	(void)state;
	assert_order(&(struct dlrepo_config){.quotas = true}, &wish, with_quotas, 4);
	assert_order(&(struct dlrepo_config){.quotas = false}, &wish, without_quotas, 3);
}

static void a_pass_that_changes_nothing_itself_counts_none(void **state) {
	const struct dlrepo_config config = {.quotas = true};

	(void)state;
	assert_order(&config, &(struct pass_wish){.dryrun = true}, without_quotas, 3);
	assert_order(&config, &(struct pass_wish){.scan_only = true}, without_quotas, 3);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_pass_begins_behind_tags_and_quotas),
		cmocka_unit_test(quotas_are_counted_only_when_they_are_wanted),
		cmocka_unit_test(a_pass_that_changes_nothing_itself_counts_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
