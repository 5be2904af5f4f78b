// SPDX-License-Identifier: MPL-2.0
// base64_test: bytes as text and back.
#include "support/test.h"

#include "common/text/base64.h"

#include <errno.h>
#include <string.h>

static void what_is_written_reads_back(void **state) {
	unsigned char in[256], out[256];
	char text[BASE64_BYTES(sizeof(in))];
	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 251);
	for (size_t len = 0; len <= sizeof(in); len++) {
		size_t read = 0;

		base64_encode(text, in, len, BASE64_URL_BARE);
		assert_int_equal(base64_decode_bare(out, sizeof(out), &read, text), 0);
		assert_int_equal(read, len);
		assert_memory_equal(in, out, len);
	}
}

static void what_no_bytes_make_is_refused(void **state) {
	static const char *const texts[] = {
		"A", "AAAAA", "AB", "AAB", "AA==", "A+A", "A/A", "A A", "AA\n"};
	unsigned char out[8];
	size_t len;
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(base64_decode_bare(out, sizeof(out), &len, texts[i]), -EINVAL);
}

static void more_bytes_than_there_is_room_for_are_refused(void **state) {
	unsigned char out[3];
	size_t len;
	(void)state;
	assert_int_equal(base64_decode_bare(out, 3, &len, "AAAA"), 0);
	assert_int_equal(base64_decode_bare(out, 2, &len, "AAAA"), -EMSGSIZE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(what_no_bytes_make_is_refused),
		cmocka_unit_test(more_bytes_than_there_is_room_for_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
