// SPDX-License-Identifier: MPL-2.0
// mariadb_test.c: the private server of the tests itself.
#include "support/mariadb.h"

#include <string.h>

#include "support/test.h"

static void keeps_what_was_committed_over_a_kill(void **state) {
	struct mariadb *server = mariadb_start();
	int port = mariadb_port(server);

	(void)state;
	mariadb_create_tokenserver(server);
	mariadb_sqlf(
		server,
		"INSERT INTO nodes (service, node, available, current_load, capacity, downed, "
		"backoff)"
		" VALUES (1, 'https://n', %d, 0, 0, 0, 0); SELECT 1",
		7
	);
	mariadb_kill(server);
	mariadb_restart(server);
	assert_int_equal(mariadb_port(server), port);
	assert_int_equal(mariadb_query_int(server, "SELECT available FROM nodes"), 7);
	mariadb_stop(server);
}

static void takes_more_options_and_names_its_database_in_a_url(void **state) {
	const char *const options[] = {"--max-connections=33", NULL};
	struct mariadb *server = mariadb_start_with(options);

	(void)state;
	assert_int_equal(mariadb_query_int(server, "SELECT @@max_connections"), 33);
	mariadb_restart(server);
	assert_int_equal(mariadb_query_int(server, "SELECT @@max_connections"), 33);
	assert_non_null(strstr(mariadb_url(server, "tokenserver"), "/tokenserver"));
	mariadb_stop(server);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_was_committed_over_a_kill),
		cmocka_unit_test(takes_more_options_and_names_its_database_in_a_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
