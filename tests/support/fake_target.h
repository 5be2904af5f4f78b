// SPDX-License-Identifier: MPL-2.0
// fake_target: a target without a database, for tests of the engine: `count` candidates, each with one request to one
// of the nodes (or none), and a book of what was done to which.
#pragma once

#include "common/target.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_NODES_MAX = 8 };

struct fake { // the config of the target
	int64_t count; // candidates of a pass, keys from 0
	const char *nodes[FAKE_NODES_MAX]; // URLs; candidate k has node k mod node_count
	size_t node_count; // 0: no requests at all
	int64_t request_every; // only each so many-th candidate has a request; 0: all
	bool judged_by_scan; // candidates come freshly judged
	bool all_counted; // they count towards --max-records
	int64_t stage_rows; // rows of a stage; 0: one stage
	int64_t gone_below; // rows with a smaller key were removed by somebody else first
	// What estimate says of `out`, and returns; NULL: `count`, at once. Thread: scan.
	int (*on_estimate)(struct fake *fake, int64_t limit_ms, struct estimate *out);
	// The same of count_staying; NULL: as many as are eligible. Thread: scan.
	int (*on_staying)(struct fake *fake, int64_t limit_ms, int64_t enough, int64_t *out);
	// Index of a candidate's node; NULL: key mod node_count. Thread: loop.
	size_t (*on_route)(const struct fake *fake, int64_t key);
	// Errors of whole calls; NULL: none. Thread: scan.
	int (*on_scan)(struct fake *fake, size_t page_rows);
	const char *scan_words; // of an error of on_scan; NULL: none
	int (*on_check_batch)(struct fake *fake); // Thread: batch
	// What check says; NULL: VERDICT_GO for all. Thread: batch.
	void (*on_check)(struct fake *fake, struct work *work);
	// What remove says; NULL: done. A negative errno is for the whole batch. Thread: batch.
	int (*on_remove)(struct fake *fake, struct work *const *works, size_t count);
	// What 412 means; NULL: nothing special. Thread: loop.
	bool (*on_judge)(struct fake *fake, struct work *work, const struct http_answer *answer);
	void *user;

	pthread_mutex_t lock;
	unsigned char *removed; // by key
	unsigned char *requested; // by key: a request reached its goal
	int64_t removed_count;
	int64_t removed_unasked; // rows removed before their node said done: must stay 0
	int64_t removed_twice; // must stay 0
	int64_t checks; // candidates checked
	int64_t deferred;
	int64_t stages_mixed; // candidates scanned while an earlier stage was unfinished: must stay 0
	int64_t events[EVENT_PASS_END + 1];
	int64_t next; // of the scan
};

extern const struct target fake_target;

void fake_init(struct fake *fake); // after the settings were made
void fake_fini(struct fake *fake);
int64_t fake_removed(struct fake *fake); // Thread: any
