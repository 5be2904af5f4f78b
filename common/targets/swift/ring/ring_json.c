// SPDX-License-Identifier: MPL-2.0
// ring_json: a JSON text of a ring, with bounds.
#include "common/targets/swift/ring/ring_json.h"

#include <errno.h>

int ring_json_load(
	json_t **out, struct ring_span text, const char *what, const struct words *words
) {
	json_error_t error;

	*out = NULL;
	if (text.len > RING_JSON_BYTES_MAX)
		return words_say(words, -EINVAL, "its %s is %zu bytes long", what, text.len);
	*out = json_loadb(
		(const char *)text.bytes, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error
	);
	if (*out != NULL)
		return 0;
	if (json_error_code(&error) == json_error_out_of_memory)
		return words_say(words, -ENOMEM, "out of memory");
	return words_say(
		words, -EINVAL, "its %s is no JSON at byte %d: %s", what, error.position, error.text
	);
}
