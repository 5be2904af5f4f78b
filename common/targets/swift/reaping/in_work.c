// SPDX-License-Identifier: MPL-2.0
// in_work: which containers are in work here.
#include "common/targets/swift/reaping/in_work.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct in_work {
	void *tree; // of places
};

struct in_work_place {
	size_t len;
	// Account, '/', container: neither has one in it.
	char bytes[];
};

static int compare(const void *one, const void *other) {
	const struct in_work_place *first = one, *second = other;
	size_t least = first->len < second->len ? first->len : second->len;
	int order = memcmp(first->bytes, second->bytes, least);

	return order != 0 ? order : (first->len > second->len) - (first->len < second->len);
}

struct in_work *in_work_new(void) {
	return calloc(1, sizeof(struct in_work));
}

void in_work_free(struct in_work *works) {
	free(works);
}

static struct in_work_place *place_new(struct name_part account, struct name_part container) {
	size_t len = account.len + 1 + container.len;
	struct in_work_place *place = malloc(sizeof(*place) + len);
	char *at;

	if (place == NULL)
		return NULL;
	place->len = len;
	at = mempcpy(place->bytes, account.bytes, account.len);
	*at++ = '/';
	memcpy(at, container.bytes, container.len);
	return place;
}

int in_work_enter(
	struct in_work *works,
	struct name_part account,
	struct name_part container,
	struct in_work_place **out
) {
	struct in_work_place *place = place_new(account, container);
	struct in_work_place **found;

	*out = NULL;
	if (place == NULL)
		return -ENOMEM;
	found = tsearch(place, &works->tree, compare);
	if (found == NULL || *found != place) {
		free(place);
		return found == NULL ? -ENOMEM : -EALREADY;
	}
	*out = place;
	return 0;
}

void in_work_leave(struct in_work *works, struct in_work_place *place) {
	if (place == NULL)
		return;
	tdelete(place, &works->tree, compare);
	free(place);
}
