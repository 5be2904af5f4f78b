// SPDX-License-Identifier: MPL-2.0
// ask: asks the target, and asks again when the connection was lost or a query did not work this
// once.
//
// All functions return 0, -ECANCELED (stopped meanwhile) or a negative errno as handle.h and db.h
// say, with words in pass->facts.error or the handle. Owner: the producer. Thread: scan.
#pragma once

#include "common/target/pass.h"
#include "common/target/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct page;
struct reach;

struct ask {
	const struct target *target;
	const void *config;
	struct handle *handle;
	struct log *log;
	// How long a lost database is waited for.
	int64_t reconnect_ms;
	size_t page_rows; // of a page, at most
	// Waits so long, or not at all. False: nobody shall wait any more.
	bool (*nap)(void *ctx, int64_t ms);
	void *nap_ctx;
	struct reach *reach; // hears of it
	bool is_away; // the database; zero it
};

// What is counted has *left_ms in all, and takes from it what it used; waiting for a lost database
// does not count.
int ask_estimate(struct ask *ask, struct pass *pass, int64_t *left_ms, struct estimate *out);
int ask_staying(struct ask *ask, struct pass *pass, int64_t *left_ms, int64_t enough, int64_t *out);
// Reads the next page. A lost connection is mended and the same page read again; one that keeps
// failing is read in smaller pieces, down to one row.
int ask_page(struct ask *ask, struct pass *pass, struct page *page);
// Logs the target's lines about a stage that begins, or that ended.
void ask_narrate(const struct ask *ask, const struct pass *pass, bool ended);
// Logs what the target wants the operator to know, once.
void ask_tell_warning(const struct ask *ask, struct pass *pass);
