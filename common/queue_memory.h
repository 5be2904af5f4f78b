// SPDX-License-Identifier: MPL-2.0
// queue_memory: the bounded queue of one process, with both sides. To stop one is to stop the
// other.
// Thread: as common/queue.h says.
#pragma once

#include "common/queue.h"

struct queue_memory; // opaque

// At most `capacity` candidates with 4 MiB of data wait in it (a list of more waits for an empty
// queue). NULL: out of memory or file descriptors.
struct queue_memory *queue_memory_new(size_t capacity);
void queue_memory_free(struct queue_memory *queue); // NULL is fine

struct queue_put *queue_memory_put_side(struct queue_memory *queue);
struct queue_take *queue_memory_take_side(struct queue_memory *queue);
