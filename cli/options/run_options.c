// SPDX-License-Identifier: MPL-2.0
// run_options: the options of `run` that every target has.
#include "cli/options/run_options.h"

#include "cli/front/process.h"
#include "cli/options/range_option.h"
#include "cli/options/schedule_option.h"
#include "common/http/ca_file.h"
#include "common/target/target_front.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// What no option sets.
enum {
	BACKLOG_MS = 5000,
	ESTIMATE_MS = 10000,
	LINGER_MS = 10,
	BODY_DROP_BYTES = 64 * 1024,
	LANE_INFLIGHT_START = 16,
	LANE_BREAKER_FAILURES = 5,
	LANE_PROBE_INTERVAL_MS = 1000,
	LANE_DENIED_ROWS = 5,
	RETRY_BASE_MS = 100,
	RETRY_CEILING_MS = 5000,
	// A node that asks for time gets so much of it, at least.
	HOLD_LEAST_MS = 60000,
};

#define AT(field) offsetof(struct run_options, field)

static const char *const on_failure_names[] = {"leave", "defer", NULL};

// In the order of --help.
const struct conf_row run_option_rows[] = {
	{.name = "oneshot",
	 .kind = CONF_FLAG,
	 .offset = AT(oneshot),
	 .word = "once",
	 .help = "one run, then exit"},
	{.name = "dryrun",
	 .kind = CONF_FLAG,
	 .offset = AT(dryrun),
	 .help = "send and change nothing; print what would be done"},
	SCHEDULE_OPTION_ROWS(AT(schedule)),
	{.name = "max-per-loop",
	 .kind = CONF_INT,
	 .offset = AT(max_per_loop),
	 .fallback = "1000",
	 .meta = "ROWS",
	 .min = 1,
	 .max = 100000,
	 .help = "rows read by one step of the scan"},
	{.name = "max-records",
	 .exact = true,
	 .kind = CONF_INT,
	 .offset = AT(max_records),
	 .fallback = "0",
	 .meta = "N",
	 .min = 0,
	 .max = 9e18,
	 .help = "purge at most so many records in one run; 0: no limit"},
	RANGE_OPTION_ROW("range-start", AT(range_start), "only records whose uid is greater"),
	RANGE_OPTION_ROW("range-end", AT(range_end), "only records whose uid is less"),
	{.name = "max-fraction",
	 .exact = true,
	 .kind = CONF_DOUBLE,
	 .offset = AT(max_fraction),
	 .fallback = "0.9",
	 .meta = "SHARE",
	 .min = 0,
	 .max = 1,
	 .help = "refuse a run that would purge more than this share of all rows, above 1,000 "
		 "rows; 0: no limit"},
	{.name = "warn-after",
	 .kind = CONF_DURATION,
	 .offset = AT(warn_after),
	 .fallback = "30d",
	 .meta = "TIME",
	 .max = 3153600000,
	 .help = "tell of rows that the scan finds and that should have been purged so long ago; "
		 "0: of none"},
	{.name = "on-failure",
	 .needs = NEEDS_DEFER,
	 .exact = true,
	 .kind = CONF_CHOICE,
	 .offset = AT(on_failure),
	 .fallback = "leave",
	 .meta = "WHAT",
	 .choices = on_failure_names,
	 .help = "leave a failed row for the next run, or defer it for one grace period"},
	{.name = "request-timeout",
	 .needs = NEEDS_CALLS,
	 .kind = CONF_DURATION,
	 .offset = AT(request_timeout),
	 .fallback = "60",
	 .meta = "TIME",
	 .min = 0.001,
	 .max = 3600,
	 .help = "how long a node may take to answer"},
	{.name = "connect-timeout",
	 .needs = NEEDS_CALLS,
	 .kind = CONF_DURATION,
	 .offset = AT(connect_timeout),
	 .fallback = "10",
	 .meta = "TIME",
	 .min = 0.001,
	 .max = 3600,
	 .help = "how long a node may take to accept a connection"},
	{.name = "attempts",
	 .kind = CONF_INT,
	 .offset = AT(attempts),
	 .fallback = "6",
	 .meta = "N",
	 .min = 1,
	 .max = 1000,
	 .help = "tries of one request within a run"},
	{.name = "retry-time",
	 .kind = CONF_DURATION,
	 .offset = AT(retry_time),
	 .fallback = "20",
	 .meta = "TIME",
	 .min = 0,
	 .max = 86400,
	 .help = "no new try later than this after the first"},
	{.name = "node-inflight",
	 .needs = NEEDS_CALLS,
	 .kind = CONF_INT,
	 .offset = AT(node_inflight),
	 .live = true,
	 .fallback = "64",
	 .meta = "N",
	 .min = 1,
	 .max = 10000,
	 .help = "most requests at once to one node"},
	{.name = "node-rate",
	 .needs = NEEDS_CALLS,
	 .kind = CONF_DOUBLE,
	 .offset = AT(node_rate),
	 .live = true,
	 .fallback = "0",
	 .meta = "N",
	 .min = 0,
	 .max = 1000000,
	 .help = "most requests a second to one node; 0: no limit"},
	{.name = "max-rate",
	 .kind = CONF_DOUBLE,
	 .offset = AT(max_rate),
	 .live = true,
	 .fallback = "0",
	 .meta = "N",
	 .min = 0,
	 .max = 1000000,
	 .help = "most records a second, over all nodes; 0: no limit"},
	{.name = "inflight",
	 .needs = NEEDS_CALLS,
	 .kind = CONF_INT,
	 .offset = AT(inflight),
	 .fallback = "512",
	 .meta = "N",
	 .min = 1,
	 .max = 50000,
	 .help = "most requests at once in all"},
	{.name = "window",
	 .kind = CONF_INT,
	 .offset = AT(window),
	 .fallback = "4096",
	 .meta = "N",
	 .min = 1,
	 .max = 1000000,
	 .help = "most records in work at once"},
	{.name = "check-ttl",
	 .needs = NEEDS_CHECK,
	 .exact = true,
	 .kind = CONF_DURATION,
	 .offset = AT(check_ttl),
	 .fallback = "10",
	 .meta = "TIME",
	 .min = 0.1,
	 .max = 300,
	 .help = "a record is judged again when the last time was longer ago"},
	{.name = "batch-rows",
	 .needs = NEEDS_BATCHES,
	 .kind = CONF_INT,
	 .offset = AT(batch_rows),
	 .fallback = "500",
	 .meta = "N",
	 .min = 1,
	 .max = 10000,
	 .help = "most rows in one transaction"},
	{.name = "batch-threads",
	 .kind = CONF_INT,
	 .offset = AT(batch_threads),
	 .fallback = "2",
	 .meta = "N",
	 .min = 1,
	 .max = 64,
	 .help = "connections that check and remove rows"},
	{.name = "database-patience",
	 .kind = CONF_DURATION,
	 .offset = AT(database_patience),
	 .fallback = "30",
	 .meta = "TIME",
	 .min = 0,
	 .max = 3600,
	 .help = "how long a run waits for a lost database"},
	{.name = "drain-timeout",
	 .kind = CONF_DURATION,
	 .offset = AT(drain_timeout),
	 .fallback = "30",
	 .meta = "TIME",
	 .min = 0,
	 .max = 3600,
	 .help = "how long work in progress may take to end after SIGTERM"},
	{.name = "ca-file",
	 .needs = NEEDS_CALLS,
	 .kind = CONF_STRING,
	 .offset = AT(ca_file),
	 .meta = "FILE",
	 .help = "certificate authorities to trust, PEM; the system's when not given"},
	{.name = "proxy",
	 .needs = NEEDS_CALLS,
	 .kind = CONF_STRING,
	 .offset = AT(proxy),
	 .meta = "URL",
	 .help = "send requests by this proxy; none when not given"},
	{.name = "audit-log",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(audit_log),
	 .meta = "FILE",
	 .help = "append a line of JSON for each record that came to its end; `topic` (work): put "
		 "it into a topic of Kafka"},
	{.name = "metric-host",
	 .kind = CONF_STRING,
	 .offset = AT(metric_host),
	 .meta = "HOST",
	 .help = "DogStatsD agent; no metrics are sent when not given"},
	{.name = "metric-port",
	 .kind = CONF_INT,
	 .offset = AT(metric_port),
	 .fallback = "8125",
	 .meta = "PORT",
	 .min = 1,
	 .max = 65535,
	 .help = "its UDP port"},
};
const size_t run_option_count = sizeof(run_option_rows) / sizeof(run_option_rows[0]);

size_t run_options_pick(const char *const *names, struct conf_row *out) {
	size_t count = 0;

	for (; *names != NULL; names++)
		for (size_t i = 0; i < run_option_count; i++)
			if (strcmp(run_option_rows[i].name, *names) == 0)
				out[count++] = run_option_rows[i];
	return count;
}

static int check_ca_file(const char *file, char *error, size_t error_bytes) {
	char words[400];
	int err = file == NULL ? 0 : ca_file_check(file, words, sizeof(words));

	if (err < 0)
		snprintf(error, error_bytes, "'--ca-file' %s", words);
	return err;
}

// Each request has a connection of its own, and one that cannot be opened would look like its
// node's fault.
static int check_files(const struct run_options *options, char *error, size_t error_bytes) {
	int64_t files = process_files_for_nodes();

	if (options->inflight <= files)
		return 0;
	snprintf(
		error,
		error_bytes,
		"--inflight %" PRId64 " wants as many connections, and of the files that this "
		"process may have open %" PRId64
		" are left for them (%d are for all else): raise that limit (LimitNOFILE= of the "
		"unit, ulimit -n)%s",
		options->inflight,
		files,
		PROCESS_FILES_RESERVED,
		files > 0 ? " or lower --inflight" : ""
	);
	return -EMFILE;
}

int run_options_parse(
	struct conf **out,
	const struct run_options *options,
	const struct invocation *invocation,
	const struct front_command *command
) {
	char error[512];
	int err = front_parse(out, invocation, command);

	if (err == 0)
		err = range_option_check(*out, options->range_start, options->range_end);
	if (err != 0)
		return err;
	err = check_ca_file(options->ca_file, error, sizeof(error));
	if (err == 0 && invocation->target->calls != NULL)
		err = check_files(options, error, sizeof(error));
	return err < 0 ? front_fail(err, error) : 0;
}

struct producer_options run_options_producer(
	const struct run_options *options, const struct conf *conf
) {
	return (struct producer_options){
		.page_rows = options->max_per_loop,
		.has_range_start = conf_is_set(conf, "range-start"),
		.has_range_end = conf_is_set(conf, "range-end"),
		.range_start = options->range_start,
		.range_end = options->range_end,
		.max_fraction = options->max_fraction,
		.warn_after_ms = options->warn_after,
		.max_records = options->max_records,
		.backlog_ms = BACKLOG_MS,
		.estimate_ms = ESTIMATE_MS,
		.reconnect_ms = options->database_patience,
		.dryrun = options->dryrun,
		.will_defer = options->on_failure == RUN_DEFER,
	};
}

// How long a try may be put off, when its node asked for that.
static int64_t hold_time_ms(const struct run_options *options) {
	return options->retry_time > HOLD_LEAST_MS ? options->retry_time : HOLD_LEAST_MS;
}

void run_options_limit(const struct run_options *options, struct worker_options *out) {
	out->max_rate = options->max_rate;
	out->lane.rate_per_s = options->node_rate;
	out->lane.inflight_max = (int)options->node_inflight;
}

struct worker_options run_options_worker(const struct run_options *options) {
	struct worker_options out = {
		.window = (size_t)options->window,
		.batch_rows = (size_t)options->batch_rows,
		.batch_threads = (size_t)options->batch_threads,
		.linger_ms = LINGER_MS,
		.check_ttl_ms = options->check_ttl,
		.reconnect_ms = options->database_patience,
		.max_records = options->max_records,
		.dryrun = options->dryrun,
		.defer_failed = options->on_failure == RUN_DEFER,
		.http =
			{
				.inflight_max = (size_t)options->inflight,
				.connections_max = (size_t)process_files_for_nodes(),
				.request_timeout_ms = options->request_timeout,
				.connect_timeout_ms = options->connect_timeout,
				.ca_file = options->ca_file,
				.proxy = options->proxy,
				.user_agent = "purgefleet/" PURGEFLEET_VERSION,
				.body_drop_bytes = BODY_DROP_BYTES,
			},
		.lane =
			{
				.inflight_start = LANE_INFLIGHT_START,
				.breaker_failures = LANE_BREAKER_FAILURES,
				.probe_interval_ms = LANE_PROBE_INTERVAL_MS,
				.denied_rows = LANE_DENIED_ROWS,
				.patience_ms = options->retry_time,
				.hold_max_ms = hold_time_ms(options),
			},
		.retry =
			{
				.attempts = (int)options->attempts,
				.base_ms = RETRY_BASE_MS,
				.ceiling_ms = RETRY_CEILING_MS,
				.time_ms = options->retry_time,
				.hold_time_ms = hold_time_ms(options),
			},
	};

	run_options_limit(options, &out);
	return out;
}
