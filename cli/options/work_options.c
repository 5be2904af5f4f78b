// SPDX-License-Identifier: MPL-2.0
// work_options: the options of `work`.
#include "cli/options/work_options.h"

#include "cli/options/option_groups.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

#include <string.h>

// What no option sets.
enum {
	COMMIT_EVERY_MS = 1000,
	FAILURES_RENEW_MS = 60000,
	STOPPED_PROBE_MS = 60000,
	PROBE_PATIENCE_MS = 2000,
	REPLAY_PATIENCE_MS = 10 * 60 * 1000,
	REPLAY_ATTEMPTS = 1000
};

#define AT(field) offsetof(struct work_own_options, field)

static const struct conf_row own_rows[] = {
	{.name = "until-drained",
	 .kind = CONF_FLAG,
	 .offset = AT(until_drained),
	 .help = "end when nothing is left in any of its partitions, retries included"},
	{.name = "replay",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(replay),
	 .meta = "ID",
	 .help = "do what this replay is about (see purgefleet replay), together with others that "
		 "were given the same, and end when all of it is done"},
	{.name = "instance-id",
	 .kind = CONF_STRING,
	 .offset = AT(instance_id),
	 .meta = "NAME",
	 .help = "a name that no other worker has: a restart under it moves no partitions"},
	{.name = "hold",
	 .kind = CONF_DURATION,
	 .offset = AT(hold),
	 .fallback = "10",
	 .meta = "TIME",
	 .min = 0.1,
	 .max = 600,
	 .help = "how long one record may hold up its partition before it goes to the retries"},
	{.name = "retries",
	 .kind = CONF_INT,
	 .offset = AT(retries),
	 .fallback = "5",
	 .meta = "N",
	 .min = 1,
	 .max = 1000,
	 .help = "failures until a record goes to the dead letters; those of its whole node do not "
		 "count"},
	{.name = "candidate-life",
	 .exact = true,
	 .kind = CONF_DURATION,
	 .offset = AT(candidate_life),
	 .fallback = "1d",
	 .meta = "TIME",
	 .min = 1,
	 .max = 31536000,
	 .help = "a record that is older and postponed is left; the next full pass finds it anew"},
	{.name = "revoke-deadline",
	 .kind = CONF_DURATION,
	 .offset = AT(revoke_deadline),
	 .fallback = "3",
	 .meta = "TIME",
	 .min = 0.1,
	 .max = 60,
	 .help = "partitions that move to another worker are given back within"},
	{.name = "watchdog",
	 .kind = CONF_DURATION,
	 .offset = AT(watchdog),
	 .fallback = "5m",
	 .meta = "TIME",
	 .min = 1,
	 .max = 86400,
	 .help = "end when nothing has moved for so long, and for longer than nodes and database "
		 "may take; others take over"},
};

// What it shares with `run`.
static const char *const run_names[] = {
	"window",          "inflight",        "node-inflight",     "node-rate",     "max-rate",
	"request-timeout", "connect-timeout", "attempts",          "retry-time",    "check-ttl",
	"batch-rows",      "batch-threads",   "database-patience", "drain-timeout", "ca-file",
	"proxy",           "audit-log",       "metric-host",       "metric-port",   NULL,
};
_Static_assert(
	sizeof(run_names) / sizeof(run_names[0]) == WORK_RUN_ROWS + 1, "each name has its row"
);

static size_t pick_run_rows(struct conf_row *rows) {
	size_t count = run_options_pick(run_names, rows);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, "window") == 0)
			rows[i].fallback = "1000";
	return count;
}

int work_options_read(
	struct conf **out,
	struct work_options *options,
	void *target_config,
	const struct invocation *invocation
) {
	const struct target *target = invocation->target;
	size_t run_count = pick_run_rows(options->run_rows);
	const struct conf_group groups[] = {
		option_group_target(target, target_config),
		{.title = "work",
		 .rows = own_rows,
		 .count = sizeof(own_rows) / sizeof(own_rows[0]),
		 .base = &options->own},
		{.rows = retry_tiers_rows,
		 .count = RETRY_TIERS_ROWS,
		 .base = &options->retry_tiers},
		{.title = "purge",
		 .rows = options->run_rows,
		 .count = run_count,
		 .base = &options->run},
		{.rows = admin_option_rows,
		 .count = ADMIN_OPTION_ROWS,
		 .base = &options->run.admin},
		option_group_kafka(&options->kafka),
		option_group_log(&options->log),
	};
	const struct front_command command = {
		.name = "work",
		.summary = "Takes candidates from Kafka and purges them.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.word_hint = target->front->word_hint,
		.only_removes = true,
		.notes = "Signals: TERM or INT ends it cleanly (again: at once), USR2 the same for "
			 "good: its\n"
			 "partitions go to others at once though it has an --instance-id. TSTP "
			 "begins\n"
			 "nothing new and CONT goes on, HUP opens the audit log anew and has "
			 "limits and\n"
			 "log level read again from --config.\n",
	};
	int err;

	err = run_options_parse(out, &options->run, invocation, &command);
	return err != 0 ? err : retry_tiers_read(&options->retry_tiers, *out, &options->tiers);
}

static bool is_replay(const struct work_options *options) {
	return options->own.replay != NULL;
}

struct source_setup work_options_source(const struct work_options *options) {
	return (struct source_setup){
		.kafka = &options->kafka,
		.instance_id = options->own.instance_id,
		.window = (size_t)options->run.window,
		.commit_every_ms = COMMIT_EVERY_MS,
		.revoke_deadline_ms = options->own.revoke_deadline,
		// Nothing of a replay goes elsewhere to wait.
		.hold_up_ms = is_replay(options) ? INT64_MAX / 2 : options->own.hold,
		.attempts = (int)options->own.retries,
		.life_ms = options->own.candidate_life,
	};
}

// The records of a replay have no retry topic to wait in, so they wait for their nodes where they
// are. Each probe of a node that is away is an attempt of some record, so the time is what counts.
static void be_patient(struct run_options *run) {
	if (run->retry_time < REPLAY_PATIENCE_MS)
		run->retry_time = REPLAY_PATIENCE_MS;
	if (run->attempts < REPLAY_ATTEMPTS)
		run->attempts = REPLAY_ATTEMPTS;
}

struct worker_options work_options_worker(const struct work_options *options) {
	const struct topic_tiers *tiers = &options->tiers;
	struct run_options run = options->run;
	struct worker_options out;

	if (is_replay(options))
		be_patient(&run);
	out = run_options_worker(&run);
	out.failures_renew_ms = FAILURES_RENEW_MS;
	out.lane.stopped_probe_ms = STOPPED_PROBE_MS;
	if (is_replay(options))
		return out;
	// Nobody waits long for a node inside a window: the retry topic is the place to wait.
	out.lane.patience_ms = options->own.hold;
	// One that comes back while its node is asked waits for the answer: its next turn may be an
	// hour away.
	out.lane.probe_patience_ms = PROBE_PATIENCE_MS;
	out.lane.hold_max_ms = options->own.hold;
	out.away_most_ms = tiers->delay_ms[tiers->count - 1];
	out.retry.hold_time_ms = options->own.hold;
	if (out.retry.time_ms > options->own.hold)
		out.retry.time_ms = options->own.hold;
	return out;
}

struct watch_limits work_options_watch(const struct work_options *options) {
	const struct run_options *run = &options->run;
	int64_t wait_ms = is_replay(options) ? work_options_worker(options).retry.time_ms
					     : options->own.hold;

	// What a record may wait for until it comes to its end: its check, its lane, its request,
	// its remove.
	return (struct watch_limits){
		.still_ms = options->own.watchdog,
		.stuck_ms = options->own.watchdog + wait_ms + run->request_timeout +
			2 * run->database_patience,
	};
}
