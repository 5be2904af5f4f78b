// SPDX-License-Identifier: MPL-2.0
// producer_state: the producer's inside, shared by producer.c and ask.c.
#pragma once

#include "producer/producer.h"

#include <pthread.h>

struct producer {
	struct producer_setup setup;
	const struct producer_options *options;
	const struct target *target;
	struct handle *handle;
	pthread_t thread;
	bool has_thread;
	bool is_away; // the database; the scan thread's own
	pthread_mutex_t lock;
	pthread_cond_t moved; // asked for, stopped or exit
	// Of the running or the last pass.
	struct pass_report report;
	bool asked;
	bool ended; // the report was not taken yet
	bool stop;
	bool exit;
};

// --- ask.c. Thread: scan. All return 0, -ECANCELED (stopped meanwhile) or a negative errno as
// handle.h and db.h say, with words in pass->error or the handle.
bool ask_is_stopped(struct producer *producer);
// What is counted has *left_ms in all, and takes from it what it used; waiting for a lost database
// does not count.
int ask_estimate(
	struct producer *producer, struct pass *pass, int64_t *left_ms, struct estimate *out
);
int ask_staying(
	struct producer *producer, struct pass *pass, int64_t *left_ms, int64_t enough, int64_t *out
);
int ask_page(struct producer *producer, struct pass *pass, struct page *page); // the next one
