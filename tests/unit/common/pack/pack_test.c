// SPDX-License-Identifier: MPL-2.0
// pack_test: maps are read back as written, and no header is believed.
#include "support/test.h"

#include "common/pack/pack.h"
#include "common/pack/pack_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Opens a copy of exactly `len` bytes, so that a sanitizer sees a read behind them.
static int open_bytes(const void *bytes, size_t len) {
	unsigned char *copy = malloc(len > 0 ? len : 1);
	struct unpack *unpack = NULL;
	int err;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	err = unpack_open(&unpack, copy, len);
	unpack_close(unpack);
	free(copy);
	return err;
}

static struct pack *sample(const unsigned char **data, size_t *len) {
	struct pack *pack = pack_new();

	assert_non_null(pack);
	pack_reset(pack, 7);
	pack_int(pack, "small", -1);
	pack_int(pack, "large", INT64_MIN);
	pack_bool(pack, "yes", true);
	pack_str(pack, "text", "höst");
	pack_str(pack, "nothing", NULL);
	pack_bin(pack, "bytes", "\0\1\2", 3);
	pack_raw(pack, "inner", "\x81\xa1k\x07", 4);
	assert_int_equal(pack_data(pack, data, len), 0);
	return pack;
}

static void reads_what_was_written(void **state) {
	const unsigned char *data;
	const unsigned char *inner;
	char text[16];
	bool flag = false;
	int64_t number = 0;
	size_t len;
	struct pack *pack = sample(&data, &len);
	struct unpack *unpack;

	(void)state;
	assert_int_equal(unpack_open(&unpack, data, len), 0);
	assert_int_equal(unpack_int(unpack, "small", &number), 0);
	assert_int_equal(number, -1);
	assert_int_equal(unpack_int(unpack, "large", &number), 0);
	assert_true(number == INT64_MIN);
	assert_int_equal(unpack_bool(unpack, "yes", &flag), 0);
	assert_true(flag);
	assert_int_equal(unpack_str(unpack, "text", text, sizeof(text)), 0);
	assert_string_equal(text, "höst");
	assert_int_equal(unpack_map(unpack, "inner", &inner, &len), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(inner, "\x81\xa1k\x07", 4);
	unpack_close(unpack);
	assert_int_equal(unpack_open(&unpack, inner, len), 0);
	assert_int_equal(unpack_int(unpack, "k", &number), 0);
	assert_int_equal(number, 7);
	unpack_close(unpack);
	pack_free(pack);
}

static void tells_a_missing_key_from_a_wrong_type(void **state) {
	const unsigned char *data;
	char text[5];
	bool flag;
	int64_t number;
	size_t len;
	struct pack *pack = sample(&data, &len);
	struct unpack *unpack;

	(void)state;
	assert_int_equal(unpack_open(&unpack, data, len), 0);
	assert_int_equal(unpack_int(unpack, "absent", &number), -ENOENT);
	assert_int_equal(unpack_int(unpack, "smal", &number), -ENOENT);
	assert_int_equal(unpack_str(unpack, "nothing", text, sizeof(text)), -ENOENT);
	assert_int_equal(unpack_bool(unpack, "absent", &flag), -ENOENT);
	assert_int_equal(unpack_map(unpack, "absent", &data, &len), -ENOENT);
	assert_int_equal(unpack_int(unpack, "text", &number), -EPROTO);
	assert_int_equal(unpack_bool(unpack, "small", &flag), -EPROTO);
	assert_int_equal(unpack_str(unpack, "bytes", text, sizeof(text)), -EPROTO);
	assert_int_equal(unpack_map(unpack, "text", &data, &len), -EPROTO);
	assert_int_equal(unpack_str(unpack, "text", text, sizeof(text)), -EMSGSIZE);
	unpack_close(unpack);
	pack_free(pack);
}

static void refuses_numbers_beyond_64_bits_and_text_with_a_nul(void **state) {
	static const char bytes[] = "\x83\xa1n\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1s\xa3"
				    "a\0b\xa1"
				    "f\xcb\x3f\xf0\0\0\0\0\0\0";
	struct unpack *unpack;
	int64_t number;
	char text[16];

	(void)state;
	assert_int_equal(unpack_open(&unpack, bytes, sizeof(bytes) - 1), 0);
	assert_int_equal(unpack_int(unpack, "n", &number), -EPROTO);
	assert_int_equal(unpack_int(unpack, "f", &number), -EPROTO);
	assert_int_equal(unpack_str(unpack, "s", text, sizeof(text)), -EPROTO);
	unpack_close(unpack);
}

static void takes_the_first_of_two_equal_keys(void **state) {
	struct unpack *unpack;
	int64_t number = 0;

	(void)state;
	assert_int_equal(unpack_open(&unpack, "\x83\x05\x06\xa1k\x01\xa1k\x02", 9), 0);
	assert_int_equal(unpack_int(unpack, "k", &number), 0);
	assert_int_equal(number, 1);
	unpack_close(unpack);
}

static void finds_an_inner_map_behind_values_of_every_shape(void **state) {
	static const char bytes[] = "\x85"
				    "\xa1"
				    "a\x93\x01\x92\x02\x03\x80"
				    "\xa1"
				    "b\xd4\x05\x09"
				    "\xc4\x01k\xde\0\x01\xc0\xdd\0\0\0\x01\xc3"
				    "\xd9\x01"
				    "c\xc7\x02\x01xy"
				    "\xa1m\x81\xa1z\xcd\x01\x02";
	const unsigned char *data;
	struct unpack *unpack;
	size_t len;

	(void)state;
	assert_int_equal(unpack_open(&unpack, bytes, sizeof(bytes) - 1), 0);
	assert_int_equal(unpack_map(unpack, "m", &data, &len), 0);
	assert_int_equal(len, 6);
	assert_memory_equal(data, "\x81\xa1z\xcd\x01\x02", 6);
	unpack_close(unpack);
}

static void refuses_what_is_not_one_well_formed_map(void **state) {
	static const struct {
		const char *name;
		const char *bytes;
		size_t len;
	} cases[] = {
		{"nothing", "", 0},
		{"a map of 2^32 - 1 entries in 5 bytes", "\xdf\xff\xff\xff\xff", 5},
		{"an array of 2^32 - 1 values in 5 bytes", "\xdd\xff\xff\xff\xff", 5},
		{"text of 2^32 - 1 bytes", "\x81\xdb\xff\xff\xff\xff", 6},
		{"bytes of 2^32 - 1 bytes", "\x81\xa1k\xc6\xff\xff\xff\xff", 8},
		{"ext of 2^32 - 1 bytes", "\x81\xa1k\xc9\xff\xff\xff\xff\x01", 9},
		{"a map that misses its last value", "\x82\xa1k\x01\xa1l", 6},
		{"an array inside that claims more than remains", "\x82\xa1k\xdc\xff\xff\x01", 7},
		{"the type that does not exist", "\x81\xa1k\xc1", 4},
		{"a number", "\x07", 1},
		{"an array", "\x91\x01", 2},
		{"text", "\xa1k", 2},
		{"a byte behind the map", "\x81\xa1k\x01\x01", 5},
		{"a map behind the map", "\x80\x80", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (open_bytes(cases[i].bytes, cases[i].len) != -EBADMSG)
			fail_msg("%s was taken", cases[i].name);
	}
}

static void refuses_a_map_cut_at_any_byte(void **state) {
	const unsigned char *data;
	size_t len;
	struct pack *pack = sample(&data, &len);

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(open_bytes(data, cut), -EBADMSG);
	assert_int_equal(open_bytes(data, len), 0);
	pack_free(pack);
}

static void survives_any_single_byte_changed(void **state) {
	const unsigned char *data;
	unsigned char copy[128];
	size_t len;
	struct pack *pack = sample(&data, &len);

	(void)state;
	assert_true(len <= sizeof(copy));
	for (size_t at = 0; at < len; at++) {
		for (unsigned value = 0; value < 256; value++) {
			int err;

			memcpy(copy, data, len);
			copy[at] = (unsigned char)value;
			err = open_bytes(copy, len);
			assert_true(err == 0 || err == -EBADMSG);
		}
	}
	pack_free(pack);
}

static void bounds_the_depth(void **state) {
	unsigned char bytes[64] = {0x81, 0xa1, 'k'};

	(void)state;
	for (size_t arrays = 0; arrays < 40; arrays++) {
		bool fits = arrays + 1 <= PACK_DEPTH_MAX;

		memset(bytes + 3, 0x91, arrays);
		bytes[3 + arrays] = 0x01;
		assert_int_equal(open_bytes(bytes, 4 + arrays), fits ? 0 : -EBADMSG);
	}
}

static void bounds_the_size(void **state) {
	static const unsigned char head[8] = {0x81, 0xa1, 'k', 0xc6, 0, 0, 0xff, 0xf8};
	unsigned char *bytes = calloc(1, PACK_BYTES_MAX + 1);

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, head, sizeof(head));
	assert_int_equal(open_bytes(bytes, PACK_BYTES_MAX), 0);
	bytes[7]++;
	assert_int_equal(open_bytes(bytes, PACK_BYTES_MAX + 1), -EBADMSG);
	free(bytes);
}

static void says_when_a_map_is_not_as_announced(void **state) {
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;

	(void)state;
	pack_reset(pack, 2);
	pack_int(pack, "one", 1);
	assert_int_equal(pack_data(pack, &data, &len), -EINVAL);
	pack_int(pack, "two", 2);
	assert_int_equal(pack_data(pack, &data, &len), 0);
	pack_int(pack, "three", 3);
	assert_int_equal(pack_data(pack, &data, &len), -EINVAL);
	pack_reset(pack, 0);
	assert_int_equal(pack_data(pack, &data, &len), 0);
	assert_int_equal(len, 1);
	pack_free(pack);
}

static void says_when_a_map_is_too_large_and_can_begin_anew(void **state) {
	struct pack *pack = pack_new();
	char *text = calloc(1, PACK_BYTES_MAX + 1);
	const unsigned char *data;
	size_t len;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', PACK_BYTES_MAX);
	pack_reset(pack, 1);
	pack_str(pack, "k", text);
	assert_int_equal(pack_data(pack, &data, &len), -EMSGSIZE);
	pack_reset(pack, 1);
	pack_str(pack, "k", "v");
	assert_int_equal(pack_data(pack, &data, &len), 0);
	free(text);
	pack_free(pack);
}

static void closes_nothing_at_all(void **state) {
	(void)state;
	pack_free(NULL);
	unpack_close(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_was_written),
		cmocka_unit_test(tells_a_missing_key_from_a_wrong_type),
		cmocka_unit_test(refuses_numbers_beyond_64_bits_and_text_with_a_nul),
		cmocka_unit_test(takes_the_first_of_two_equal_keys),
		cmocka_unit_test(finds_an_inner_map_behind_values_of_every_shape),
		cmocka_unit_test(refuses_what_is_not_one_well_formed_map),
		cmocka_unit_test(refuses_a_map_cut_at_any_byte),
		cmocka_unit_test(survives_any_single_byte_changed),
		cmocka_unit_test(bounds_the_depth),
		cmocka_unit_test(bounds_the_size),
		cmocka_unit_test(says_when_a_map_is_not_as_announced),
		cmocka_unit_test(says_when_a_map_is_too_large_and_can_begin_anew),
		cmocka_unit_test(closes_nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
