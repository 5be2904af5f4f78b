// SPDX-License-Identifier: MPL-2.0
// tree: rows of a table that refers to itself, in an order in which they can go: children before
// their parents.
//
// Rows are sorted into levels. No row of a level refers to another of it or of one before it, so
// that a level can go once those before it are gone. Pure. Thread: scan.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { TREE_PARENTS_MAX = 4 };

struct tree; // opaque

struct tree_text {
	const char *text; // NULL: none; any bytes
	size_t len;
};

struct tree_row {
	struct tree_text key;
	const char *age;
	// Keys of the rows that it refers to.
	struct tree_text parents[TREE_PARENTS_MAX];
	// A row that stays refers to it.
	bool is_held;
};

struct tree *tree_new(void); // NULL: out of memory
void tree_free(struct tree *tree); // NULL is fine

int tree_add(struct tree *tree, const struct tree_row *row); // copies; keys differ. 0 or -ENOMEM
// Once, when all are added. Within a level they are in the order in which they were added. Rows in
// a circle, and what they refer to, come as a level of their own at the end. `leaves_held`: leaves
// out all that would stay. 0 or -ENOMEM.
int tree_order(struct tree *tree, bool leaves_held);

// Rows that would stay, those in a circle included.
size_t tree_held(const struct tree *tree);
// Rows in a circle, and what they refer to.
size_t tree_circle(const struct tree *tree);

struct tree_page {
	size_t count;
	bool ends_level;
	bool is_end; // no row can follow
};
// The next rows of one level, at most so many; tree_next hands them out.
struct tree_page tree_page(const struct tree *tree, size_t most);
// The next row: false at the end. Only key and age are told; they live as long as the tree.
bool tree_next(struct tree *tree, struct tree_row *out);
