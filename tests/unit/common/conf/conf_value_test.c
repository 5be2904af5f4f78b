// SPDX-License-Identifier: MPL-2.0
// conf_value_test: texts that become values, and those that cannot.
#include "common/conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/options.h"
#include "support/test.h"

static void reads_each_kind(void **state) {
	static const char *const lines[] = {
		"--force --max-records 5 --share 0.5 --override-node http://n --node-keys uid "
		"--purge-interval 90",
		"--force=yes --max-records=5 --share=.5 --override-node=http://n --node-keys=uid "
		"--purge-interval=1.5m",
		"--force=1 --max_records=+5 --share=0.50 --override_node=http://n --node_keys=uid "
		"--purge_interval=90s",
		"--force --max-rec 5 --sh 5e --share=0.5 --ov http://n --node uid --pu 90000ms",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fixture fixture;

		parse_well(&fixture, lines[i]);
		assert_true(fixture.options.force);
		assert_int_equal(fixture.options.max_records, 5);
		assert_float_equal(fixture.options.share, 0.5, 0);
		assert_string_equal(fixture.options.node, "http://n");
		assert_int_equal(fixture.options.node_keys, 1);
		assert_int_equal(fixture.options.interval_ms, 90000);
		assert_true(conf_is_set(fixture.conf, "max-records"));
		assert_true(conf_is_set(fixture.conf, "force"));
		assert_false(conf_is_set(fixture.conf, "verbose"));
		conf_free(fixture.conf);
	}
	refused(lines[3], "'--share' wants a number from 0 to 1, not '5e'");
}

static void reads_flags(void **state) {
	static const struct {
		const char *line;
		bool force;
	} cases[] = {
		{"--force", true},
		{"--no-force", false},
		{"--force --no-force", false},
		{"--no_force --force", true},
		{"--force=true", true},
		{"--force=TRUE", true},
		{"--force=on", true},
		{"--force=false", false},
		{"--force=no", false},
		{"--force=0", false},
		{"--force", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		parse_well(&fixture, cases[i].line);
		assert_int_equal(fixture.options.force, cases[i].force);
		assert_true(conf_is_set(fixture.conf, "force"));
		conf_free(fixture.conf);
	}
}

static void reads_durations(void **state) {
	static const struct {
		const char *line;
		int64_t ms;
	} cases[] = {
		{"0", 0},
		{"1", 1000},
		{"0.5", 500},
		{"-1", -1000},
		{"-0.5s", -500},
		{"+2", 2000},
		{"250ms", 250},
		{"20m", 1200000},
		{"2h", 7200000},
		{"1.5d", 129600000},
		{"0.0001", 1},
		{"-0.0001", -1},
		{"9000000000000000", 9000000000000000000},
	};
	char line[WORD_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		snprintf(line, sizeof(line), "--grace-period %s", cases[i].line);
		parse_well(&fixture, line);
		assert_int_equal(fixture.options.grace_ms, cases[i].ms);
		conf_free(fixture.conf);
	}
}

static void reads_every_whole_number_of_64_bits(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(
		&fixture, "--range-start -9223372036854775808 --max-records 9000000000000000000"
	);
	assert_true(fixture.options.range_start == INT64_MIN);
	assert_true(fixture.options.max_records == 9000000000000000000);
	conf_free(fixture.conf);
	parse_well(&fixture, "--range-start 9007199254740993");
	assert_true(fixture.options.range_start == 9007199254740993);
	conf_free(fixture.conf);
}

static void gathers_lists(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "--allow-node a,b,,c, --allow-node=d --allow-node ,");
	assert_int_equal(fixture.options.allow.count, 4);
	assert_string_equal(fixture.options.allow.items[0], "a");
	assert_string_equal(fixture.options.allow.items[1], "b");
	assert_string_equal(fixture.options.allow.items[2], "c");
	assert_string_equal(fixture.options.allow.items[3], "d");
	conf_free(fixture.conf);
}

static void takes_the_last_of_equals(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "--max-records 1 --max-records=2 --override-node a --override-node b");
	assert_int_equal(fixture.options.max_records, 2);
	assert_string_equal(fixture.options.node, "b");
	conf_free(fixture.conf);
}

static void says_what_is_wrong(void **state) {
	static const struct {
		const char *line, *error;
	} cases[] = {
		{"--grace-perod 5",
		 "unknown option '--grace-perod'; did you mean '--grace-period'?"},
		{"--grcae_period=5",
		 "unknown option '--grcae_period'; did you mean '--grace-period'?"},
		{"--what-is-this", "unknown option '--what-is-this'; see --help"},
		{"-z", "unknown option '-z'; see --help"},
		{"-5", "unknown option '-5'; see --help"},
		{"--max-records abc",
		 "'--max-records' wants a whole number from 0 to 9000000000000000000, not 'abc'"},
		{"--max-records=",
		 "'--max-records' wants a whole number from 0 to 9000000000000000000, not ''"},
		{"--max-records -1",
		 "'--max-records' wants a whole number from 0 to 9000000000000000000, not '-1'"},
		{"--max-records 0x10",
		 "'--max-records' wants a whole number from 0 to 9000000000000000000, not '0x10'"},
		{"--range-start 1.5", "'--range-start' wants a whole number, not '1.5'"},
		{"--range-start -", "'--range-start' wants a whole number, not '-'"},
		{"--range-start 9223372036854775808",
		 "'--range-start' wants a whole number of 64 bits, not '9223372036854775808'"},
		{"--port 0", "'--port' wants a whole number from 1 to 65535, not '0'"},
		{"--share 1.01", "'--share' wants a number from 0 to 1, not '1.01'"},
		{"--share nan", "'--share' wants a number from 0 to 1, not 'nan'"},
		{"--share 1e-1", "'--share' wants a number from 0 to 1, not '1e-1'"},
		{"--share .", "'--share' wants a number from 0 to 1, not '.'"},
		{"--node-keys x", "'--node-keys' wants one of: fxa, uid; not 'x'"},
		{"--purge-interval -1",
		 "'--purge-interval' wants a time such as 30, 1.5s, 20m or 1d from 0 to 31536000 "
		 "seconds, not '-1'"},
		{"--grace-period 5w",
		 "'--grace-period' wants a time such as 30, 1.5s, 20m or 1d, not '5w'"},
		{"--grace-period 9999999999999999d",
		 "'--grace-period' wants a time such as 30, 1.5s, 20m or 1d, not "
		 "'9999999999999999d'"},
		{"--grace-timeout -2",
		 "'--grace-timeout' wants a time such as 30, 1.5s, 20m or 1d of at least -1 "
		 "seconds, not '-2'"},
		{"--force=maybe", "'--force' wants true or false, not 'maybe'"},
		{"--no-force=true", "'--no-force' takes no value"},
		{"--no-port", "unknown option '--no-port'; see --help"},
		{"--purge-interval", "'--purge-interval' needs a value"},
		{"-p", "'--port' needs a value"},
		{"--grace 5",
		 "option '--grace' could be one of: --grace-period, --grace-timeout; write it in "
		 "full"},
		{"--override-node http://n\n\x1b[31m --port x\ny",
		 "'--port' wants a whole number from 1 to 65535, not 'x?y'"},
		{"a b", "more than one word given as 'secret'"},
		{"--bogus --port x", "unknown option '--bogus'; see --help"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].line, cases[i].error);
}

static const char *wants_a_colour(const char *text) {
	return strcmp(text, "red") == 0 ? NULL : "a colour";
}

static void a_text_may_have_to_be_one_of_its_kind(void **state) {
	static const struct conf_row row = {
		.name = "paint",
		.kind = CONF_STRING,
		.env = "PAINT",
		.fallback = "red",
		.wants = wants_a_colour};
	const char *text = NULL;
	const struct conf_group group = {"g", &row, 1, &text};
	char *envp[] = {(char *)"PAINT=loud", NULL};
	const struct conf_input input = {.envp = envp};
	struct conf *conf = NULL;
	char error[200] = "";

	(void)state;
	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), -EINVAL);
	assert_string_equal(
		error, "environment variable PAINT: '--paint' wants a colour, not 'loud'"
	);
	envp[0] = (char *)"PAINT=red";
	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), 0);
	assert_string_equal(text, "red");
	conf_free(conf);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_may_have_to_be_one_of_its_kind),
		cmocka_unit_test(reads_each_kind),
		cmocka_unit_test(reads_flags),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(reads_every_whole_number_of_64_bits),
		cmocka_unit_test(gathers_lists),
		cmocka_unit_test(takes_the_last_of_equals),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests_name("conf_value", tests, NULL, NULL);
}
