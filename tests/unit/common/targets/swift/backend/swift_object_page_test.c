// SPDX-License-Identifier: MPL-2.0
// swift_object_page_test: names of a listing are read as bytes, and nothing else is taken for one.
#include "support/test.h"

#include "common/targets/swift/backend/object_page.h"

#include <errno.h>
#include <string.h>

#define NAME(text) ((struct name_part){text, sizeof(text) - 1})

static struct object_page *parse(const char *text) {
	struct object_page *page;

	assert_int_equal(object_page_parse(&page, text, strlen(text)), 0);
	return page;
}

static void assert_at(const struct object_page *page, size_t index, struct name_part name) {
	struct name_part found = object_page_at(page, index);

	assert_int_equal(found.len, name.len);
	assert_memory_equal(found.bytes, name.bytes, name.len);
}

static void assert_refused(const char *text) {
	struct object_page *page;

	assert_int_equal(object_page_parse(&page, text, strlen(text)), -EBADMSG);
}

static void an_empty_list_is_a_page(void **state) {
	struct object_page *page = parse("[]");

	(void)state;
	assert_int_equal(object_page_count(page), 0);
	object_page_free(page);
	page = parse(" [\n]\n");
	assert_int_equal(object_page_count(page), 0);
	object_page_free(page);
	object_page_free(NULL);
}

static void names_stay_in_order_whatever_else_is_said_of_them(void **state) {
	struct object_page *page = parse("[{\"name\": \"a\", \"bytes\": 1, \"hash\": \"x\"}, "
					 "{\"bytes\": 0, \"name\": \"bc\"},"
					 " {\"name\": \"a/../b\"}]");

	(void)state;
	assert_int_equal(object_page_count(page), 3);
	assert_at(page, 0, NAME("a"));
	assert_at(page, 1, NAME("bc"));
	assert_at(page, 2, NAME("a/../b"));
	object_page_free(page);
}

static void escapes_are_bytes_of_utf8(void **state) {
	struct object_page *page = parse(
		"[{\"name\": \"\\u0000v\\u0000\"}, {\"name\": \"\\u00e9\\ud83d\\ude00\"},"
		" {\"name\": \"x?y%41 z\\\"\\\\\\n\"}]"
	);

	(void)state;
	assert_at(page, 0, NAME("\0v\0"));
	assert_at(page, 1, NAME("\xc3\xa9\xf0\x9f\x98\x80"));
	assert_at(page, 2, NAME("x?y%41 z\"\\\n"));
	object_page_free(page);
}

static void the_text_need_not_live_on(void **state) {
	char text[] = "[{\"name\": \"a\"}]";
	struct object_page *page = parse(text);

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_at(page, 0, NAME("a"));
	object_page_free(page);
}

static void what_is_cut_short_is_refused(void **state) {
	static const char text[] = "[{\"name\": \"a\"}, {\"name\": \"b\"}]";
	struct object_page *page;

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_int_equal(object_page_parse(&page, text, len), -EBADMSG);
	assert_int_equal(object_page_parse(&page, NULL, 0), -EBADMSG);
}

static void what_is_no_list_is_refused(void **state) {
	(void)state;
	assert_refused("{}");
	assert_refused("null");
	assert_refused("a\nb\n");
	assert_refused("<html></html>");
	assert_refused("[] []");
	assert_refused("[{\"name\": \"\xff\"}]");
}

static void an_entry_without_a_name_is_refused(void **state) {
	(void)state;
	assert_refused("[{}]");
	assert_refused("[{\"subdir\": \"a/\"}]");
	assert_refused("[{\"name\": 1}]");
	assert_refused("[{\"name\": null}]");
	assert_refused("[\"a\"]");
	assert_refused("[{\"name\": \"a\"}, {\"name\": \"\"}]");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_list_is_a_page),
		cmocka_unit_test(names_stay_in_order_whatever_else_is_said_of_them),
		cmocka_unit_test(escapes_are_bytes_of_utf8),
		cmocka_unit_test(the_text_need_not_live_on),
		cmocka_unit_test(what_is_cut_short_is_refused),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(an_entry_without_a_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
