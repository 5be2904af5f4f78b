// SPDX-License-Identifier: MPL-2.0
// db_fault_test: the last failure of a connection.
#include "support/test.h"

#include "common/db/db_cluster.h"
#include "common/db/db_fault.h"
#include "common/db/db_server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// What the library and the cluster answer.
struct world {
	unsigned number;
	const char *words;
	bool is_away;
	char asked[128]; // what the cluster was asked about
};
static struct world world;

WRAPS(mysql_errno);
WRAPS(mysql_error);
WRAPS(db_cluster_is_away);

unsigned __wrap_mysql_errno(MYSQL *handle) {
	(void)handle;
	return world.number;
}

const char *__wrap_mysql_error(MYSQL *handle) {
	(void)handle;
	return world.words;
}

bool __wrap_db_cluster_is_away(MYSQL *handle, unsigned number, const char *words) {
	(void)handle;
	assert_int_equal(number, world.number);
	snprintf(world.asked, sizeof(world.asked), "%s", words);
	return world.is_away;
}

// What is made of it.
static int read_fault(
	struct db_fault *fault, const struct db_server *server, int64_t own_limit_ms
) {
	*fault = (struct db_fault){0};
	return db_fault_read(fault, NULL, server, own_limit_ms);
}

static void the_number_stands_before_the_words(void **state) {
	struct db_fault fault = {0};

	(void)state;
	assert_int_equal(db_fault_note(&fault, DB_FAULT_TLS, "no certificate"), -EACCES);
	assert_int_equal(fault.number, DB_FAULT_TLS);
	assert_string_equal(fault.words, "2026: no certificate");
}

static void data_of_rows_is_blanked(void **state) {
	const struct db_server server = {0};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){
		.number = 1062, .words = "Duplicate entry 'a@example.org' for key 'email'"};
	read_fault(&fault, &server, 0);
	assert_null(strstr(fault.words, "example.org"));
	assert_non_null(strstr(fault.words, "'email'"));
}

static void words_that_are_too_long_are_cut_off(void **state) {
	struct db_fault fault = {0};
	char words[2 * sizeof(fault.words)];

	(void)state;
	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	db_fault_note(&fault, 1064, words);
	assert_true(strlen(fault.words) < sizeof(fault.words));
}

static void a_failure_without_a_number_is_one_of_io(void **state) {
	const struct db_server server = {0};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){.number = 0, .words = "other words"};
	assert_int_equal(read_fault(&fault, &server, 0), -EIO);
	assert_string_equal(fault.words, "0: the client library failed without a reason");
}

static void the_binlog_format_is_told_in_our_words(void **state) {
	const struct db_server server = {0};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){.number = 1665, .words = "other words"};
	assert_int_equal(read_fault(&fault, &server, 0), -ENOTSUP);
	assert_string_equal(
		fault.words, "1665: the server's binlog_format is STATEMENT: set it to ROW or MIXED"
	);
}

static void a_limit_of_ours_is_told_as_ours(void **state) {
	const struct db_server server = {.statement_limit = "max_statement_time = 1 (s)"};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){.number = 1969, .words = "other words"};
	assert_int_equal(read_fault(&fault, &server, 250), -ETIME);
	assert_string_equal(
		fault.words, "1969: a read took longer than the 250 ms that it was given"
	);
}

static void a_limit_of_the_server_is_told_as_the_servers(void **state) {
	const struct db_server server = {.statement_limit = "max_statement_time = 1 (s)"};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){.number = 1969, .words = "other words"};
	assert_int_equal(read_fault(&fault, &server, 0), -ETIME);
	assert_non_null(strstr(fault.words, "max_statement_time = 1 (s)"));
}

static void a_limit_of_nobody_is_told_in_the_servers_words(void **state) {
	const struct db_server server = {0};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){.number = 1969, .words = "Query execution was interrupted"};
	assert_int_equal(read_fault(&fault, &server, 0), -ETIME);
	assert_string_equal(fault.words, "1969: Query execution was interrupted");
}

static void a_server_alone_is_not_asked_about_others(void **state) {
	const struct db_server server = {0};
	struct db_fault fault;

	(void)state;
	world = (struct world){.number = 1205, .words = "Lock wait timeout exceeded"};
	world.is_away = true;
	assert_int_equal(read_fault(&fault, &server, 0), -EAGAIN);
	assert_string_equal(world.asked, "");
}

static void a_node_that_is_cut_off_is_a_connection_that_is_lost(void **state) {
	const struct db_server server = {.is_cluster = true};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){.number = 1205, .words = "Lock wait timeout exceeded"};
	world.is_away = true;
	assert_int_equal(read_fault(&fault, &server, 0), -ENOTCONN);
	assert_int_equal(fault.number, 1205);
	assert_non_null(strstr(fault.words, "cut off from the others"));
	assert_string_equal(world.asked, "1205: Lock wait timeout exceeded");
}

static void a_node_that_is_there_keeps_the_servers_words(void **state) {
	const struct db_server server = {.is_cluster = true};
	struct db_fault fault = {0};

	(void)state;
	world = (struct world){.number = 1205, .words = "Lock wait timeout exceeded"};
	assert_int_equal(read_fault(&fault, &server, 0), -EAGAIN);
	assert_string_equal(fault.words, "1205: Lock wait timeout exceeded");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_number_stands_before_the_words),
		cmocka_unit_test(data_of_rows_is_blanked),
		cmocka_unit_test(words_that_are_too_long_are_cut_off),
		cmocka_unit_test(a_failure_without_a_number_is_one_of_io),
		cmocka_unit_test(the_binlog_format_is_told_in_our_words),
		cmocka_unit_test(a_limit_of_ours_is_told_as_ours),
		cmocka_unit_test(a_limit_of_the_server_is_told_as_the_servers),
		cmocka_unit_test(a_limit_of_nobody_is_told_in_the_servers_words),
		cmocka_unit_test(a_server_alone_is_not_asked_about_others),
		cmocka_unit_test(a_node_that_is_cut_off_is_a_connection_that_is_lost),
		cmocka_unit_test(a_node_that_is_there_keeps_the_servers_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
