// SPDX-License-Identifier: MPL-2.0
// container_record: a candidate of this target: a container of a deleted account, as the queue
// carries it. Names are bytes. Pure. Thread: the owner's.
#pragma once

#include "common/targets/swift/backend/backend_url.h"

#include <stdint.h>

struct candidate;
struct page;

// The listing that a sharded container goes on with, as struct source has it.
struct record_source {
	struct name_part account, container; // empty: none is said
	int64_t server; // -1: the last
	int64_t policy; // -1: that of the container
};

struct container_record {
	// Not empty; they lie in `bytes`.
	struct name_part account;
	struct name_part container;
	// Objects up to this name were seen to; empty: none were.
	struct name_part marker;
	struct record_source source;
	char *bytes;
};

// Reads one. 0, -EBADMSG (it cannot be understood), -ENOMEM.
int container_record_read(struct container_record *out, const struct candidate *candidate);
void container_record_fini(struct container_record *record); // a zeroed one is fine

// What the scan says of each: when its account was deleted, and when it was seen.
struct container_moment {
	int64_t deleted_ms;
	int64_t seen_ms;
};

// Adds a candidate to the page. 0, -ENOMEM, -EMSGSIZE.
int container_record_put(
	struct page *page,
	const struct container_moment *moment,
	const struct name_part *account,
	const struct name_part *container
);

// The data of the record with another marker; the caller frees it. 0, -ENOMEM, -EMSGSIZE.
int container_record_pack(
	const struct container_record *record, unsigned char **data, size_t *data_bytes
);
