// SPDX-License-Identifier: MPL-2.0
// cut: cuts rows that are due into chunks, one candidate each.
#include "common/targets/softdelete/scan/cut.h"

#include "common/base/clock.h"
#include "common/db/db_result.h"
#include "common/overdue.h"
#include "common/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// The chunk that is being filled.
struct filling {
	struct chunk_writer *writer;
	const struct due_plan *plan;
	struct page *page;
	struct candidate like;
	char id[PRESET_NAME_BYTES + 64];
};

// Unix time in ms.
static int64_t at_of(const struct table *table, const char *age) {
	struct tm parts = {0};
	char *rest;

	if (table->age_kind == AGE_MS)
		return strtoll(age, NULL, 10);
	if (table->age_kind == AGE_S)
		return strtoll(age, NULL, 10) * 1000;
	rest = strptime(age, "%Y-%m-%d %H:%M:%S", &parts);
	return rest == NULL ? 0 : (int64_t)timegm(&parts) * 1000;
}

// Where in the space of keys this one is: itself, or a hash of it.
static int64_t place_of(bool is_text, const char *key, size_t len) {
	uint64_t hash = 14695981039346656037u;

	if (!is_text)
		return strtoll(key, NULL, 10);
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
	return (int64_t)(hash >> 1);
}

static void write_id(
	const struct due_plan *plan, const struct cut_last *row, char *out, size_t out_bytes
) {
	int shown = (int)(row->key_len < 60 ? row->key_len : 60);

	snprintf(out, out_bytes, "%s/%.*s", plan->table->name, shown, row->key);
}

static void begin_chunk(struct filling *filling, const struct cut_last *row, int64_t at_ms) {
	const struct due_plan *plan = filling->plan;
	chunk_writer_clear(filling->writer);
	filling->like.key = place_of(plan->found->text_key, row->key, row->key_len);
	filling->like.at = at_ms;
	filling->like.id = filling->id;
	write_id(plan, row, filling->id, sizeof(filling->id));
}

static int end_chunk(struct filling *filling) {
	struct chunk_writer *writer = filling->writer;
	const struct due_plan *plan = filling->plan;
	const unsigned char *data;
	size_t *len = &filling->like.data_bytes;
	int err;

	if (writer->count == 0)
		return 0;
	err = chunk_writer_data(
		writer, plan->table, plan->cutoff, plan->found->text_key, &data, len
	);
	if (err < 0)
		return err;
	filling->like.data = (unsigned char *)data; // page_add copies it
	chunk_writer_clear(writer);
	return page_add(filling->page, &filling->like);
}

// One whose time cannot be read may be of any age.
static void note_overdue(
	const struct filling *filling, const struct cut_last *row, int64_t at_ms, int64_t age_ms
) {
	char id[OVERDUE_ID_BYTES];

	if (at_ms <= 0 || !overdue_is(&filling->page->overdue, at_ms + age_ms))
		return;
	write_id(filling->plan, row, id, sizeof(id));
	overdue_add(&filling->page->overdue, at_ms + age_ms, id, NULL);
}

static int add_row(
	struct filling *filling, const struct cut_order *order, const struct cut_last *row
) {
	int64_t at_ms = at_of(filling->plan->table, row->age);
	int err = 0;

	note_overdue(filling, row, at_ms, order->age_ms);
	if (filling->writer->count == order->chunk_rows)
		err = end_chunk(filling);
	if (err == 0 && filling->writer->count == 0)
		begin_chunk(filling, row, at_ms);
	if (err < 0 || chunk_writer_add(filling->writer, row->key, row->key_len, at_ms))
		return err;
	err = end_chunk(filling);
	begin_chunk(filling, row, at_ms);
	if (err == 0 && !chunk_writer_add(filling->writer, row->key, row->key_len, at_ms))
		err = -EMSGSIZE;
	return err;
}

int cut_rows(
	struct chunk_writer *writer,
	const struct cut_order *order,
	const struct due_rows *rows,
	struct page *page,
	struct cut_last *last
) {
	struct filling filling = {
		.writer = writer,
		.plan = order->plan,
		.page = page,
		.like = {.seen_ms = clock_wall_ms()},
	};
	int err = 0;

	*last = (struct cut_last){.key = NULL};
	chunk_writer_clear(writer);
	// Not stepped behind the last row, so that it can still be read.
	for (size_t left = rows->count; err == 0 && left > 0; left--) {
		if (!db_result_next(rows->result))
			return -EIO;
		last->key = db_result_text(rows->result, 0, &last->key_len);
		last->age = db_result_text(rows->result, 1, NULL);
		err = add_row(&filling, order, last);
	}
	return err < 0 ? err : end_chunk(&filling);
}

int cut_tree(
	struct chunk_writer *writer,
	const struct cut_order *order,
	struct tree *tree,
	size_t count,
	struct page *page
) {
	struct filling filling = {
		.writer = writer,
		.plan = order->plan,
		.page = page,
		.like = {.seen_ms = clock_wall_ms()},
	};
	struct tree_row row;
	int err = 0;

	chunk_writer_clear(writer);
	for (; err == 0 && count > 0 && tree_next(tree, &row); count--)
		err = add_row(
			&filling, order, &(struct cut_last){row.key.text, row.key.len, row.age}
		);
	return err < 0 ? err : end_chunk(&filling);
}
