// SPDX-License-Identifier: MPL-2.0
// finding_test: what was found is handed on whole, and its words have one owner.
#include "common/target/finding.h"
#include "support/test.h"

#include <string.h>

static void is_taken_whole_and_leaves_no_words_behind(void **state) {
	struct finding from = {.verdict = VERDICT_RETRY, .reason = REASON_TIMEOUT};
	struct finding finding = {.verdict = VERDICT_GO};

	(void)state;
	finding_say(&finding, "what was said before");
	finding_say(&from, "no answer for %d s", 3);
	finding_take(&finding, &from);
	assert_int_equal(finding.verdict, VERDICT_RETRY);
	assert_int_equal(finding.reason, REASON_TIMEOUT);
	assert_string_equal(finding_words(&finding), "no answer for 3 s");
	assert_null(from.words);
	finding_take(&finding, &from);
	assert_string_equal(finding_words(&finding), "");
}

static void says_the_last_words(void **state) {
	struct finding finding = {.verdict = VERDICT_GO};

	(void)state;
	finding_say(&finding, "first");
	finding_say(&finding, "last");
	assert_string_equal(finding_words(&finding), "last");
	finding_say(&finding, "%s", "");
	assert_null(finding.words);
	finding_say(&finding, "again");
	finding.reason = REASON_TIMEOUT;
	finding_clear(&finding);
	assert_null(finding.words);
	assert_int_equal(finding.reason, REASON_NONE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_taken_whole_and_leaves_no_words_behind),
		cmocka_unit_test(says_the_last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
