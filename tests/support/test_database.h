// SPDX-License-Identifier: MPL-2.0
// test_database: one private server for all tests of a program, each of which begins with
// Tokenserver's tables, empty.
//
// For cmocka; the state is not used. Thread: the one that runs the tests.
#pragma once

struct mariadb;

extern struct mariadb *server; // between start and stop

int test_database_start(void **state); // set-up of the group
int test_database_stop(void **state); // and its tear-down
int test_database_fresh(void **state); // set-up of a test
