// SPDX-License-Identifier: MPL-2.0
// gone: judges records whose rows are gone, for a replay.
//
// Design notes
// - The row as the record knew it goes through the same rule as one that is there (rule.h). What
//   the rule needs of the database is read here: the node, and the other records of that user.
// - The others are looked up by the fxa_uid, for the e-mail address went with the row. One too many
//   only spares data.
// - A uid that the table has not given out yet means another database, or one that was restored to
//   a time before: somebody else may get that uid.
#include "common/targets/tokenserver/gone.h"

#include "common/base/buf.h"
#include "common/db/db.h"
#include "common/db/db_result.h"
#include "common/target/finding.h"
#include "common/targets/tokenserver/gone_row.h"
#include "common/targets/tokenserver/nodes.h"
#include "common/targets/tokenserver/rows.h"
#include "common/targets/tokenserver/rule.h"
#include "common/targets/tokenserver/state.h"
#include "common/targets/tokenserver/user_row.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	// Users in one look-up, and records of one user that are compared.
	USERS_AT_ONCE = 50,
	OTHERS_MAX = 1000,
};

struct item {
	const struct gone *gone;
	struct state *state;
	// Zeroed: the record does not say it.
	struct user_row row;
	const char *refusal; // NULL: none
	struct user_row *others;
	size_t other_count;
	struct node_query node; // of what the record says
};

static const char *const refused_words[] = {
	"the record does not say whose data it is",
	"its uid was never given out by the table users; is it the right database?",
	"its node is no longer in the table nodes",
	"it was purged by --force with --override_node, which a replay does not do again",
	"its node is marked down in the table nodes",
	"somebody wrote into the data since; the node still has it",
};
enum refused { NO_USER, NEVER_GIVEN_OUT, NO_NODE, OVERRIDDEN, DOWN, WRITTEN };

// --- the table's next uid

static int read_next_uid(struct db *db, int64_t *next) {
	struct db_result *result = NULL;
	const char *text = NULL;
	int err = db_select(db, "SHOW CREATE TABLE users", &result);

	if (err < 0)
		return err;
	if (db_result_next(result))
		text = db_result_text(result, 1, NULL);
	*next = text == NULL ? 0 : gone_row_next_uid(text);
	db_result_free(result);
	return 0;
}

// --- other records of the same users

// As `'name@%' ESCAPE '|'`.
static void add_pattern(struct db *db, struct buf *sql, const char *fxa_uid) {
	struct buf pattern;

	buf_init(&pattern, 0);
	for (const char *at = fxa_uid; *at != '\0'; at++) {
		if (strchr("%_|", *at) != NULL)
			buf_str(&pattern, "|");
		buf_add(&pattern, at, 1);
	}
	buf_str(&pattern, "@%");
	if (pattern.error < 0)
		sql->error = pattern.error;
	else
		db_quote(db, sql, pattern.data, pattern.len);
	buf_str(sql, " ESCAPE '|'");
	buf_fini(&pattern);
}

static void add_user(
	struct db *db, struct buf *sql, const char *index, const struct item *item, size_t number
) {
	buf_fmt(sql,
		"%s(SELECT %zu AS k, " USER_ROW_COLUMNS(
			"o", "n"
		) " FROM services s JOIN users o FORCE INDEX (%s) ON o.service = s.id "
		  "LEFT JOIN nodes n ON n.id = o.nodeid "
		  "WHERE s.service = 'sync-1.5' AND (o.email = ",
		number == 0 ? "" : " UNION ALL ",
		number,
		index);
	db_quote(db, sql, item->row.email, strlen(item->row.email));
	buf_str(sql, " OR o.email LIKE ");
	add_pattern(db, sql, item->row.email);
	buf_str(sql, ") AND ");
	rows_add_relevant(sql, item->gone->cutoff);
	buf_fmt(sql, " LIMIT %d)", OTHERS_MAX + 1);
}

static int add_other(struct item *item, const struct db_result *result) {
	struct user_row *others = realloc(
		item->others, (item->other_count + 1) * sizeof(*item->others)
	);
	int err;

	if (others == NULL)
		return -ENOMEM;
	item->others = others;
	err = user_row_read(&others[item->other_count], result, 1);
	item->other_count += err == 0;
	return err;
}

// `asked` are at most USERS_AT_ONCE.
static int look_up(struct item *const *asked, size_t count, struct db *db, const char *index) {
	struct db_result *result = NULL;
	struct buf sql;
	int err;

	buf_init(&sql, 0);
	for (size_t i = 0; i < count; i++)
		add_user(db, &sql, index, asked[i], i);
	err = sql.error < 0 ? sql.error : db_select(db, sql.data, &result);
	buf_fini(&sql);
	while (err == 0 && db_result_next(result)) {
		int64_t number = db_result_int(result, 0);

		if (number >= 0 && (size_t)number < count)
			err = add_other(asked[number], result);
	}
	db_result_free(result);
	return err;
}

static int load_others(struct item *items, size_t count, struct db *db) {
	struct item *asked[USERS_AT_ONCE];
	struct buf index = {.data = NULL};
	size_t waiting = 0;
	int err = rows_name_lookup_index(db, &index);

	for (size_t i = 0; i < count && err == 0; i++) {
		if (items[i].refusal != NULL)
			continue;
		asked[waiting++] = &items[i];
		if (waiting < USERS_AT_ONCE)
			continue;
		err = look_up(asked, waiting, db, buf_text(&index));
		waiting = 0;
	}
	if (err == 0 && waiting > 0)
		err = look_up(asked, waiting, db, buf_text(&index));
	buf_fini(&index);
	return err;
}

// --- the ruling

// The node that the record's row would have now: its id goes before the name that it had. NULL: the
// table has neither.
static const struct node *node_of(const struct item *item) {
	if (item->node.by_id.name != NULL)
		return &item->node.by_id;
	return item->node.by_name.name != NULL ? &item->node.by_name : NULL;
}

// What stands against it before the rule is asked; NULL: nothing.
static const char *refuse(const struct tokenserver_config *config, const struct item *item) {
	const char *name = item->node.by_id.name;

	if (item->state->forced && (name == NULL || strcmp(name, item->row.node) != 0))
		return refused_words[OVERRIDDEN];
	if (node_of(item) == NULL && !tokenserver_config_allows_node(config, item->row.node))
		return refused_words[NO_NODE];
	return NULL;
}

// Sets the name that `row` has for its node.
static int rename_node(struct user_row *row, const char *name) {
	char *copy = strdup(name);

	if (copy == NULL)
		return -ENOMEM;
	free(row->node);
	row->node = copy;
	return 0;
}

// Whoever is on the record's nodeid is on the record's node, also where the table does not know
// that id any more.
static int settle_nodes(struct item *item) {
	const struct node *node = node_of(item);
	int err = 0;

	if (node != NULL) {
		item->row.is_node_downed = node->is_downed;
		err = rename_node(&item->row, node->name);
	}
	for (size_t i = 0; i < item->other_count && err == 0; i++)
		if (item->others[i].nodeid == item->row.nodeid)
			err = rename_node(&item->others[i], item->row.node);
	return err;
}

static void say_refused(struct work_result *out, const char *words) {
	out->finding.verdict = VERDICT_FAILED;
	out->finding.reason = REASON_UNKNOWN;
	finding_say(&out->finding, "%s", words);
}

// There is no row that could go in place of the data.
static void take_ruling(const struct item *item, const struct ruling *ruling) {
	struct work_result *out = item->gone->pair->out;

	if (ruling->verdict == VERDICT_LEFT && ruling->reason == REASON_NODE_DOWN) {
		say_refused(out, refused_words[DOWN]);
		return;
	}
	if (ruling->verdict == VERDICT_FAILED) {
		say_refused(out, ruling->fault);
		return;
	}
	out->finding.verdict = ruling->verdict;
	out->finding.reason = ruling->reason;
	if (ruling->verdict == VERDICT_GO && !ruling->send_delete) {
		out->finding.verdict = VERDICT_LEFT;
		out->finding.reason = REASON_LIVE;
	} else if (ruling->verdict == VERDICT_GO && item->state->is_modified) {
		say_refused(out, refused_words[WRITTEN]);
	}
}

static int judge(const struct tokenserver_config *config, struct item *item) {
	struct rule rule = rule_of(config, item->gone->cutoff);
	struct ruling ruling;
	int err = 0;

	if (item->refusal == NULL)
		item->refusal = refuse(config, item);
	if (item->refusal != NULL) {
		say_refused(item->gone->pair->out, item->refusal);
		return 0;
	}
	err = settle_nodes(item);
	if (err < 0)
		return err;
	rule_decide(
		&rule,
		&item->row,
		item->others,
		item->other_count,
		item->other_count > OTHERS_MAX,
		&ruling
	);
	if (ruling.verdict == VERDICT_GO && ruling.send_delete)
		err = state_set(item->state, &item->row, &ruling);
	if (err == 0)
		take_ruling(item, &ruling);
	return err;
}

// --- all of them

static int make_item(struct item *item, const struct gone *gone, int64_t next_uid) {
	int64_t uid = gone->pair->work->candidate->key;
	int err;

	*item = (struct item){.gone = gone, .state = gone->pair->work->state};
	err = gone_row_make(&item->row, uid, item->state);
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		item->refusal = refused_words[NO_USER];
	else if (uid >= next_uid)
		item->refusal = refused_words[NEVER_GIVEN_OUT];
	return 0;
}

static int load_nodes(struct item *items, size_t count, struct db *db) {
	struct node_query **queries = calloc(count + 1, sizeof(struct node_query *));
	size_t asked = 0;
	int err = queries == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		if (items[i].refusal != NULL)
			continue;
		items[i].node.id = items[i].row.nodeid;
		items[i].node.name = items[i].row.node;
		queries[asked++] = &items[i].node;
	}
	if (err == 0)
		err = nodes_load(db, queries, asked);
	free(queries);
	return err;
}

static bool is_any_open(const struct item *items, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (items[i].refusal == NULL)
			return true;
	return false;
}

static void free_items(struct item *items, size_t count) {
	for (size_t i = 0; i < count; i++) {
		user_row_fini(&items[i].row);
		for (size_t j = 0; j < items[i].other_count; j++)
			user_row_fini(&items[i].others[j]);
		free(items[i].others);
		node_query_fini(&items[i].node);
	}
	free(items);
}

int gone_judge(
	const struct tokenserver_config *config,
	struct db *db,
	const struct gone *gone,
	size_t count
) {
	struct item *items = calloc(count + 1, sizeof(*items));
	int64_t next_uid = 0;
	int err = items == NULL ? -ENOMEM : read_next_uid(db, &next_uid);

	for (size_t i = 0; i < count && err == 0; i++)
		err = make_item(&items[i], &gone[i], next_uid);
	if (err == 0 && is_any_open(items, count))
		err = load_nodes(items, count, db);
	if (err == 0 && rule_needs_others(config) && is_any_open(items, count))
		err = load_others(items, count, db);
	for (size_t i = 0; i < count && err == 0; i++)
		err = judge(config, &items[i]);
	if (items != NULL)
		free_items(items, count);
	return err;
}
