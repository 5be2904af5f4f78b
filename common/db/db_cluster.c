// SPDX-License-Identifier: MPL-2.0
// db_cluster: what a connection to a node of a Galera cluster does besides.
//
// Design notes
// - A node that was cut off lets us connect and answers what needs no table; until it notices, it
//   even reads old rows. A read that waits for the others (wsrep_sync_wait) ends in a lock time-out
//   instead, 1205, as a row that is locked does. No read waits within a transaction, so a question
//   that needs no row tells one from the other.
// - A commit, or a statement that is its own transaction, ends in 1180 when the node is cut off
//   meanwhile. So does a statement with more rows than wsrep_max_ws_rows, which a smaller batch may
//   cure.
#include "common/db/db_cluster.h"

#include <string.h>

enum { LOCK_WAIT = 1205, COMMIT_FAILED = 1180 };

static bool answers(MYSQL *handle) {
	static const char question[] = "SELECT 1";
	bool does = mysql_real_query(handle, question, sizeof(question) - 1) == 0;

	if (does)
		mysql_free_result(mysql_store_result(handle));
	return does;
}

bool db_cluster_is_away(MYSQL *handle, unsigned number, const char *words) {
	if (number == COMMIT_FAILED)
		return strstr(words, "wsrep_max_ws_rows") == NULL;
	return number == LOCK_WAIT && !answers(handle);
}
