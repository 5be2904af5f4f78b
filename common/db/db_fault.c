// SPDX-License-Identifier: MPL-2.0
// db_fault: the last failure of a connection.
#include "common/db/db_fault.h"

#include "common/db/db_cluster.h"
#include "common/db/db_error.h"
#include "common/db/db_server.h"
#include "common/db/db_words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

enum { BINLOG_FORMAT = 1665 };

int db_fault_note(struct db_fault *fault, unsigned number, const char *words) {
	int len = snprintf(fault->words, sizeof(fault->words), "%u: ", number);

	fault->number = number;
	db_words_copy(fault->words + len, sizeof(fault->words) - (size_t)len, number, words);
	return db_error_class(number);
}

int db_fault_note_binlog(struct db_fault *fault) {
	return db_fault_note(
		fault,
		BINLOG_FORMAT,
		"the server's binlog_format is STATEMENT: set it to ROW or MIXED"
	);
}

// Whose limit of time it was that a statement reached. False: unknown.
static bool note_limit(
	struct db_fault *fault,
	unsigned number,
	const struct db_server *server,
	int64_t own_limit_ms
) {
	char words[240] = "";

	if (own_limit_ms > 0)
		snprintf(
			words,
			sizeof(words),
			"a read took longer than the %lld ms that it was given",
			(long long)own_limit_ms
		);
	else if (server->statement_limit[0] != '\0')
		db_server_say_limit(server, words, sizeof(words));
	if (words[0] != '\0')
		db_fault_note(fault, number, words);
	return words[0] != '\0';
}

int db_fault_read(
	struct db_fault *fault, MYSQL *handle, const struct db_server *server, int64_t own_limit_ms
) {
	unsigned number = mysql_errno(handle);

	if (number == BINLOG_FORMAT)
		return db_fault_note_binlog(fault);
	if (number == 0) {
		db_fault_note(fault, number, "the client library failed without a reason");
		return -EIO;
	}
	if (db_error_class(number) == -ETIME && note_limit(fault, number, server, own_limit_ms))
		return -ETIME;
	db_fault_note(fault, number, mysql_error(handle));
	if (server->is_cluster && db_cluster_is_away(handle, number, fault->words)) {
		db_fault_note(
			fault,
			number,
			"this node of the Galera cluster is cut off from the others, or does not "
			"keep up with them"
		);
		return -ENOTCONN;
	}
	return db_error_class(number);
}
