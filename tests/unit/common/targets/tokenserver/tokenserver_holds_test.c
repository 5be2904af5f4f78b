// SPDX-License-Identifier: MPL-2.0
// tokenserver_holds_test: users of whom nothing is purged: what a file may say, and what becomes of
// their records.
#include "support/test.h"

#include "common/targets/tokenserver/hold_list.h"
#include "common/targets/tokenserver/passed_over.h"
#include "common/targets/tokenserver/rule.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CUTOFF = 1000 };

static char path[64];
static char error[400];

static void write_bytes(const void *bytes, size_t len) {
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void write_text(const char *text) {
	write_bytes(text, strlen(text));
}

static struct hold_list *begin(const char *text) {
	struct hold_list *list;

	write_text(text);
	assert_int_equal(hold_list_new(&list), 0);
	assert_true(hold_list_read(list, path, error, sizeof(error)) >= 0);
	return list;
}

static void a_user_is_named_by_address_or_by_fxa_uid(void **state) {
	(void)state;
	struct hold_list *list = begin("# by order of the court\n"
				       "\n"
				       "anna@example.com\n"
				       "  0123456789abcdef0123456789abcdef \t\r\n"
				       "12345678901234567890123456789012\n"
				       "12@example.com\n"
				       "o'brien@example.com\n");
	assert_int_equal(hold_list_count(list), 5);
	assert_true(hold_list_has(list, "anna@example.com"));
	assert_true(hold_list_has(list, "anna"));
	assert_true(hold_list_has(list, "0123456789abcdef0123456789abcdef@api.accounts"));
	assert_true(hold_list_has(list, "0123456789abcdef0123456789abcdef"));
	assert_true(hold_list_has(list, "12345678901234567890123456789012@x"));
	assert_true(hold_list_has(list, "12@x"));
	assert_false(hold_list_has(list, "ann@example.com"));
	assert_false(hold_list_has(list, "annas@example.com"));
	assert_false(hold_list_has(list, "# by order of the court"));
	assert_false(hold_list_has(list, ""));
	assert_false(hold_list_has(list, "@example.com"));
	hold_list_free(list);
}

static void a_user_whose_address_is_not_known_may_be_on_hold_while_anybody_is(void **state) {
	(void)state;
	struct hold_list *list = begin("anna@example.com\n");
	assert_true(hold_list_may_have(list, "anna@example.com"));
	assert_false(hold_list_may_have(list, "bob@example.com"));
	assert_true(hold_list_may_have(list, NULL));
	assert_false(hold_list_may_have(NULL, NULL));
	write_text("# nobody\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	assert_false(hold_list_may_have(list, NULL));
	hold_list_free(list);
}

// Nodes keep data by what stands before the '@', whatever stands behind it.
static void an_address_stands_for_all_that_share_its_data(void **state) {
	(void)state;
	struct hold_list *list = begin("Anna@Example.com\nanna@other.example\nANNA@x\n");
	assert_int_equal(hold_list_count(list), 1);
	assert_true(hold_list_has(list, "aNNa@third.example"));
	hold_list_free(list);
}

static void letters_that_are_not_ascii_and_a_byte_order_mark_are_text(void **state) {
	(void)state;
	struct hold_list *list = begin("\xEF\xBB\xBF"
				       "j\xC3\xB6rg@example.com\nb@example.com\n");
	assert_int_equal(hold_list_count(list), 2);
	assert_true(hold_list_has(list, "J\xC3\xB6rg@example.com"));
	assert_true(hold_list_has(list, "b@example.com"));
	hold_list_free(list);
}

static void many_users_are_all_found(void **state) {
	(void)state;
	struct hold_list *list;
	FILE *file = fopen(path, "w");
	char name[32];
	assert_non_null(file);
	for (int i = 0; i < 5000; i++)
		fprintf(file, "u%d@example.com\n", i * 7919 % 5000);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(hold_list_new(&list), 0);
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	assert_int_equal(hold_list_count(list), 5000);
	for (int i = 0; i < 5010; i++) {
		snprintf(name, sizeof(name), "u%d@example.com", i);
		assert_int_equal(hold_list_has(list, name), i < 5000);
	}
	hold_list_free(list);
}

static void what_cannot_be_understood_is_refused_by_its_line_and_changes_nothing(void **state) {
	(void)state;
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", "it is empty"},
		{"\n \t\n\r\n", "it is empty"},
		{"\xEF\xBB\xBF\n", "it is empty"},
		{"a@example.com\nb@example.com", "its last line has no end"},
		{"a@example.com\n\nb@example.com, c@example.com\n", "line 3 wants one"},
		{"a@example.com;b@example.com\n", "line 1 wants one"},
		{"a@example.com # until May\n", "a comment has a line of its own"},
		{"\"a@example.com\"\n", "line 1 wants one"},
		{"'a@example.com'\n", "line 1 wants one"},
		{"Anna <a@example.com>\n", "line 1 wants one"},
		{"mailto:a@example.com\n", "line 1 wants one"},
		{"uid=4711\n", "line 1 wants one"},
		{"[hold]\n", "line 1 wants one"},
		{"// a@example.com\n", "line 1 wants one"},
		{"# x\n@example.com\n", "line 2 is no e-mail address"},
		{"a@\n", "line 1 is no e-mail address"},
		{"a@b@c\n", "line 1 is no e-mail address"},
		{"4711\n", "line 1 is a number"},
		{"18446744073709551615\n", "line 1 is a number"},
		{"anna\n", "line 1 is neither"},
		{"0123456789abcdef0123456789abcde\n", "line 1 is neither"},
		{"0123456789abcdef0123456789abcdef0\n", "line 1 is neither"},
		{"0123456789abcdef0123456789abcdeg\n", "line 1 is neither"},
		{"a\xFF@example.com\n", "line 1 is not text"},
		{"a\001@example.com\n", "line 1 is not text"},
		{"\xE2\x80\x8B"
		 "a@example.com\n",
		 "line 1 is not text"}, // a space without a width
		{"0123456789abcdef0123456789abcdef\xC2\xA0\n", "line 1 is not text"},
	};
	struct hold_list *list = begin("kept@example.com\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_text(cases[i].text);
		if (hold_list_read(list, path, error, sizeof(error)) != -EINVAL ||
		    strstr(error, cases[i].words) == NULL || strstr(error, path) == NULL ||
		    strstr(error, "example") != NULL)
			fail_msg("%s: %s", cases[i].words, error);
	}
	write_bytes("a\0@example.com\n", 15);
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "not text"));
	assert_int_equal(hold_list_read(list, "/", error, sizeof(error)), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "No such file"));
	assert_true(hold_list_has(list, "kept@example.com"));
	hold_list_free(list);
}

static void a_file_that_is_read_again_says_whether_it_names_others(void **state) {
	(void)state;
	struct hold_list *list = begin("a@example.com\nb@example.com\n");
	write_text("# in another order\nB@example.com\na@example.com\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 0);
	write_text("a@example.com\nc@example.com\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	write_text("a@example.com\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	assert_false(hold_list_has(list, "b@example.com"));
	write_text("  # nobody\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	assert_int_equal(hold_list_count(list), 0);
	hold_list_free(list);
}

static void a_list_is_known_by_the_time_of_its_file(void **state) {
	(void)state;
	const struct timespec same[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	struct hold_list *list = begin("a@example.com\n");
	int64_t stamp_ns = hold_list_stamp_ns(list);
	assert_true(stamp_ns > 0);
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 0);
	assert_int_equal(hold_list_stamp_ns(list), stamp_ns);
	// The clock of files may be coarse.
	while (hold_list_stamp_ns(list) == stamp_ns) {
		write_text("a@example.com\n");
		assert_int_equal(utimensat(AT_FDCWD, path, same, 0), 0);
		assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 0);
	}
	write_text("# nobody\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	assert_int_equal(hold_list_stamp_ns(list), 0);
	hold_list_free(list);
}

static void a_pipe_is_refused_and_not_waited_for(void **state) {
	(void)state;
	struct hold_list *list = begin("kept@example.com\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), -EINVAL);
	assert_non_null(strstr(error, "no regular file"));
	assert_true(hold_list_has(list, "kept@example.com"));
	assert_int_equal(unlink(path), 0);
	hold_list_free(list);
}

static void *ask_for_ever(void *ctx) {
	while (hold_list_has(ctx, "kept@example.com"))
		;
	return NULL;
}

static void whoever_is_on_both_lists_is_on_hold_at_any_time(void **state) {
	(void)state;
	struct hold_list *list = begin("kept@example.com\n");
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, ask_for_ever, list), 0);
	for (int i = 0; i < 300; i++) {
		write_text(i % 2 == 0 ? "a@example.com\nkept@example.com\n" : "kept@example.com\n");
		assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
		assert_int_equal(pthread_kill(thread, 0), 0);
	}
	write_text("# nobody\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	hold_list_free(list);
}

// --- records

static struct user_row make_row(const char *email) {
	return (struct user_row){
		.uid = 1,
		.is_replaced = true,
		.replaced_at = CUTOFF - 1,
		.generation = 5,
		.nodeid = 1,
		.node = (char *)"https://n1",
		.email = (char *)email,
		.client_state = (char *)"aa",
	};
}

static struct ruling decide_by(struct rule rule, const struct user_row *row) {
	struct ruling ruling;

	rule.cutoff = CUTOFF;
	rule_decide(&rule, row, NULL, 0, false, &ruling);
	return ruling;
}

static struct ruling decide(struct hold_list *list, const struct user_row *row) {
	return decide_by((struct rule){.holds = list}, row);
}

static void assert_left(struct ruling ruling, enum reason reason) {
	assert_int_equal(ruling.verdict, VERDICT_LEFT);
	assert_int_equal(ruling.reason, reason);
	assert_false(ruling.send_delete);
}

static void nothing_of_a_user_on_hold_goes(void **state) {
	(void)state;
	struct hold_list *list = begin("anna@example.com\n");
	struct user_row row = make_row("anna@example.com");
	assert_left(decide(list, &row), REASON_LEGAL_HOLD);
	assert_left(
		decide_by((struct rule){.holds = list, .node_keys = NODE_KEYS_UID}, &row),
		REASON_LEGAL_HOLD
	);
	row.is_node_downed = true;
	assert_left(decide(list, &row), REASON_LEGAL_HOLD);
	assert_left(
		decide_by(
			(struct rule){.holds = list, .force = true, .override_node = "https://o"},
			&row
		),
		REASON_LEGAL_HOLD
	);
	row.node = NULL;
	assert_left(decide(list, &row), REASON_LEGAL_HOLD);
	row = make_row("bob@example.com");
	assert_int_equal(decide(list, &row).verdict, VERDICT_GO);
	hold_list_free(list);
}

static void what_is_not_due_is_no_matter_of_a_hold(void **state) {
	(void)state;
	struct hold_list *list = begin("anna@example.com\n");
	struct user_row row = make_row("anna@example.com");
	row.replaced_at = CUTOFF;
	assert_left(decide(list, &row), REASON_YOUNG);
	row.is_replaced = false;
	assert_left(decide(list, &row), REASON_LIVE);
	hold_list_free(list);
}

static void a_record_that_may_be_of_one_of_them_does_not_go_either(void **state) {
	(void)state;
	struct hold_list *list = begin("anna@example.com\n");
	struct user_row row = make_row("");
	row.is_user_broken = row.is_email_broken = true;
	row.node = NULL;
	assert_int_equal(decide(NULL, &row).verdict, VERDICT_GO);
	assert_left(decide(list, &row), REASON_LEGAL_HOLD);
	row.email = (char *)"bob@example.com"; // its client_state is broken
	row.is_email_broken = false;
	assert_int_equal(decide(list, &row).verdict, VERDICT_GO);
	row.email = (char *)"anna@example.com";
	assert_left(decide(list, &row), REASON_LEGAL_HOLD);
	row = make_row("");
	row.is_user_broken = row.is_email_broken = true;
	row.node = NULL;
	write_text("# nobody\n");
	assert_int_equal(hold_list_read(list, path, error, sizeof(error)), 1);
	assert_int_equal(decide(list, &row).verdict, VERDICT_GO);
	hold_list_free(list);
}

static void a_scan_notes_that_it_passes_them_over(void **state) {
	(void)state;
	assert_true(passed_over_is(REASON_LEGAL_HOLD));
	assert_true(passed_over_is(REASON_NODE_DOWN));
	assert_false(passed_over_is(REASON_LIVE));
}

static int make_path(void **state) {
	(void)state;
	snprintf(path, sizeof(path), "/tmp/purgefleet_holds.%d", (int)getpid());
	return 0;
}

static int drop_path(void **state) {
	(void)state;
	unlink(path);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_is_named_by_address_or_by_fxa_uid),
		cmocka_unit_test(a_user_whose_address_is_not_known_may_be_on_hold_while_anybody_is),
		cmocka_unit_test(an_address_stands_for_all_that_share_its_data),
		cmocka_unit_test(letters_that_are_not_ascii_and_a_byte_order_mark_are_text),
		cmocka_unit_test(many_users_are_all_found),
		cmocka_unit_test(
			what_cannot_be_understood_is_refused_by_its_line_and_changes_nothing
		),
		cmocka_unit_test(a_file_that_is_read_again_says_whether_it_names_others),
		cmocka_unit_test(a_list_is_known_by_the_time_of_its_file),
		cmocka_unit_test(a_pipe_is_refused_and_not_waited_for),
		cmocka_unit_test(whoever_is_on_both_lists_is_on_hold_at_any_time),
		cmocka_unit_test(nothing_of_a_user_on_hold_goes),
		cmocka_unit_test(what_is_not_due_is_no_matter_of_a_hold),
		cmocka_unit_test(a_record_that_may_be_of_one_of_them_does_not_go_either),
		cmocka_unit_test(a_scan_notes_that_it_passes_them_over),
	};
	return cmocka_run_group_tests(tests, make_path, drop_path);
}
