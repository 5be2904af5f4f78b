// SPDX-License-Identifier: MPL-2.0
// retry_tiers_test: what --retry-tiers takes, what it refuses, and that --retry-delay still means
// what it meant.
#include "support/test.h"

#include "cli/options/retry_tiers.h"

#include <errno.h>
#include <string.h>

static char *none[] = {NULL};

// With these words, and presets that they go before. As retry_tiers_read; what conf refuses is
// -EINVAL.
static int read_all(
	char **words, const struct conf_preset *presets, struct topic_tiers *out, char error[256]
) {
	struct retry_tiers_options options = {.delay = 0};
	const struct conf_group group = {NULL, retry_tiers_rows, RETRY_TIERS_ROWS, &options};
	struct conf_input input = {.argv = words, .envp = none, .presets = presets};
	struct conf *conf = NULL;
	int err;

	while (words[input.argc] != NULL)
		input.argc++;
	error[0] = '\0';
	err = conf_parse(&conf, &group, 1, &input, error, 256);
	if (err == 0)
		err = retry_tiers_read(&options, conf, out);
	conf_free(conf);
	return err;
}

static void assert_read(
	char **words, const struct conf_preset *presets, size_t count, const int64_t *seconds
) {
	struct topic_tiers tiers = {.count = 0};
	char error[256];

	assert_int_equal(read_all(words, presets, &tiers, error), 0);
	assert_int_equal(tiers.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(tiers.delay_ms[i], seconds[i] * 1000);
}

static void four_tiers_when_nothing_is_given(void **state) {
	(void)state;
	assert_read(none, NULL, 4, (const int64_t[]){60, 600, 3600, 21600});
}

static void takes_one_to_five_rising_times(void **state) {
	static char *one[] = {"--retry-tiers", "24h", NULL};
	static char *five[] = {"--retry-tiers=1,2s,1m,1h,1d", NULL};

	(void)state;
	assert_read(one, NULL, 1, (const int64_t[]){86400});
	assert_read(five, NULL, 5, (const int64_t[]){1, 2, 60, 3600, 86400});
}

static void refuses_what_is_no_list_of_rising_times_and_says_why(void **state) {
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", "1 to 5 times"},
		{"1m,", "1 to 5 times"},
		{",1m", "1 to 5 times"},
		{"1m,,1h", "1 to 5 times"},
		{"1m 1h", "1 to 5 times"},
		{"1w", "1 to 5 times"},
		{"1m;1h", "1 to 5 times"},
		{"1s,2s,3s,4s,5s,6s", "at most 5 times"},
		{"0", "from 1s to 24h"},
		{"999ms,1m", "from 1s to 24h"},
		{"-1m", "from 1s to 24h"},
		{"1m,86401", "from 1s to 24h"},
		{"1m,1m", "each longer than the one before it"},
		{"1m,1h,10m", "each longer than the one before it"},
		{"00000000000000000000000000000000001m", "1 to 5 times"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *words[] = {"--retry-tiers", (char *)cases[i].text, NULL};
		struct topic_tiers tiers;
		char error[256];

		assert_int_equal(read_all(words, NULL, &tiers, error), -EINVAL);
		assert_non_null(strstr(error, "'--retry-tiers' wants"));
		assert_non_null(strstr(error, cases[i].words));
	}
}

static void a_delay_alone_means_the_tiers_that_it_always_meant(void **state) {
	static char *minute[] = {"--retry-delay", "60", NULL};
	static char *hour[] = {"--retry-delay", "1h", NULL};

	(void)state;
	assert_read(minute, NULL, 3, (const int64_t[]){60, 600, 3600});
	assert_read(hour, NULL, 1, (const int64_t[]){3600});
}

static void takes_one_of_the_two_and_not_both(void **state) {
	static char *both[] = {"--retry-tiers", "1m", "--retry-delay", "60", NULL};
	struct topic_tiers tiers;
	char error[256];

	(void)state;
	assert_int_equal(read_all(both, NULL, &tiers, error), -EINVAL);
}

static void the_command_line_goes_before_what_another_source_says(void **state) {
	static char *delay[] = {"--retry-delay", "60", NULL};
	static char *tiers[] = {"--retry-tiers", "7s", NULL};
	static const struct conf_preset two[] = {{"retry-tiers", "5s,6s"}, {NULL, NULL}};
	static const struct conf_preset five[] = {{"retry-delay", "5"}, {NULL, NULL}};

	(void)state;
	assert_read(none, two, 2, (const int64_t[]){5, 6});
	assert_read(delay, two, 3, (const int64_t[]){60, 600, 3600});
	assert_read(tiers, five, 1, (const int64_t[]){7});
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_tiers_when_nothing_is_given),
		cmocka_unit_test(takes_one_to_five_rising_times),
		cmocka_unit_test(refuses_what_is_no_list_of_rising_times_and_says_why),
		cmocka_unit_test(a_delay_alone_means_the_tiers_that_it_always_meant),
		cmocka_unit_test(takes_one_of_the_two_and_not_both),
		cmocka_unit_test(the_command_line_goes_before_what_another_source_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
