// SPDX-License-Identifier: MPL-2.0
// candidate: one thing that may be purged.
#include "common/candidate.h"

#include <stdlib.h>
#include <string.h>

// One allocation holds the struct, the data and the id, in this order.
struct candidate *candidate_new(const struct candidate *like) {
	size_t id_bytes = strlen(like->id) + 1;
	struct candidate *candidate = malloc(sizeof(*candidate) + like->data_bytes + id_bytes);

	if (candidate == NULL)
		return NULL;
	*candidate = *like;
	candidate->data = (unsigned char *)(candidate + 1);
	candidate->id = (char *)candidate->data + like->data_bytes;
	if (like->data_bytes > 0)
		memcpy(candidate->data, like->data, like->data_bytes);
	memcpy(candidate->id, like->id, id_bytes);
	candidate->next = NULL;
	return candidate;
}

void candidate_free(struct candidate *candidate) {
	free(candidate);
}
