// SPDX-License-Identifier: MPL-2.0
// tokenserver.h: rows in the tables of Tokenserver, after mariadb_create_tokenserver().
//
// Texts may hold any bytes. Whatever fails fails the running test.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mariadb;

// A record as it is stored; times in ms. What is left out is filled in as said.
struct tokenserver_user {
	int64_t uid; // 0: the next one
	int64_t service; // 0: that of sync-1.5
	const char *email; // NULL: user<uid>@example.com
	// NULL: 32 hex digits made of the uid.
	const char *client_state;
	int64_t generation;
	int64_t created_at;
	int64_t replaced_at; // 0: NULL, the user's live record
	int64_t nodeid;
	int64_t keys_changed_at; // 0: NULL
};

struct tokenserver_counters {
	int64_t available;
	int64_t current_load;
};

// A node of sync-1.5 with available 10, current_load 90 and capacity 100.
void tokenserver_add_node(struct mariadb *server, int64_t id, const char *url, bool downed);

// Returns the uid.
int64_t tokenserver_add_user(struct mariadb *server, const struct tokenserver_user *user);

// `count` replaced records of as many users, uids from `first_uid` on, in one statement.
void tokenserver_add_replaced(
	struct mariadb *server,
	int64_t first_uid,
	int64_t count,
	int64_t nodeid,
	int64_t replaced_at
);

bool tokenserver_has_user(struct mariadb *server, int64_t uid);
int64_t tokenserver_count_users(struct mariadb *server);
int64_t tokenserver_replaced_at(struct mariadb *server, int64_t uid); // 0: NULL
struct tokenserver_counters tokenserver_counters(struct mariadb *server, int64_t nodeid);
