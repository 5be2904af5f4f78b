// SPDX-License-Identifier: MPL-2.0
// swift_account_conf_test: what account-server.conf says to the account reaper.
#include "support/test.h"

#include "common/base/whole_file.h"
#include "common/targets/swift/config/account_conf.h"
#include "common/targets/swift/config/conf_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REAPER "[account-reaper]\n"

static const char *file_text; // NULL: it is not there

// Of a second file in the directory; NULL: it is a file.
static const char *more_text;

WRAPS(conf_dir_list);
int __wrap_conf_dir_list(struct conf_dir *out, const char *path) {
	*out = (struct conf_dir){.paths = calloc(2, sizeof(char *)), .count = 1};
	assert_non_null(out->paths);
	out->paths[0] = strdup(path);
	if (more_text != NULL)
		out->paths[out->count++] = strdup("/etc/b.conf");
	return 0;
}

WRAPS(whole_file_read);
int __wrap_whole_file_read(struct whole_file *out, const char *path, size_t bound) {
	const char *text = strcmp(path, "/etc/b.conf") == 0 ? more_text : file_text;

	*out = (struct whole_file){.text = NULL};
	if (text == NULL)
		return -ENOENT;
	out->len = strlen(text);
	assert_true(out->len < bound);
	out->text = strdup(text);
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

static int note_option(
	void *ctx, const char *name, const char *value, const struct conf_place *place
) {
	char *text = ctx;
	size_t len = strlen(text);

	snprintf(text + len, 400 - len, "%s=%s@%s:%zu ", name, value, place->path + 5, place->line);
	return 0;
}

static void what_every_target_has_an_option_for_is_handed_on(void **state) {
	char text[400] = "", error[300] = "";

	(void)state;
	file_text = "[DEFAULT]\nconn_timeout = 0.3\nconcurrency = 7\n[account-replicator]\n"
		    "interval = 30\n" REAPER "interval = 1800\nnode_timeout = 5\nconcurrency = "
		    "50\n";
	assert_int_equal(
		account_conf_file.read("/etc/a.conf", note_option, text, error, sizeof(error)), 0
	);
	assert_string_equal(
		text,
		"inflight=50@a.conf:9 connect-timeout=0.3@a.conf:2 purge-interval=1800@a.conf:7 "
		"request-timeout=5@a.conf:8 "
	);
	file_text = "[DEFAULT]\n";
	assert_int_equal(
		account_conf_file.read("/etc/a.conf", note_option, text, error, sizeof(error)),
		-EINVAL
	);
	assert_non_null(strstr(error, "no section [account-reaper]"));
}

static void of_several_files_the_last_one_counts(void **state) {
	struct account_conf conf;
	char text[400] = "", error[300] = "";

	(void)state;
	more_text = REAPER "devices = /b\ninterval = 9\n[DEFAULT]\nconcurrency = 3\n";
	read_fine(&conf, REAPER "devices = /a\nbind_ip = ::1\ninterval = 8\nconcurrency = 4\n");
	assert_string_equal(conf.devices, "/b");
	assert_string_equal(conf.bind_ip, "::1");
	account_conf_free(&conf);
	assert_int_equal(
		account_conf_file.read("/etc/a.conf", note_option, text, error, sizeof(error)), 0
	);
	assert_string_equal(text, "inflight=4@a.conf:5 purge-interval=9@b.conf:3 ");
	assert_refused(
		REAPER "bind_ip = ::1\nbind_ip = ::1\n",
		"/etc/a.conf line 3: it says so twice: Swift refuses that"
	);
	more_text = NULL;
}

static void where_metrics_go_is_read_and_handed_on(void **state) {
	struct account_conf conf;
	char text[400] = "", error[300] = "";

	(void)state;
	read_fine(
		&conf,
		"[DEFAULT]\nlog_statsd_host = metrics\nlog_statsd_port = 8126\n" REAPER
		"log_statsd_metric_prefix = node7\n"
	);
	assert_string_equal(conf.statsd_host, "metrics");
	assert_string_equal(conf.statsd_prefix, "node7");
	account_conf_free(&conf);
	assert_int_equal(
		account_conf_file.read("/etc/a.conf", note_option, text, error, sizeof(error)), 0
	);
	assert_string_equal(text, "metric-host=metrics@a.conf:2 metric-port=8126@a.conf:3 ");
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
		cmocka_unit_test(of_several_files_the_last_one_counts),
		cmocka_unit_test(where_metrics_go_is_read_and_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
