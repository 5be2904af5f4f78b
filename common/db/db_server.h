// SPDX-License-Identifier: MPL-2.0
// db_server: what the server behind a connection is and knows, whatever name it or a proxy
// announces.
//
// Internal to db. Thread: the handle's.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct db_result;

struct db_server {
	// Limits a SELECT by max_statement_time, else by a hint.
	bool is_mariadb;
	// information_schema may tell what was true a day ago.
	bool has_stats_expiry;
	bool is_cluster; // a node of Galera: db_cluster
	// binlog_format is STATEMENT, and there is a binary log.
	bool logs_statements;
	// "variable = value (unit)" when it ends statements after a time of its own; else "".
	char statement_limit[64];
};

// Asks for what db_server_read wants, in one round trip, without a warning or an error for what the
// server does not know.
extern const char db_server_query[];
// Reads its answer. `announced` counts when the server has no time limit at all. Pure.
void db_server_read(struct db_result *variables, const char *announced, struct db_server *out);

// Why the server ended a statement by its own limit, and the remedy. Pure.
void db_server_say_limit(const struct db_server *server, char *out, size_t out_bytes);
