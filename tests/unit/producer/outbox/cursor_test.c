// SPDX-License-Identifier: MPL-2.0
// cursor_test: what the next pass is to do, and how far the scans have come.
#include "producer/outbox/cursor.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static const struct cursor regular = {.at = "5/9", .full_began_ms = 1000, .held = "3,17"};
static const struct cursor_moment soon = {
	.now_ms = 2000,
	.full_interval_ms = DAY_MS,
	.held = "3,17",
};

static void assert_decided(
	const struct cursor *cursor,
	const struct cursor_moment *moment,
	enum cursor_pass pass,
	enum cursor_reason why
) {
	enum cursor_reason found;

	assert_int_equal(cursor_decide(cursor, moment, &found), pass);
	assert_string_equal(cursor_reason_name(found), cursor_reason_name(why));
}

static void goes_on_from_the_cursor(void **state) {
	(void)state;
	assert_decided(&regular, &soon, CURSOR_INCREMENTAL, CURSOR_REGULAR);
	assert_string_equal(cursor_resume(&regular, CURSOR_INCREMENTAL), "5/9");
}

static void scans_everything_the_first_time(void **state) {
	static const struct cursor nothing;

	(void)state;
	assert_decided(&nothing, &soon, CURSOR_FULL, CURSOR_FIRST);
	assert_null(cursor_resume(&nothing, CURSOR_FULL));
}

static void scans_everything_when_asked_or_due(void **state) {
	struct cursor_moment moment = soon;

	(void)state;
	moment.full_asked = true;
	assert_decided(&regular, &moment, CURSOR_FULL, CURSOR_ASKED);
	assert_null(cursor_resume(&regular, CURSOR_FULL));
	moment.full_asked = false;
	moment.now_ms = 1000 + DAY_MS;
	assert_decided(&regular, &moment, CURSOR_FULL, CURSOR_DUE);
}

static void scans_everything_when_something_is_no_longer_held(void **state) {
	static const struct {
		const char *before, *now;
		bool is_full;
	} cases[] = {
		{"3,17", "3,17", false},
		{"3,17", "3,4,17", false},
		{"", "3", false},
		{"3,17", "17", true},
		{"3,17", "", true},
		{"3,17", "13,17", true},
		{"1", "11", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cursor_moment moment = soon;
		struct cursor cursor = regular;

		snprintf(cursor.held, sizeof(cursor.held), "%s", cases[i].before);
		moment.held = cases[i].now;
		if (cases[i].is_full)
			assert_decided(&cursor, &moment, CURSOR_FULL, CURSOR_RELEASED);
		else
			assert_decided(&cursor, &moment, CURSOR_INCREMENTAL, CURSOR_REGULAR);
	}
}

static void goes_on_with_a_full_pass_that_did_not_end(void **state) {
	struct cursor_moment moment = soon;
	struct cursor cursor = regular;

	(void)state;
	cursor_begin(&cursor, CURSOR_FULL, &moment);
	assert_decided(&cursor, &moment, CURSOR_FULL, CURSOR_UNFINISHED);
	cursor_move(&cursor, CURSOR_FULL, "2/2");
	assert_decided(&cursor, &moment, CURSOR_FULL_GOES_ON, CURSOR_UNFINISHED);
	assert_string_equal(cursor_resume(&cursor, CURSOR_FULL_GOES_ON), "2/2");
	assert_string_equal(cursor.at, "5/9");
	cursor_move(&cursor, CURSOR_FULL_GOES_ON, "7/7");
	moment.held = "";
	assert_decided(&cursor, &moment, CURSOR_FULL, CURSOR_UNFINISHED);
}

static void begins_anew_when_asked_though_a_full_pass_did_not_end(void **state) {
	struct cursor_moment moment = soon;
	struct cursor cursor = regular;

	(void)state;
	cursor_begin(&cursor, CURSOR_FULL, &moment);
	cursor_move(&cursor, CURSOR_FULL, "2/2");
	moment.full_asked = true;
	assert_decided(&cursor, &moment, CURSOR_FULL, CURSOR_ASKED);
	assert_null(cursor_resume(&cursor, CURSOR_FULL));
	cursor_begin(&cursor, CURSOR_FULL, &moment);
	assert_string_equal(cursor.full_at, "");
	assert_string_equal(cursor.at, "5/9");
}

static void notices_what_was_held_only_for_a_part_of_the_pass(void **state) {
	struct cursor cursor = regular;

	(void)state;
	cursor_begin(&cursor, CURSOR_INCREMENTAL, &soon);
	assert_int_equal(cursor_hold(&cursor, "3,9"), 0);
	assert_int_equal(cursor_hold(&cursor, "17"), 0);
	assert_string_equal(cursor.held, "3,17,9");
	cursor_end(&cursor, CURSOR_INCREMENTAL, "8/8");
	assert_decided(&cursor, &soon, CURSOR_FULL, CURSOR_RELEASED);
	cursor = (struct cursor){.at = "5/9", .full_began_ms = 1000};
	assert_int_equal(cursor_hold(&cursor, ""), 0);
	assert_string_equal(cursor.held, "");
	assert_int_equal(cursor_hold(&cursor, "4"), 0);
	assert_string_equal(cursor.held, "4");
}

static void says_when_more_is_held_than_there_is_room_for(void **state) {
	struct cursor cursor = {.full_running = false};
	char entry[16];
	int err = 0;
	int i;

	(void)state;
	for (i = 0; err == 0 && i < CURSOR_HELD_BYTES; i++) {
		snprintf(entry, sizeof(entry), "%d", 1000 + i);
		err = cursor_hold(&cursor, entry);
	}
	assert_int_equal(err, -EMSGSIZE);
	assert_int_equal(i, CURSOR_HELD_BYTES / 5 + 1);
	assert_int_equal(cursor_hold(&cursor, "1000"), 0);
}

static void a_full_pass_that_ends_moves_the_cursor_too(void **state) {
	struct cursor cursor = regular;

	(void)state;
	cursor_begin(&cursor, CURSOR_FULL, &soon);
	cursor_move(&cursor, CURSOR_FULL, "2/2");
	cursor_end(&cursor, CURSOR_FULL, "8/1");
	assert_string_equal(cursor.at, "8/1");
	assert_false(cursor.full_running);
	assert_int_equal(cursor.full_began_ms, soon.now_ms);
	assert_decided(&cursor, &soon, CURSOR_INCREMENTAL, CURSOR_REGULAR);
}

static void reads_back_what_was_written(void **state) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	struct cursor back;
	struct cursor cursor = regular;
	size_t len = 0;

	(void)state;
	assert_non_null(pack);
	cursor_begin(&cursor, CURSOR_FULL, &soon);
	cursor_move(&cursor, CURSOR_FULL, "2/2");
	assert_int_equal(cursor_pack(&cursor, pack, &data, &len), 0);
	assert_int_equal(cursor_unpack(&back, data, len), 0);
	assert_string_equal(back.at, "5/9");
	assert_string_equal(back.full_at, "2/2");
	assert_string_equal(back.held, "3,17");
	assert_true(back.full_running);
	assert_int_equal(back.full_began_ms, 2000);
	assert_true(cursor_is_same(&back, &cursor));
	assert_int_equal(cursor_hold(&back, "4"), 0);
	assert_false(cursor_is_same(&back, &cursor));
	pack_free(pack);
}

static void refuses_what_is_no_cursor(void **state) {
	struct cursor cursor;

	(void)state;
	assert_int_equal(cursor_unpack(&cursor, "hello", 5), -EBADMSG);
	assert_int_equal(cursor_unpack(&cursor, "\x81\xa1v\x01", 4), -EBADMSG);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_from_the_cursor),
		cmocka_unit_test(scans_everything_the_first_time),
		cmocka_unit_test(scans_everything_when_asked_or_due),
		cmocka_unit_test(scans_everything_when_something_is_no_longer_held),
		cmocka_unit_test(goes_on_with_a_full_pass_that_did_not_end),
		cmocka_unit_test(begins_anew_when_asked_though_a_full_pass_did_not_end),
		cmocka_unit_test(notices_what_was_held_only_for_a_part_of_the_pass),
		cmocka_unit_test(says_when_more_is_held_than_there_is_room_for),
		cmocka_unit_test(a_full_pass_that_ends_moves_the_cursor_too),
		cmocka_unit_test(reads_back_what_was_written),
		cmocka_unit_test(refuses_what_is_no_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
