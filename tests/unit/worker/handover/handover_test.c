// SPDX-License-Identifier: MPL-2.0
// handover_test: the headers tell what is known, and nothing that is not.
#include "support/test.h"

#include "worker/handover/handover.h"

#include <string.h>

static void assert_header(
	const rd_kafka_headers_t *headers, const char *name, const char *expected
) {
	const void *value = NULL;
	size_t len = 0;
	rd_kafka_resp_err_t err = rd_kafka_header_get_last(headers, name, &value, &len);

	if (expected == NULL) {
		assert_int_equal(err, RD_KAFKA_RESP_ERR__NOENT);
		return;
	}
	assert_int_equal(err, RD_KAFKA_RESP_ERR_NO_ERROR);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(value, expected, len);
}

static const struct handover_note failed = {
	.reason = "http_5xx",
	.status = 500,
	.message = "status 500",
	.topic = "purge.fruit",
	.partition = 3,
	.offset = 4711,
	.attempts = 2,
	.first_failed_ms = 1700000000789,
};

static void tells_why_a_record_left_and_where_it_was(void **state) {
	(void)state;
	rd_kafka_headers_t *headers = handover_headers(&failed);
	assert_non_null(headers);
	assert_header(headers, "purge.error.reason", "http_5xx");
	assert_header(headers, "purge.error.status", "500");
	assert_header(headers, "purge.error.message", "status 500");
	assert_header(headers, "purge.error.topic", "purge.fruit");
	assert_header(headers, "purge.error.partition", "3");
	assert_header(headers, "purge.error.offset", "4711");
	assert_header(headers, "purge.error.attempts", "2");
	assert_header(headers, "purge.error.postponed", "0");
	assert_header(headers, "purge.error.first_failed_at", "1700000000789");
	assert_header(headers, "purge.truncated", NULL);
	rd_kafka_headers_destroy(headers);
}

static void what_is_not_known_is_not_told_as_zero(void **state) {
	(void)state;
	struct handover_note note = failed;
	rd_kafka_headers_t *headers;
	note.status = 0;
	note.attempts = 0;
	note.postponed = 1;
	note.first_failed_ms = 0;
	headers = handover_headers(&note);
	assert_non_null(headers);
	assert_header(headers, "purge.error.status", NULL);
	assert_header(headers, "purge.error.first_failed_at", NULL);
	assert_header(headers, "purge.error.attempts", "0");
	assert_header(headers, "purge.error.postponed", "1");
	rd_kafka_headers_destroy(headers);
}

static void says_that_a_value_was_cut(void **state) {
	(void)state;
	struct handover_note note = failed;
	rd_kafka_headers_t *headers;
	note.truncated = true;
	headers = handover_headers(&note);
	assert_non_null(headers);
	assert_header(headers, "purge.truncated", "true");
	rd_kafka_headers_destroy(headers);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_why_a_record_left_and_where_it_was),
		cmocka_unit_test(what_is_not_known_is_not_told_as_zero),
		cmocka_unit_test(says_that_a_value_was_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
