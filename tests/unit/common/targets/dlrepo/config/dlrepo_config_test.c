// SPDX-License-Identifier: MPL-2.0
// dlrepo_config_test: what the operator says about a repository, checked.
#include "support/test.h"

#include "common/base/whole_file.h"
#include "common/targets/dlrepo/config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// What the file of --publish-auth says; NULL: it is not there.
static const char *auth_text;

WRAPS(whole_file_read);
int __wrap_whole_file_read(struct whole_file *out, const char *path, size_t bound) {
	assert_string_equal(path, "/etc/dlrepo/auth");
	*out = (struct whole_file){.text = NULL};
	if (auth_text == NULL)
		return -ENOENT;
	out->len = strlen(auth_text);
	assert_true(out->len < bound);
	out->text = strdup(auth_text);
	return 0;
}

static struct dlrepo_config *config_new(void) {
	struct dlrepo_config *config = calloc(1, sizeof(*config));

	assert_non_null(config);
	config->root = (char *)"/srv/dlrepo";
	config->orphan_lifetime_ms = 600000;
	config->orphan_wait_ms = 2000;
	auth_text = "me:pass\n";
	return config;
}

static void config_end(struct dlrepo_config *config) {
	dlrepo_config_tear_down(config);
	dlrepo_config_tear_down(config);
	free(config);
}

static void assert_fine(struct dlrepo_config *config) {
	char error[700] = "";

	assert_int_equal(dlrepo_config_set_up(config, error, sizeof(error)), 0);
	assert_string_equal(error, "");
	config_end(config);
}

static void assert_refused(struct dlrepo_config *config, const char *words) {
	char error[700] = "";

	assert_int_equal(dlrepo_config_set_up(config, error, sizeof(error)), -EINVAL);
	if (strstr(error, words) == NULL)
		fail_msg("'%s'", error);
	config_end(config);
}

static void a_root_is_needed_and_all_else_has_a_default(void **state) {
	struct dlrepo_config *config = config_new();

	(void)state;
	assert_fine(config);
	config = config_new();
	config->root = NULL;
	assert_refused(config, "'--root' (or DLREPO_ROOT_DIR) is missing");
}

static void a_lifetime_is_of_whole_seconds(void **state) {
	static const int64_t fractions[] = {1, 999, 599999, 600500};
	struct dlrepo_config *config;

	(void)state;
	for (size_t i = 0; i < sizeof(fractions) / sizeof(fractions[0]); i++) {
		config = config_new();
		config->orphan_lifetime_ms = fractions[i];
		assert_refused(config, "'--orphan-lifetime' wants whole seconds");
	}
	config = config_new();
	config->orphan_lifetime_ms = 0;
	assert_fine(config);
}

static void a_wait_of_less_than_two_seconds_wants_that_no_server_runs(void **state) {
	static const int64_t waits[] = {0, 1, 1999};

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct dlrepo_config *config = config_new();

		config->orphan_wait_ms = waits[i];
		assert_refused(config, "'--orphan-wait' is less than 2 seconds");
		config = config_new();
		config->orphan_wait_ms = waits[i];
		config->no_server = true;
		assert_fine(config);
	}
}

// --- where released tags were published

static char *two[] = {(char *)"http://a.example/", (char *)"https://b.example:8443"};

static struct dlrepo_config *publishing(void) {
	struct dlrepo_config *config = config_new();

	config->publish_urls = (struct conf_list){.items = two, .count = 2};
	config->publish_auth = (char *)"/etc/dlrepo/auth";
	return config;
}

static void addresses_and_login_are_derived(void **state) {
	struct dlrepo_config *config = publishing();
	char error[700];

	(void)state;
	assert_int_equal(dlrepo_config_set_up(config, error, sizeof(error)), 0);
	assert_int_equal(config->origin_count, 2);
	assert_string_equal(config->origins[0], "http://a.example:80");
	assert_string_equal(config->origins[1], "https://b.example:8443");
	assert_string_equal(config->authorization, "Basic bWU6cGFzcw==");
	dlrepo_config_tear_down(config);
	assert_null(config->authorization);
	config_end(config);
}

static void an_address_needs_a_login(void **state) {
	struct dlrepo_config *config = publishing();

	(void)state;
	config->publish_auth = NULL;
	assert_refused(config, "'--publish-url' needs '--publish-auth'");
}

static void a_login_without_an_address_is_not_read(void **state) {
	struct dlrepo_config *config = config_new();

	(void)state;
	config->publish_auth = (char *)"/elsewhere";
	assert_fine(config);
}

static void a_login_that_is_none_is_named_but_never_said(void **state) {
	struct dlrepo_config *config = publishing();
	char error[700];

	(void)state;
	auth_text = "hunter2";
	assert_int_equal(dlrepo_config_set_up(config, error, sizeof(error)), -EINVAL);
	assert_string_equal(
		error, "'--publish-auth' /etc/dlrepo/auth: it does not say login:password"
	);
	config_end(config);
	config = publishing();
	auth_text = NULL;
	assert_refused(config, "'--publish-auth' /etc/dlrepo/auth: No such file");
}

static void an_address_that_is_none_is_named_by_its_place(void **state) {
	char *items[] = {(char *)"http://a", (char *)"http://b/path"};
	struct dlrepo_config *config = publishing();

	(void)state;
	config->publish_urls.items = items;
	assert_refused(config, "'--publish-url': of address 2: it has a path");
}

static void more_addresses_than_there_is_room_for_are_refused(void **state) {
	char *items[DLREPO_ORIGINS_MAX + 1];
	struct dlrepo_config *config = publishing();

	(void)state;
	for (size_t i = 0; i < DLREPO_ORIGINS_MAX + 1; i++)
		items[i] = (char *)"http://a";
	config->publish_urls = (struct conf_list){.items = items, .count = DLREPO_ORIGINS_MAX};
	assert_fine(config);
	config = publishing();
	config->publish_urls = (struct conf_list){.items = items, .count = DLREPO_ORIGINS_MAX + 1};
	assert_refused(config, "more than 64 addresses");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_root_is_needed_and_all_else_has_a_default),
		cmocka_unit_test(a_lifetime_is_of_whole_seconds),
		cmocka_unit_test(a_wait_of_less_than_two_seconds_wants_that_no_server_runs),
		cmocka_unit_test(addresses_and_login_are_derived),
		cmocka_unit_test(an_address_needs_a_login),
		cmocka_unit_test(a_login_without_an_address_is_not_read),
		cmocka_unit_test(a_login_that_is_none_is_named_but_never_said),
		cmocka_unit_test(an_address_that_is_none_is_named_by_its_place),
		cmocka_unit_test(more_addresses_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
