// SPDX-License-Identifier: MPL-2.0
// fake_target: a target without a database, for tests of the engine: `count` candidates, each with
// one request to one of the nodes (or none), and a book of what was done to which.
#pragma once

#include "common/target/event.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"
#include "common/target/work.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_NODES_MAX = 8, FAKE_CALLS_AT_ONCE = 10 };

struct fake { // the config of the target
	// Candidates of a pass, keys from 0.
	int64_t count;
	// URLs; candidate k has node k mod node_count.
	const char *nodes[FAKE_NODES_MAX];
	size_t node_count; // 0: no requests at all
	// Only each so many-th candidate has a request; 0: all.
	int64_t request_every;
	// Calls of a candidate, call n to node (k + n) mod node_count; 0: one.
	int64_t calls_each;
	bool judged_by_scan; // candidates come freshly judged
	bool all_counted; // they count towards --max-records
	// Rows of a stage; 0: one stage.
	int64_t stage_rows;
	// Rows with a smaller key were removed by somebody else first.
	int64_t gone_below;
	// What estimate says of `out`, and returns; NULL: `count`, at once. Thread: scan.
	int (*on_estimate)(struct fake *fake, int64_t limit_ms, struct estimate *out);
	// The same of count_staying; NULL: as many as are eligible. Thread: scan.
	int (*on_staying)(struct fake *fake, int64_t limit_ms, int64_t enough, int64_t *out);
	// Index of a candidate's node; NULL: key mod node_count. Thread: loop.
	size_t (*on_route)(const struct fake *fake, int64_t key);
	// Errors of whole calls; NULL: none. Thread: scan.
	int (*on_scan)(struct fake *fake, size_t page_rows);
	// Of an error of on_scan; NULL: none.
	const char *scan_words;
	int (*on_check_batch)(struct fake *fake); // Thread: batch
	// What check says; NULL: VERDICT_GO for all. Thread: batch.
	void (*on_check)(struct fake *fake, const struct work_pair *pair);
	// What remove says; NULL: done, but for what it postponed. A negative errno is for the
	// whole batch. Thread: batch.
	int (*on_remove)(struct fake *fake, const struct work_pair *pairs, size_t count);
	// What an answer means, if not what the engine says; NULL: that. Thread: loop.
	void (*on_judge
	)(struct fake *fake, struct work *work, const struct http_answer *answer, struct finding *io
	);
	// Its calls go on without what is not sent; those are not done either way.
	bool goes_on_unsent;
	void *user;

	pthread_mutex_t lock;
	unsigned char *removed; // by key
	// By key, and by call where there are several: it reached its goal.
	unsigned char *requested;
	int64_t requested_twice; // must stay 0
	int64_t unsent; // calls that were gone on without
	int64_t removed_count;
	// Rows removed before their node said done: must stay 0.
	int64_t removed_unasked;
	int64_t removed_twice; // must stay 0
	int64_t checks; // candidates checked
	int64_t deferred;
	// Candidates scanned while an earlier stage was unfinished: must stay 0.
	int64_t stages_mixed;
	int64_t events[EVENT_PASS_END + 1];
	int64_t next; // of the scan
};

extern const struct target fake_target;
extern const struct target fake_target_of_many; // of FAKE_CALLS_AT_ONCE calls at once

void fake_init(struct fake *fake); // after the settings were made
void fake_fini(struct fake *fake);
int64_t fake_removed(struct fake *fake); // Thread: any
