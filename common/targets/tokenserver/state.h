// SPDX-License-Identifier: MPL-2.0
// state: what a task of this target knows about its record: all that the purge needs, as the last
// judgement had it. Written into the candidate by the scan, read back by load, brought up to date
// by check. Pure. Owner: the work.
// Thread: any.
#pragma once

#include "common/targets/tokenserver/rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack;

struct state { // zero it before use
	int64_t replaced_at; // as judged
	int64_t nodeid; // as judged
	bool nodeless; // no node, no limit
	bool send_delete; // the node comes before the row
	// The node is spared: its data is in use.
	bool held_back;
	bool forced; // its node is down
	// Where the DELETE goes, or would; NULL when nodeless.
	char *node;
	// This process has read it in the database; a record alone is not enough.
	bool node_is_known;
	char *fxa_uid; // NULL when unknown
	char *fxa_kid; // NULL when it cannot be computed
	// Why it cannot be purged; NULL: it can.
	char *fault;

	// The node said that the data is gone.
	bool is_deleted;
	// The node said that somebody wrote meanwhile.
	bool is_modified;

	// The end of an earlier remove was not heard: it may have taken the record.
	bool commit_unknown;
};

void state_fini(struct state *state); // a zeroed one is fine

// Takes over a ruling that is GO or FAILED. What the node said is forgotten when the data is
// another. 0 or -ENOMEM, then nothing has changed.
int state_set(struct state *state, const struct user_row *row, const struct ruling *ruling);

// The map that a candidate carries. 0 or an error as pack_data; *data lives as that says.
int state_pack(
	const struct state *state, struct pack *pack, const unsigned char **data, size_t *len
);
// Reads it back into a zeroed state; replaced_at is not in it. -EBADMSG, -ENOMEM.
int state_unpack(struct state *state, const unsigned char *data, size_t len);
