// SPDX-License-Identifier: MPL-2.0
// db_server: what the server behind a connection is and knows, whatever name it or a proxy
// announces.
//
// Design notes: proxies answer SELECT VERSION() and @@version_comment themselves, and not every
// server tells its kind in its version. What the two kinds differ in for us is how a SELECT is
// limited, so the variable for that tells them apart.
#include "common/db/db_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/db/db_result.h"

static bool db_server_is_on(const char *value) {
	return strcasecmp(value, "ON") == 0 || strcmp(value, "1") == 0;
}

// Seconds with a fraction in MariaDB, milliseconds in MySQL; 0 means none.
static void db_server_note_limit(struct db_server *server, const char *name, const char *value) {
	bool is_s = strcasecmp(name, "max_statement_time") == 0;

	if ((is_s || strcasecmp(name, "max_execution_time") == 0) && strtod(value, NULL) > 0)
		snprintf(
			server->statement_limit,
			sizeof(server->statement_limit),
			"%s = %.20s (%s)",
			is_s ? "max_statement_time" : "max_execution_time",
			value,
			is_s ? "seconds" : "milliseconds"
		);
}

const char db_server_query
	[] = "SHOW SESSION VARIABLES WHERE Variable_name IN ('max_statement_time', "
	     "'max_execution_time',"
	     " 'information_schema_stats_expiry', 'log_bin', 'binlog_format', 'wsrep_on')";

void db_server_read(struct db_result *variables, const char *announced, struct db_server *out) {
	bool has_statement_time = false, has_execution_time = false;
	bool has_log = false, is_by_statement = false;

	*out = (struct db_server){.is_mariadb = false};
	while (db_result_next(variables)) {
		const char *name = db_result_text(variables, 0, NULL);
		const char *value = db_result_is_null(variables, 1)
			? ""
			: db_result_text(variables, 1, NULL);

		has_statement_time |= strcasecmp(name, "max_statement_time") == 0;
		has_execution_time |= strcasecmp(name, "max_execution_time") == 0;
		db_server_note_limit(out, name, value);
		out->has_stats_expiry |= strcasecmp(name, "information_schema_stats_expiry") == 0;
		out->is_cluster |= strcasecmp(name, "wsrep_on") == 0 && db_server_is_on(value);
		has_log |= strcasecmp(name, "log_bin") == 0 && db_server_is_on(value);
		is_by_statement |= strcasecmp(name, "binlog_format") == 0 &&
			strcasecmp(value, "STATEMENT") == 0;
	}
	out->is_mariadb = has_statement_time ||
		(!has_execution_time && strstr(announced, "MariaDB") != NULL);
	out->logs_statements = has_log && is_by_statement;
}

void db_server_say_limit(const struct db_server *server, char *out, size_t out_bytes) {
	snprintf(
		out,
		out_bytes,
		"%s of the server; cure: a greater one%s",
		server->statement_limit,
		server->is_mariadb ? ", or ALTER USER ... WITH MAX_STATEMENT_TIME 3600" : ""
	);
}
