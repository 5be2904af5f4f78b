// SPDX-License-Identifier: MPL-2.0
// tree: rows of a table that refers to itself, in an order in which they can go.
#include "common/targets/softdelete/schema/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct node {
	// In the order in which they were added.
	size_t index;
	// That are not in the order yet.
	size_t children;
	struct node *parents[TREE_PARENTS_MAX]; // NULL: none of the tree
	struct tree_row row; // its texts are behind the node
	bool is_held;
	bool ends_level;
};

struct tree {
	struct node **nodes; // as added
	struct node **order;
	size_t count;
	size_t size; // of nodes
	size_t ordered;
	size_t held;
	size_t circle;
	size_t next; // in the order
};

struct tree *tree_new(void) {
	return calloc(1, sizeof(struct tree));
}

void tree_free(struct tree *tree) {
	if (tree == NULL)
		return;
	for (size_t i = 0; i < tree->count; i++)
		free(tree->nodes[i]);
	free(tree->nodes);
	free(tree->order);
	free(tree);
}

// --- adding

static int grow(struct tree *tree) {
	size_t size = tree->size == 0 ? 256 : 2 * tree->size;
	struct node **nodes;

	if (tree->count < tree->size)
		return 0;
	nodes = realloc(tree->nodes, size * sizeof(struct node *));
	if (nodes == NULL)
		return -ENOMEM;
	tree->nodes = nodes;
	tree->size = size;
	return 0;
}

static char *copy_text(char *to, struct tree_text *text) {
	if (text->text == NULL)
		return to;
	memcpy(to, text->text, text->len);
	text->text = to;
	return to + text->len;
}

int tree_add(struct tree *tree, const struct tree_row *row) {
	size_t age_bytes = strlen(row->age) + 1;
	size_t bytes = row->key.len + age_bytes;
	struct node *node;
	char *text;

	for (int i = 0; i < TREE_PARENTS_MAX; i++)
		bytes += row->parents[i].text == NULL ? 0 : row->parents[i].len;
	if (grow(tree) < 0)
		return -ENOMEM;
	node = calloc(1, sizeof(*node) + bytes);
	if (node == NULL)
		return -ENOMEM;
	node->index = tree->count;
	node->row = *row;
	node->is_held = row->is_held;
	text = (char *)(node + 1);
	memcpy(text, row->age, age_bytes);
	node->row.age = text;
	text = copy_text(text + age_bytes, &node->row.key);
	for (int i = 0; i < TREE_PARENTS_MAX; i++)
		text = copy_text(text, &node->row.parents[i]);
	tree->nodes[tree->count++] = node;
	return 0;
}

// --- ordering

static int compare_texts(const struct tree_text *a, const struct tree_text *b) {
	int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_keys(const void *a, const void *b) {
	return compare_texts(
		&(*(struct node *const *)a)->row.key, &(*(struct node *const *)b)->row.key
	);
}

static int compare_text_to_key(const void *text, const void *node) {
	return compare_texts(text, &(*(struct node *const *)node)->row.key);
}

static int compare_indexes(const void *a, const void *b) {
	size_t left = (*(struct node *const *)a)->index;
	size_t right = (*(struct node *const *)b)->index;

	return (left > right) - (left < right);
}

// A row that refers to itself is a circle of one: the server does not let it go.
static void find_parents(struct tree *tree, struct node *const *by_key, struct node *node) {
	for (int i = 0; i < TREE_PARENTS_MAX; i++) {
		const struct tree_text *text = &node->row.parents[i];
		struct node *const *found = text->text == NULL ? NULL
							       : bsearch(text,
									 by_key,
									 tree->count,
									 sizeof(struct node *),
									 compare_text_to_key);

		if (found == NULL)
			continue;
		node->parents[i] = *found;
		(*found)->children++;
	}
}

// The last child of a parent brings it into the order; what stays keeps its parents.
static void release_parents(struct tree *tree, const struct node *node) {
	for (int i = 0; i < TREE_PARENTS_MAX; i++) {
		struct node *parent = node->parents[i];

		if (parent == NULL)
			continue;
		parent->is_held = parent->is_held || node->is_held;
		if (--parent->children == 0)
			tree->order[tree->ordered++] = parent;
	}
}

static void end_level(struct tree *tree, size_t first) {
	if (tree->ordered == first)
		return;
	qsort(tree->order + first, tree->ordered - first, sizeof(struct node *), compare_indexes);
	tree->order[tree->ordered - 1]->ends_level = true;
}

static void add_levels(struct tree *tree) {
	size_t first = 0;

	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i]->children == 0)
			tree->order[tree->ordered++] = tree->nodes[i];
	end_level(tree, 0);
	while (first < tree->ordered) {
		size_t end = tree->ordered;

		for (; first < end; first++)
			release_parents(tree, tree->order[first]);
		end_level(tree, end);
	}
	tree->circle = tree->count - tree->ordered;
	for (size_t i = 0; i < tree->count; i++) {
		if (tree->nodes[i]->children == 0)
			continue;
		tree->nodes[i]->is_held = true;
		tree->order[tree->ordered++] = tree->nodes[i];
	}
	end_level(tree, tree->count - tree->circle);
}

static void leave_held(struct tree *tree) {
	size_t kept = 0;

	for (size_t i = 0; i < tree->ordered; i++) {
		struct node *node = tree->order[i];

		if (!node->is_held)
			tree->order[kept++] = node;
		else if (node->ends_level && kept > 0)
			tree->order[kept - 1]->ends_level = true;
	}
	tree->ordered = kept;
}

int tree_order(struct tree *tree, bool leaves_held) {
	size_t bytes = (tree->count + 1) * sizeof(struct node *);
	struct node **by_key = malloc(bytes);

	tree->order = malloc(bytes);
	if (by_key == NULL || tree->order == NULL) {
		free(by_key);
		return -ENOMEM;
	}
	if (tree->count > 0)
		memcpy(by_key, tree->nodes, tree->count * sizeof(struct node *));
	qsort(by_key, tree->count, sizeof(struct node *), compare_keys);
	for (size_t i = 0; i < tree->count; i++)
		find_parents(tree, by_key, tree->nodes[i]);
	free(by_key);
	add_levels(tree);
	for (size_t i = 0; i < tree->count; i++)
		tree->held += tree->nodes[i]->is_held;
	if (leaves_held)
		leave_held(tree);
	return 0;
}

// --- reading

size_t tree_held(const struct tree *tree) {
	return tree->held;
}

size_t tree_circle(const struct tree *tree) {
	return tree->circle;
}

struct tree_page tree_page(const struct tree *tree, size_t most) {
	struct tree_page page = {.count = 0};

	for (size_t i = tree->next; i < tree->ordered && page.count < most && !page.ends_level;
	     i++) {
		page.count++;
		page.ends_level = tree->order[i]->ends_level;
	}
	page.is_end = tree->next + page.count == tree->ordered;
	return page;
}

bool tree_next(struct tree *tree, struct tree_row *out) {
	if (tree->next == tree->ordered)
		return false;
	*out = tree->order[tree->next++]->row;
	return true;
}
