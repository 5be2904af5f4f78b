// SPDX-License-Identifier: MPL-2.0
// ring_open: the ring that a file has.
#include "common/targets/swift/ring/ring_open.h"

#include "common/base/words.h"
#include "common/targets/swift/ring/ring.h"
#include "common/targets/swift/ring/ring_file.h"

#include <stdlib.h>

enum { WORDS_BYTES = 512 };

// A large ring has 25 MB: 2^22 partitions with 3 replicas, and its devices.
static const size_t ring_bytes_max = (size_t)512 << 20;

int ring_open(struct ring **out, const char *path, char *error, size_t error_bytes) {
	char text[WORDS_BYTES];
	unsigned char *inflated = NULL;
	size_t bytes = 0;
	int err = ring_file_read(path, ring_bytes_max, &inflated, &bytes, error, error_bytes);

	*out = NULL;
	if (err < 0)
		return err;
	err = ring_parse(out, inflated, bytes, text, sizeof(text));
	free(inflated);
	return err < 0 ? words_say(&(struct words){error, error_bytes}, err, "%s: %s", path, text)
		       : 0;
}
