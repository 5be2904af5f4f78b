// SPDX-License-Identifier: MPL-2.0
// tokenserver_run.h: a pass of the target on a private database, and its candidates as tasks.
//
// Whatever fails fails the running test.
#pragma once

#include "common/target/pass.h"
#include "common/target/target.h"
#include "common/target/work.h"
#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/state.h"

#include <stddef.h>
#include <stdint.h>

enum { TASKS_MAX = 64, HOUR_MS = 3600 * 1000 };

// The world of a test: one server for all of them, a fresh database for each. Node 1 is up, node 2
// is down.
struct world {
	struct mariadb *server;
	struct handle *handle; // open
	struct tokenserver_config config; // a grace of a day
	int64_t old_ms; // long before the cutoff
	int64_t young_ms; // within the grace
};

// For cmocka: state is a struct world *.
int world_start(void **state);
int world_stop(void **state);
int world_begin(void **state);
int world_end(void **state);

// Opens the handle anew, to another URL; it is not connected.
void world_open(struct world *world, const char *url);
// A record with the client_state aabb and the generation 5.
void world_add(
	struct world *world, int64_t uid, const char *email, int64_t replaced_at, int64_t nodeid
);

struct task {
	struct candidate *candidate;
	struct work work;
	struct work_result result;
};

struct run {
	struct world *world;
	struct pass pass;
	struct task tasks[TASKS_MAX];
	struct work_pair pairs[TASKS_MAX]; // of the tasks
	size_t count;
	int64_t left[REASON_COUNT];
	int64_t rows;
};

// Scans everything; `pass` says with what. Freed by run_free.
struct run *run_scan(struct world *world, const struct pass *pass);
struct run *run_scan_all(struct world *world);
// The same as records that a replay brings back; the rows are gone then.
struct run *run_replay(struct world *world);
void run_free(struct run *run);

// As the engine does: what was said before counts no more, and what a check judged is the work's.
void run_check(struct run *run);
void run_remove(struct run *run);
void run_defer(struct run *run);

struct work *run_find(const struct run *run, int64_t uid);
struct work_result *run_result(const struct run *run, int64_t uid);
const struct state *run_state(const struct run *run, int64_t uid);
void run_assert_fate(const struct run *run, int64_t uid, enum verdict verdict, enum reason reason);
// It cannot be purged, for a reason of these words.
void run_assert_refused(const struct run *run, int64_t uid, const char *words);
