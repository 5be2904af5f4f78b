// SPDX-License-Identifier: MPL-2.0
// odd_server: a server whose defaults are the opposite of what a session wants.
#include "support/odd_server.h"

#include "support/db.h"
#include "support/mariadb.h"
#include "support/test.h"
#include "support/test_database.h"

#include <stdio.h>

static const char *const odd_options[] = {
	"--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES",
	"--default-time-zone=+05:00",
	"--character-set-server=latin1",
	"--loose-skip-character-set-client-handshake",
	"--transaction-isolation=SERIALIZABLE",
	"--autocommit=0",
	"--init-connect=SET sql_safe_updates = 1, sql_select_limit = 1",
	"--secure-file-priv=",
	NULL,
};

int odd_server_start(void **state) {
	struct db *db;

	(void)state;
	server = mariadb_start_with(odd_options);
	db = test_db_open(server);
	test_db_exec(
		db,
		"CREATE TABLE texts (id INT PRIMARY KEY, raw VARBINARY(2000),"
		" word VARCHAR(200) CHARACTER SET utf8mb4, old VARCHAR(200) CHARACTER SET utf8)"
	);
	test_db_exec(db, "CREATE TABLE parents (id INT PRIMARY KEY) ENGINE = InnoDB");
	test_db_exec(
		db,
		"CREATE TABLE children (id INT PRIMARY KEY, parent INT,"
		" FOREIGN KEY (parent) REFERENCES parents (id)) ENGINE = InnoDB"
	);
	test_db_exec(db, "INSERT INTO parents VALUES (1)");
	test_db_exec(db, "INSERT INTO children VALUES (1, 1)");
	test_db_exec(db, "CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'p@ss/w?rd'");
	test_db_exec(db, "GRANT SELECT ON tokenserver.* TO 'reader'@'127.0.0.1'");
	test_db_exec(db, "CREATE USER 'writer'@'127.0.0.1' IDENTIFIED BY 'w'");
	test_db_exec(db, "GRANT INSERT, DELETE ON tokenserver.* TO 'writer'@'127.0.0.1'");
	db_close(db);
	return 0;
}

struct db *open_as(const char *user_and_host, const char *query) {
	char url[512], error[512];
	struct db *db;

	snprintf(
		url,
		sizeof(url),
		"mariadb+pymysql://%s:%d/tokenserver%s",
		user_and_host,
		mariadb_port(server),
		query
	);
	if (test_db_try(&db, url, 20, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	return db;
}
