// SPDX-License-Identifier: MPL-2.0
// audit_line_test: one line of JSON for each candidate, with nothing left out.
#include "support/test.h"

#include "worker/audit/audit_line.h"

static void assert_line(const struct audit_entry *entry, const char *expected) {
	struct buf line = {.data = NULL};

	buf_str(&line, "what was there before");
	audit_line(&line, entry);
	assert_string_equal(buf_text(&line), expected);
	buf_fini(&line);
}

static void all_that_is_known_is_in_it(void **state) {
	const struct audit_entry entry = {
		.at_ms = 1769860800123,
		.target = "fruit",
		.id = "7",
		.key = -7,
		.end = "failed",
		.reason = "http_4xx",
		.to = "dead",
		.node = "https://n\"1",
		.status = 400,
		.attempts = 2,
		.rows = 3,
		.removed = 1,
		.deletes = 4,
		.seen_ms = 1769860800000,
		.is_replayed = true,
	};
	(void)state;
	assert_line(
		&entry,
		"{\"at\":\"2026-01-31T12:00:00.123Z\",\"target\":\"fruit\",\"id\":\"7\",\"key\":-7,"
		"\"end\":\"failed\",\"reason\":\"http_4xx\",\"to\":\"dead\",\"node\":\"https://"
		"n\\\"1\",\"status\":400,\"attempts\":2,\"deletes\":4,\"rows\":3,\"removed\":1,"
		"\"seen\":\"2026-01-31T12:00:00Z\",\"replay\":true}\n"
	);
}

static void what_is_not_known_is_null(void **state) {
	const struct audit_entry entry = {
		.target = "fruit", .id = "7", .end = "purged", .reason = "", .to = ""};
	(void)state;
	assert_line(
		&entry,
		"{\"at\":\"1970-01-01T00:00:00Z\",\"target\":\"fruit\",\"id\":\"7\",\"key\":0,"
		"\"end\":"
		"\"purged\",\"reason\":null,\"to\":null,\"node\":null,\"status\":null,\"attempts\":"
		"0,"
		"\"deletes\":0,\"rows\":0,\"removed\":0,\"seen\":null,\"replay\":false}\n"
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_known_is_in_it),
		cmocka_unit_test(what_is_not_known_is_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
