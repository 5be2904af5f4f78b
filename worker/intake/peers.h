// SPDX-License-Identifier: MPL-2.0
// peers: has the group given every partition to somebody? Thread: loop. Owner: the source.
#pragma once

#include "worker/commits/offsets.h"
#include "worker/commits/recall.h"
#include "worker/handover/departures.h"
#include "worker/inquiry/faults.h"
#include "worker/intake/assign.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stdint.h>

struct peers; // opaque

// All outlive it, and the member's consumer.
struct peers_setup {
	struct member *member;
	struct offsets *offsets;
	struct recall *recall;
	struct faults *faults;
	struct departures *departures;
	struct assign *assign;
};

int peers_new(struct peers **out, const struct peers_setup *setup); // 0, -ENOMEM, -EAGAIN
// Waits for the question that is out; NULL is fine.
void peers_free(struct peers *peers);
void peers_serve(struct peers *peers, int64_t now_ms); // NULL is fine
// A topic that was away is there again. NULL is fine.
void peers_note_back(struct peers *peers);
// Has it been seen, and nothing moved since, that the members have all partitions, and that each
// topic may be read? NULL: not yet.
bool peers_hold_all(const struct peers *peers);
