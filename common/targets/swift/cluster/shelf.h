// SPDX-License-Identifier: MPL-2.0
// shelf: ring files, each read once for all who want it, and again when it was changed. Blocks on
// files. Thread: the owner's.
#pragma once

#include "common/targets/swift/ring/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shelf; // opaque
struct shelf_ring; // opaque: a ring that somebody has

struct shelf *shelf_new(void); // NULL: out of memory
// NULL is fine; all rings were given back.
void shelf_free(struct shelf *shelf);

// Takes the ring of a file as it is now, or was some seconds ago by now_ms (monotonic). 0; or as
// ring_open: a file that became unreadable is an error, though it was read before.
int shelf_take(
	struct shelf *shelf,
	const char *path,
	int64_t now_ms,
	struct shelf_ring **out,
	char *error,
	size_t error_bytes
);
// Once more the same.
struct shelf_ring *shelf_again(struct shelf_ring *ring);
void shelf_give_back(struct shelf_ring *ring); // NULL is fine
// As long as it is not given back.
const struct ring *shelf_ring_of(const struct shelf_ring *ring);

// Something that should be where the ring says was found there, or was not.
void shelf_note(struct shelf_ring *ring, bool is_found);
// Enough was found by it, and hardly anything missed: it is that of the cluster.
bool shelf_is_proved(const struct shelf_ring *ring);
