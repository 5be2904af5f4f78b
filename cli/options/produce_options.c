// SPDX-License-Identifier: MPL-2.0
// produce_options: the options of `produce`.
#include "cli/options/produce_options.h"

#include "cli/options/option_groups.h"
#include "common/conf/conf.h"
#include "common/target/target.h"
#include "common/target/target_front.h"
#include "common/target/target_scanner.h"

#include <errno.h>
#include <stdio.h>

enum { MARGIN_MS = 5 * 60 * 1000 }; // of the cursor, behind the cutoff

#define AT(field) offsetof(struct produce_own_options, field)

static const struct conf_row own_rows[] = {
	{.name = "full",
	 .needs = NEEDS_CURSORS,
	 .kind = CONF_FLAG,
	 .offset = AT(full),
	 .help = "begin with a full pass instead of going on from the cursor"},
	{.name = "full-interval",
	 .needs = NEEDS_CURSORS,
	 .kind = CONF_DURATION,
	 .offset = AT(full_interval),
	 .fallback = "24h",
	 .meta = "TIME",
	 .min = 1,
	 .max = 31536000,
	 .help = "a full pass at least so often"},
	{.name = "max-unacked",
	 .kind = CONF_INT,
	 .offset = AT(max_unacked),
	 .fallback = "10000",
	 .meta = "N",
	 .min = 1,
	 .max = 100000,
	 .help = "most candidates that the brokers have not acknowledged yet"},
	{.name = "max-queue-lag",
	 .kind = CONF_INT,
	 .offset = AT(max_queue_lag),
	 .fallback = "1000000",
	 .meta = "N",
	 .min = 0,
	 .max = 9e18,
	 .help = "publish nothing while the workers' group is so many candidates behind; 0: no "
		 "limit"},
	{.name = "stage-wait",
	 .kind = CONF_DURATION,
	 .offset = AT(stage_wait),
	 .fallback = "1h",
	 .meta = "TIME",
	 .min = 0,
	 .max = 31536000,
	 .help = "between two stages of a pass wait at most so long for the workers to finish the "
		 "first, retries included; 0: no limit"},
	{.name = "single-producer",
	 .kind = CONF_FLAG,
	 .offset = AT(single_producer),
	 .help = "promise, on a Galera cluster, that no other producer scans it, or that all work "
		 "on one and the same node: locks there are each node's own"},
	{.name = "lock-url",
	 .needs = NEEDS_DIRECTORY,
	 .kind = CONF_STRING,
	 .secret = true,
	 .offset = AT(lock_url),
	 .meta = "URL",
	 .help = "keep the scanner's lock in this database instead of a file of the directory, "
		 "where locks of files hold on one host only; mysql://user:password@host:port/"
		 "database"},
	{.name = "dead-interval",
	 .kind = CONF_DURATION,
	 .offset = AT(dead_interval),
	 .fallback = "5m",
	 .meta = "TIME",
	 .min = 0,
	 .max = 31536000,
	 .help = "with --admin: count the dead letters so often, which reads all of them; 0: "
		 "never"},
};

// What it shares with `run`.
static const char *const run_names[] = {
	"oneshot",
	"dryrun",
	"purge-interval",
	"interval-jitter",
	"at-start",
	"max-per-loop",
	"max-records",
	"range-start",
	"range-end",
	"max-fraction",
	"warn-after",
	"database-patience",
	"drain-timeout",
	"metric-host",
	"metric-port",
	NULL,
};
_Static_assert(
	sizeof(run_names) / sizeof(run_names[0]) == PRODUCE_RUN_ROWS + 1, "each name has its row"
);

// Where every pass is a full one.
static int check_cursors(const struct conf *conf, const struct target *target) {
	static const char *const names[] = {"full", "full-interval"};
	char error[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (target->scanner->has_cursors || !conf_is_set(conf, names[i]))
			continue;
		snprintf(
			error,
			sizeof(error),
			"'--%s' means nothing for %.31s: every pass of it is a full one",
			names[i],
			target->name
		);
		return front_fail(-EINVAL, error);
	}
	return 0;
}

int produce_options_read(
	struct conf **out,
	struct produce_options *options,
	void *target_config,
	const struct invocation *invocation
) {
	const struct target *target = invocation->target;
	const struct conf_group groups[] = {
		option_group_target(target, target_config),
		{.title = "produce",
		 .rows = own_rows,
		 .count = sizeof(own_rows) / sizeof(own_rows[0]),
		 .base = &options->own},
		option_group_kafka(&options->kafka),
		{.title = "run",
		 .rows = options->run_rows,
		 .count = run_options_pick(run_names, options->run_rows),
		 .base = &options->run},
		{.rows = admin_option_rows,
		 .count = ADMIN_OPTION_ROWS,
		 .base = &options->run.admin},
		{.rows = front_log_rows, .count = FRONT_LOG_ROWS, .base = &options->log},
	};
	const struct front_command command = {
		.usage = "produce TARGET [options]",
		.summary = "Scans and publishes what may be purged; work does the purging. A "
			   "range, --max-records, --oneshot and --dryrun mean one full pass that "
			   "neither reads nor moves the cursor.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.word_hint = target->front->word_hint,
		.only_scans = true,
		.notes = "Signals: TERM or INT ends it cleanly (again: at once), TSTP publishes "
			 "nothing more\n"
			 "and CONT goes on, USR1 starts a pass now, HUP has the log level read "
			 "again from\n"
			 "--config.\n",
	};
	int err = run_options_parse(out, &options->run, invocation, &command);

	return err == 0 ? check_cursors(*out, target) : err;
}

struct producer_options produce_options_producer(
	const struct produce_options *options, const struct conf *conf
) {
	struct producer_options out = run_options_producer(&options->run, conf);

	out.will_defer = false;
	out.scan_only = true;
	out.margin_ms = MARGIN_MS;
	return out;
}

bool produce_options_is_single(const struct produce_options *options, const struct conf *conf) {
	const struct run_options *run = &options->run;

	return run->oneshot || run->dryrun || run->max_records > 0 ||
		conf_is_set(conf, "range-start") || conf_is_set(conf, "range-end");
}
