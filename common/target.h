// SPDX-License-Identifier: MPL-2.0
// target: what differs between kinds of cleanup. A target describes, the engine does.
//
// A target is a const struct of slots. It blocks only in begin, estimate, scan, check, remove and
// defer, on the handle that it is given; it opens no connection, starts no thread, keeps no state
// but `config` (read-only after setup), the pass's `scan` and a work's `state`. Slots marked
// optional may be NULL.
#pragma once

#include "common/candidate.h"
#include "common/conf/conf.h"
#include "common/handle.h"
#include "common/http/http_message.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metrics;
struct page;

enum { PASS_ERROR_BYTES = 1600 };

// One walk over all candidates with one cutoff. Owner: the producer. Thread: scan.
struct pass {
	// Names the pass in logs and records.
	char id[24];
	int64_t started_wall_ms;
	int64_t range_start; // both exclusive
	int64_t range_end;
	bool has_range_start;
	bool has_range_end;
	// --max-per-loop, or less while pages of that size do not work.
	size_t page_rows;
	// A page's cursor from an earlier pass to go on from; NULL: from the beginning.
	const char *resume;
	// Cursors stay so far behind the cutoff, for what is written late.
	int64_t margin_ms;
	// Candidates are only published: nothing will be removed by this process.
	bool scan_only;
	bool dryrun; // nothing will be sent or changed
	bool will_defer; // failed candidates will be deferred
	int64_t max_records; // --max-records; 0: no limit
	// Rows removed so far, and rows of other kinds that went with them, as of the last page
	// that settled. A queue outside the process does not tell: -1.
	int64_t removed;
	int64_t removed_also;
	// Set by begin, in the target's unit.
	int64_t cutoff;
	// The target's own; made by begin, freed by end.
	void *scan;
	// Another process scans what this one would: no failure; set before begin, by the
	// producer's hook.
	bool is_standby;
	// A failed slot's words for the operator.
	char error[PASS_ERROR_BYTES];
	// Of a dry run: why a real one would fail, or ""; set by begin.
	char obstacle[PASS_ERROR_BYTES];
	// What the operator should know; set by begin and estimate; "": nothing.
	char warning[512];
};

struct estimate {
	// Rows that may be purged, at most; -1: unknown in time.
	int64_t eligible;
	// False: there are at least so many.
	bool eligible_exact;
	// How long it took to count those.
	int64_t eligible_ms;
	// The target's own limits let go only `most` of the eligible ones, or fewer.
	bool is_limited;
	int64_t most;
	// Of those eligible: count towards no --max-records; -1: unknown, or there is no limit.
	int64_t uncounted;
};

// Which line of a stage's story is wanted.
struct narration {
	bool ended; // false: the stage begins
	size_t index;
};

// What a target sees of a task. Owner: the engine's task. Thread: loop, but a batch thread during
// check, remove and defer (handed over whole).
struct work {
	const struct candidate *candidate;
	// The target's own; made by load, freed by unload.
	void *state;
	// When it was last judged; 0: never.
	int64_t checked_mono_ms;
	int64_t checked_wall_ms;
	// On the monotonic clock: when that judgement is too old; 0: never. Set before remove.
	int64_t good_until_ms;
	// That it stands for; set by load when it is not one.
	int64_t rows;
	// The least and the greatest `at` of these rows; set by load, else both are the
	// candidate's.
	int64_t oldest_at;
	int64_t newest_at;
	// Counts towards --max-records; set by load and check.
	bool counted;
	// On VERDICT_RETRY: others kept it from being tried, so it is not its own trouble.
	bool untried;
	// An earlier remove lost the connection while it committed: rows that are not in `removed`
	// may be gone by our own hand. Set by remove.
	bool commit_unknown;
	// Likewise, so many rows of other tables that are not in `removed_also`. Set by remove.
	int64_t also_unknown;
	// On -ENOTCONN of a work that is alone in its batch: the next remove tries less of it at
	// once, so that it may find the row that ends every connection; the losses so far do not
	// count. At most a few times per row. Set by remove.
	bool narrowed;
	enum verdict verdict; // set by check, remove and defer
	enum reason reason;
	// What is committed so far, over all calls and whatever the verdict or the error, so that
	// it counts however the task ends; the rest of `rows` then failed or was postponed. Set by
	// remove.
	int64_t removed; // rows that remove really took
	// Rows of other kinds that had to go with them.
	int64_t removed_also;
	// Rows that were not due any more.
	int64_t spared;
	// Rows that remove will not take; failed_row tells why, `reason` why the first.
	int64_t failed;
	// Rows that others took; on VERDICT_DONE all that is not one of the above.
	int64_t gone;
	// Words for the log when it fails; no e-mail address.
	char message[160];
};

// Names a row of a work that holds several.
struct row_words {
	enum reason reason;
	char id[160];
	// Why it was not removed; no e-mail address.
	char words[300];
};

// Where a work's next request goes.
struct route {
	char origin[300]; // names the lane: scheme://host:port
};

// What a request may be made of besides the work, so that making it is pure.
struct send_moment {
	double now_s; // Unix time
	unsigned char random[16]; // fresh
};

enum event_kind {
	// Value: rows eligible at the start; only when it is exact.
	EVENT_BACKLOG,
	EVENT_PAGE, // value: rows fetched
	// Work, answer: any answer of a node.
	EVENT_ANSWER,
	// Work, answer: a request reached its goal.
	EVENT_REQUEST_DONE,
	// Work; value: rows of it that are gone by our hand.
	EVENT_PURGED,
	// Work; value: rows of it that were given up, work->reason says why.
	EVENT_FAILED,
	EVENT_DEFER_FAILED, // work: defer did not work
	EVENT_LIMIT, // --max-records was reached
	EVENT_PASS_END, // value: duration in ms; success
};

struct event {
	enum event_kind kind;
	const struct work *work;
	const struct http_answer *answer;
	int64_t value;
	bool success;
};

struct target_alias {
	const char *program; // argv[0] that means `run TARGET`
	// Its other defaults, instead of the target's; ends with name NULL.
	const struct conf_preset *presets;
	// Option that the one word fills, when there are no `words`; optional.
	const char *positional;
	// Options that its words fill, in order; ends with NULL; optional.
	const char *const *words;
	// What may stand behind the program's name; optional.
	const char *usage;
	// Lines of --help that explain the words; optional.
	const char *about;
	// Exit 0 instead of 3 when some rows failed.
	bool failures_exit_0;
};

struct target {
	const char *name;
	const char *summary; // one line for --help
	const struct target_alias *aliases; // ends with program NULL; optional
	const struct conf_row *options;
	size_t option_count;
	// Other defaults than the engine's; ends with name NULL; optional.
	const struct conf_preset *presets;
	// The engine's options that mean nothing here, so --help does without; ends with NULL;
	// optional.
	const char *const *unused;
	// Its options that a process that only scans does not want, so that its --help does
	// without; ends with NULL; optional.
	const char *const *only_requests;
	// What is told of a word that is no option, which may be a secret; optional.
	const char *word_hint;
	// Size of the struct that options fill; zeroed first.
	size_t config_bytes;
	enum handle_kind handle_kind;
	const char *metrics_prefix;

	// Checks the options and derives from them. Sets *location (lives as long as config).
	// Thread: main, once. Returns 0, -EINVAL with words in `error` (wrong usage), -ERANGE with
	// words that are told as they are (the run fails, as the program that is replaced would),
	// -ENOMEM.
	int (*setup)(void *config, const char **location, char *error, size_t error_bytes);
	// As setup, for a process that only scans: wants nothing that only requests need. optional.
	int (*setup_scan)(void *config, const char **location, char *error, size_t error_bytes);
	void (*teardown)(void *config); // must take a zeroed config
	// Where the location was given, for a remedy; NULL: by --database-url. optional.
	const char *(*source)(const void *config);
	// Words that the operator should see once at start (an option that is ignored …), or NULL.
	// optional.
	const char *(*warning)(const void *config);
	// The last line on standard error, as it is, when a run failed or some rows did; the exit
	// status is then 1. NULL: none. optional.
	const char *(*last_words)(const void *config);

	// --- scan thread, may block. 0 or negative errno as db.h classifies; words in pass->error.
	// Names the database that candidates come from, so that no worker looks for them in another
	// one. optional.
	int (*identify)(const void *config, struct handle *handle, char *out, size_t out_bytes);
	// What the scan passes over for now, as ascending numbers with commas; when one is gone
	// from the list, rows wait that a cursor has passed. -EMSGSIZE: too many. optional.
	int (*held)(const void *config, struct handle *handle, char *out, size_t out_bytes);
	// Looks up what the pass needs and proves that everything it will do is allowed, before
	// anything is touched.
	int (*begin)(const void *config, struct handle *handle, struct pass *pass);
	// Counts, for limit_ms in all; eligible is counted first. What is not counted by then
	// is unknown, not an error. optional: all is unknown then.
	int (*estimate
	)(const void *config,
	  struct handle *handle,
	  struct pass *pass,
	  int64_t limit_ms,
	  struct estimate *out);
	// Counts the rows of what is scanned that are not eligible, live ones included, for
	// limit_ms and up to `enough` of them. Counted, never estimated: -1 when there was no time
	// for it. optional: unknown then.
	int (*count_staying
	)(const void *config,
	  struct handle *handle,
	  struct pass *pass,
	  int64_t limit_ms,
	  int64_t enough,
	  int64_t *out);
	// Fills the page with the next candidates of pass->scan's position. May be called again
	// with the same position after an error. Sets end_of_stage when the stage, end_of_pass when
	// the pass has no more.
	int (*scan
	)(const void *config, struct handle *handle, struct pass *pass, struct page *page);
	void (*end)(const void *config, struct pass *pass); // frees pass->scan; NULL is fine
	// Writes the index-th line that the log gets when a stage begins (before its first scan),
	// or when it ended (pass->removed is up to date). Returns false when there is no such line.
	// optional.
	bool (*narrate
	)(const void *config,
	  const struct pass *pass,
	  const struct narration *line,
	  char *out,
	  size_t out_bytes);

	// --- loop thread, never blocks.
	// Reads candidate->data into state. -EBADMSG: cannot be decoded; -ENOMEM.
	int (*load)(const void *config, struct work *work);
	void (*unload)(const void *config, struct work *work);

	// --- batch thread, may block; sets each work's verdict and reason. 0, or an error that
	// holds for the whole batch. Judges again what the scan found. optional, but not for a
	// target whose judge says RECHECK.
	int (*check
	)(const void *config, struct handle *handle, struct work *const *works, size_t count);
	int (*remove
	)(const void *config, struct handle *handle, struct work *const *works, size_t count);
	int (*defer
	)(const void *config, struct handle *handle, struct work *const *works, size_t count
	); // optional
	// Works in one check or remove; 0: the engine's --batch-rows.
	size_t batch_max;

	// --- loop thread, pure. 1: out says where the next request goes; 0: none left; -EINVAL
	// with work->message: cannot be made; out says where it would have gone, if that is known.
	// optional.
	int (*route)(const void *config, const struct work *work, struct route *out);
	// Makes that request, right before it is sent. 0, -EINVAL, -ENOMEM. optional, but not
	// beside a route.
	int (*request
	)(const void *config,
	  struct work *work,
	  const struct send_moment *moment,
	  struct http_request *out);
	// What the answer means here. Returns false when the engine's common judgement stands; else
	// sets work->verdict (GO, LEFT, RECHECK, RETRY, FAILED) and reason. Called for every
	// answer; on GO it takes note that this request is done. optional.
	bool (*judge)(const void *config, struct work *work, const struct http_answer *answer);
	// The last request reached its goal. optional.
	void (*request_done)(const void *config, struct work *work);

	// Puts an event into the target's own metrics. Thread: scan or loop. optional.
	void (*report)(const void *config, struct metrics *metrics, const struct event *event);
	// Names the index-th of work->failed rows. Not optional where there are any.
	void (*failed_row
	)(const void *config, const struct work *work, int64_t index, struct row_words *out);
	// Words for a dry run's plan: what would happen ("node and row") and where (the node, or
	// NULL). optional.
	const char *(*plan)(const void *config, const struct work *work, const char **where);
};
