// SPDX-License-Identifier: MPL-2.0
// limits_test: what a record of limits says, and that nothing else is taken for numbers.
#include "support/test.h"

#include "common/kafka/topics/limits.h"

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

static const struct limits some = {
	.is_told = true,
	.max_rate = 500000,
	.node_rate = 250,
	.node_inflight = 64,
	.told_ms = 1000,
	.who = "host (w1)",
};

static struct limits read_again(struct bytes *bytes, const struct limits *limits) {
	struct limits out;

	assert_int_equal(limits_pack(limits, bytes->pack, &bytes->data, &bytes->len), 0);
	assert_int_equal(limits_unpack(&out, bytes->data, bytes->len), 0);
	return out;
}

static void check_odd(const struct limits *limits, const char *fault) {
	assert_false(limits->is_told);
	assert_string_equal(limits->fault, fault);
	assert_int_equal(limits->max_rate, 0);
	assert_int_equal(limits->node_inflight, 0);
	assert_string_equal(limits->who, "");
}

static void what_was_written_is_read(void **state) {
	struct limits limits = read_again(*state, &some);

	assert_true(limits.is_told);
	assert_int_equal(limits.max_rate, 500000);
	assert_int_equal(limits.node_rate, 250);
	assert_int_equal(limits.node_inflight, 64);
	assert_int_equal(limits.told_ms, 1000);
	assert_string_equal(limits.who, "host (w1)");
	assert_string_equal(limits.fault, "");
}

static void it_may_be_unknown_who_told(void **state) {
	struct limits nobody = some;

	nobody.who[0] = '\0';
	nobody = read_again(*state, &nobody);
	assert_true(nobody.is_told);
	assert_string_equal(nobody.who, "");
}

static void no_record_tells_nothing(void **state) {
	struct limits limits;

	(void)state;
	assert_int_equal(limits_unpack(&limits, NULL, 0), 0);
	check_odd(&limits, "");
}

static void what_is_out_of_bounds_tells_nothing(void **state) {
	struct limits negative = some, no_requests = some, no_time = some;

	negative.node_rate = -1;
	no_requests.node_inflight = 0;
	no_time.told_ms = 0;
	negative = read_again(*state, &negative);
	check_odd(&negative, "the record cannot be decoded");
	no_requests = read_again(*state, &no_requests);
	check_odd(&no_requests, "the record cannot be decoded");
	no_time = read_again(*state, &no_time);
	check_odd(&no_time, "the record cannot be decoded");
}

static void what_is_not_understood_tells_nothing(void **state) {
	struct bytes *bytes = *state;
	struct limits limits;

	assert_int_equal(limits_unpack(&limits, "", 0), 0);
	check_odd(&limits, "the record cannot be decoded");
	pack_reset(bytes->pack, 2); // without its numbers
	pack_int(bytes->pack, "v", 1);
	pack_int(bytes->pack, "max_rate", 5);
	assert_int_equal(pack_data(bytes->pack, &bytes->data, &bytes->len), 0);
	assert_int_equal(limits_unpack(&limits, bytes->data, bytes->len), 0);
	check_odd(&limits, "the record cannot be decoded");
	pack_reset(bytes->pack, 1);
	pack_int(bytes->pack, "v", 2);
	assert_int_equal(pack_data(bytes->pack, &bytes->data, &bytes->len), 0);
	assert_int_equal(limits_unpack(&limits, bytes->data, bytes->len), 0);
	check_odd(&limits, "the record is of version 2, and this program knows 1");
}

static void the_numbers_are_compared(void **state) {
	struct limits other = some;

	(void)state;
	other.told_ms++;
	other.who[0] = '\0';
	assert_true(limits_are_same(&some, &other));
	other.node_rate++;
	assert_false(limits_are_same(&some, &other));
	other = some;
	other.max_rate++;
	assert_false(limits_are_same(&some, &other));
	other = some;
	other.node_inflight++;
	assert_false(limits_are_same(&some, &other));
	assert_false(limits_are_same(&some, &(struct limits){.is_told = false}));
}

static void a_limit_never_becomes_none(void **state) {
	(void)state;
	assert_int_equal(limits_of_rate(0), 0);
	assert_int_equal(limits_of_rate(0.00001), 1);
	assert_int_equal(limits_of_rate(0.25), 250);
	assert_int_equal(limits_of_rate(1000000), 1000000000);
}

static void a_rate_is_written_without_needless_digits(void **state) {
	char out[LIMITS_RATE_BYTES];

	(void)state;
	assert_string_equal(limits_rate(0, out), "0");
	assert_string_equal(limits_rate(1, out), "0.001");
	assert_string_equal(limits_rate(250, out), "0.25");
	assert_string_equal(limits_rate(1500, out), "1.5");
	assert_string_equal(limits_rate(1005, out), "1.005");
	assert_string_equal(limits_rate(500000, out), "500");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read),
		TEST(it_may_be_unknown_who_told),
		TEST(no_record_tells_nothing),
		TEST(what_is_out_of_bounds_tells_nothing),
		TEST(what_is_not_understood_tells_nothing),
		TEST(the_numbers_are_compared),
		TEST(a_limit_never_becomes_none),
		TEST(a_rate_is_written_without_needless_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
