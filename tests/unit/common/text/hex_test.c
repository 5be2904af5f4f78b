// SPDX-License-Identifier: MPL-2.0
// hex_test: hexadecimal digits.
#include "support/test.h"

#include "common/text/hex.h"

#include <errno.h>

static void reads_digits_of_either_case(void **state) {
	static const char small[] = "0123456789abcdef";
	static const char large[] = "0123456789ABCDEF";

	(void)state;
	for (int i = 0; i < 16; i++) {
		assert_int_equal(hex_value(small[i]), i);
		assert_int_equal(hex_value(large[i]), i);
	}
}

static void reads_nothing_else(void **state) {
	static const char others[] = "\0 +-/:@G`gx\xff";

	(void)state;
	for (size_t i = 0; i < sizeof(others); i++)
		assert_int_equal(hex_value(others[i]), -1);
}

static void writes_two_small_digits_for_a_byte(void **state) {
	static const unsigned char bytes[] = {0x00, 0x0a, 0x9f, 0xff};
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_int_equal(hex_add(&buf, bytes, 0), 0);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(hex_add(&buf, bytes, sizeof(bytes)), 0);
	assert_string_equal(buf_text(&buf), "000a9fff");
	buf_fini(&buf);
	buf_init(&buf, 3);
	assert_int_equal(hex_add(&buf, bytes, sizeof(bytes)), -EMSGSIZE);
	buf_fini(&buf);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_digits_of_either_case),
		cmocka_unit_test(reads_nothing_else),
		cmocka_unit_test(writes_two_small_digits_for_a_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
