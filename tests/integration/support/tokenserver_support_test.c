// SPDX-License-Identifier: MPL-2.0
// tokenserver_support_test.c: the rows that other tests rely on.
#include "support/tokenserver.h"

#include "support/mariadb.h"
#include "support/test.h"

static void stores_what_it_is_given(void **state) {
	struct mariadb *server = mariadb_start();
	struct tokenserver_user odd = {
		.uid = 7,
		.email = "o'h\\ara\xc3\xa4@example.com",
		.client_state = "",
		.generation = INT64_MAX,
		.created_at = 1,
		.replaced_at = 1700000000123,
		.nodeid = 3,
		.keys_changed_at = -5,
	};
	struct tokenserver_counters counters;

	(void)state;
	mariadb_create_tokenserver(server);
	tokenserver_add_node(server, 3, "https://n'1", true);
	assert_int_equal(tokenserver_add_user(server, &odd), 7);
	assert_int_equal(tokenserver_add_user(server, &(struct tokenserver_user){.nodeid = 3}), 8);
	tokenserver_add_replaced(server, 255, 1000, 3, 99);

	assert_int_equal(tokenserver_count_users(server), 1002);
	assert_true(tokenserver_has_user(server, 1254));
	assert_false(tokenserver_has_user(server, 1255));
	assert_true(tokenserver_replaced_at(server, 7) == 1700000000123);
	assert_int_equal(tokenserver_replaced_at(server, 8), 0);
	assert_int_equal(tokenserver_replaced_at(server, 255), 99);
	counters = tokenserver_counters(server, 3);
	assert_int_equal(counters.available, 10);
	assert_int_equal(counters.current_load, 90);
	assert_int_equal(
		mariadb_query_int(
			server,
			"SELECT COUNT(*) FROM users WHERE service = 1 AND nodeid = 3 AND"
			" (uid = 7 AND HEX(email) = '6F27685C617261C3A4406578616D706C652E636F6D'"
			" AND client_state = '' AND generation = 9223372036854775807"
			" AND keys_changed_at = -5) OR (uid = 8 AND replaced_at IS NULL"
			" AND keys_changed_at IS NULL AND email = 'user8@example.com')"
			" OR (uid = 255 AND client_state = '000000000000000000000000000000ff')"
		),
		3
	);
	mariadb_stop(server);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores_what_it_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
