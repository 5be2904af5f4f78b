// SPDX-License-Identifier: MPL-2.0
// test_database: one private server for all tests of a program.
#include "support/test_database.h"

#include "support/mariadb.h"

#include <stddef.h>

struct mariadb *server;

int test_database_start(void **state) {
	(void)state;
	server = mariadb_start();
	return 0;
}

int test_database_stop(void **state) {
	(void)state;
	mariadb_stop(server);
	server = NULL;
	return 0;
}

int test_database_fresh(void **state) {
	(void)state;
	mariadb_create_tokenserver(server);
	return 0;
}
