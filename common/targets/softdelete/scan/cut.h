// SPDX-License-Identifier: MPL-2.0
// cut: cuts rows that are due into chunks, one candidate each. Thread: scan.
#pragma once

#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/scan/due.h"
#include "common/targets/softdelete/schema/tree.h"

struct page;

struct cut_order {
	const struct due_plan *plan;
	size_t chunk_rows;
	// From when a row was marked until it is due.
	int64_t age_ms;
};

// The last row; lives as long as the result.
struct cut_last {
	const char *key; // NULL: there was none
	size_t key_len;
	const char *age;
};

// Adds the next `count` rows of a tree to the page. As cut_rows.
int cut_tree(
	struct chunk_writer *writer,
	const struct cut_order *order,
	struct tree *tree,
	size_t count,
	struct page *page
);

// Adds all of the rows to the page. 0, -ENOMEM, -EMSGSIZE.
int cut_rows(
	struct chunk_writer *writer,
	const struct cut_order *order,
	const struct due_rows *rows,
	struct page *page,
	struct cut_last *last
);
