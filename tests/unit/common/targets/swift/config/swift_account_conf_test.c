// SPDX-License-Identifier: MPL-2.0
// swift_account_conf_test: what account-server.conf says to the account reaper.
#include "support/test.h"

#include "common/base/whole_file.h"
#include "common/targets/swift/config/account_conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REAPER "[account-reaper]\n"

static const char *file_text; // NULL: it is not there

WRAPS(whole_file_read);
int __wrap_whole_file_read(struct whole_file *out, const char *path, size_t bound) {
	assert_string_equal(path, "/etc/a.conf");
	*out = (struct whole_file){.text = NULL};
	if (file_text == NULL)
		return -ENOENT;
	out->len = strlen(file_text);
	assert_true(out->len < bound);
	out->text = strdup(file_text);
	return 0;
}

static int read_conf(struct account_conf *conf, const char *text, char error[300]) {
	*conf = (struct account_conf){.devices = NULL};
	error[0] = '\0';
	file_text = text;
	return account_conf_read(conf, "/etc/a.conf", error, 300);
}

static void read_fine(struct account_conf *conf, const char *text) {
	char error[300];
	int err = read_conf(conf, text, error);

	assert_string_equal(error, "");
	assert_int_equal(err, 0);
}

static void assert_refused(const char *text, const char *words) {
	struct account_conf conf;
	char error[300];

	assert_int_equal(read_conf(&conf, text, error), -EINVAL);
	assert_string_equal(error, words);
	assert_null(conf.devices);
}

static void all_that_the_reaper_asks_for_is_read(void **state) {
	struct account_conf conf;

	(void)state;
	read_fine(
		&conf,
		REAPER "devices = /srv/1\nmount_check = no\nswift_dir: /etc/s\nbind_ip = ::1\n"
		       "bind_port = 6012\ndelay_reaping = 60\nreap_warn_after = 1.5\n"
	);
	assert_string_equal(conf.devices, "/srv/1");
	assert_string_equal(conf.mount_check, "no");
	assert_string_equal(conf.swift_dir, "/etc/s");
	assert_string_equal(conf.bind_ip, "::1");
	assert_string_equal(conf.bind_port, "6012");
	assert_string_equal(conf.delay_reaping, "60");
	assert_string_equal(conf.reap_warn_after, "1.5");
	account_conf_free(&conf);
	assert_null(conf.reap_warn_after);
	account_conf_free(&conf);
}

static void the_section_goes_before_default(void **state) {
	struct account_conf conf;

	(void)state;
	read_fine(
		&conf,
		REAPER "bind_port = 1\ndelay_reaping =\n"
		       "[DEFAULT]\nbind_port = 2\nbind_ip = 10.0.0.1\ndelay_reaping = 5\n"
	);
	assert_string_equal(conf.bind_port, "1");
	assert_string_equal(conf.bind_ip, "10.0.0.1");
	assert_string_equal(conf.delay_reaping, "");
	assert_null(conf.devices);
	account_conf_free(&conf);
}

static void what_other_sections_and_other_keys_say_is_passed_over(void **state) {
	struct account_conf conf;

	(void)state;
	read_fine(
		&conf,
		"[app:account-server]\ndevices = /other\ndevices = /twice\n  more\n" REAPER
		"Devices = /case\nset devices = /set\nuser = swift\n  goes on\nuser = x%\n"
		"[account-replicator]\nbind_port = 7\n"
	);
	assert_null(conf.devices);
	assert_null(conf.bind_port);
	account_conf_free(&conf);
}

static void without_the_section_nothing_holds(void **state) {
	(void)state;
	assert_refused(
		"[DEFAULT]\ndevices = /srv/1\n", "/etc/a.conf has no section [account-reaper]"
	);
	assert_refused("", "/etc/a.conf has no section [account-reaper]");
	assert_refused("[Account-Reaper]\n", "/etc/a.conf has no section [account-reaper]");
}

static void a_value_that_is_said_twice_is_refused(void **state) {
	(void)state;
	assert_refused(
		REAPER "devices = /a\ndevices = /a\n",
		"/etc/a.conf line 3: it says so twice: Swift refuses that"
	);
	assert_refused(
		"[DEFAULT]\nbind_ip = ::\nbind_ip = ::\n" REAPER,
		"/etc/a.conf line 3: it says so twice: Swift refuses that"
	);
}

static void a_percent_sign_alone_is_one(void **state) {
	struct account_conf conf;

	(void)state;
	read_fine(&conf, REAPER "devices = /srv/100%\nswift_dir = /a%%b\n");
	assert_string_equal(conf.devices, "/srv/100%");
	assert_string_equal(conf.swift_dir, "/a%%b");
	account_conf_free(&conf);
	assert_refused(
		"[DEFAULT]\nroot = /srv\n" REAPER "devices = %(root)s/node\n",
		"/etc/a.conf line 4: a value that takes in another one: write it out"
	);
}

static void a_value_of_several_lines_is_refused(void **state) {
	(void)state;
	assert_refused(
		REAPER "devices = /a\n  b\n", "/etc/a.conf line 3: the value must be on one line"
	);
	assert_refused(
		REAPER "rubbish\n",
		"/etc/a.conf line 2: neither 'key = value', nor '[section]', nor a comment"
	);
}

static void a_file_that_is_not_there_is_named(void **state) {
	struct account_conf conf;
	char error[300];

	(void)state;
	assert_int_equal(read_conf(&conf, NULL, error), -ENOENT);
	assert_string_equal(error, "cannot read /etc/a.conf: No such file or directory");
	account_conf_free(&conf);
}

static int note_option(void *ctx, const char *name, const char *value, size_t line) {
	char *text = ctx;
	size_t len = strlen(text);

	snprintf(text + len, 200 - len, "%s=%s@%zu ", name, value, line);
	return 0;
}

static void what_every_target_has_an_option_for_is_handed_on(void **state) {
	char text[200] = "", error[300] = "";

	(void)state;
	file_text = "[DEFAULT]\nconn_timeout = 0.3\nconcurrency = 7\n[account-replicator]\n"
		    "interval = 30\n" REAPER "interval = 1800\nnode_timeout = 5\nconcurrency = "
		    "50\n";
	assert_int_equal(
		account_conf_file.read("/etc/a.conf", note_option, text, error, sizeof(error)), 0
	);
	assert_string_equal(
		text,
		"inflight=50@9 connect-timeout=0.3@2 purge-interval=1800@7 request-timeout=5@8 "
	);
	file_text = "[DEFAULT]\n";
	assert_int_equal(
		account_conf_file.read("/etc/a.conf", note_option, text, error, sizeof(error)),
		-EINVAL
	);
	assert_non_null(strstr(error, "no section [account-reaper]"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_the_reaper_asks_for_is_read),
		cmocka_unit_test(what_every_target_has_an_option_for_is_handed_on),
		cmocka_unit_test(the_section_goes_before_default),
		cmocka_unit_test(what_other_sections_and_other_keys_say_is_passed_over),
		cmocka_unit_test(without_the_section_nothing_holds),
		cmocka_unit_test(a_value_that_is_said_twice_is_refused),
		cmocka_unit_test(a_percent_sign_alone_is_one),
		cmocka_unit_test(a_value_of_several_lines_is_refused),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
