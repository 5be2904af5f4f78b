// SPDX-License-Identifier: MPL-2.0
// swift_conf_test: what swift.conf says of a cluster, as Python's configparser has it.
#include "support/test.h"

#include "common/base/whole_file.h"
#include "common/targets/swift/config/swift_conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH "[swift-hash]\n"
#define SUFFIX "swift_hash_path_suffix"
#define PREFIX "swift_hash_path_prefix"

static const char *file_text; // NULL: it is not there

WRAPS(whole_file_read);
int __wrap_whole_file_read(struct whole_file *out, const char *path, size_t bound) {
	assert_string_equal(path, "/etc/swift/swift.conf");
	*out = (struct whole_file){.text = NULL};
	if (file_text == NULL)
		return -ENOENT;
	out->len = strlen(file_text);
	assert_true(out->len < bound);
	out->text = strdup(file_text);
	return 0;
}

static int read_conf(struct swift_conf *conf, const char *text, char error[300]) {
	*conf = (struct swift_conf){.prefix = NULL};
	error[0] = '\0';
	file_text = text;
	return swift_conf_read(conf, "/etc/swift/swift.conf", error, 300);
}

static void assert_hash(const char *text, const char *prefix, const char *suffix) {
	struct swift_conf conf;
	char error[300];
	int err = read_conf(&conf, text, error);

	assert_string_equal(error, "");
	assert_int_equal(err, 0);
	assert_string_equal(conf.prefix, prefix);
	assert_string_equal(conf.suffix, suffix);
	swift_conf_free(&conf);
	assert_null(conf.prefix);
	assert_null(conf.suffix);
}

static void assert_refused(const char *text, const char *words) {
	struct swift_conf conf;
	char error[300];

	assert_int_equal(read_conf(&conf, text, error), -EINVAL);
	if (strncmp(error, "/etc/swift/swift.conf ", 22) != 0 || strstr(error, words) == NULL)
		fail_msg("'%s' does not say '%s'", error, words);
	assert_null(conf.prefix);
	assert_null(conf.suffix);
	swift_conf_free(&conf);
}

// --- hash

static void a_hash_has_a_prefix_or_a_suffix_or_both(void **state) {
	(void)state;
	assert_hash(HASH SUFFIX " = s\n" PREFIX " = p\n", "p", "s");
	assert_hash(HASH SUFFIX "=s", "", "s");
	assert_hash(HASH PREFIX "=p\n", "p", "");
	assert_hash("# c\n; d\n\n" HASH "other = 1\n" PREFIX "=\n" SUFFIX "\t=\ts\t\n", "", "s");
	assert_hash(HASH SUFFIX "=s\r\n" PREFIX "=p\r\n", "p", "s");
}

static void keys_are_of_any_case_and_sections_are_not(void **state) {
	(void)state;
	assert_hash(HASH "SWIFT_HASH_PATH_SUFFIX=s\nSwift_Hash_Path_Prefix=p\n", "p", "s");
	assert_refused("[Swift-Hash]\n" SUFFIX "=s\n", "has neither");
	assert_refused("[ swift-hash ]\n" SUFFIX "=s\n", "has neither");
	assert_refused("[default]\n" SUFFIX "=s\n" HASH, "has neither");
}

static void the_first_of_both_delimiters_ends_a_key(void **state) {
	(void)state;
	assert_hash(HASH SUFFIX ": s\n" PREFIX ":p\n", "p", "s");
	assert_hash(HASH SUFFIX "=a:b=c\n" PREFIX ":d=e:f\n", "d=e:f", "a:b=c");
}

static void a_value_is_taken_as_it_is_written(void **state) {
	(void)state;
	assert_hash(HASH SUFFIX "=a ; b # c\n" PREFIX "=\"q\"\n", "\"q\"", "a ; b # c");
	assert_hash(HASH SUFFIX "=\xC3\xA9\xFF\n", "", "\xC3\xA9\xFF");
	assert_hash(HASH SUFFIX "=${x} $y \\n\n", "", "${x} $y \\n");
}

// Swift reads the file as Latin-1, of which two characters beyond ASCII are blanks.
static void blanks_of_latin_1_are_taken_off_its_ends(void **state) {
	(void)state;
	assert_hash(HASH SUFFIX "=\xC3\xA0\n", "", "\xC3");
	assert_hash(HASH SUFFIX "=\x85 x\xA0y \xA0 \n" PREFIX "=\xA0\n", "", "x\xA0y");
	assert_refused(HASH SUFFIX "=\x85\xA0\n", "has neither");
}

static void a_percent_sign_is_written_as_two(void **state) {
	(void)state;
	assert_hash(HASH SUFFIX "=a%%b\n" PREFIX "=%%\n", "%", "a%b");
	assert_hash(HASH SUFFIX "=%%%%x\n", "", "%%x");
	assert_refused(HASH SUFFIX "=a%b\n", "line 2: a percent sign is written as two of them");
	assert_refused(HASH SUFFIX "=a%\n", "line 2: a percent sign");
	assert_refused(HASH SUFFIX "=%%%\n", "line 2: a percent sign");
	assert_refused(HASH "x=1\n" SUFFIX "=%(x)s\n", "line 3: a percent sign");
}

static void what_default_says_holds_where_the_section_says_nothing(void **state) {
	(void)state;
	assert_hash("[DEFAULT]\n" SUFFIX "=d\n" HASH, "", "d");
	assert_hash(HASH "[DEFAULT]\n" SUFFIX "=d%%\n" PREFIX ":e\n", "e", "d%");
	assert_hash("[DEFAULT]\n" SUFFIX "=d\n" HASH SUFFIX "=s\n" PREFIX "=p\n", "p", "s");
	assert_refused("[DEFAULT]\n" SUFFIX "=d\n" HASH SUFFIX "=\n", "has neither");
}

static void what_other_sections_say_is_not_of_the_hash(void **state) {
	(void)state;
	assert_refused("[swift-constraints]\n" SUFFIX "=s\n" HASH, "has neither");
	assert_hash(HASH SUFFIX "=s\n[swift-constraints]\n" SUFFIX "=t\nx = %\n  y\n", "", "s");
}

static void a_hash_that_is_said_twice_is_refused(void **state) {
	(void)state;
	assert_refused(
		HASH SUFFIX "=s\nSWIFT_hash_path_suffix=s\n", "line 3: it says so twice: Swift"
	);
	assert_refused(HASH SUFFIX "=s\n[x]\n" HASH SUFFIX "=t\n", "line 5: it says so twice");
	assert_refused("[DEFAULT]\n" PREFIX "=s\n" PREFIX "=s\n" HASH, "line 3: it says so twice");
}

static void no_hash_at_all_is_refused(void **state) {
	(void)state;
	assert_refused("", "has neither swift_hash_path_suffix nor swift_hash_path_prefix");
	assert_refused(HASH, "has neither");
	assert_refused(HASH SUFFIX "=\n" PREFIX "=\n", "has neither");
	assert_refused("[DEFAULT]\n" SUFFIX "=d\n", "in [swift-hash]: copy the file from a node");
	assert_refused(SUFFIX "=s\n", "line 1: a value before the first section");
}

static void a_hash_of_several_lines_is_refused(void **state) {
	(void)state;
	assert_refused(HASH SUFFIX "=a\n  b\n", "line 3: the value must be on one line");
	assert_refused(HASH SUFFIX "=\n\tb\n", "line 3: the value must be on one line");
	assert_refused(HASH SUFFIX "=a\n\n  b\n", "line 4: begins with a blank");
	// This is no key: it goes on with the value above.
	assert_refused(HASH "x=1\n  " SUFFIX "=s\n", "has neither");
	assert_refused(HASH "  " SUFFIX "=s\n", "line 2: begins with a blank");
}

static void lines_that_are_not_understood_are_refused(void **state) {
	(void)state;
	assert_refused(HASH "rubbish\n" SUFFIX "=s\n", "line 2: neither 'key = value'");
	assert_refused("[swift-hash] x\n" SUFFIX "=s\n", "line 1: a section must end with ']'");
	assert_refused(HASH SUFFIX "=s\x1Ft\n", "line 2: a control character");
}

static void a_hash_is_never_said(void **state) {
	static const char *const texts[] = {
		HASH SUFFIX "=hunter2%\n",
		HASH SUFFIX "=hunter2\n" SUFFIX "=hunter2\n",
		HASH SUFFIX "=hunter2\n hunter2\n",
		HASH SUFFIX "=hunter2\nhunter2\n",
		HASH SUFFIX "=hunter2\n[storage-policy:x]\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct swift_conf conf;
		char error[300];

		assert_int_equal(read_conf(&conf, texts[i], error), -EINVAL);
		assert_string_not_equal(error, "");
		assert_null(strstr(error, "hunter"));
		assert_null(conf.suffix);
	}
}

// --- policies

static void assert_policies(const char *sections, const size_t *wanted, size_t count) {
	struct swift_conf conf;
	char text[500] = HASH SUFFIX "=s\n", error[300];
	size_t found = 0;
	int err;

	strncat(text, sections, sizeof(text) - strlen(text) - 1);
	err = read_conf(&conf, text, error);
	assert_string_equal(error, "");
	assert_int_equal(err, 0);
	for (size_t i = 0; i < count; i++)
		assert_true(conf.has_policy[wanted[i]]);
	for (size_t i = 0; i < SWIFT_POLICIES_MAX; i++)
		found += conf.has_policy[i];
	assert_int_equal(found, count);
	swift_conf_free(&conf);
	assert_false(conf.has_policy[wanted[0]]);
}

static void policies_are_those_that_have_a_section(void **state) {
	static const size_t some[] = {0, 3, 255};

	(void)state;
	assert_policies(
		"[storage-policy:0]\nname = gold\ndefault = yes\n[storage-policy:255]\n"
		"name = 100%\n[storage-policy:3]\nname = a\n  b\npolicy_type = erasure_coding\n",
		some,
		3
	);
}

static void without_a_section_there_is_policy_0(void **state) {
	static const size_t none[] = {0};

	(void)state;
	assert_policies("", none, 1);
	assert_policies("[storage-policy]\nname = x\n[Storage-Policy:4]\nname = y\n", none, 1);
}

static void an_index_is_a_number_in_decimal(void **state) {
	static const size_t seven[] = {7};

	(void)state;
	assert_policies("[storage-policy:07]\n", seven, 1);
	assert_refused(HASH "[storage-policy:]\n", "line 2: [storage-policy:N] wants a number");
	assert_refused(HASH "[storage-policy:x]\n", "line 2: [storage-policy:N] wants a number");
	assert_refused(HASH "[storage-policy:-1]\n", "from 0 to 255");
	assert_refused(HASH "[storage-policy:1.5]\n", "from 0 to 255");
	assert_refused(HASH "[storage-policy:256]\n", "from 0 to 255");
}

static void a_file_that_is_not_there_is_named(void **state) {
	struct swift_conf conf;
	char error[300];

	(void)state;
	assert_int_equal(read_conf(&conf, NULL, error), -ENOENT);
	assert_non_null(strstr(error, "/etc/swift/swift.conf: No such file"));
	assert_null(conf.suffix);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_has_a_prefix_or_a_suffix_or_both),
		cmocka_unit_test(keys_are_of_any_case_and_sections_are_not),
		cmocka_unit_test(the_first_of_both_delimiters_ends_a_key),
		cmocka_unit_test(a_value_is_taken_as_it_is_written),
		cmocka_unit_test(blanks_of_latin_1_are_taken_off_its_ends),
		cmocka_unit_test(a_percent_sign_is_written_as_two),
		cmocka_unit_test(what_default_says_holds_where_the_section_says_nothing),
		cmocka_unit_test(what_other_sections_say_is_not_of_the_hash),
		cmocka_unit_test(a_hash_that_is_said_twice_is_refused),
		cmocka_unit_test(no_hash_at_all_is_refused),
		cmocka_unit_test(a_hash_of_several_lines_is_refused),
		cmocka_unit_test(lines_that_are_not_understood_are_refused),
		cmocka_unit_test(a_hash_is_never_said),
		cmocka_unit_test(policies_are_those_that_have_a_section),
		cmocka_unit_test(without_a_section_there_is_policy_0),
		cmocka_unit_test(an_index_is_a_number_in_decimal),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
