// SPDX-License-Identifier: MPL-2.0
// chunk: the rows of one table that one transaction removes, as a candidate carries them.
// Owner: the work, as its state. Thread: loop; batch during remove.
#pragma once

#include "common/candidate.h"
#include "common/targets/softdelete/config/preset.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack;
struct row_words;

enum { CHUNK_KEYS_MAX = 900, CHUNK_CUTOFF_BYTES = 40 };

struct chunk_key {
	// As the server gives it; not ended.
	const char *text;
	size_t len;
};

// A row that could not be removed.
struct chunk_failure {
	enum reason reason;
	char id[160];
	char words[300];
};

// What came of keys.
struct removed {
	int64_t rows; // of the chunk's table
	int64_t rows_along; // of tables that go with it
	// Rows that are there and not due any more.
	int64_t spared;
};

// A transaction over the keys behind the settled ones: what it does when it is committed.
struct chunk_commit {
	size_t count; // keys; 0: none
	struct removed removed;
	int64_t stayed; // rows that are there after it
	// At failures[chunk->failure_count], until another one is noted.
	size_t failure_count;
};

// Of the connection.
struct chunk_losses {
	int count;
	int of_row; // of the next one, tried alone
	int blamed; // rows that stay for it
	// Keys that the next transaction takes; 0: all that are left.
	size_t size;
	// The last one left less to try at once.
	bool narrowed;
};

// What goes with the next key and is more than one transaction may have, so that it goes before it.
struct chunk_along {
	bool is_counted;
	// Rows, as of the last transaction that is known to be committed.
	int64_t left;
	// Rows that went by one whose end was not heard; 0: there is none.
	int64_t lost;
};

struct chunk {
	const struct table *table;
	char cutoff[CHUNK_CUTOFF_BYTES]; // SQL literal
	bool text_keys; // else integers
	// When the rows were marked, Unix time, as the scan saw it.
	int64_t oldest_ms;
	int64_t newest_ms;
	size_t count;
	// Keys at the front that are done with: what came of them is committed.
	size_t settled;
	struct removed removed; // of the settled ones
	size_t failure_count; // of the settled ones
	struct chunk_failure *failures;
	// The connection was lost while it committed.
	struct chunk_commit lost;
	struct chunk_along along;
	struct chunk_losses losses;
	struct chunk_key keys[]; // in the candidate's data
};

// Writes keys for a candidate, one after the other.
struct chunk_writer {
	struct pack *pack;
	unsigned char *bytes;
	size_t len;
	size_t count;
	int64_t oldest_ms; // when they were marked, Unix time
	int64_t newest_ms;
};
int chunk_writer_init(struct chunk_writer *writer); // 0 or -ENOMEM
void chunk_writer_fini(struct chunk_writer *writer); // a zeroed one is fine
void chunk_writer_clear(struct chunk_writer *writer);
// A row's key, and when it was marked. False: full.
bool chunk_writer_add(struct chunk_writer *writer, const char *text, size_t len, int64_t at_ms);
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

// Is there a transaction whose end was not heard?
bool chunk_is_in_doubt(const struct chunk *chunk);

// The next keys are done with.
void chunk_settle(struct chunk *chunk, const struct chunk_commit *commit);

// Takes note that a row could not be removed. 0 or -ENOMEM.
int chunk_note_failure(
	struct chunk *chunk, const struct chunk_key *key, enum reason reason, const char *words
);
