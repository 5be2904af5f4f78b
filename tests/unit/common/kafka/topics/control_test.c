// SPDX-License-Identifier: MPL-2.0
// control_test: what a record of a pause says, and what is known while the topic is read.
#include "support/test.h"

#include "common/kafka/topics/control.h"

#include <stdio.h>

struct bytes {
	struct pack *pack;
	const unsigned char *data;
	size_t len;
};

static int set_up(void **state) {
	static struct bytes bytes;

	bytes = (struct bytes){.pack = pack_new()};
	assert_non_null(bytes.pack);
	*state = &bytes;
	return 0;
}

static int tear_down(void **state) {
	pack_free(((struct bytes *)*state)->pack);
	return 0;
}

static void write_pause(struct bytes *bytes, const char *reason) {
	struct control control = {.is_paused = true, .since_ms = 1000, .who = "ann@host"};

	snprintf(control.reason, sizeof(control.reason), "%s", reason);
	assert_int_equal(control_pack(&control, bytes->pack, &bytes->data, &bytes->len), 0);
}

// A record of this version with that of `paused` which is not NULL, or without any.
static struct control read_made(
	struct bytes *bytes, int64_t version, const bool *paused, const char *word
) {
	struct control control;

	pack_reset(bytes->pack, paused == NULL && word == NULL ? 1 : 2);
	pack_int(bytes->pack, "v", version);
	if (paused != NULL)
		pack_bool(bytes->pack, "paused", *paused);
	else if (word != NULL)
		pack_str(bytes->pack, "paused", word);
	assert_int_equal(pack_data(bytes->pack, &bytes->data, &bytes->len), 0);
	assert_int_equal(control_unpack(&control, bytes->data, bytes->len), 0);
	return control;
}

static void what_was_written_is_read(void **state) {
	struct bytes *bytes = *state;
	struct control control;

	write_pause(bytes, "the disks are full");
	assert_int_equal(control_unpack(&control, bytes->data, bytes->len), 0);
	assert_true(control.is_paused);
	assert_int_equal(control.since_ms, 1000);
	assert_string_equal(control.reason, "the disks are full");
	assert_string_equal(control.who, "ann@host");
	assert_string_equal(control.fault, "");
}

static void no_record_pauses_nothing(void **state) {
	struct control control;

	(void)state;
	assert_int_equal(control_unpack(&control, NULL, 0), 0);
	assert_false(control.is_paused);
	assert_string_equal(control.fault, "");
}

static void one_that_says_so_pauses_nothing(void **state) {
	static const bool no = false;
	struct control control = read_made(*state, 1, &no, NULL);

	assert_false(control.is_paused);
	assert_int_equal(control.since_ms, -1);
	assert_string_equal(control.fault, "");
}

static void what_is_not_understood_pauses(void **state) {
	static const bool no = false;
	struct control control;

	assert_int_equal(control_unpack(&control, "", 0), 0);
	assert_true(control.is_paused);
	assert_string_equal(control.fault, "it cannot be decoded");
	control = read_made(*state, 1, NULL, NULL);
	assert_true(control.is_paused);
	assert_string_equal(control.fault, "it cannot be decoded");
	control = read_made(*state, 1, NULL, "no");
	assert_true(control.is_paused);
	assert_string_equal(control.fault, "it cannot be decoded");
	control = read_made(*state, 2, &no, NULL);
	assert_true(control.is_paused);
	assert_string_equal(control.fault, "it is of version 2, and this program knows 1");
}

// --- what is known

static int see_pause(struct bytes *bytes, struct control_view *view, const char *reason) {
	write_pause(bytes, reason);
	return control_view_see(view, bytes->data, bytes->len);
}

static void nothing_is_known_before_the_end(void **state) {
	struct control_view view = {0};

	control_view_begin(&view);
	assert_int_equal(see_pause(*state, &view, "a"), 0);
	assert_false(view.is_known);
	assert_true(control_view_end(&view));
	assert_true(view.is_known);
	assert_true(view.control.is_paused);
}

static void the_last_one_counts_and_then_each_at_once(void **state) {
	struct control_view view = {0};

	control_view_begin(&view);
	assert_int_equal(see_pause(*state, &view, "a"), 0);
	assert_int_equal(control_view_see(&view, NULL, 0), 0);
	assert_true(control_view_end(&view));
	assert_false(view.control.is_paused);
	assert_int_equal(see_pause(*state, &view, "b"), 1);
	assert_true(view.control.is_paused);
	assert_int_equal(see_pause(*state, &view, "b"), 0);
	assert_int_equal(see_pause(*state, &view, "c"), 1);
	assert_string_equal(view.control.reason, "c");
	assert_int_equal(control_view_see(&view, NULL, 0), 1);
	assert_false(view.control.is_paused);
}

static void what_was_known_holds_until_the_topic_was_read_anew(void **state) {
	struct control_view view = {0};

	control_view_begin(&view);
	see_pause(*state, &view, "a");
	control_view_end(&view);
	control_view_begin(&view);
	assert_true(view.is_known);
	assert_true(view.control.is_paused);
	assert_int_equal(see_pause(*state, &view, "a"), 0);
	assert_false(control_view_end(&view));
	control_view_begin(&view); // it is empty now
	assert_true(view.control.is_paused);
	assert_true(control_view_end(&view));
	assert_false(view.control.is_paused);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read),
		TEST(no_record_pauses_nothing),
		TEST(one_that_says_so_pauses_nothing),
		TEST(what_is_not_understood_pauses),
		TEST(nothing_is_known_before_the_end),
		TEST(the_last_one_counts_and_then_each_at_once),
		TEST(what_was_known_holds_until_the_topic_was_read_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
