// SPDX-License-Identifier: MPL-2.0
// letter_counts: how many letters there are.
#include "cli/dead/letter_counts.h"

#include "cli/dead/letter_return.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void count(struct letter_count *count, const struct letter *letter) {
	count->letters++;
	count->states[letter->state]++;
}

// Where the node is, or would be.
static size_t find_node(const struct letter_counts *counts, const char *name) {
	size_t low = 0;
	size_t high = counts->node_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(counts->nodes[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// NULL: out of memory.
static struct letter_count *insert_node(struct letter_counts *counts, size_t at, const char *name) {
	struct letter_node *nodes = realloc(
		counts->nodes, (counts->node_count + 1) * sizeof(*nodes)
	);
	char *copy;

	if (nodes == NULL)
		return NULL;
	counts->nodes = nodes;
	copy = strdup(name);
	if (copy == NULL)
		return NULL;
	memmove(&nodes[at + 1], &nodes[at], (counts->node_count - at) * sizeof(*nodes));
	nodes[at] = (struct letter_node){.name = copy};
	counts->node_count++;
	return &nodes[at].count;
}

static int count_node(struct letter_counts *counts, const struct letter *letter) {
	const char *name = letter->node == NULL ? "" : letter->node;
	size_t at = find_node(counts, name);
	struct letter_count *of_node;

	if (at < counts->node_count && strcmp(counts->nodes[at].name, name) == 0)
		of_node = &counts->nodes[at].count;
	else
		of_node = insert_node(counts, at, name);
	if (of_node == NULL)
		return -ENOMEM;
	count(of_node, letter);
	return 0;
}

int letter_counts_add(struct letter_counts *counts, const struct letter *letter) {
	bool is_solved = letter->state == LETTER_SOLVED;

	count(&counts->all, letter);
	count(&counts->reasons[letter->reason], letter);
	counts->gone += is_solved && letter->solved_by == REASON_GONE;
	counts->changed += is_solved && letter->solved_by == REASON_CHANGED;
	counts->undecodable += letter->candidate == NULL;
	counts->truncated += letter->is_truncated;
	counts->replays += letter->replay != NULL;
	counts->returnable += letter_can_return(letter);
	if (letter->stamp_ms > 0 &&
	    (counts->oldest_ms == 0 || letter->stamp_ms < counts->oldest_ms))
		counts->oldest_ms = letter->stamp_ms;
	return count_node(counts, letter);
}

void letter_counts_fini(struct letter_counts *counts) {
	for (size_t i = 0; i < counts->node_count; i++)
		free(counts->nodes[i].name);
	free(counts->nodes);
	*counts = (struct letter_counts){.nodes = NULL};
}
