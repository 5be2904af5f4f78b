// SPDX-License-Identifier: MPL-2.0
// db_tls_test: TLS to a real server, and to one that has none; a server behind another's name.
#include "common/db/db.h"

#include <errno.h>
#include <mysql.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/certificate.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test.h"

static struct mariadb *plain;
static struct mariadb *server;
static char dir[] = "/tmp/purgefleet-tls-XXXXXX";

static void write_option_file(void) {
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/my.cnf", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "[client]\nssl-ca = %s/ca.pem\n[other]\nssl\n", dir);
	fclose(file);
}

static int set_up(void **state) {
	char ca[128], cert[128], key[128];
	const char *const options[] = {
		ca, cert, key, "--log-bin", "--binlog-format=STATEMENT", NULL};
	// What a proxy in front of MariaDB says; version_comment keeps the truth.
	const char *const disguise[] = {"--version=8.0.36", "--skip-ssl", NULL};
	const char *const without_tls[] = {"--tls-version=", NULL};

	(void)state;
	// As the programs do.
	signal(SIGPIPE, SIG_IGN);
	assert_non_null(mkdtemp(dir));
	certificate_write_all(dir);
	write_option_file();
	snprintf(ca, sizeof(ca), "--ssl-ca=%s/ca.pem", dir);
	snprintf(cert, sizeof(cert), "--ssl-cert=%s/server.pem", dir);
	snprintf(key, sizeof(key), "--ssl-key=%s/server.key", dir);
	server = mariadb_start_with(options);
	plain = mariadb_start_with(mariadb_is_mysql(server) ? without_tls : disguise);
	return 0;
}

static int tear_down(void **state) {
	char path[128];

	(void)state;
	mariadb_stop(server);
	mariadb_stop(plain);
	snprintf(path, sizeof(path), "%s/my.cnf", dir);
	remove(path);
	certificate_remove_all(dir);
	return 0;
}

struct attempt {
	const char *host;
	// Each %s is the directory of the certificates.
	const char *query;
	int ret;
	// With Connector/C 3.4 and later; db_tls.c says what it trusts.
	int ret_trusting;
};

static bool is_trusting(void) {
	return mysql_get_client_version() >= 30400;
}

static void attempt_all(const struct attempt *attempts, size_t count, struct mariadb *at) {
	char url[512], query[256], error[512];
	struct db *db;

	for (size_t i = 0; i < count; i++) {
		const struct attempt *attempt = &attempts[i];
		int ret;

		snprintf(query, sizeof(query), attempt->query, dir, dir, dir);
		snprintf(
			url,
			sizeof(url),
			"mysql://test:test@%s:%d/tokenserver?%s",
			attempt->host,
			mariadb_port(at),
			query
		);
		ret = test_db_try(&db, url, 5, error, sizeof(error));
		if (ret != (is_trusting() ? attempt->ret_trusting : attempt->ret))
			fail_msg("%s: %d, %s", url, ret, error);
		if (ret == 0 && !strstr(query, "DISABLED"))
			// One row, whose number is 0: the one with a cipher in it.
			assert_int_equal(
				test_db_int(
					db,
					"SHOW SESSION STATUS WHERE Variable_name = 'SSL_CIPHER'"
					" AND Value <> ''"
				),
				0
			);
		db_close(db);
	}
}

static void connects_only_to_whom_it_can_trust(void **state) {
	static const struct attempt attempts[] = {
		{"127.0.0.1", "ssl_ca=%s/ca.pem", 0, -EACCES},
		{"127.0.0.1", "ssl_ca=%s/ca.pem&ssl_mode=VERIFY_IDENTITY", 0, -EACCES},
		{"127.0.0.1",
		 "ssl_ca=%s/ca.pem&ssl_cert=%s/client.pem&ssl_key=%s/client.key",
		 0,
		 -EACCES},
		{"127.0.0.1", "ssl_mode=DISABLED", 0, 0},
		{"127.0.0.1", "ssl_ca=%s/ca.pem&ssl_mode=VERIFY_CA", 0, 0},
		{"localhost", "ssl_ca=%s/ca.pem&ssl_mode=VERIFY_CA", 0, -EACCES},
		{"localhost", "ssl_ca=%s/ca.pem&ssl_check_hostname=false", 0, -EACCES},
		{"localhost", "ssl_ca=%s/other.pem&ssl_mode=VERIFY_CA", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_mode=REQUIRED&ssl_verify_cert=false", 0, 0},
		{"127.0.0.1", "read_default_file=%s/my.cnf", 0, -EACCES},
		{"localhost", "read_default_file=%s/my.cnf", -EACCES, -EACCES},
		{"127.0.0.1", "read_default_file=%s/my.cnf&read_default_group=other", 0, -EACCES},
		// Made out to another host.
		{"localhost", "ssl_ca=%s/ca.pem", -EACCES, -EACCES},
		{"localhost", "ssl_ca=%s/ca.pem&ssl_mode=REQUIRED", -EACCES, -EACCES},
		{"localhost", "ssl_ca=%s/ca.pem&ssl_mode=VERIFY_IDENTITY", -EACCES, -EACCES},
		// Signed by nobody it knows.
		{"127.0.0.1", "ssl=true", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_mode=REQUIRED", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_verify_cert=true", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_ca=%s/other.pem", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_ca=%s/other.pem&ssl_mode=VERIFY_CA", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_ca=%s/other.pem&ssl_check_hostname=false", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_ca=%s/nothing.pem", -EACCES, -EACCES},
		{"127.0.0.1",
		 "ssl_mode=REQUIRED&ssl_verify_cert=false&ssl_cipher=nonsense",
		 -EACCES,
		 -EACCES},
	};

	(void)state;
	attempt_all(attempts, sizeof(attempts) / sizeof(attempts[0]), server);
}

static void refuses_a_server_without_tls_when_tls_is_asked_for(void **state) {
	static const struct attempt attempts[] = {
		{"127.0.0.1", "ssl_mode=DISABLED", 0, 0},
		{"127.0.0.1", "ssl=true", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_mode=REQUIRED", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_mode=REQUIRED&ssl_verify_cert=false", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_ca=%s/ca.pem", -EACCES, -EACCES},
		{"127.0.0.1", "read_default_file=%s/my.cnf", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_ca=%s/ca.pem&ssl_mode=VERIFY_CA", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_cert=%s/client.pem&ssl_key=%s/client.key", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_verify_cert=true", -EACCES, -EACCES},
		{"127.0.0.1", "ssl_cipher=ECDHE-ECDSA-AES128-GCM-SHA256", -EACCES, -EACCES},
	};

	(void)state;
	attempt_all(attempts, sizeof(attempts) / sizeof(attempts[0]), plain);
}

static void shows_its_own_certificate_to_a_server_that_wants_one(void **state) {
	struct db *db = test_db_open(server);
	char url[512], error[512];

	(void)state;
	test_db_exec(db, "CREATE USER 'known'@'127.0.0.1' IDENTIFIED BY 'k' REQUIRE X509");
	test_db_exec(db, "GRANT SELECT ON tokenserver.* TO 'known'@'127.0.0.1'");
	db_close(db);
	snprintf(
		url,
		sizeof(url),
		"mysql://known:k@127.0.0.1:%d/tokenserver?ssl_mode=VERIFY_CA&ssl_ca=%s/ca.pem",
		mariadb_port(server),
		dir
	);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), -EACCES);
	snprintf(
		url + strlen(url),
		sizeof(url) - strlen(url),
		"&ssl_cert=%s/client.pem&ssl_key=%s/client.key",
		dir,
		dir
	);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), 0);
	db_close(db);
}

static void says_at_once_that_binlog_format_statement_will_not_do(void **state) {
	struct db *db = test_db_open(server);

	(void)state;
	assert_int_equal(db_check_writable(db), -ENOTSUP);
	assert_non_null(strstr(db_error(db), "set it to ROW or MIXED"));
	test_db_exec(db, "CREATE TABLE things (id INT PRIMARY KEY) ENGINE = InnoDB");
	assert_int_equal(db_exec(db, "INSERT INTO things VALUES (1)", NULL), -ENOTSUP);
	assert_int_equal(db_errno(db), 1665);
	assert_non_null(strstr(db_error(db), "set it to ROW or MIXED"));
	db_close(db);
}

static void finds_out_what_stands_behind_another_version(void **state) {
	struct db *db = test_db_open(plain);
	struct db_result *result = NULL;

	(void)state;
	mariadb_only(server, "a version that is told as an option");
	assert_true(db_is_mariadb(db));
	assert_int_equal(test_db_int(db, "SELECT @@tx_isolation = 'READ-COMMITTED'"), 1);
	assert_int_equal(db_select_limited(db, 1000, "@@max_statement_time = 1", &result), 0);
	assert_true(db_result_next(result));
	assert_int_equal(db_result_int(result, 0), 1);
	db_result_free(result);
	db_close(db);
}

static void says_what_a_client_library_does_not_check(void **state) {
	char url[512], error[512];
	struct db *db;

	(void)state;
	if (!is_trusting())
		skip();
	snprintf(
		url,
		sizeof(url),
		"mysql://test:test@127.0.0.1:%d/tokenserver?ssl_ca=%s/ca.pem",
		mariadb_port(server),
		dir
	);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), -EACCES);
	assert_non_null(strstr(error, "does not check the name in the certificate at 127.0.0.1"));
	snprintf(
		url,
		sizeof(url),
		"mysql://test:test@localhost:%d/tokenserver?ssl_ca=%s/ca.pem&ssl_mode=VERIFY_CA",
		mariadb_port(server),
		dir
	);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), -EACCES);
	assert_non_null(strstr(error, "checks the host's name with ssl_mode=VERIFY_CA, too"));
}

static void names_a_file_that_cannot_be_read(void **state) {
	static const char *const files[] = {"ssl_ca", "ssl_capath", "ssl_cert", "ssl_key"};
	char url[256], wanted[64], error[512];
	struct db *db;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(
			url,
			sizeof(url),
			"mysql://test:test@localhost:1/tokenserver?ssl=true&%s=/no/such%s",
			files[i],
			i == 2           ? "&ssl_key=/etc/hostname"
				: i == 3 ? "&ssl_cert=/etc/hostname"
					 : ""
		);
		snprintf(wanted, sizeof(wanted), "%s=/no/such: No such file", files[i]);
		assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), -EACCES);
		if (strstr(error, wanted) == NULL)
			fail_msg("%s: %s", url, error);
	}
}

static void says_how_to_mend_a_connection_that_is_refused(void **state) {
	struct db *db = test_db_open(server);
	char url[512], error[512];

	(void)state;
	test_db_exec(db, "CREATE USER 'least'@'127.0.0.1' IDENTIFIED BY 'k'");
	test_db_exec(db, "CREATE USER 'secure'@'127.0.0.1' IDENTIFIED BY 'k' REQUIRE SSL");
	test_db_exec(db, "GRANT SELECT ON tokenserver.* TO 'least'@'127.0.0.1'");
	db_close(db);
	snprintf(
		url,
		sizeof(url),
		"mysql://least:k@127.0.0.1:%d/no_such?ssl_mode=DISABLED",
		mariadb_port(server)
	);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), -EACCES);
	assert_non_null(strstr(error, "1044: "));
	assert_non_null(strstr(error, "or there is no such database"));
	snprintf(
		url, sizeof(url), "mysql://secure:k@127.0.0.1:%d/tokenserver", mariadb_port(server)
	);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), -EACCES);
	assert_non_null(strstr(error, "1045: "));
	assert_non_null(strstr(error, "insists on TLS"));
	assert_int_equal(
		test_db_try(&db, "mysql://u:p@localhost:1/d", 5, error, sizeof(error)), -ENOTCONN
	);
	assert_non_null(strstr(error, "localhost means TCP here"));
	assert_int_equal(
		test_db_try(&db, "mysql://u:p@127.0.0.1:1/d", 5, error, sizeof(error)), -ENOTCONN
	);
	assert_null(strstr(error, "localhost means TCP here"));
}

static void survives_a_server_that_dies_over_tls(void **state) {
	char url[512], error[512];
	struct db *db;

	(void)state;
	snprintf(
		url,
		sizeof(url),
		"mysql://test:test@127.0.0.1:%d/tokenserver?ssl_mode=VERIFY_CA&ssl_ca=%s/ca.pem",
		mariadb_port(server),
		dir
	);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), 0);
	mariadb_kill(server);
	assert_int_equal(db_exec(db, "SELECT 1", NULL), -ENOTCONN);
	assert_int_equal(db_exec(db, "SELECT 1", NULL), -ENOTCONN);
	db_close(db);
	mariadb_restart(server);
	assert_int_equal(test_db_try(&db, url, 5, error, sizeof(error)), 0);
	db_close(db);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_only_to_whom_it_can_trust),
		cmocka_unit_test(refuses_a_server_without_tls_when_tls_is_asked_for),
		cmocka_unit_test(shows_its_own_certificate_to_a_server_that_wants_one),
		cmocka_unit_test(says_at_once_that_binlog_format_statement_will_not_do),
		cmocka_unit_test(finds_out_what_stands_behind_another_version),
		cmocka_unit_test(says_what_a_client_library_does_not_check),
		cmocka_unit_test(names_a_file_that_cannot_be_read),
		cmocka_unit_test(says_how_to_mend_a_connection_that_is_refused),
		cmocka_unit_test(survives_a_server_that_dies_over_tls),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
