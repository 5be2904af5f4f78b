// SPDX-License-Identifier: MPL-2.0
// rows: user records as the database has them now, and the other records of the same users.
#include "common/targets/tokenserver/rows.h"

#include "common/base/buf.h"
#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/targets/tokenserver/user_row.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	OTHERS_MAX = 20 * 1000, // rows that one look-up may bring
	SLICE_MAX = 5 * 1000, // users that one look-up is for
	ATTEMPTS_MAX = 5,
};

// All records with byte for byte the same e-mail address: their others are looked up once.
struct group {
	int64_t leader; // uid of one of them
	size_t first; // in others
	size_t count;
	// There are more than could be read.
	bool is_cut;
};

struct row_set {
	struct user_row *rows; // by uid
	size_t count;
	// Of each row, in groups; SIZE_MAX: none.
	size_t *row_groups;
	struct group *groups; // by leader
	size_t group_count;
	struct user_row *others; // by group
	size_t other_count;
	struct buf lookup_index; // quoted
};

static int load_rows(struct row_set *set, struct db *db, const int64_t *uids, size_t count) {
	struct db_result *result = NULL;
	struct buf sql;
	int err;

	buf_init(&sql, 0);
	buf_str(&sql,
		"SELECT " USER_ROW_COLUMNS(
			"u", "n"
		) " FROM users u FORCE INDEX (PRIMARY) "
		  "JOIN services s ON s.id = u.service AND s.service = 'sync-1.5' "
		  "LEFT JOIN nodes n ON n.id = u.nodeid WHERE u.uid IN ");
	for (size_t i = 0; i < count; i++)
		buf_fmt(&sql, "%c%" PRId64, i == 0 ? '(' : ',', uids[i]);
	buf_str(&sql, ") ORDER BY u.uid");
	err = sql.error < 0 ? sql.error : db_select(db, sql.data, &result);
	buf_fini(&sql);
	if (err < 0)
		return err;
	set->rows = calloc(db_result_rows(result) + 1, sizeof(*set->rows));
	if (set->rows == NULL)
		err = -ENOMEM;
	while (err == 0 && db_result_next(result)) {
		err = user_row_read(&set->rows[set->count], result, 0);
		set->count += err == 0;
	}
	db_result_free(result);
	return err;
}

static int compare_emails(const void *left, const void *right) {
	const struct user_row *a = *(const struct user_row *const *)left;
	const struct user_row *b = *(const struct user_row *const *)right;
	int order = strcmp(a->email, b->email);

	return order != 0 ? order : a->uid < b->uid ? -1 : a->uid > b->uid;
}

static int compare_leaders(const void *left, const void *right) {
	const struct group *a = left;
	const struct group *b = right;

	return a->leader < b->leader ? -1 : a->leader > b->leader;
}

static struct group *find_group(const struct row_set *set, int64_t leader) {
	const struct group wanted = {.leader = leader};

	return bsearch(&wanted, set->groups, set->group_count, sizeof(wanted), compare_leaders);
}

// A row that cannot be purged by itself needs no others, and without an e-mail address it has none
// to be found by.
static bool may_need_others(const struct user_row *row) {
	return row->is_replaced && row->node != NULL && !row->is_user_broken;
}

// Puts the rows that may need their others into groups. `sorted` has room for all rows.
static void make_groups(struct row_set *set, const struct user_row **sorted) {
	size_t count = 0;
	int64_t leader = 0;

	for (size_t i = 0; i < set->count; i++) {
		set->row_groups[i] = SIZE_MAX;
		if (may_need_others(&set->rows[i]))
			sorted[count++] = &set->rows[i];
	}
	qsort(sorted, count, sizeof(struct user_row *), compare_emails);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(sorted[i - 1]->email, sorted[i]->email) != 0)
			set->groups[set->group_count++] = (struct group){.leader = sorted[i]->uid};
	}
	qsort(set->groups, set->group_count, sizeof(*set->groups), compare_leaders);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(sorted[i - 1]->email, sorted[i]->email) != 0)
			leader = sorted[i]->uid;
		set->row_groups[sorted[i] - set->rows] = (size_t
		)(find_group(set, leader) - set->groups);
	}
}

// The index to look e-mail addresses up by has to be named: on a table that was filled a moment ago
// the server has no statistics yet, and reads the whole table for each row instead.
int rows_name_lookup_index(struct db *db, struct buf *out) {
	struct db_result *result;
	const char *name = NULL;
	int err = db_select(
		db,
		"SHOW INDEX FROM users WHERE Column_name = 'email' AND Seq_in_index = 1",
		&result
	);

	if (err < 0)
		return err;
	if (db_result_next(result))
		name = db_result_text(result, 2, NULL); // Key_name
	err = name == NULL ? -ENOENT : db_quote_name(out, name);
	db_result_free(result);
	return err;
}

void rows_add_relevant(struct buf *sql, int64_t since) {
	buf_fmt(sql,
		"(o.replaced_at IS NULL OR (o.replaced_at >= %" PRId64
		" AND (o.generation IS NULL OR o.generation < %" PRId64 ")))",
		since,
		RULE_RETIRED);
}

// Selects the others of the groups first to last - 1, and the leaders themselves.
static int select_others(
	const struct row_set *set,
	struct db *db,
	size_t first,
	size_t last,
	int64_t since,
	struct db_result **out
) {
	struct buf sql;
	int err;

	buf_init(&sql, 0);
	buf_fmt(&sql,
		"SELECT STRAIGHT_JOIN c.uid, " USER_ROW_COLUMNS(
			"o", "n"
		) " FROM users c FORCE INDEX (PRIMARY) "
		  "JOIN users o FORCE INDEX (%s) ON o.email = c.email AND o.service = c.service "
		  "LEFT JOIN nodes n ON n.id = o.nodeid WHERE c.uid IN ",
		buf_text(&set->lookup_index));
	for (size_t i = first; i < last; i++)
		buf_fmt(&sql, "%c%" PRId64, i == first ? '(' : ',', set->groups[i].leader);
	buf_str(&sql, ") AND (o.uid = c.uid OR ");
	rows_add_relevant(&sql, since);
	buf_fmt(&sql, ") ORDER BY c.uid, o.uid LIMIT %d", OTHERS_MAX);
	err = sql.error < 0 ? sql.error : db_select(db, sql.data, out);
	buf_fini(&sql);
	return err;
}

// Adds a result of select_others, which has the groups in order.
static int add_others(struct row_set *set, struct db_result *result) {
	size_t total = set->other_count + db_result_rows(result);
	struct user_row *others = realloc(set->others, (total + 1) * sizeof(*others));
	int err = 0;

	if (others == NULL)
		return -ENOMEM;
	set->others = others;
	while (err == 0 && db_result_next(result)) {
		struct group *group = find_group(set, db_result_int(result, 0));

		if (group == NULL)
			continue;
		if (group->count == 0)
			group->first = set->other_count;
		err = user_row_read(&set->others[set->other_count], result, 1);
		set->other_count += err == 0;
		group->count += err == 0;
	}
	return err;
}

// A group without rows had a leader that was taken away after it was read: the look-up found
// nothing by it.
static int confirm_leaders(const struct row_set *set) {
	for (size_t i = 0; i < set->group_count; i++) {
		if (set->groups[i].count == 0 && !set->groups[i].is_cut)
			return -ESTALE;
	}
	return 0;
}

// Looks the groups first to last - 1 up. Returns 0 when there are more rows than one look-up may
// bring, else 1 or an error. One group alone is cut then.
static int look_up(struct row_set *set, struct db *db, size_t first, size_t last, int64_t since) {
	struct db_result *result;
	bool is_cut;
	int err = select_others(set, db, first, last, since, &result);

	if (err < 0)
		return err;
	is_cut = db_result_rows(result) >= OTHERS_MAX;
	if (is_cut && last - first == 1)
		set->groups[first].is_cut = true;
	else if (!is_cut)
		err = add_others(set, result);
	db_result_free(result);
	return err < 0 ? err : !is_cut || last - first == 1;
}

// Looks the groups up in slices; one that is cut is tried again in smaller ones. -ESTALE: load the
// rows anew.
static int load_others(struct row_set *set, struct db *db, int64_t since) {
	size_t slice = SLICE_MAX;
	size_t last;
	int ret;

	if (set->group_count == 0)
		return 0;
	ret = rows_name_lookup_index(db, &set->lookup_index);
	for (size_t first = 0; first < set->group_count && ret >= 0;) {
		last = set->group_count - first > slice ? first + slice : set->group_count;
		ret = look_up(set, db, first, last, since);
		if (ret == 1)
			first = last;
		slice = ret == 0                ? (last - first) / 2
			: slice < SLICE_MAX / 2 ? slice * 2
						: SLICE_MAX;
	}
	return ret < 0 ? ret : confirm_leaders(set);
}

static int group_rows(struct row_set *set) {
	const struct user_row **sorted = calloc(set->count + 1, sizeof(struct user_row *));
	int err = 0;

	set->groups = calloc(set->count + 1, sizeof(*set->groups));
	set->row_groups = calloc(set->count + 1, sizeof(*set->row_groups));
	if (sorted != NULL && set->groups != NULL && set->row_groups != NULL)
		make_groups(set, sorted);
	else
		err = -ENOMEM;
	free(sorted);
	return err;
}

static int load_once(
	struct row_set **out,
	struct db *db,
	const int64_t *uids,
	size_t count,
	bool with_others,
	int64_t since
) {
	struct row_set *set = calloc(1, sizeof(*set));
	int err = 0;

	if (set == NULL)
		return -ENOMEM;
	if (count > 0)
		err = load_rows(set, db, uids, count);
	if (err == 0 && with_others)
		err = group_rows(set);
	if (err == 0 && with_others)
		err = load_others(set, db, since);
	if (err < 0) {
		rows_free(set);
		return err;
	}
	*out = set;
	return 0;
}

int rows_load(
	struct row_set **out,
	struct db *db,
	const int64_t *uids,
	size_t count,
	bool with_others,
	int64_t since
) {
	int err = -ESTALE;

	for (int attempts = 0; attempts < ATTEMPTS_MAX && err == -ESTALE; attempts++)
		err = load_once(out, db, uids, count, with_others, since);
	return err;
}

void rows_free(struct row_set *set) {
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		user_row_fini(&set->rows[i]);
	for (size_t i = 0; i < set->other_count; i++)
		user_row_fini(&set->others[i]);
	free(set->rows);
	free(set->row_groups);
	free(set->groups);
	free(set->others);
	buf_fini(&set->lookup_index);
	free(set);
}

static int compare_uid(const void *key, const void *element) {
	int64_t uid = *(const int64_t *)key;
	const struct user_row *row = element;

	return uid < row->uid ? -1 : uid > row->uid;
}

const struct user_row *rows_find(const struct row_set *set, int64_t uid) {
	if (set->count == 0)
		return NULL;
	return bsearch(&uid, set->rows, set->count, sizeof(*set->rows), compare_uid);
}

bool rows_others(
	const struct row_set *set,
	const struct user_row *row,
	const struct user_row **others,
	size_t *count
) {
	size_t index = set->row_groups == NULL ? SIZE_MAX : set->row_groups[row - set->rows];

	*others = NULL;
	*count = 0;
	if (index == SIZE_MAX)
		return true;
	if (set->groups[index].is_cut)
		return false;
	*others = set->others + set->groups[index].first;
	*count = set->groups[index].count;
	return true;
}

const struct user_row *rows_judge(
	const struct row_set *set, int64_t uid, const struct rule *rule, struct ruling *out
) {
	const struct user_row *row = rows_find(set, uid);
	const struct user_row *others = NULL;
	size_t count = 0;
	bool all_known = row == NULL || rows_others(set, row, &others, &count);

	rule_decide(rule, row, others, count, !all_known, out);
	return row;
}
