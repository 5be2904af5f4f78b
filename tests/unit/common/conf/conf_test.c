// SPDX-License-Identifier: MPL-2.0
// conf_test: options from the command line, the environment, presets and defaults.
#include "common/conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/options.h"
#include "support/test.h"

static void fills_in_the_defaults(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "");
	assert_false(fixture.options.force);
	assert_int_equal(fixture.options.max_records, 7);
	assert_int_equal(fixture.options.range_start, 0);
	assert_float_equal(fixture.options.share, 0.9, 0);
	assert_null(fixture.options.node);
	assert_int_equal(fixture.options.node_keys, 0);
	assert_int_equal(fixture.options.interval_ms, 3600000);
	assert_int_equal(fixture.options.allow.count, 0);
	assert_string_equal(fixture.options.secret, "hush");
	assert_false(conf_is_set(fixture.conf, "max-records"));
	assert_false(conf_is_set(fixture.conf, "no-such-option"));
	conf_free(fixture.conf);
	conf_free(NULL);
}

static void reads_letters(void **state) {
	static const char *const lines[] = {"-v -p 9", "-vp9", "-vvp 9", "-p9 --verb"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct fixture fixture;

		parse_well(&fixture, lines[i]);
		assert_true(fixture.options.verbose);
		assert_int_equal(fixture.options.port, 9);
		conf_free(fixture.conf);
	}
}

static void takes_a_word_with_a_minus_as_a_value(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "--secret -abc --override-node --x --range-start -5");
	assert_string_equal(fixture.options.secret, "-abc");
	assert_string_equal(fixture.options.node, "--x");
	assert_int_equal(fixture.options.range_start, -5);
	conf_free(fixture.conf);
}

static void takes_no_flag_without_dashes_for_a_secret(void **state) {
	struct fixture fixture;

	(void)state;
	assert_int_equal(parse(&fixture, "force"), -EINVAL);
	assert_non_null(strstr(fixture.error, "looks like an option"));
	assert_int_equal(
		parse(&fixture,
		      "\xe2\x80\x93"
		      "force"),
		-EINVAL
	);
	assert_int_equal(
		parse(&fixture,
		      "\xe2\x80\x94"
		      "force"),
		-EINVAL
	);
}

static void takes_the_name_of_an_option_with_a_value_for_a_secret(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "secret");
	assert_string_equal(fixture.options.secret, "secret");
	conf_free(fixture.conf);
}

static void takes_no_option_for_a_value(void **state) {
	struct fixture fixture;

	(void)state;
	assert_int_equal(parse(&fixture, "--override-node --force"), -EINVAL);
	assert_non_null(strstr(fixture.error, "'--override-node' needs a value"));
	assert_int_equal(parse(&fixture, "--override-node --help"), 1);
	parse_well(&fixture, "--override-node=--force");
	assert_string_equal(fixture.options.node, "--force");
	assert_false(fixture.options.force);
	conf_free(fixture.conf);
}

static void ends_the_options_at_two_dashes(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "--force -- --help");
	assert_true(fixture.options.force);
	assert_string_equal(fixture.options.secret, "--help");
	conf_free(fixture.conf);
	parse_well(&fixture, "-");
	assert_string_equal(fixture.options.secret, "-");
	conf_free(fixture.conf);
}

static void asks_for_help_before_all_else(void **state) {
	static const char *const lines[] = {
		"--help",
		"-h",
		"-vh",
		"--he",
		"--bogus --help",
		"a b c -h",
		"--max-records x --help",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct fixture fixture;

		assert_int_equal(parse(&fixture, lines[i]), 1);
		assert_null(fixture.conf);
		assert_int_equal(fixture.options.max_records, 0);
		assert_false(fixture.options.verbose);
	}
}

static void accepts_a_hidden_name_but_offers_it_not(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "--max_offset 5");
	assert_string_equal(fixture.options.ignored, "5");
	conf_free(fixture.conf);
	parse_well(&fixture, "--max-o 5");
	assert_string_equal(fixture.options.ignored, "5");
	conf_free(fixture.conf);
	parse_well(&fixture, "--max 5");
	assert_int_equal(fixture.options.max_records, 5);
	conf_free(fixture.conf);
	refused("--max-ofset 5", "unknown option '--max-ofset'; see --help");
}

static void refuses_a_word_where_none_is_wanted(void **state) {
	struct fixture fixture;

	(void)state;
	assert_int_equal(parse_input(&fixture, "--force x", (struct conf_input){0}), -EINVAL);
	assert_string_equal(fixture.error, "unexpected word 'x'");
	assert_int_equal(
		parse_input(&fixture, "a b", (struct conf_input){.positional = "override-node"}),
		-EINVAL
	);
	assert_string_equal(fixture.error, "more than one word given as 'override-node': 'b'");
}

static void shows_no_word_that_may_be_a_secret(void **state) {
	const struct conf_input input = {.word_hint = "the secret is in a file"};
	struct fixture fixture;

	(void)state;
	assert_int_equal(parse_input(&fixture, "--force hunter2 x", input), -EINVAL);
	assert_string_equal(fixture.error, "unexpected word number 1: the secret is in a file");
	assert_string_equal(fixture.argv[1], "xxxxxxx");
}

static void wants_in_full_what_decides_what_may_go(void **state) {
	struct fixture fixture;

	(void)state;
	refused("--for",
		"option '--for' is written in full, for it decides what may go: '--force'");
	refused("--no-for",
		"option '--no-for' is written in full, for it decides what may go: '--no-force'");
	refused("--no-verb",
		"option '--no-verb' is written in full, for it decides what may go: '--no-verbose'"
	);
	parse_well(&fixture, "--force --no-verbose");
	conf_free(fixture.conf);
}

static void wipes_secrets_from_the_words(void **state) {
	static const struct {
		const char *line, *wiped;
		int ret;
	} cases[] = {
		{"--force hunter2", "--force xxxxxxx", 0},
		{"--secret hunter2 --port 5", "--secret xxxxxxx --port 5", 0},
		{"--secret=hunter2", "--secret=xxxxxxx", 0},
		{"-- hunter2", "-- xxxxxxx", 0},
		{"--secret-file hunter2", "--secret-file hunter2", 0},
		{"--bogus hunter2", "--bogus xxxxxxx", -EINVAL},
		{"--port x --secret=hunter2", "--port x --secret=xxxxxxx", -EINVAL},
		{"hunter2 hunter3", "xxxxxxx xxxxxxx", -EINVAL},
		{"--sercet=hunter2", "--sercet=xxxxxxx", -EINVAL},
		{"-zhunter2", "-xxxxxxxx", -EINVAL},
		{"--help hunter2", "--help xxxxxxx", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;
		char line[512] = "";

		assert_int_equal(parse(&fixture, cases[i].line), cases[i].ret);
		for (int j = 0; fixture.argv[j] != NULL; j++) {
			if (j > 0)
				strncat(line, " ", sizeof(line) - strlen(line) - 1);
			strncat(line, fixture.argv[j], sizeof(line) - strlen(line) - 1);
		}
		assert_string_equal(line, cases[i].wiped);
		assert_null(strstr(fixture.error, "hunter"));
		conf_free(fixture.conf);
	}
}

static void keeps_a_secret_though_it_is_wiped(void **state) {
	struct fixture fixture;

	(void)state;
	parse_well(&fixture, "--secret a hunter2");
	assert_string_equal(fixture.options.secret, "hunter2");
	conf_free(fixture.conf);
}

static void puts_sources_in_their_order(void **state) {
	static char *env[] = {
		"PATH=/bin",
		"NEW_PORTS=1",
		"NEW_PORT=",
		"OLD_PORT=42",
		"THE_SECRET=from the environment",
		NULL,
	};
	static const struct conf_preset presets[] = {
		{"port", "99"},
		{"max-records", "10"},
		{"force", "true"},
		{NULL, NULL},
	};
	const struct conf_input input = {.envp = env, .presets = presets};
	struct fixture fixture;

	(void)state;
	assert_int_equal(parse_input(&fixture, "", input), 0);
	assert_int_equal(fixture.options.port, 42);
	assert_int_equal(fixture.options.max_records, 10);
	assert_true(fixture.options.force);
	assert_string_equal(fixture.options.secret, "from the environment");
	assert_true(conf_is_set(fixture.conf, "port"));
	assert_true(conf_is_set(fixture.conf, "max-records"));
	conf_free(fixture.conf);

	assert_int_equal(parse_input(&fixture, "--port 1 --no-force --max-records 2", input), 0);
	assert_int_equal(fixture.options.port, 1);
	assert_int_equal(fixture.options.max_records, 2);
	assert_false(fixture.options.force);
	conf_free(fixture.conf);
}

static void names_the_variable_that_is_wrong(void **state) {
	static char *env[] = {"NEW_PORT=high", "OLD_PORT=42", NULL};
	struct fixture fixture;

	(void)state;
	assert_int_equal(parse_input(&fixture, "", (struct conf_input){.envp = env}), -EINVAL);
	assert_string_equal(
		fixture.error,
		"environment variable NEW_PORT: '--port' wants a whole number from 1 to 65535, not "
		"'high'"
	);
	// What another source replaces does no harm.
	assert_int_equal(parse_input(&fixture, "-p7", (struct conf_input){.envp = env}), 0);
	conf_free(fixture.conf);
}

static void refuses_a_preset_of_no_option(void **state) {
	static const struct conf_preset presets[] = {{"bogus", "1"}, {NULL, NULL}};
	struct fixture fixture;

	(void)state;
	assert_int_equal(
		parse_input(&fixture, "", (struct conf_input){.presets = presets}), -EINVAL
	);
	assert_string_equal(fixture.error, "preset: unknown option '--bogus'");
}

static void does_without_room_for_an_error(void **state) {
	struct options options = {0};
	const struct conf_group group = {"first", first_rows, 1, &options};
	char *argv[] = {"--bogus"};
	const struct conf_input input = {.argc = 1, .argv = argv};
	struct conf *conf = NULL;

	(void)state;
	assert_int_equal(conf_parse(&conf, &group, 1, &input, NULL, 0), -EINVAL);
}

static void tells_that_the_version_is_asked_for(void **state) {
	static const char *const lines[] = {"--version", "--bogus --version", "word --version"};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(&fixture, lines[i]), CONF_VERSION);
	assert_int_equal(parse(&fixture, "--version --help"), CONF_HELP);
	refused("--versio", "unknown option '--versio'; see --help");
}

struct place {
	char *url;
	char *file;
};

static void a_row_yields_to_one_that_was_given_more_directly(void **state) {
	static const struct conf_row rows[] = {
		{.name = "url",
		 .kind = CONF_STRING,
		 .offset = offsetof(struct place, url),
		 .env = "PLACE_URL",
		 .yields_to = "file"},
		{.name = "file",
		 .kind = CONF_STRING,
		 .offset = offsetof(struct place, file),
		 .env = "PLACE_FILE"},
	};
	static const struct {
		const char *word;
		const char *env;
		const char *url;
		const char *file;
	} cases[] = {
		{"--file=f", "PLACE_URL=u", NULL, "f"},
		{"--url=v", "PLACE_URL=u", "v", NULL},
		{"--url=v", "PLACE_FILE=f", "v", "f"},
		{"", "PLACE_URL=u", "u", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char word[16];
		char env[16];
		char *argv[] = {word, NULL};
		char *envp[] = {env, NULL};
		struct place place = {.url = NULL};
		const struct conf_group group = {.rows = rows, .count = 2, .base = &place};
		const struct conf_input input = {
			.argc = cases[i].word[0] != '\0', .argv = argv, .envp = envp};
		char error[200];
		struct conf *conf;

		snprintf(word, sizeof(word), "%s", cases[i].word);
		snprintf(env, sizeof(env), "%s", cases[i].env);
		assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), 0);
		assert_string_equal(
			place.url == NULL ? "-" : place.url,
			cases[i].url == NULL ? "-" : cases[i].url
		);
		assert_string_equal(
			place.file == NULL ? "-" : place.file,
			cases[i].file == NULL ? "-" : cases[i].file
		);
		assert_int_equal(conf_is_set(conf, "url"), place.url != NULL);
		conf_free(conf);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_in_the_defaults),
		cmocka_unit_test(reads_letters),
		cmocka_unit_test(takes_a_word_with_a_minus_as_a_value),
		cmocka_unit_test(takes_no_flag_without_dashes_for_a_secret),
		cmocka_unit_test(takes_the_name_of_an_option_with_a_value_for_a_secret),
		cmocka_unit_test(takes_no_option_for_a_value),
		cmocka_unit_test(ends_the_options_at_two_dashes),
		cmocka_unit_test(asks_for_help_before_all_else),
		cmocka_unit_test(tells_that_the_version_is_asked_for),
		cmocka_unit_test(accepts_a_hidden_name_but_offers_it_not),
		cmocka_unit_test(refuses_a_word_where_none_is_wanted),
		cmocka_unit_test(shows_no_word_that_may_be_a_secret),
		cmocka_unit_test(wants_in_full_what_decides_what_may_go),
		cmocka_unit_test(wipes_secrets_from_the_words),
		cmocka_unit_test(keeps_a_secret_though_it_is_wiped),
		cmocka_unit_test(puts_sources_in_their_order),
		cmocka_unit_test(names_the_variable_that_is_wrong),
		cmocka_unit_test(refuses_a_preset_of_no_option),
		cmocka_unit_test(does_without_room_for_an_error),
		cmocka_unit_test(a_row_yields_to_one_that_was_given_more_directly),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
