// SPDX-License-Identifier: MPL-2.0
// dlrepo_human_size_test: a number of bytes as dlrepo writes it.
#include "support/test.h"

#include "common/targets/dlrepo/rule/human_size.h"

#include <inttypes.h>
#include <string.h>

static void goes_in_steps_of_a_thousand_with_a_decimal_below_a_hundred(void **state) {
	static const struct {
		int64_t bytes;
		const char *text;
	} rows[] = {
		{0, "0"},
		{1, "1.0"},
		{29, "29.0"},
		{99, "99.0"},
		{100, "100"},
		{500, "500"},
		{999, "999"},
		{1000, "1.0K"},
		{1024, "1.0K"},
		{1100, "1.1K"},
		{99900, "99.9K"},
		{100000, "100K"},
		{999000, "999K"},
		{1000000, "1.0M"},
		{1500000000, "1.5G"},
		{1000000000000, "1.0T"},
		{1000000000000000, "1000T"},
		{INT64_MAX, "9223372T"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[HUMAN_SIZE_BYTES];

		human_size(rows[i].bytes, text);
		if (strcmp(text, rows[i].text) != 0)
			fail_msg("%" PRId64 ": '%s'", rows[i].bytes, text);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_in_steps_of_a_thousand_with_a_decimal_below_a_hundred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
