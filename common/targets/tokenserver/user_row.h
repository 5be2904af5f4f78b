// SPDX-License-Identifier: MPL-2.0
// user_row: one record of the table users, as a result of the database has it. Thread: any.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct db_result;

// A record of the table users with its node. The texts are never NULL but for `node`.
struct user_row {
	int64_t uid;
	int64_t replaced_at; // ms
	int64_t generation; // 0 when it is NULL
	int64_t keys_changed_at; // 0: none
	int64_t nodeid;
	// NULL: the nodes table does not know nodeid.
	char *node;
	char *email;
	char *client_state;
	bool is_replaced;
	bool is_generation_null;
	bool is_node_downed;
	// Node was not text, or absurdly long.
	bool is_node_broken;
	bool is_email_broken; // likewise email
	bool is_user_broken; // email or client_state
};

// What to select of the tables with these aliases for user_row_read.
#define USER_ROW_COLUMNS(u, n)                                                                     \
	u ".uid, " u ".replaced_at, " u ".generation, " u ".keys_changed_at, " u ".nodeid, " n     \
	  ".id, " n ".downed, LEFT(" u ".email, 1025), LEFT(" u ".client_state, 1025), LEFT(" n    \
	  ".node, 2049)"

// Reads the current row's columns from `first` on. 0 or -ENOMEM. Owner of the texts: the row.
int user_row_read(struct user_row *row, const struct db_result *result, unsigned first);
void user_row_fini(struct user_row *row); // a zeroed one is fine

// Is it recorded when the keys changed? Else nobody knows under which key the node has the data.
bool user_row_has_key_time(const struct user_row *row);
