// SPDX-License-Identifier: MPL-2.0
// conf_help_test: the text of --help and the name that was meant.
#include "common/conf/conf.h"
#include "common/conf/conf_help.h"
#include "common/conf/conf_nearest.h"

#include <stdlib.h>
#include <string.h>

#include "support/options.h"
#include "support/test.h"

static void shows_help_in_two_columns(void **state) {
	const struct conf_group groups[] = {
		{"first", first_rows, 6, NULL},
		{"second", second_rows, second_row_count, NULL},
		{"nothing to show", &second_rows[second_row_count - 1], 1, NULL},
	};
	char *text = conf_help(groups, 3, &(struct conf_facts){.has = 0});

	(void)state;
	assert_non_null(text);
	assert_string_equal(
		text,
		"first:\n"
		"  --force                   also nodes that are down\n"
		"  -v, --verbose             more\n"
		"  --max-records N           at most so many (from 0 to 9000000000000000000;\n"
		"                            default: 7)\n"
		"  --range-start UID\n"
		"  -p, --port PORT           its port (from 1 to 65535; default: 8125;\n"
		"                            environment: NEW_PORT, OLD_PORT)\n"
		"  --share SHARE             more than this share is refused, which is a sentence\n"
		"                            so long that it must be wrapped at least once in the\n"
		"                            right column (from 0 to 1; default: 0.9)\n"
		"\n"
		"second:\n"
		"  --node-keys KEYS          what nodes keep data by (one of: fxa, uid; default:\n"
		"                            fxa)\n"
		"  --purge-interval TIME     pause (from 0 to 31536000; default: 3600)\n"
		"  --grace-period TIME\n"
		"  --grace-timeout TIME      (of at least -1)\n"
		"  --allow-node URL          (several: again, or with commas)\n"
		"  --secret SECRET           the secret (environment: THE_SECRET)\n"
		"  --secret-file VALUE\n"
		"\n"
		"  -h, --help                show this text and exit\n"
		"  --version                 tell the version and exit\n"
		"\nTIME is a number of seconds, or has a unit: 500ms, 90s, 20m, 12h, 1d.\n"
	);
	free(text);
}

static void leaves_out_what_needs_more_than_there_is(void **state) {
	const struct conf_row rows[] = {
		{.name = "force", .kind = CONF_FLAG, .needs = 1 << 1},
		{.name = "verbose",
		 .kind = CONF_FLAG,
		 .needs = 1 << 0,
		 .letter = 'v',
		 .help = "more"},
		{.name = "max-records", .kind = CONF_INT, .needs = 1 << 0 | 1 << 1},
	};
	const struct conf_group groups[] = {
		{"first", rows, 3, NULL},
		{"nothing to show", rows, 1, NULL},
	};
	char *text = conf_help(groups, 2, &(struct conf_facts){.has = 1 << 0});

	(void)state;
	assert_non_null(text);
	assert_string_equal(
		text,
		"first:\n"
		"  -v, --verbose             more\n"
		"\n"
		"  -h, --help                show this text and exit\n"
		"  --version                 tell the version and exit\n"
	);
	free(text);
}

static void rows_without_a_title_go_on_under_the_one_before(void **state) {
	const struct conf_group groups[] = {
		{"first", first_rows, 1, NULL},
		{NULL, &first_rows[1], 1, NULL},
	};
	char *text = conf_help(groups, 2, &(struct conf_facts){.has = 0});

	(void)state;
	assert_non_null(text);
	assert_string_equal(
		text,
		"first:\n"
		"  --force                   also nodes that are down\n"
		"  -v, --verbose             more\n"
		"\n"
		"  -h, --help                show this text and exit\n"
		"  --version                 tell the version and exit\n"
	);
	free(text);
}

static void shows_the_defaults_in_force(void **state) {
	static const struct conf_preset presets[] = {
		{"max-records", "10"}, {"force", "true"}, {NULL, NULL}};
	const struct conf_group group = {"first", first_rows, 3, NULL};
	char *text = conf_help(&group, 1, &(struct conf_facts){.presets = presets});

	(void)state;
	assert_non_null(text);
	assert_string_equal(
		text,
		"first:\n"
		"  --force                   also nodes that are down (default: true; off with\n"
		"                            --no-force)\n"
		"  -v, --verbose             more\n"
		"  --max-records N           at most so many (from 0 to 9000000000000000000;\n"
		"                            default: 10)\n"
		"\n"
		"  -h, --help                show this text and exit\n"
		"  --version                 tell the version and exit\n"
	);
	free(text);
}

static void finds_the_nearest_name(void **state) {
	static const char *const names[] = {
		"run", "produce", "work", "status", "grace-period", NULL};
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{"run", "run"},
		{"rnu", "run"},
		{"rum", "run"},
		{"wrok", "work"},
		{"works", "work"},
		{"produec", "produce"},
		{"sttaus", "status"},
		{"garce-peroid", "grace-period"},
		{"grace", NULL},
		{"x", NULL},
		{"", NULL},
		{"something", NULL},
	};
	char word[100];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *nearest = conf_nearest(cases[i].word, names);

		if (cases[i].nearest == NULL)
			assert_null(nearest);
		else
			assert_string_equal(nearest, cases[i].nearest);
	}
	memset(word, 'r', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(conf_nearest(word, names));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_help_in_two_columns),
		cmocka_unit_test(leaves_out_what_needs_more_than_there_is),
		cmocka_unit_test(rows_without_a_title_go_on_under_the_one_before),
		cmocka_unit_test(shows_the_defaults_in_force),
		cmocka_unit_test(finds_the_nearest_name),
	};

	return cmocka_run_group_tests_name("conf_help", tests, NULL, NULL);
}
