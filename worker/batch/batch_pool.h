// SPDX-License-Identifier: MPL-2.0
// batch_pool: the few threads that may block. Each takes a whole batch and gives the whole batch
// back.
//
// Thread: loop, unless said otherwise. Owner: the worker.
#pragma once

#include "common/target/target.h"
#include "worker/batch/batch.h"

struct batch_pool; // opaque
struct log;

struct batch_pool_setup {
	const struct target *target;
	const void *config;
	const char *location; // of the handles
	size_t threads;
	// Nothing will be deleted: a replica will do.
	bool dryrun;
	// How long a lost connection is waited for.
	int64_t reconnect_ms;
	struct log *log;
	// A batch is done, or a thread has answered the muster. Thread: batch.
	void (*wake)(void *ctx);
	void *wake_ctx;
};

// 0, -ENOMEM, -EAGAIN (no thread), -EINVAL (the location).
int batch_pool_new(struct batch_pool **out, const struct batch_pool_setup *setup);
// Ends the threads; waits for the call that each is in, and for what is queued: nobody hears what
// came of it. NULL is fine.
void batch_pool_free(struct batch_pool *pool);
// From now on nobody waits for a lost connection, or again as at the start.
void batch_pool_hurry(struct batch_pool *pool, bool hurry);

// Has every thread take its connection now, before anything is begun that wants one later; asked
// anew, also one that it has may have been lost. wake tells when they have answered.
void batch_pool_muster(struct batch_pool *pool);
// What came of it: false as long as some have not answered. A thread that has none leaves its work
// to the others, and tries again now and then; when none has one, all wait for it, as for a
// database that is away.
bool batch_pool_mustered(
	struct batch_pool *pool, size_t *connected, char *error, size_t error_bytes
);

void batch_pool_submit(struct batch_pool *pool, struct batch *batch);
struct batch *batch_pool_take_done(struct batch_pool *pool); // a list, or NULL
// No batch is out, and none came back.
bool batch_pool_is_empty(struct batch_pool *pool);
// Some thread has nothing to do and nothing waits.
bool batch_pool_has_free_thread(struct batch_pool *pool);
// Is the database there, as far as the threads have noticed? 1; 0: they wait for it, or none gets a
// connection; -1: not known yet.
int batch_pool_reaches(struct batch_pool *pool);
// What the last pass noticed of that says nothing of the next one.
void batch_pool_forget(struct batch_pool *pool);
