// SPDX-License-Identifier: MPL-2.0
// rows: user records as the database has them now, and the other records of the same users.
//
// One function for scan and check, so that both judge by the same facts. Thread: scan or batch.
#pragma once

#include "common/targets/tokenserver/rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct db;
struct row_set; // opaque

// Appends the quoted name of the index by which users are found by their e-mail address. 0;
// -ENOENT: there is none; or an error as common/db/db.h.
int rows_name_lookup_index(struct db *db, struct buf *out);

// Reads the records of sync-1.5 with these uids. with_others: also the records of the same users
// (by e-mail) that are not replaced, or were replaced at `since` (ms) or later and are not retired.
// 0, -ENOMEM, -ESTALE (records were taken away while they were read, again and again) or an error
// as common/db/db.h.
int rows_load(
	struct row_set **out,
	struct db *db,
	const int64_t *uids,
	size_t count,
	bool with_others,
	int64_t since
);
// Appends the condition for a record `o` that counts for its user: not replaced, or replaced at
// `since` (ms) or later and not retired.
void rows_add_relevant(struct buf *sql, int64_t since);
void rows_free(struct row_set *set); // NULL is fine

// Finds the record and decides what happens to it. Returns the record, NULL when there is none.
// Owner: the set.
const struct user_row *rows_judge(
	const struct row_set *set, int64_t uid, const struct rule *rule, struct ruling *out
);

// NULL: there is no such record. Owner: the set.
const struct user_row *rows_find(const struct row_set *set, int64_t uid);

// The other records of this record's user; the record itself may be among them. `row` is from
// rows_find. False: there are too many to be read. Owner: the set.
bool rows_others(
	const struct row_set *set,
	const struct user_row *row,
	const struct user_row **others,
	size_t *count
);
