// SPDX-License-Identifier: MPL-2.0
// record_id: how a record is called.
#include "common/targets/dlrepo/record/record_id.h"

#include "common/base/utf8.h"
#include "common/targets/dlrepo/rule/path_hash.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BITS = 62, NUMBER_BYTES = 1 + 16 };

struct text {
	char *at;
	const char *end;
	bool is_whole;
};

static void add(struct text *text, const char *from) {
	size_t len = strlen(from);

	while (len > 0) {
		uint32_t rune;
		size_t bytes = utf8_read(from, len, &rune);
		bool fits = bytes > 0 && bytes <= (size_t)(text->end - text->at);

		text->is_whole &= fits;
		if (bytes > 0 && !fits)
			return;
		if (fits)
			memcpy(text->at, from, bytes);
		text->at += fits ? bytes : 0;
		from += bytes == 0 ? 1 : bytes;
		len -= bytes == 0 ? 1 : bytes;
	}
}

int64_t record_id(const char *dir, const char *name, char out[RECORD_ID_TEXT_BYTES]) {
	struct text text = {
		.at = out,
		.end = out + RECORD_ID_TEXT_BYTES - 1 - NUMBER_BYTES,
		.is_whole = true,
	};
	uint64_t hash = path_hash(dir, name);

	out[0] = '\0';
	add(&text, dir);
	add(&text, "/");
	add(&text, name);
	*text.at = '\0';
	if (!text.is_whole)
		snprintf(text.at, NUMBER_BYTES + 1, "~%016" PRIx64, hash);
	return (int64_t)(hash >> (64 - KEY_BITS));
}
