// SPDX-License-Identifier: MPL-2.0
// walk: the way of one pass through the backlog.
#include "common/targets/tokenserver/walk.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/target/pass.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	// Uids that one statement may pass over when walking by uid.
	WALK_STRIDE = 200 * 1000,
};

struct position {
	bool is_set;
	int64_t replaced_at;
	int64_t uid;
};

struct walk {
	int64_t service;
	char *index; // quoted
	int64_t cutoff;
	// Uids that may be: after < uid <= last; the table's own ends when the pass has no range.
	bool has_range;
	int64_t after;
	int64_t last;
	bool by_uid;
	struct position here;
	struct position next; // behind the page under way
};

static int64_t count_between(int64_t after, int64_t last) {
	uint64_t count = last > after ? (uint64_t)last - (uint64_t)after : 0;

	return count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

// One SELECT of one number, ended at until_ms. -ENODATA when it is NULL.
static int count_limited(struct db *db, int64_t until_ms, const struct buf *sql, int64_t *out) {
	int64_t left_ms = until_ms - clock_mono_ms();
	struct db_result *result;
	int err;

	if (sql->error < 0)
		return sql->error;
	if (left_ms <= 0)
		return -ETIME;
	err = db_select_limited(db, left_ms, sql->data, &result);
	if (err < 0)
		return err;
	if (!db_result_next(result) || db_result_is_null(result, 0))
		err = -ENODATA;
	else
		*out = db_result_int(result, 0);
	db_result_free(result);
	return err;
}

// Cuts the range to the uids that the table has.
static int find_ends(struct walk *walk, struct db *db, const struct walk_plan *plan) {
	struct db_result *result;
	int err = db_select(db, "SELECT MIN(uid), MAX(uid) FROM users", &result);
	int64_t least;
	int64_t largest;

	if (err < 0)
		return err;
	if (!db_result_next(result) || db_result_is_null(result, 0)) {
		db_result_free(result);
		// An empty table: after and last are equal.
		return 0;
	}
	least = db_result_int(result, 0);
	largest = db_result_int(result, 1);
	db_result_free(result);
	walk->after = least > INT64_MIN ? least - 1 : least;
	walk->last = largest;
	if (plan->has_range_start && plan->range_start > walk->after)
		walk->after = plan->range_start;
	if (plan->has_range_end && plan->range_end <= walk->last)
		walk->last = plan->range_end > INT64_MIN ? plan->range_end - 1 : INT64_MIN;
	return 0;
}

static void add_from(const struct walk *walk, struct buf *sql) {
	buf_fmt(sql, " FROM users FORCE INDEX (%s)", walk->by_uid ? "PRIMARY" : walk->index);
}

static void add_condition(const struct walk *walk, struct buf *sql) {
	buf_fmt(sql,
		" WHERE service = %" PRId64
		" AND replaced_at IS NOT NULL AND replaced_at < %" PRId64,
		walk->service,
		walk->cutoff);
}

static void add_range(struct buf *sql, int64_t after, int64_t last) {
	buf_fmt(sql, " AND uid > %" PRId64 " AND uid <= %" PRId64, after, last);
}

// By uid when that reads fewer rows: a bounded look at the backlog tells.
static int choose_way(struct walk *walk, struct db *db, int64_t limit_ms) {
	int64_t width = count_between(walk->after, walk->last);
	int64_t backlog = 0;
	struct buf sql;
	int err;

	if (!walk->has_range || width == 0)
		return 0;
	buf_init(&sql, 0);
	buf_str(&sql, "COUNT(*) FROM (SELECT 1");
	add_from(walk, &sql);
	add_condition(walk, &sql);
	buf_fmt(&sql, " LIMIT %" PRIu64 ") AS backlog", (uint64_t)width + 1);
	err = count_limited(db, clock_mono_ms() + limit_ms, &sql, &backlog);
	buf_fini(&sql);
	// Walking by uid goes in strides of bounded work, so it is the safe answer when the backlog
	// is too large to count.
	walk->by_uid = err == -ETIME || (err == 0 && backlog > width);
	return err == -ETIME ? 0 : err;
}

int walk_new(struct walk **out, struct db *db, const struct walk_plan *plan, int64_t limit_ms) {
	struct walk *walk = calloc(1, sizeof(*walk));
	int err;

	if (walk == NULL)
		return -ENOMEM;
	walk->service = plan->service;
	walk->cutoff = plan->cutoff;
	walk->has_range = plan->has_range_start || plan->has_range_end;
	walk->index = strdup(plan->backlog_index);
	err = walk->index == NULL ? -ENOMEM : find_ends(walk, db, plan);
	if (err == 0)
		err = choose_way(walk, db, limit_ms);
	if (err < 0) {
		walk_free(walk);
		return err;
	}
	walk->here.uid = walk->after;
	if (plan->has_after && !walk->has_range)
		walk->here = (struct position){
			.is_set = true,
			.replaced_at = plan->after_replaced_at,
			.uid = plan->after_uid,
		};
	*out = walk;
	return 0;
}

void walk_free(struct walk *walk) {
	if (walk == NULL)
		return;
	free(walk->index);
	free(walk);
}

bool walk_is_by_uid(const struct walk *walk) {
	return walk->by_uid;
}

static int read_page(
	struct walk *walk,
	struct db *db,
	const struct buf *sql,
	size_t max,
	int64_t *uids,
	size_t *count
) {
	struct db_result *result;
	int err;

	*count = 0;
	if (sql->error < 0)
		return sql->error;
	err = db_select(db, sql->data, &result);
	if (err < 0)
		return err;
	while (*count < max && db_result_next(result)) {
		walk->next.is_set = true;
		walk->next.uid = db_result_int(result, 0);
		walk->next.replaced_at = db_result_int(result, 1);
		uids[(*count)++] = walk->next.uid;
	}
	db_result_free(result);
	return 0;
}

static int page_by_index(
	struct walk *walk, struct db *db, struct buf *sql, size_t max, int64_t *uids, size_t *count
) {
	buf_str(sql, "SELECT uid, replaced_at");
	add_from(walk, sql);
	add_condition(walk, sql);
	// The first of the three makes the index's second column usable, the others say what is
	// meant.
	if (walk->here.is_set)
		buf_fmt(sql,
			" AND replaced_at >= %" PRId64 " AND (replaced_at > %" PRId64
			" OR (replaced_at = %" PRId64 " AND uid > %" PRId64 "))",
			walk->here.replaced_at,
			walk->here.replaced_at,
			walk->here.replaced_at,
			walk->here.uid);
	if (walk->has_range)
		add_range(sql, walk->after, walk->last);
	buf_fmt(sql, " ORDER BY replaced_at, uid LIMIT %zu", max);
	return read_page(walk, db, sql, max, uids, count);
}

static int page_by_uid(
	struct walk *walk, struct db *db, struct buf *sql, size_t max, int64_t *uids, size_t *count
) {
	int err = 0;

	*count = 0;
	while (err == 0 && *count == 0 && walk->next.uid < walk->last) {
		int64_t after = walk->next.uid;
		int64_t last = walk->last;

		if (count_between(after, last) > WALK_STRIDE)
			last = after + WALK_STRIDE;
		buf_clear(sql);
		buf_str(sql, "SELECT uid, replaced_at");
		add_from(walk, sql);
		add_condition(walk, sql);
		add_range(sql, after, last);
		buf_fmt(sql, " ORDER BY uid LIMIT %zu", max);
		err = read_page(walk, db, sql, max, uids, count);
		if (err == 0 && *count < max)
			walk->next.uid = last;
	}
	return err;
}

int walk_page(
	struct walk *walk, struct db *db, size_t max, int64_t *uids, size_t *count, bool *end
) {
	struct buf sql;
	int err;

	walk->next = walk->here;
	if (walk->after >= walk->last) {
		*count = 0;
		*end = true;
		return 0;
	}
	buf_init(&sql, 0);
	if (walk->by_uid) {
		err = page_by_uid(walk, db, &sql, max, uids, count);
		*end = walk->next.uid >= walk->last;
	} else {
		err = page_by_index(walk, db, &sql, max, uids, count);
		*end = *count < max;
	}
	buf_fini(&sql);
	return err;
}

bool walk_position(const struct walk *walk, int64_t *replaced_at, int64_t *uid) {
	if (!walk->here.is_set)
		return false;
	*replaced_at = walk->here.replaced_at;
	*uid = walk->here.uid;
	return true;
}

void walk_advance(struct walk *walk) {
	walk->here = walk->next;
}

// Counts the backlog, or only its rows that `also` picks. *out stays as it is when there is no
// time.
static int count_backlog(
	const struct walk *walk, struct db *db, int64_t until_ms, const char *also, int64_t *out
) {
	struct buf sql;
	int64_t count = 0;
	int err;

	buf_init(&sql, 0);
	buf_str(&sql, "COUNT(*) FROM (SELECT 1");
	add_from(walk, &sql);
	add_condition(walk, &sql);
	if (walk->has_range)
		add_range(&sql, walk->after, walk->last);
	buf_fmt(&sql, "%s) AS eligible", also);
	err = count_limited(db, until_ms, &sql, &count);
	buf_fini(&sql);
	if (err == 0)
		*out = count;
	return err == -ETIME ? 0 : err;
}

// Counts the rows of the service within the uids of this walk that are not of the backlog and match
// `which`, up to *missing, and takes what it found from that.
static int count_others(
	const struct walk *walk,
	struct db *db,
	int64_t until_ms,
	const char *which,
	int64_t *missing
) {
	struct buf sql;
	int64_t count = 0;
	int err;

	if (*missing == 0)
		return 0;
	buf_init(&sql, 0);
	buf_fmt(&sql,
		"COUNT(*) FROM (SELECT 1 FROM users FORCE INDEX (%s) WHERE service = %" PRId64
		" AND replaced_at %s",
		walk->index,
		walk->service,
		which);
	if (walk->has_range)
		add_range(&sql, walk->after, walk->last);
	buf_fmt(&sql, " LIMIT %" PRId64 ") AS others", *missing);
	err = count_limited(db, until_ms, &sql, &count);
	buf_fini(&sql);
	*missing -= count;
	return err;
}

// Records in use come first: there are more of them, and by the index their uids are in order.
int walk_count_staying(
	const struct walk *walk, struct db *db, int64_t limit_ms, int64_t enough, int64_t *out
) {
	int64_t until_ms = clock_mono_ms() + limit_ms;
	int64_t missing = walk->after < walk->last ? enough : 0;
	int64_t wanted = missing;
	char young[32];
	int err = count_others(walk, db, until_ms, "IS NULL", &missing);

	snprintf(young, sizeof(young), ">= %" PRId64, walk->cutoff);
	if (err == 0)
		err = count_others(walk, db, until_ms, young, &missing);
	*out = err == 0 ? wanted - missing : -1;
	return err == -ETIME ? 0 : err;
}

int walk_estimate(
	const struct walk *walk,
	struct db *db,
	int64_t limit_ms,
	bool with_nodeless,
	struct estimate *out
) {
	struct estimate found = {.eligible = -1, .uncounted = -1};
	int64_t began_ms = clock_mono_ms();
	int64_t until_ms = began_ms + limit_ms;
	static const char
		nodeless[] = " AND NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.id = users.nodeid)";
	int err;

	if (walk->after >= walk->last) {
		*out = (struct estimate){.eligible = 0, .eligible_exact = true};
		return 0;
	}
	err = count_backlog(walk, db, until_ms, "", &found.eligible);
	if (err < 0)
		return err;
	found.eligible_exact = found.eligible >= 0;
	found.eligible_ms = clock_mono_ms() - began_ms;
	if (with_nodeless)
		err = count_backlog(walk, db, until_ms, nodeless, &found.uncounted);
	if (err == 0)
		*out = found;
	return err;
}
