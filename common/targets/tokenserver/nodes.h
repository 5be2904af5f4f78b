// SPDX-License-Identifier: MPL-2.0
// nodes: what the table nodes says of the nodes of sync-1.5. Thread: scan or batch.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;

struct node {
	char *name; // NULL: there is none
	bool is_downed;
};

// A node by both things that a record says of it, which may be two by now.
struct node_query {
	int64_t id;
	const char *name;
	struct node by_id, by_name; // zeroed before; owner: this
};
void node_query_fini(struct node_query *query);

// All in one look-up. 0, -ENOMEM, or an error as common/db/db.h.
int nodes_load(struct db *db, struct node_query *const *queries, size_t count);
// Is there exactly this name? 1, and its id; 0; or an error as common/db/db.h.
int nodes_find(struct db *db, const char *name, int64_t *id);
