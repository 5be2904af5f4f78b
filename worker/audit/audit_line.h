// SPDX-License-Identifier: MPL-2.0
// audit_line: what the audit log says of a candidate that came to its end. Pure. Thread: any.
#pragma once

#include "common/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct audit_entry {
	int64_t at_ms; // Unix time
	const char *target;
	const char *id;
	int64_t key;
	// What an operator would call its end: "purged", "gone", "left", "failed", "postponed".
	const char *end;
	const char *reason; // "": none
	// Where its record went: "dead", "expired"; "": nowhere.
	const char *to;
	const char *node; // NULL: none, or unknown
	// Of the node's last answer; 0: none.
	int status;
	int attempts; // requests of the last step
	int64_t rows; // that it stands for
	int64_t removed; // of these, by us
	int64_t deletes; // requests that reached their goal
	// Unix time of the scan that found it.
	int64_t seen_ms;
	bool is_replayed;
};

// Replaces what is in `line` by a JSON object and a line feed; line->error says whether it could be
// built.
void audit_line(struct buf *line, const struct audit_entry *entry);
