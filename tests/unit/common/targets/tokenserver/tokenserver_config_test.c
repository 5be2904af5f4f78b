// SPDX-License-Identifier: MPL-2.0
// tokenserver_config_test: options, environment and secret of the target, as an operator gives
// them.
#include "common/conf/conf_help.h"
#include "support/test.h"

#include "common/target/target_front.h"
#include "common/targets/tokenserver/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATABASE "mysql://u:p@h/d"

enum { ARGUMENTS = 8 };

struct setup {
	struct tokenserver_config config;
	struct conf *conf;
	char error[512];
	int err;
};

static char secret_path[64];

// Parses and sets up. Both lists end with NULL.
static struct setup *set_up(const char *const arguments[], const char *const environment[]) {
	const struct conf_group group = {
		.title = "tokenserver",
		.rows = tokenserver_config_rows,
		.count = TOKENSERVER_CONFIG_ROWS,
	};
	struct setup *setup = calloc(1, sizeof(*setup));
	struct conf_group groups[1] = {group};
	char *argv[ARGUMENTS] = {NULL};
	struct conf_input input = {
		.argv = argv, .envp = (char **)environment, .positional = "secret"};

	assert_non_null(setup);
	for (; arguments[input.argc] != NULL; input.argc++)
		argv[input.argc] = strdup(arguments[input.argc]);
	groups[0].base = &setup->config;
	setup->err = conf_parse(
		&setup->conf, groups, 1, &input, setup->error, sizeof(setup->error)
	);
	if (setup->err == 0)
		setup->err = tokenserver_config_set_up(
			&setup->config, true, setup->error, sizeof(setup->error)
		);
	for (int i = 0; i < input.argc; i++)
		free(argv[i]);
	return setup;
}

static void tear_down(struct setup *setup) {
	tokenserver_config_tear_down(&setup->config);
	conf_free(setup->conf);
	free(setup);
}

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_ENV ((const char *const[]){NULL})

static void assert_refused(
	const char *const arguments[], const char *const environment[], const char *words
) {
	struct setup *setup = set_up(arguments, environment);

	if (setup->err != -EINVAL || strstr(setup->error, words) == NULL)
		fail_msg("%d, not refused with '%s': %s", setup->err, words, setup->error);
	assert_null(setup->config.signer);
	tear_down(setup);
}

static void write_secret(const void *bytes, size_t len) {
	FILE *file = fopen(secret_path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void takes_the_defaults(void **state) {
	struct setup *setup = set_up(ARGS("--database-url", DATABASE, "s3cret"), NO_ENV);

	(void)state;
	assert_int_equal(setup->err, 0);
	assert_string_equal(setup->config.database_url, DATABASE);
	assert_string_equal(setup->config.secret, "s3cret");
	assert_int_equal(setup->config.grace_ms, 86400 * 1000);
	assert_int_equal(setup->config.node_keys, NODE_KEYS_FXA);
	assert_false(setup->config.force);
	assert_null(setup->config.override_node);
	assert_false(setup->config.keep_counters);
	assert_non_null(setup->config.signer);
	assert_null(tokenserver_config_warning(&setup->config));
	tear_down(setup);
}

static void takes_the_names_of_the_script(void **state) {
	struct setup *setup = set_up(
		ARGS("--grace-period=-1",
		     "--force",
		     "--override_node",
		     "https://o",
		     "--max-offset=100",
		     "s3cret"),
		((const char *const[]){
			"SYNC_TOKENSERVER__DATABASE_URL=" DATABASE,
			"SYNC_TOKENSERVER__SPANNER_NODE_ID=800",
			NULL})
	);

	(void)state;
	assert_int_equal(setup->err, 0);
	assert_string_equal(setup->config.database_url, DATABASE);
	assert_int_equal(setup->config.grace_ms, 7LL * 24 * 3600 * 1000);
	assert_true(setup->config.force);
	assert_string_equal(setup->config.override_node, "https://o");
	assert_true(setup->config.keep_counters);
	assert_non_null(
		strstr(tokenserver_config_warning(&setup->config), "--max-offset is ignored")
	);
	tear_down(setup);
}

static void warns_of_an_override_without_force(void **state) {
	static const char words[] = "--override-node does nothing without --force";
	struct setup *setup = set_up(
		ARGS("--database-url", DATABASE, "--override-node", "https://o", "s"), NO_ENV
	);

	(void)state;
	assert_int_equal(setup->err, 0);
	assert_string_equal(tokenserver_config_warning(&setup->config), words);
	setup->config.max_offset = "5";
	assert_non_null(
		strstr(tokenserver_config_warning(&setup->config), "--max-offset is ignored")
	);
	assert_non_null(strstr(tokenserver_config_warning(&setup->config), words));
	setup->config.force = true;
	assert_null(strstr(tokenserver_config_warning(&setup->config), words));
	tear_down(setup);
}

static void takes_a_grace_period_of_nothing(void **state) {
	struct setup *setup = set_up(
		ARGS("--database-url", DATABASE, "--grace-period", "0", "s"), NO_ENV
	);

	(void)state;
	assert_int_equal(setup->err, 0);
	assert_int_equal(setup->config.grace_ms, 0);
	tear_down(setup);
}

static void knows_the_nodes_that_are_allowed(void **state) {
	struct setup *setup = set_up(
		ARGS("--database-url",
		     DATABASE,
		     "--allow-node=https://a,https://b",
		     "--override-node=https://o",
		     "--node-keys=uid",
		     "s"),
		NO_ENV
	);

	(void)state;
	assert_int_equal(setup->err, 0);
	assert_int_equal(setup->config.node_keys, NODE_KEYS_UID);
	assert_true(tokenserver_config_allows_node(&setup->config, "https://a"));
	assert_true(tokenserver_config_allows_node(&setup->config, "https://b"));
	assert_true(tokenserver_config_allows_node(&setup->config, "https://o"));
	assert_false(tokenserver_config_allows_node(&setup->config, "https://c"));
	tear_down(setup);
}

static void treats_an_empty_override_and_spanner_id_as_none(void **state) {
	struct setup *setup = set_up(
		ARGS("--database-url", DATABASE, "--override-node=", "s"),
		((const char *const[]){"SYNC_TOKENSERVER__SPANNER_NODE_ID=", NULL})
	);

	(void)state;
	assert_int_equal(setup->err, 0);
	assert_null(setup->config.override_node);
	assert_false(setup->config.keep_counters);
	tear_down(setup);
}

static void refuses_what_cannot_be_meant(void **state) {
	(void)state;
	assert_refused(ARGS("s"), NO_ENV, "SYNC_TOKENSERVER__DATABASE_URL");
	assert_refused(ARGS("--database-url", "mysql://h:port/d", "s"), NO_ENV, "--database-url");
	assert_refused(
		ARGS("--database-url", DATABASE, "--override-node", "ftp://o", "s"),
		NO_ENV,
		"--override-node 'ftp://o' is not a node"
	);
	assert_refused(
		ARGS("--database-url", DATABASE, "--allow-node", "https://a,b", "s"),
		NO_ENV,
		"--allow-node 'b' is not a node"
	);
	assert_refused(
		ARGS("--database-url", DATABASE, "--grace-period", "99999999999", "s"),
		NO_ENV,
		"grace-period"
	);
	assert_refused(
		ARGS("--database-url", DATABASE, "--node-keys", "email", "s"), NO_ENV, "node-keys"
	);
}

static void names_the_ways_to_give_a_secret(void **state) {
	(void)state;
	assert_refused(ARGS("--database-url", DATABASE), NO_ENV, "--secret-file");
	assert_refused(ARGS("--database-url", DATABASE), NO_ENV, "SYNC_MASTER_SECRET");
	assert_refused(ARGS("--database-url", DATABASE, ""), NO_ENV, "missing");
	assert_refused(
		ARGS("--database-url", DATABASE),
		((const char *const[]){"SYNC_MASTER_SECRET=", NULL}),
		"missing"
	);
}

static void takes_the_secret_from_a_file(void **state) {
	static const struct {
		const char *text;
		const char *secret;
	} cases[] = {
		{"s3cret\n", "s3cret"},
		{"s3cret", "s3cret"},
		{"s3cret\n\n", "s3cret\n"},
		{" s3 cret \r\n", " s3 cret "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct setup *setup;

		write_secret(cases[i].text, strlen(cases[i].text));
		setup = set_up(
			ARGS("--database-url", DATABASE, "--secret-file", secret_path), NO_ENV
		);
		assert_int_equal(setup->err, 0);
		assert_string_equal(setup->config.secret, cases[i].secret);
		tear_down(setup);
	}
}

static void refuses_a_secret_file_that_cannot_be_one(void **state) {
	const char *const *arguments = ARGS(
		"--database-url", DATABASE, "--secret-file", secret_path
	);
	char *large = calloc(1, 70000);

	(void)state;
	assert_non_null(large);
	memset(large, 'x', 70000);
	write_secret("", 0);
	assert_refused(arguments, NO_ENV, "is empty");
	write_secret("\n", 1);
	assert_refused(arguments, NO_ENV, "is empty");
	write_secret("a\0b", 3);
	assert_refused(arguments, NO_ENV, "is not text");
	write_secret(large, 70000);
	assert_refused(arguments, NO_ENV, "is too large");
	assert_int_equal(unlink(secret_path), 0);
	assert_refused(arguments, NO_ENV, "No such file");
	assert_refused(
		ARGS("--database-url", DATABASE, "--secret-file", "/"),
		NO_ENV,
		"cannot read the secret"
	);
	free(large);
}

static void takes_the_secret_from_the_environment_last(void **state) {
	static const char *const environment[] = {"SYNC_MASTER_SECRET=from-env", NULL};
	struct setup *setup = set_up(ARGS("--database-url", DATABASE), environment);

	(void)state;
	assert_int_equal(setup->err, 0);
	assert_string_equal(setup->config.secret, "from-env");
	tear_down(setup);
	setup = set_up(ARGS("--database-url", DATABASE, "word"), environment);
	assert_int_equal(setup->err, 0);
	assert_string_equal(setup->config.secret, "word");
	tear_down(setup);
	write_secret("from-file\n", 10);
	setup = set_up(ARGS("--database-url", DATABASE, "--secret-file", secret_path), environment);
	assert_int_equal(setup->err, 0);
	assert_string_equal(setup->config.secret, "from-file");
	tear_down(setup);
	assert_refused(
		ARGS("--database-url", DATABASE, "--secret-file", secret_path, "word"),
		NO_ENV,
		"given twice"
	);
}

static void never_says_the_secret(void **state) {
	struct setup *setup = set_up(
		ARGS("--database-url", DATABASE, "--override-node=x", "s3cret"), NO_ENV
	);
	char *help;
	const struct conf_group group = {
		.title = "tokenserver",
		.rows = tokenserver_config_rows,
		.count = TOKENSERVER_CONFIG_ROWS};

	(void)state;
	assert_int_equal(setup->err, -EINVAL);
	assert_null(strstr(setup->error, "s3cret"));
	tear_down(setup);
	help = conf_help(&group, 1, &(struct conf_facts){.has = NEEDS_CALLS});
	assert_non_null(strstr(help, "--secret-file"));
	assert_null(strstr(help, "secret-from-environment"));
	free(help);
	help = conf_help(&group, 1, &(struct conf_facts){.has = 0}); // nothing is asked
	assert_null(strstr(help, "--secret"));
	free(help);
}

static void tears_down_what_was_never_set_up(void **state) {
	struct tokenserver_config config;

	(void)state;
	memset(&config, 0, sizeof(config));
	tokenserver_config_tear_down(&config);
}

static void names_every_option(void **state) {
	(void)state;
	for (size_t i = 0; i < TOKENSERVER_CONFIG_ROWS; i++)
		assert_non_null(tokenserver_config_rows[i].name);
}

static int make_path(void **state) {
	int fd;

	(void)state;
	snprintf(secret_path, sizeof(secret_path), "/tmp/tokenserver_config_test.XXXXXX");
	fd = mkstemp(secret_path);
	if (fd < 0)
		return -1;
	return close(fd);
}

static int remove_path(void **state) {
	(void)state;
	(void)unlink(secret_path);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_defaults),
		cmocka_unit_test(takes_the_names_of_the_script),
		cmocka_unit_test(warns_of_an_override_without_force),
		cmocka_unit_test(takes_a_grace_period_of_nothing),
		cmocka_unit_test(knows_the_nodes_that_are_allowed),
		cmocka_unit_test(treats_an_empty_override_and_spanner_id_as_none),
		cmocka_unit_test(refuses_what_cannot_be_meant),
		cmocka_unit_test(names_the_ways_to_give_a_secret),
		cmocka_unit_test(takes_the_secret_from_a_file),
		cmocka_unit_test(refuses_a_secret_file_that_cannot_be_one),
		cmocka_unit_test(takes_the_secret_from_the_environment_last),
		cmocka_unit_test(never_says_the_secret),
		cmocka_unit_test(tears_down_what_was_never_set_up),
		cmocka_unit_test(names_every_option),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
