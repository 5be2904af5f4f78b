// SPDX-License-Identifier: MPL-2.0
// swift: containers and objects of deleted accounts of OpenStack Swift.
#include "common/targets/swift/swift.h"

#include "common/target/target_front.h"
#include "common/targets/swift/book/account_book.h"
#include "common/targets/swift/calls.h"
#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/config/account_conf.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/reaping/in_work.h"
#include "common/targets/swift/remover.h"
#include "common/targets/swift/report.h"
#include "common/targets/swift/scan/scanner.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

// Intervals, limits and time-outs are those of the reaper that comes with Swift: its `concurrency`
// is how many requests are on their way at once.
static const struct conf_preset presets[] = {
	{"purge-interval", "3600"},
	{"interval-jitter", "0"},
	{"inflight", "25"},
	{"window", "32"},
	{"request-timeout", "10"},
	{"connect-timeout", "0.5"},
	{"max-fraction", "0"},
	{"warn-after", "0"},
	{NULL, NULL},
};

static const struct conf_preset reaper_presets[] = {
	{"purge-interval", "3600"},
	{"interval-jitter", "0"},
	{"inflight", "25"},
	{"window", "32"},
	{"request-timeout", "10"},
	{"connect-timeout", "0.5"},
	{"max-fraction", "0"},
	{"warn-after", "0"},
	{"human-logs", "true"},
	{NULL, NULL},
};

static const char *const reaper_words[] = {"account-server-conf", "oneshot", NULL};

// The program that comes with Swift.
static const struct target_alias aliases[] = {
	{
		.program = "swift-account-reaper",
		.presets = reaper_presets,
		.words = reaper_words,
		.usage = "CONFIG [once]",
		.about = "CONFIG is an account-server.conf; once: one pass, then exit.\n",
	},
	{.program = NULL},
};

static bool is_directory(const char *path) {
	struct stat file;

	return stat(path, &file) == 0 && S_ISDIR(file.st_mode);
}

// Where candidates come from, on a machine that has some; a worker needs the rings alone.
static const char *location_of(const struct swift_config *config) {
	return is_directory(config->devices) ? config->devices : config->swift_dir;
}

static int set_up(
	void *config, bool will_call, const char **location, char *error, size_t error_bytes
) {
	struct swift_config *conf = config;
	int err = swift_config_set_up(conf, error, error_bytes);

	(void)will_call;
	if (err < 0)
		return err;
	conf->cluster = cluster_new(conf->swift_dir, &conf->cluster_conf);
	conf->book = account_book_new(&(struct account_book_terms){
		.warn_after_us = (conf->warn_after_s + conf->delay_s) * 1000000,
		.wants_times = conf->reaper_metrics != NULL,
	});
	conf->in_work = in_work_new();
	if (conf->cluster == NULL || conf->book == NULL || conf->in_work == NULL)
		return -ENOMEM;
	*location = location_of(conf);
	return 0;
}

static int set_up_look(void *config, const char **location, char *error, size_t error_bytes) {
	// Records are looked at without rings.
	(void)config;
	snprintf(error, error_bytes, "%s", "");
	*location = NULL;
	return 0;
}

static bool names_location(const void *config) {
	const struct swift_config *conf = config;

	return conf->swift_dir != NULL || conf->devices != NULL || conf->account_conf != NULL;
}

static void tear_down(void *config) {
	struct swift_config *conf = config;

	cluster_free(conf->cluster);
	conf->cluster = NULL;
	account_book_free(conf->book);
	conf->book = NULL;
	in_work_free(conf->in_work);
	conf->in_work = NULL;
	swift_config_tear_down(conf);
}

static const char *source(const void *config) {
	const struct swift_config *conf = config;

	return is_directory(conf->devices) ? "--devices" : "--swift-dir";
}

static const char *metrics_prefix(const void *config) {
	const struct swift_config *conf = config;

	return conf->reaper_metrics;
}

static const struct target_front front = {
	.summary = "Deletes the objects and containers of deleted accounts of OpenStack Swift, as "
		   "its account reaper does.",
	.aliases = aliases,
	.options = swift_config_rows,
	.option_count = SWIFT_CONFIG_ROWS,
	.presets = presets,
	.own_file = &account_conf_file,
	.config_bytes = sizeof(struct swift_config),
	.metrics_prefix = "swift",
	.own_metrics_prefix = metrics_prefix,
	.set_up = set_up,
	.set_up_look = set_up_look,
	.names_location = names_location,
	.tear_down = tear_down,
	.source = source,
};

const struct target target_swift = {
	.name = "swift",
	.handle_kind = HANDLE_DIR,
	.front = &front,
	.scanner = &swift_scanner,
	.remover = &swift_remover,
	.calls = &swift_calls,
	.report = swift_report,
};
