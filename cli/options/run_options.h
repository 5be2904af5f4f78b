// SPDX-License-Identifier: MPL-2.0
// run_options: the options of `run` that every target has, and what they mean for producer and
// worker. Thread: main.
#pragma once

#include "cli/front/front.h"
#include "cli/options/admin_option.h"
#include "cli/options/schedule_option.h"
#include "common/conf/conf.h"
#include "producer/producer.h"
#include "worker/worker.h"

enum run_on_failure { RUN_LEAVE, RUN_DEFER };

struct run_options { // filled by conf; durations in ms
	struct schedule_option schedule;
	int64_t max_per_loop;
	int64_t max_records;
	int64_t request_timeout;
	int64_t connect_timeout;
	bool oneshot;
	bool dryrun;
	int64_t range_start;
	int64_t range_end;
	int64_t inflight;
	int64_t node_inflight;
	double node_rate;
	double max_rate;
	int64_t window;
	int64_t batch_rows;
	int64_t batch_threads;
	int64_t check_ttl;
	int64_t attempts;
	int64_t retry_time;
	double max_fraction;
	int64_t warn_after;
	int on_failure; // enum run_on_failure
	int64_t drain_timeout;
	int64_t database_patience;
	char *ca_file;
	char *proxy;
	char *audit_log;
	char *metric_host;
	int64_t metric_port;
	struct admin_option admin; // by rows of its own
};

// Those of the log are rows of their own: front_log_rows.
extern const struct conf_row run_option_rows[];
extern const size_t run_option_count;

// Copies the rows of these options (ends with NULL), for commands that share them. Returns how
// many.
size_t run_options_pick(const char *const *names, struct conf_row *out);

// front_parse for a command that has these options, and then what rows cannot say of them. Returns
// as front_parse.
int run_options_parse(
	struct conf **out,
	const struct run_options *options,
	const struct invocation *invocation,
	const struct front_command *command
);
struct producer_options run_options_producer(
	const struct run_options *options, const struct conf *conf
);
struct worker_options run_options_worker(const struct run_options *options);
// What of it may change while the worker works.
void run_options_limit(const struct run_options *options, struct worker_options *out);
