// SPDX-License-Identifier: MPL-2.0
// removal: takes user records out of the database.
#include "common/targets/tokenserver/removal.h"

#include "common/buf.h"
#include "common/db.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

// What one run works with.
struct batch {
	struct db *db;
	bool keep_counters;
	struct removal **items; // by uid
	size_t count;
	const int64_t *locked_node; // that the last transaction ended at; NULL: none
	size_t locked_nodes;
	struct buf sql;
};

enum {
	// So many nodes that are locked, and the rest of the nodes is not tried: each may take a second.
	LOCKED_NODES_MAX = 16
};

static int compare_uids(const void *left, const void *right) {
	const struct removal *a = *(struct removal *const *)left;
	const struct removal *b = *(struct removal *const *)right;

	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

static int compare_nodes(const void *left, const void *right) {
	const struct removal *a = *(struct removal *const *)left;
	const struct removal *b = *(struct removal *const *)right;

	return a->nodeid < b->nodeid ? -1 : a->nodeid > b->nodeid;
}

static bool is_taken(const struct removal *item) {
	return item->removed;
}

static bool is_taken_without_node(const struct removal *item) {
	return item->removed && item->nodeless;
}

// Appends "(1,2,3)" of the items that `want` likes (NULL: all). Returns how many.
static size_t add_list(
	struct batch *batch,
	bool (*want)(const struct removal *),
	int64_t (*value)(const struct removal *)
) {
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++) {
		if (want != NULL && !want(batch->items[i]))
			continue;
		buf_fmt(&batch->sql, "%c%" PRId64, count == 0 ? '(' : ',', value(batch->items[i]));
		count++;
	}
	buf_str(&batch->sql, ")");
	return count;
}

static int64_t get_uid(const struct removal *item) {
	return item->uid;
}

static int64_t get_nodeid(const struct removal *item) {
	return item->nodeid;
}

static void set_outcome(struct removal *item, enum verdict verdict, enum reason reason) {
	item->verdict = verdict;
	item->reason = reason;
	item->removed = verdict == VERDICT_DONE && reason == REASON_NONE;
}

static bool is_as_judged(const struct removal *item, const struct db_result *row) {
	return !db_result_is_null(row, 1) && db_result_int(row, 1) == item->replaced_at &&
		db_result_int(row, 2) == item->nodeid;
}

// Locks the rows and marks those that still are as judged.
static int lock_rows(struct batch *batch) {
	struct db_result *result;
	int err;

	buf_clear(&batch->sql);
	buf_str(&batch->sql,
		"SELECT uid, replaced_at, nodeid FROM users FORCE INDEX (PRIMARY) WHERE uid IN ");
	add_list(batch, NULL, get_uid);
	buf_str(&batch->sql, " ORDER BY uid FOR UPDATE");
	if (batch->sql.error < 0)
		return batch->sql.error;
	err = db_select(batch->db, buf_text(&batch->sql), &result);
	if (err < 0)
		return err;
	for (size_t i = 0; i < batch->count; i++)
		set_outcome(batch->items[i], VERDICT_DONE, REASON_GONE);
	for (size_t i = 0; db_result_next(result);) {
		while (i < batch->count && batch->items[i]->uid < db_result_int(result, 0))
			i++;
		// Of several items for one row only the first takes it.
		for (bool taken = false;
		     i < batch->count && batch->items[i]->uid == db_result_int(result, 0);
		     i++) {
			batch->items[i]->commit_unknown = false;
			if (!is_as_judged(batch->items[i], result))
				set_outcome(batch->items[i], VERDICT_LEFT, REASON_CHANGED);
			else if (!taken)
				set_outcome(batch->items[i], VERDICT_DONE, REASON_NONE);
			taken = taken || batch->items[i]->removed;
		}
	}
	db_result_free(result);
	return 0;
}

// A record was judged nodeless, but its node is there (again): it has data to delete first.
static int spare_found_nodes(struct batch *batch) {
	struct db_result *result;
	int err;

	buf_clear(&batch->sql);
	buf_str(&batch->sql, "SELECT id FROM nodes WHERE id IN ");
	if (add_list(batch, is_taken_without_node, get_nodeid) == 0)
		return 0;
	if (batch->sql.error < 0)
		return batch->sql.error;
	err = db_select(batch->db, buf_text(&batch->sql), &result);
	if (err < 0)
		return err;
	while (db_result_next(result)) {
		for (size_t i = 0; i < batch->count; i++) {
			if (is_taken_without_node(batch->items[i]) &&
			    batch->items[i]->nodeid == db_result_int(result, 0))
				set_outcome(batch->items[i], VERDICT_LEFT, REASON_CHANGED);
		}
	}
	db_result_free(result);
	return 0;
}

static int delete_rows(struct batch *batch, size_t *deleted) {
	int64_t newest = INT64_MIN;
	uint64_t affected = 0;
	size_t count;
	int err;

	*deleted = 0;
	buf_clear(&batch->sql);
	buf_str(&batch->sql, "DELETE users FROM users FORCE INDEX (PRIMARY) WHERE uid IN ");
	count = add_list(batch, is_taken, get_uid);
	if (count == 0)
		return 0;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->items[i]->removed && batch->items[i]->replaced_at > newest)
			newest = batch->items[i]->replaced_at;
	}
	// The rows are locked and were compared; the condition is a second lock on the same door.
	buf_fmt(&batch->sql, " AND replaced_at <= %" PRId64, newest);
	if (batch->sql.error < 0)
		return batch->sql.error;
	err = db_exec(batch->db, buf_text(&batch->sql), &affected);
	if (err < 0)
		return err;
	*deleted = count;
	return affected == count ? 0 : -EAGAIN;
}

// Nodes are taken in the order of their ids, so that two purgers cannot lock each other out.
static int move_counters_in_order(struct batch *batch) {
	int err = 0;

	qsort(batch->items, batch->count, sizeof(struct removal *), compare_nodes);
	for (size_t i = 0; i < batch->count && err == 0;) {
		int64_t nodeid = batch->items[i]->nodeid;
		size_t taken = 0;

		for (; i < batch->count && batch->items[i]->nodeid == nodeid; i++)
			taken += batch->items[i]->removed && !batch->items[i]->nodeless;
		if (taken == 0)
			continue;
		buf_clear(&batch->sql);
		buf_fmt(&batch->sql,
			"UPDATE nodes SET available = available + %zu, current_load = current_load "
			"- %zu "
			"WHERE id = %" PRId64,
			taken,
			taken,
			nodeid);
		if (batch->sql.error < 0)
			return batch->sql.error;
		err = db_exec(batch->db, buf_text(&batch->sql), NULL);
		if (err == -EAGAIN && db_waited_in_vain(batch->db))
			batch->locked_node = &batch->items[i - 1]->nodeid;
	}
	return err;
}

// Only the first node that is locked is waited for.
static int move_counters(struct batch *batch) {
	int restore_err;
	int err;

	if (batch->locked_nodes == 0)
		return move_counters_in_order(batch);
	err = db_set_lock_wait(batch->db, 0);
	if (err < 0)
		return err;
	err = move_counters_in_order(batch);
	if (err == -ENOTCONN)
		return err;
	restore_err = db_set_lock_wait(batch->db, -1);
	return restore_err < 0 ? restore_err : err;
}

// Takes the records of the locked node out of the batch. Those of the first one were waited for.
static void set_aside(struct batch *batch) {
	int64_t locked_node = *batch->locked_node;
	bool are_too_many = ++batch->locked_nodes == LOCKED_NODES_MAX;
	size_t kept = 0;

	for (size_t i = 0; i < batch->count; i++) {
		struct removal *item = batch->items[i];
		bool is_locked = item->nodeid == locked_node;

		if (item->nodeless || (!is_locked && !are_too_many)) {
			batch->items[kept++] = item;
		} else {
			set_outcome(item, VERDICT_RETRY, REASON_DATABASE);
			item->untried = batch->locked_nodes > 1;
		}
	}
	batch->count = kept;
}

static int commit(struct batch *batch) {
	int err = db_commit(batch->db);

	for (size_t i = 0; i < batch->count && err == -ENOTCONN; i++) {
		if (batch->items[i]->removed)
			batch->items[i]->commit_unknown = true;
	}
	return err;
}

static int run_transaction(struct batch *batch) {
	size_t deleted = 0;
	int err;

	batch->locked_node = NULL;
	if (batch->count == 0)
		return 0;
	qsort(batch->items, batch->count, sizeof(struct removal *), compare_uids);
	err = db_begin(batch->db);
	if (err < 0)
		return err;
	err = lock_rows(batch);
	if (err == 0)
		err = spare_found_nodes(batch);
	if (err == 0)
		err = delete_rows(batch, &deleted);
	if (err == 0 && deleted > 0 && !batch->keep_counters)
		err = move_counters(batch);
	if (err == 0 && deleted > 0)
		return commit(batch);
	if (err != -ENOTCONN)
		(void)db_rollback(batch->db);
	return err;
}

int removal_run(struct db *db, bool keep_counters, struct removal *items, size_t count) {
	struct batch batch = {.db = db, .keep_counters = keep_counters};
	int err;

	if (count == 0)
		return 0;
	batch.items = calloc(count, sizeof(struct removal *));
	if (batch.items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		batch.items[i] = &items[i];
	batch.count = count;
	buf_init(&batch.sql, 0);
	while ((err = run_transaction(&batch)) == -EAGAIN && batch.locked_node != NULL)
		set_aside(&batch);
	// A row that an unfinished commit may have taken, and that is gone now, was taken by it: it is ours to count.
	for (size_t i = 0; i < batch.count && err == 0; i++) {
		if (batch.items[i]->commit_unknown && batch.items[i]->reason == REASON_GONE)
			set_outcome(batch.items[i], VERDICT_DONE, REASON_NONE);
	}
	buf_fini(&batch.sql);
	free(batch.items);
	return err;
}

int removal_defer(struct db *db, int64_t now_ms, struct removal *items, size_t count) {
	struct buf sql;
	int err = 0;

	buf_init(&sql, 0);
	for (size_t i = 0; i < count && err == 0; i++) {
		uint64_t affected = 0;

		buf_clear(&sql);
		buf_fmt(&sql,
			"UPDATE users SET replaced_at = %" PRId64 " WHERE uid = %" PRId64
			" AND replaced_at = %" PRId64,
			now_ms,
			items[i].uid,
			items[i].replaced_at);
		err = sql.error < 0 ? sql.error : db_exec(db, buf_text(&sql), &affected);
		if (err == 0 && affected == 1)
			set_outcome(&items[i], VERDICT_DONE, REASON_NONE);
		else if (err == 0)
			set_outcome(&items[i], VERDICT_LEFT, REASON_CHANGED);
	}
	buf_fini(&sql);
	return err;
}
