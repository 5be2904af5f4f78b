// SPDX-License-Identifier: MPL-2.0
// proof: is a record that was taken still at its place? Thread: loop. Owner: the source.
#pragma once

#include "worker/commits/offsets.h"

#include <stdbool.h>
#include <stdint.h>

struct proof; // opaque

// Offsets must outlive it. 0, -ENOMEM, -EAGAIN.
int proof_new(struct proof **out, struct offsets *offsets);
// Waits for the look that is out; NULL is fine.
void proof_free(struct proof *proof);
bool proof_is_missing(const struct member *member); // of a partition that we hold
void proof_serve(struct proof *proof, int64_t now_ms);
