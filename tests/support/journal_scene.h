// SPDX-License-Identifier: MPL-2.0
// journal_scene: a journal whose topics, database and lock are stood in for: it wraps all of
// kafka_state.h, and publisher.h as far as a journal calls it.
//
// Whatever fails fails the running test. Thread: that of the tests.
#pragma once

#include "common/page.h"
#include "producer/outbox/cursor.h"
#include "producer/outbox/journal.h"
#include "producer/outbox/lock.h"
#include "producer/producer.h"

#include <stdbool.h>
#include <stddef.h>

// What the stand-ins answer, and what they were told.
struct world {
	unsigned char cursor[8192]; // in the state topic
	size_t cursor_len; // 0: none
	int get_err, put_err;
	int puts;
	const char *held;
	int held_err; // of the next look
	bool is_lock_lost;
	// Of the candidates, until it was asked.
	bool is_topic_lost;
	int verifies, frees; // of the lock
	int (*on_wait)(void *ctx);
	void *on_wait_ctx;
	char acked[PAGE_CURSOR_BYTES];
	int64_t now_ms; // the monotonic clock
};

extern struct world *world; // of the scene

struct scene {
	struct world world;
	struct lock lock;
	struct journal *journal;
	struct handle *handle;
	struct producer_hooks hooks;
	struct pass pass;
};

void begin_scene(struct scene *scene);
void begin_scene_without_cursors(struct scene *scene); // of pages
void end_scene(struct scene *scene);

// The journal's hooks, and what they return. A page has so many rows that its cursor is saved.
int begin_pass(struct scene *scene);
int put_page(struct scene *scene, const char *cursor);
int end_pass(struct scene *scene, const char *cursor);

// The cursor in the state topic.
struct cursor saved(void);
void save_junk(void); // in its place
