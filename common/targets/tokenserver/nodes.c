// SPDX-License-Identifier: MPL-2.0
// nodes: what the table nodes says of the nodes of sync-1.5.
//
// Design notes: the comparison of the database takes some names for the same that are not, so what
// it finds is compared again.
#include "common/targets/tokenserver/nodes.h"

#include "common/base/buf.h"
#include "common/db/db.h"
#include "common/db/db_result.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void begin(struct buf *sql) {
	buf_init(sql, 0);
	buf_str(sql,
		"SELECT n.node, n.id, n.downed FROM nodes n "
		"JOIN services s ON s.id = n.service AND s.service = 'sync-1.5' WHERE ");
}

static int end(struct buf *sql, struct db *db, struct db_result **out) {
	int err = sql->error < 0 ? sql->error : db_select(db, sql->data, out);

	buf_fini(sql);
	return err;
}

static int copy_node(struct node *out, const struct db_result *result) {
	free(out->name);
	*out = (struct node){
		.name = strdup(db_result_text(result, 0, NULL)),
		.is_downed = db_result_int(result, 2) != 0,
	};
	return out->name == NULL ? -ENOMEM : 0;
}

static int note(struct node_query *query, const struct db_result *result) {
	const char *name = db_result_text(result, 0, NULL);
	int err = 0;

	if (name == NULL)
		return 0;
	if (query->id == db_result_int(result, 1))
		err = copy_node(&query->by_id, result);
	if (err == 0 && strcmp(query->name, name) == 0)
		err = copy_node(&query->by_name, result);
	return err;
}

void node_query_fini(struct node_query *query) {
	free(query->by_id.name);
	free(query->by_name.name);
}

int nodes_load(struct db *db, struct node_query *const *queries, size_t count) {
	struct db_result *result = NULL;
	struct buf sql;
	int err;

	if (count == 0)
		return 0;
	begin(&sql);
	for (size_t i = 0; i < count; i++) {
		buf_fmt(&sql,
			"%sn.id = %" PRId64 " OR n.node = ",
			i == 0 ? "" : " OR ",
			queries[i]->id);
		db_quote(db, &sql, queries[i]->name, strlen(queries[i]->name));
	}
	err = end(&sql, db, &result);
	while (err == 0 && db_result_next(result))
		for (size_t i = 0; i < count && err == 0; i++)
			err = note(queries[i], result);
	db_result_free(result);
	return err;
}

int nodes_find(struct db *db, const char *name, int64_t *id) {
	struct db_result *result = NULL;
	struct buf sql;
	int found = 0;
	int err;

	begin(&sql);
	buf_str(&sql, "n.node = ");
	db_quote(db, &sql, name, strlen(name));
	err = end(&sql, db, &result);
	while (err == 0 && db_result_next(result)) {
		const char *one = db_result_text(result, 0, NULL);

		if (one == NULL || strcmp(one, name) != 0)
			continue;
		found = 1;
		*id = db_result_int(result, 1);
	}
	db_result_free(result);
	return err < 0 ? err : found;
}
