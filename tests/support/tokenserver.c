// SPDX-License-Identifier: MPL-2.0
// tokenserver.c: rows in the tables of Tokenserver.
#include "support/tokenserver.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/mariadb.h"
#include "support/test.h"

#define SYNC "(SELECT id FROM services WHERE service = 'sync-1.5')"

// An SQL literal of a text of up to 255 bytes, in hex so that nothing needs an escape.
struct literal {
	char text[2 * 255 + 4];
};

static struct literal make_literal(const char *text) {
	size_t len = strlen(text), used = 2;
	struct literal result = {"X'"};

	assert_true(len <= 255);
	for (size_t i = 0; i < len; i++, used += 2)
		snprintf(&result.text[used], 3, "%02x", (unsigned char)text[i]);
	result.text[used] = '\'';
	result.text[used + 1] = '\0';
	return result;
}

// The id is what the statement ends with.
static int64_t query_int(struct mariadb *server, const char *start, int64_t id) {
	char sql[256];

	snprintf(sql, sizeof(sql), "%s %" PRId64, start, id);
	return mariadb_query_int(server, sql);
}

void tokenserver_add_node(struct mariadb *server, int64_t id, const char *url, bool downed) {
	mariadb_sqlf(
		server,
		"INSERT INTO nodes VALUES (%" PRId64 ", " SYNC ", %s, 10, 90, 100, %d, 0)",
		id,
		make_literal(url).text,
		downed
	);
}

int64_t tokenserver_add_user(struct mariadb *server, const struct tokenserver_user *user) {
	int64_t uid = user->uid;
	char email[64], client_state[40];

	if (uid == 0)
		uid = mariadb_query_int(server, "SELECT COALESCE(MAX(uid), 0) + 1 FROM users");
	snprintf(email, sizeof(email), "user%" PRId64 "@example.com", uid);
	snprintf(client_state, sizeof(client_state), "%032" PRIx64, (uint64_t)uid);
	mariadb_sqlf(
		server,
		"INSERT INTO users VALUES (%" PRId64 ", COALESCE(NULLIF(%" PRId64 ", 0), " SYNC "),"
		" %s, %" PRId64 ", %s, %" PRId64 ", NULLIF(%" PRId64 ", 0), %" PRId64
		", NULLIF(%" PRId64 ", 0))",
		uid,
		user->service,
		make_literal(user->email ? user->email : email).text,
		user->generation,
		make_literal(user->client_state ? user->client_state : client_state).text,
		user->created_at,
		user->replaced_at,
		user->nodeid,
		user->keys_changed_at
	);
	return uid;
}

void tokenserver_add_replaced(
	struct mariadb *server,
	int64_t first_uid,
	int64_t count,
	int64_t nodeid,
	int64_t replaced_at
) {
	mariadb_sqlf(
		server,
		"INSERT INTO users WITH RECURSIVE seqs (seq) AS (SELECT %" PRId64
		" UNION ALL SELECT seq + 1 FROM seqs WHERE seq < %" PRId64 ")"
		" SELECT seq, " SYNC ", CONCAT('user', seq, '@example.com'), 1,"
		" LPAD(LOWER(HEX(seq)), 32, '0'), 0, %" PRId64 ", %" PRId64 ", NULL FROM seqs",
		first_uid,
		first_uid + count - 1,
		replaced_at,
		nodeid
	);
}

bool tokenserver_has_user(struct mariadb *server, int64_t uid) {
	return query_int(server, "SELECT COUNT(*) FROM users WHERE uid =", uid) > 0;
}

int64_t tokenserver_count_users(struct mariadb *server) {
	return mariadb_query_int(server, "SELECT COUNT(*) FROM users");
}

int64_t tokenserver_replaced_at(struct mariadb *server, int64_t uid) {
	return query_int(server, "SELECT COALESCE(replaced_at, 0) FROM users WHERE uid =", uid);
}

struct tokenserver_counters tokenserver_counters(struct mariadb *server, int64_t nodeid) {
	return (struct tokenserver_counters){
		.available = query_int(server, "SELECT available FROM nodes WHERE id =", nodeid),
		.current_load = query_int(
			server, "SELECT current_load FROM nodes WHERE id =", nodeid
		),
	};
}
