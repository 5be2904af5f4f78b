// SPDX-License-Identifier: MPL-2.0
// place: where a scan is, as a page's cursor says it.
#include "common/targets/tokenserver/place.h"

#include "common/text/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool read_number(const char *text, size_t len, int64_t *out) {
	return number_parse(text, len, INT64_MIN, INT64_MAX, out) == 0;
}

bool place_read(const char *text, struct place *out) {
	size_t len = strcspn(text, "/");

	return text[len] == '/' && read_number(text, len, &out->replaced_at) &&
		read_number(text + len + 1, strlen(text + len + 1), &out->uid);
}

void place_write(const struct place *place, char *out, size_t out_bytes) {
	snprintf(out, out_bytes, "%" PRId64 "/%" PRId64, place->replaced_at, place->uid);
}
