// SPDX-License-Identifier: MPL-2.0
// removal: takes user records out of the database.
#include "common/targets/tokenserver/removal.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/targets/tokenserver/hold_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

// What one run works with.
struct removal_run {
	struct db *db;
	bool keep_counters;
	struct removal **items; // by uid
	size_t count;
	// That the last transaction ended at; NULL: none.
	const int64_t *locked_node;
	size_t locked_nodes;
	struct buf sql;
};

enum {
	// So many nodes that are locked, and the rest of the nodes is not tried: each may take a
	// second.
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
	struct removal_run *run,
	bool (*want)(const struct removal *),
	int64_t (*value)(const struct removal *)
) {
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (want != NULL && !want(run->items[i]))
			continue;
		buf_fmt(&run->sql, "%c%" PRId64, count == 0 ? '(' : ',', value(run->items[i]));
		count++;
	}
	buf_str(&run->sql, ")");
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

// The wait for its lock may have outlived its judgement.
static bool is_stale(const struct removal *item) {
	return item->good_until_ms != 0 && clock_mono_ms() >= item->good_until_ms;
}

static void set_stale(struct removal *item) {
	set_outcome(item, VERDICT_RETRY, REASON_CHANGED);
	item->untried = true;
}

// Somebody may have put its user on hold since it was judged.
static bool is_on_hold(const struct removal *item, const struct db_result *row) {
	return item->holds != NULL && hold_list_may_have(item->holds, db_result_text(row, 3, NULL));
}

static bool needs_email(const struct removal_run *run) {
	for (size_t i = 0; i < run->count; i++)
		if (run->items[i]->holds != NULL)
			return true;
	return false;
}

// Locks the rows and marks those that still are as judged.
static int lock_rows(struct removal_run *run) {
	struct db_result *result;
	int err;

	buf_clear(&run->sql);
	buf_fmt(&run->sql,
		"SELECT uid, replaced_at, nodeid%s FROM users FORCE INDEX (PRIMARY) WHERE uid IN ",
		needs_email(run) ? ", LEFT(email, 1025)" : "");
	add_list(run, NULL, get_uid);
	buf_str(&run->sql, " ORDER BY uid FOR UPDATE");
	if (run->sql.error < 0)
		return run->sql.error;
	err = db_select(run->db, buf_text(&run->sql), &result);
	if (err < 0)
		return err;
	for (size_t i = 0; i < run->count; i++)
		set_outcome(run->items[i], VERDICT_DONE, REASON_GONE);
	for (size_t i = 0; db_result_next(result);) {
		while (i < run->count && run->items[i]->uid < db_result_int(result, 0))
			i++;
		// Of several items for one row only the first takes it.
		for (bool taken = false;
		     i < run->count && run->items[i]->uid == db_result_int(result, 0);
		     i++) {
			run->items[i]->commit_unknown = false;
			if (!is_as_judged(run->items[i], result))
				set_outcome(run->items[i], VERDICT_LEFT, REASON_CHANGED);
			else if (is_on_hold(run->items[i], result))
				set_outcome(run->items[i], VERDICT_LEFT, REASON_LEGAL_HOLD);
			else if (is_stale(run->items[i]))
				set_stale(run->items[i]);
			else if (!taken)
				set_outcome(run->items[i], VERDICT_DONE, REASON_NONE);
			taken = taken || run->items[i]->removed;
		}
	}
	db_result_free(result);
	return 0;
}

// A record was judged nodeless, but its node is there (again): it has data to delete first.
static int spare_found_nodes(struct removal_run *run) {
	struct db_result *result;
	int err;

	buf_clear(&run->sql);
	buf_str(&run->sql, "SELECT id FROM nodes WHERE id IN ");
	if (add_list(run, is_taken_without_node, get_nodeid) == 0)
		return 0;
	if (run->sql.error < 0)
		return run->sql.error;
	err = db_select(run->db, buf_text(&run->sql), &result);
	if (err < 0)
		return err;
	while (db_result_next(result)) {
		for (size_t i = 0; i < run->count; i++) {
			if (is_taken_without_node(run->items[i]) &&
			    run->items[i]->nodeid == db_result_int(result, 0))
				set_outcome(run->items[i], VERDICT_LEFT, REASON_CHANGED);
		}
	}
	db_result_free(result);
	return 0;
}

static int delete_rows(struct removal_run *run, size_t *deleted) {
	int64_t newest = INT64_MIN;
	uint64_t affected = 0;
	size_t count;
	int err;

	*deleted = 0;
	buf_clear(&run->sql);
	buf_str(&run->sql, "DELETE users FROM users FORCE INDEX (PRIMARY) WHERE uid IN ");
	count = add_list(run, is_taken, get_uid);
	if (count == 0)
		return 0;
	for (size_t i = 0; i < run->count; i++) {
		if (run->items[i]->removed && run->items[i]->replaced_at > newest)
			newest = run->items[i]->replaced_at;
	}
	// The rows are locked and were compared; the condition is a second lock on the same door.
	buf_fmt(&run->sql, " AND replaced_at <= %" PRId64, newest);
	if (run->sql.error < 0)
		return run->sql.error;
	err = db_exec(run->db, buf_text(&run->sql), &affected);
	if (err < 0)
		return err;
	*deleted = count;
	return affected == count ? 0 : -EAGAIN;
}

// MySQL's shortest time-out is a second.
static int lock_at_once(struct removal_run *run, int64_t nodeid) {
	struct db_result *result = NULL;
	int err;

	buf_clear(&run->sql);
	buf_fmt(&run->sql, "SELECT id FROM nodes WHERE id = %" PRId64 " FOR UPDATE NOWAIT", nodeid);
	err = run->sql.error < 0 ? run->sql.error
				 : db_select(run->db, buf_text(&run->sql), &result);
	db_result_free(result);
	return err;
}

static int move_counter(struct removal_run *run, int64_t nodeid, size_t taken) {
	buf_clear(&run->sql);
	buf_fmt(&run->sql,
		"UPDATE nodes SET available = available + %zu, current_load = current_load - %zu "
		"WHERE id = %" PRId64,
		taken,
		taken,
		nodeid);
	return run->sql.error < 0 ? run->sql.error : db_exec(run->db, buf_text(&run->sql), NULL);
}

// Nodes are taken in the order of their ids, so that two purgers cannot lock each other out.
static int move_counters_in_order(struct removal_run *run) {
	const bool nowait = run->locked_nodes > 0 && db_needs_nowait(run->db);
	int err = 0;

	qsort(run->items, run->count, sizeof(struct removal *), compare_nodes);
	for (size_t i = 0; i < run->count && err == 0;) {
		int64_t nodeid = run->items[i]->nodeid;
		size_t taken = 0;

		for (; i < run->count && run->items[i]->nodeid == nodeid; i++)
			taken += run->items[i]->removed && !run->items[i]->nodeless;
		if (taken == 0)
			continue;
		err = nowait ? lock_at_once(run, nodeid) : 0;
		if (err == 0)
			err = move_counter(run, nodeid, taken);
		if (err == -EAGAIN && db_waited_in_vain(run->db))
			run->locked_node = &run->items[i - 1]->nodeid;
	}
	return err;
}

// Only the first node that is locked is waited for.
static int move_counters(struct removal_run *run) {
	int restore_err;
	int err;

	if (run->locked_nodes == 0)
		return move_counters_in_order(run);
	err = db_set_lock_wait(run->db, 0);
	if (err < 0)
		return err;
	err = move_counters_in_order(run);
	if (err == -ENOTCONN)
		return err;
	restore_err = db_set_lock_wait(run->db, -1);
	return restore_err < 0 ? restore_err : err;
}

// Takes the records of the locked node out of the run. Those of the first one were waited for.
static void set_aside(struct removal_run *run) {
	int64_t locked_node = *run->locked_node;
	bool are_too_many = ++run->locked_nodes == LOCKED_NODES_MAX;
	size_t kept = 0;

	for (size_t i = 0; i < run->count; i++) {
		struct removal *item = run->items[i];
		bool is_locked = item->nodeid == locked_node;

		if (item->nodeless || (!is_locked && !are_too_many)) {
			run->items[kept++] = item;
		} else {
			set_outcome(item, VERDICT_RETRY, REASON_DATABASE);
			item->untried = run->locked_nodes > 1;
		}
	}
	run->count = kept;
}

static int commit(struct removal_run *run) {
	int err = db_commit(run->db);

	for (size_t i = 0; i < run->count && err == -ENOTCONN; i++) {
		if (run->items[i]->removed)
			run->items[i]->commit_unknown = true;
	}
	return err;
}

static int run_transaction(struct removal_run *run) {
	size_t deleted = 0;
	int err;

	run->locked_node = NULL;
	if (run->count == 0)
		return 0;
	qsort(run->items, run->count, sizeof(struct removal *), compare_uids);
	err = db_begin(run->db);
	if (err < 0)
		return err;
	err = lock_rows(run);
	if (err == 0)
		err = spare_found_nodes(run);
	if (err == 0)
		err = delete_rows(run, &deleted);
	if (err == 0 && deleted > 0 && !run->keep_counters)
		err = move_counters(run);
	if (err == 0 && deleted > 0)
		return commit(run);
	if (err != -ENOTCONN)
		(void)db_rollback(run->db);
	return err;
}

int removal_run(struct db *db, bool keep_counters, struct removal *items, size_t count) {
	struct removal_run run = {.db = db, .keep_counters = keep_counters};
	int err;

	if (count == 0)
		return 0;
	run.items = calloc(count, sizeof(struct removal *));
	if (run.items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		run.items[i] = &items[i];
	run.count = count;
	buf_init(&run.sql, 0);
	while ((err = run_transaction(&run)) == -EAGAIN && run.locked_node != NULL)
		set_aside(&run);
	// A row that an unfinished commit may have taken, and that is gone now, was taken by it: it
	// is ours to count.
	for (size_t i = 0; i < run.count && err == 0; i++) {
		if (run.items[i]->commit_unknown && run.items[i]->reason == REASON_GONE)
			set_outcome(run.items[i], VERDICT_DONE, REASON_NONE);
	}
	buf_fini(&run.sql);
	free(run.items);
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
