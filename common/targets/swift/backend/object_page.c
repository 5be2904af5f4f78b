// SPDX-License-Identifier: MPL-2.0
// object_page: a page of the objects of a container, as a container server lists them.
#include "common/targets/swift/backend/object_page.h"

#include "common/base/buf.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

struct object_page {
	struct buf bytes; // of all names
	size_t count;
	size_t ends[];
};

// Names are text in UTF-8; an empty one would be the container itself.
static int add(struct object_page *listing, const json_t *entry) {
	const json_t *name = json_object_get(entry, "name");

	if (!json_is_string(name) || json_string_length(name) == 0)
		return -EBADMSG;
	if (buf_add(&listing->bytes, json_string_value(name), json_string_length(name)) < 0)
		return -ENOMEM;
	listing->ends[listing->count++] = listing->bytes.len;
	return 0;
}

static int fill(struct object_page **out, const json_t *list) {
	size_t count = json_array_size(list);
	struct object_page *listing = calloc(
		1, sizeof(*listing) + count * sizeof(listing->ends[0])
	);
	int err = 0;

	if (listing == NULL)
		return -ENOMEM;
	buf_init(&listing->bytes, SIZE_MAX / 2);
	for (size_t i = 0; err == 0 && i < count; i++)
		err = add(listing, json_array_get(list, i));
	if (err < 0)
		object_page_free(listing);
	else
		*out = listing;
	return err;
}

int object_page_parse(struct object_page **out, const char *text, size_t len) {
	json_t *list = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
	int err = json_is_array(list) ? fill(out, list) : -EBADMSG;

	json_decref(list);
	return err;
}

void object_page_free(struct object_page *listing) {
	if (listing == NULL)
		return;
	buf_fini(&listing->bytes);
	free(listing);
}

size_t object_page_count(const struct object_page *listing) {
	return listing->count;
}

struct name_part object_page_at(const struct object_page *listing, size_t index) {
	size_t begin = index == 0 ? 0 : listing->ends[index - 1];

	return (struct name_part){listing->bytes.data + begin, listing->ends[index] - begin};
}
