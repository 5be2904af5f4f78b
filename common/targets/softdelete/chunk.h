// SPDX-License-Identifier: MPL-2.0
// chunk: the rows of one table that one transaction removes, as a candidate carries them.
// Owner: the work, as its state. Thread: loop; batch during remove.
#pragma once

#include "common/candidate.h"
#include "common/targets/softdelete/preset.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack;
struct row_words;

enum { CHUNK_KEYS_MAX = 900, CHUNK_CUTOFF_BYTES = 40 };

struct chunk_key {
	const char *text; // as the server gives it; not ended
	size_t len;
};

struct chunk_failure { // a row that could not be removed
	enum reason reason;
	char id[160];
	char words[300];
};

// What removes that failed on the way came to. What they are sure of is not asked again, so that rows which somebody
// else takes meanwhile are not taken for ours.
struct chunk_progress {
	size_t settled; // keys at the front that have their fate
	size_t failure_count; // of the chunk's failures, those of these keys
	int64_t rows; // removed with them
	int64_t rows_along;
	int64_t spared;
	size_t unsure_end; // keys from `settled` up to here may be gone by our own hand: their commit lost the connection
};

struct chunk {
	const struct table *table;
	char cutoff[CHUNK_CUTOFF_BYTES]; // SQL literal
	bool text_keys; // else integers
	size_t count;
	struct chunk_progress progress;
	size_t failure_count;
	struct chunk_failure *failures;
	struct chunk_key keys[]; // in the candidate's data
};

// Writes keys for a candidate, one after the other.
struct chunk_writer {
	struct pack *pack;
	unsigned char *bytes;
	size_t len;
	size_t count;
};
int chunk_writer_init(struct chunk_writer *writer); // 0 or -ENOMEM
void chunk_writer_fini(struct chunk_writer *writer); // a zeroed one is fine
void chunk_writer_clear(struct chunk_writer *writer);
bool chunk_writer_add(struct chunk_writer *writer, const char *text, size_t len); // false: full
// The data of a candidate with what was added; lives until the next call. 0, -ENOMEM, -EMSGSIZE.
int chunk_writer_data(
	struct chunk_writer *writer,
	const struct table *table,
	const char *cutoff,
	bool text_keys,
	const unsigned char **data,
	size_t *len
);

// Reads a candidate's data, which must outlive the chunk. 0, -EBADMSG, -ENOMEM.
int chunk_read(struct chunk **out, const struct preset *preset, const struct candidate *candidate);
void chunk_free(struct chunk *chunk); // NULL is fine

// Takes note that a row could not be removed. 0 or -ENOMEM.
int chunk_note_failure(
	struct chunk *chunk, const struct chunk_key *key, enum reason reason, const char *words
);
