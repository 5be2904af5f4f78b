// SPDX-License-Identifier: MPL-2.0
// swift_config_test: what the operator says about a cluster: by options, by a file, or not at all.
#include "support/test.h"

#include "common/base/whole_file.h"
#include "common/targets/swift/config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// NULL: they are not there.
static const char *account_text, *cluster_text;
static const char *cluster_path; // where swift.conf is looked for

WRAPS(whole_file_read);
int __wrap_whole_file_read(struct whole_file *out, const char *path, size_t bound) {
	bool is_account = strcmp(path, "/etc/a.conf") == 0;
	const char *text = is_account ? account_text : cluster_text;

	if (!is_account)
		assert_string_equal(path, cluster_path);
	*out = (struct whole_file){.text = NULL};
	if (text == NULL)
		return -ENOENT;
	out->len = strlen(text);
	assert_true(out->len < bound);
	out->text = strdup(text);
	return 0;
}

static struct swift_config *config_new(void) {
	struct swift_config *config = calloc(1, sizeof(*config));

	assert_non_null(config);
	cluster_path = "/etc/swift/swift.conf";
	cluster_text = "[swift-hash]\nswift_hash_path_suffix = s\n[storage-policy:0]\n";
	account_text = NULL;
	return config;
}

static struct swift_config *config_of_file(const char *text) {
	struct swift_config *config = config_new();

	config->account_conf = (char *)"/etc/a.conf";
	account_text = text;
	return config;
}

static void config_end(struct swift_config *config) {
	swift_config_tear_down(config);
	swift_config_tear_down(config);
	free(config);
}

static void set_up(struct swift_config *config) {
	char error[700] = "";
	int err = swift_config_set_up(config, error, sizeof(error));

	assert_string_equal(error, "");
	assert_int_equal(err, 0);
}

static void assert_refused(struct swift_config *config, const char *words) {
	char error[700] = "";
	int err = swift_config_set_up(config, error, sizeof(error));

	if (strcmp(error, words) != 0)
		fail_msg("'%s' is not '%s'", error, words);
	assert_int_equal(err, -EINVAL);
	config_end(config);
}

// --- where a value is from

static void without_options_and_a_file_swifts_defaults_hold(void **state) {
	struct swift_config *config = config_new();

	(void)state;
	set_up(config);
	assert_string_equal(config->devices, "/srv/node");
	assert_string_equal(config->swift_dir, "/etc/swift");
	assert_string_equal(config->bind_ip, "0.0.0.0");
	assert_true(config->is_mount_checked);
	assert_int_equal(config->port, 6202);
	assert_int_equal(config->delay_s, 0);
	assert_int_equal(config->warn_after_s, 2592000);
	assert_string_equal(config->cluster_conf.suffix, "s");
	assert_true(config->cluster_conf.has_policy[0]);
	config_end(config);
}

static const char whole_file
	[] = "[account-reaper]\ndevices = /srv/1\nmount_check = false\nswift_dir = /etc/s\n"
	     "bind_ip = 10.0.0.1\nbind_port = 6012\ndelay_reaping = 60\nreap_warn_after = 90.5\n";

static void a_file_says_what_options_do_not_say(void **state) {
	struct swift_config *config = config_of_file(whole_file);

	(void)state;
	cluster_path = "/etc/s/swift.conf";
	set_up(config);
	assert_string_equal(config->devices, "/srv/1");
	assert_string_equal(config->swift_dir, "/etc/s");
	assert_string_equal(config->bind_ip, "10.0.0.1");
	assert_false(config->is_mount_checked);
	assert_int_equal(config->port, 6012);
	assert_int_equal(config->delay_s, 60);
	assert_int_equal(config->warn_after_s, 90);
	config_end(config);
}

static void an_option_goes_before_the_file(void **state) {
	struct swift_config *config = config_of_file(whole_file);

	(void)state;
	cluster_path = "/o/swift.conf";
	config->devices = (char *)"/srv/o";
	config->swift_dir = (char *)"/o";
	config->bind_ip = (char *)"::1";
	config->mount_check = (char *)"true";
	config->bind_port = (char *)"0";
	config->delay_reaping = (char *)"1";
	config->reap_warn_after = (char *)"2";
	set_up(config);
	assert_string_equal(config->devices, "/srv/o");
	assert_string_equal(config->swift_dir, "/o");
	assert_string_equal(config->bind_ip, "::1");
	assert_true(config->is_mount_checked);
	assert_int_equal(config->port, 0);
	assert_int_equal(config->delay_s, 1);
	assert_int_equal(config->warn_after_s, 2);
	config_end(config);
}

static void an_empty_delay_or_patience_is_the_default(void **state) {
	struct swift_config *config = config_of_file(
		"[account-reaper]\ndelay_reaping =\nreap_warn_after =\n"
	);

	(void)state;
	set_up(config);
	assert_int_equal(config->delay_s, 0);
	assert_int_equal(config->warn_after_s, 2592000);
	config_end(config);
}

// --- what a value may be

static void truth_has_the_words_of_swift(void **state) {
	static const char *const words[2][7] = {
		{"false", "0", "no", "OFF", "f", "N", "False"},
		{"true", "1", "Yes", "on", "T", "y", "TRUE"},
	};

	(void)state;
	for (int truth = 0; truth < 2; truth++) {
		for (size_t i = 0; i < 7; i++) {
			struct swift_config *config = config_new();

			config->mount_check = (char *)words[truth][i];
			set_up(config);
			assert_int_equal(config->is_mount_checked, truth);
			config_end(config);
		}
	}
}

// A bad value, given by an option and by the file, is named by where it is from.
struct bad {
	const char *option, *key, *value, *wants;
	size_t offset;
};

#define BAD(option, key, value, wants)                                                             \
	{ option, #key, value, wants, offsetof(struct swift_config, key) }

static const struct bad bad_values[] = {
	BAD("mount-check", mount_check, "maybe", "true or false"),
	BAD("mount-check", mount_check, "", "true or false"),
	BAD("mount-check", mount_check, "true1", "true or false"),
	BAD("bind-port", bind_port, "", "a port, or 0 for any"),
	BAD("bind-port", bind_port, "-1", "a port, or 0 for any"),
	BAD("bind-port", bind_port, "65536", "a port, or 0 for any"),
	BAD("bind-port", bind_port, "6202x", "a port, or 0 for any"),
	BAD("delay-reaping", delay_reaping, "-1", "a whole number of seconds"),
	BAD("delay-reaping", delay_reaping, "1.5", "a whole number of seconds"),
	BAD("delay-reaping", delay_reaping, "1h", "a whole number of seconds"),
	BAD("delay-reaping", delay_reaping, "99999999999", "a whole number of seconds"),
	BAD("reap-warn-after", reap_warn_after, "-1", "a number of seconds"),
	BAD("reap-warn-after", reap_warn_after, "1h", "a number of seconds"),
	BAD("reap-warn-after", reap_warn_after, "nan", "a number of seconds"),
	BAD("reap-warn-after", reap_warn_after, "inf", "a number of seconds"),
	BAD("reap-warn-after", reap_warn_after, "0x10", "a number of seconds"),
	BAD("reap-warn-after", reap_warn_after, "1e11", "a number of seconds"),
};

static void a_bad_option_is_named(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(bad_values) / sizeof(bad_values[0]); i++) {
		const struct bad *bad = &bad_values[i];
		struct swift_config *config = config_of_file(whole_file);
		char words[200];

		*(char **)(void *)((char *)config + bad->offset) = (char *)bad->value;
		snprintf(
			words,
			sizeof(words),
			"'--%s' is '%s' and must be %s",
			bad->option,
			bad->value,
			bad->wants
		);
		assert_refused(config, words);
	}
}

static void a_bad_value_of_the_file_is_named_by_file_and_key(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(bad_values) / sizeof(bad_values[0]); i++) {
		const struct bad *bad = &bad_values[i];
		char text[200], words[200];

		snprintf(text, sizeof(text), "[account-reaper]\n%s = %s\n", bad->key, bad->value);
		snprintf(
			words,
			sizeof(words),
			"/etc/a.conf: %s is '%s' and must be %s",
			bad->key,
			bad->value,
			bad->wants
		);
		assert_refused(config_of_file(text), words);
	}
}

static void a_path_or_an_address_that_is_empty_is_named(void **state) {
	struct swift_config *config;

	(void)state;
	assert_refused(
		config_of_file("[account-reaper]\ndevices =\n"),
		"/etc/a.conf: devices is '' and must be a directory"
	);
	assert_refused(
		config_of_file("[account-reaper]\nswift_dir =\n"),
		"/etc/a.conf: swift_dir is '' and must be a directory"
	);
	config = config_of_file(whole_file);
	config->bind_ip = (char *)"";
	assert_refused(config, "'--bind-ip' is '' and must be an address");
}

static void what_is_wrong_with_a_file_is_said(void **state) {
	struct swift_config *config;

	(void)state;
	assert_refused(config_of_file(NULL), "cannot read /etc/a.conf: No such file or directory");
	assert_refused(
		config_of_file("[DEFAULT]\n"), "/etc/a.conf has no section [account-reaper]"
	);
	config = config_new();
	cluster_text = NULL;
	assert_refused(config, "cannot read /etc/swift/swift.conf: No such file or directory");
	config = config_new();
	cluster_text = "[swift-hash]\nx\n";
	assert_refused(
		config,
		"/etc/swift/swift.conf line 2: neither 'key = value', nor '[section]', nor a "
		"comment"
	);
}

// --- identity

static void identity_of(const char *text, char out[33]) {
	struct swift_config *config = config_new();

	cluster_text = text;
	set_up(config);
	assert_int_equal(swift_config_identity(config, out), 0);
	config_end(config);
}

static void a_cluster_is_known_by_its_hash_alone(void **state) {
	char one[33], other[33];

	(void)state;
	identity_of("[swift-hash]\nswift_hash_path_suffix = s\n", one);
	assert_int_equal(strlen(one), 32);
	assert_int_equal(strspn(one, "0123456789abcdef"), 32);
	identity_of("[storage-policy:3]\n[swift-hash]\nSwift_hash_path_suffix: s\n", other);
	assert_string_equal(one, other);
	identity_of("[swift-hash]\nswift_hash_path_prefix = s\n", other);
	assert_string_not_equal(one, other);
}

static void no_two_hashes_are_one_cluster(void **state) {
	char one[33], other[33];

	(void)state;
	identity_of("[swift-hash]\nswift_hash_path_prefix = ab\nswift_hash_path_suffix = c\n", one);
	identity_of(
		"[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = bc\n", other
	);
	assert_string_not_equal(one, other);
}

static void either_half_of_the_hash_tells_clusters_apart(void **state) {
	static const char *const texts[] = {
		"[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = c\n",
		"[swift-hash]\nswift_hash_path_prefix = b\nswift_hash_path_suffix = c\n",
		"[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = d\n",
	};
	char one[33], other[33];

	(void)state;
	identity_of(texts[0], one);
	for (size_t i = 1; i < 3; i++) {
		identity_of(texts[i], other);
		assert_string_not_equal(one, other);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_and_a_file_swifts_defaults_hold),
		cmocka_unit_test(a_file_says_what_options_do_not_say),
		cmocka_unit_test(an_option_goes_before_the_file),
		cmocka_unit_test(an_empty_delay_or_patience_is_the_default),
		cmocka_unit_test(truth_has_the_words_of_swift),
		cmocka_unit_test(a_bad_option_is_named),
		cmocka_unit_test(a_bad_value_of_the_file_is_named_by_file_and_key),
		cmocka_unit_test(a_path_or_an_address_that_is_empty_is_named),
		cmocka_unit_test(what_is_wrong_with_a_file_is_said),
		cmocka_unit_test(a_cluster_is_known_by_its_hash_alone),
		cmocka_unit_test(no_two_hashes_are_one_cluster),
		cmocka_unit_test(either_half_of_the_hash_tells_clusters_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
