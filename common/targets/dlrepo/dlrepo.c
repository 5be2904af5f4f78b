// SPDX-License-Identifier: MPL-2.0
// dlrepo: surplus tags and orphan files of a dlrepo artifact repository.
#include "common/targets/dlrepo/dlrepo.h"

#include "common/base/clock.h"
#include "common/target/target_front.h"
#include "common/targets/dlrepo/calls.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/removal/recovery.h"
#include "common/targets/dlrepo/remover.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/report.h"
#include "common/targets/dlrepo/scan/scanner.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

// A look at a file costs little, and a step of the worker is one directory's.
static const struct conf_preset presets[] = {
	{"purge-interval", "86400"},
	{"interval-jitter", "0"},
	{"at-start", "false"},
	{"max-per-loop", "20000"},
	{"check-ttl", "1"},
	{"warn-after", "0"},
	{NULL, NULL},
};

// A program that dlrepo once had, for a timer.
static const struct conf_preset cleanup_presets[] = {
	{"root", "/var/lib/dlrepo"},
	{"oneshot", "true"},
	{"human-logs", "true"},
	{"max-per-loop", "20000"},
	{"check-ttl", "1"},
	{"warn-after", "0"},
	{NULL, NULL},
};

static const struct target_alias aliases[] = {
	{.program = "dlrepo-cleanup", .presets = cleanup_presets},
	{.program = NULL},
};

static const struct target_env envs[] = {
	{"purge-interval", "DLREPO_TAG_CLEANUP_PERIOD"},
	{NULL, NULL},
};

static int set_up(
	void *config, bool will_call, const char **location, char *error, size_t error_bytes
) {
	struct dlrepo_config *conf = config;
	int err;

	*location = conf->root;
	err = dlrepo_config_set_up(conf, error, error_bytes);
	return err == 0 && will_call ? dlrepo_config_ready(conf, error, error_bytes) : err;
}

static int set_up_look(void *config, const char **location, char *error, size_t error_bytes) {
	struct dlrepo_config *conf = config;

	snprintf(error, error_bytes, "%s", "");
	*location = conf->root;
	return 0;
}

static bool names_location(const void *config) {
	return ((const struct dlrepo_config *)config)->root != NULL;
}

enum { ABANDON_TIMES = 3, ABANDON_PAUSE_MS = 100 };

static int open_root(const struct dlrepo_config *config) {
	return open(config->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Places of files that are held are missing for everybody.
static bool is_unfinished(const void *config) {
	int root = open_root(config);
	bool is = root >= 0 && aside_has_orphans(root);

	if (root >= 0)
		close(root);
	return is;
}

// No file is put aside from now on, and those that are get their places back; once more for the one
// that each batch thread was just about to put aside.
static void abandon(void *config) {
	struct dlrepo_config *conf = config;
	struct recovery recovery;
	int root = open_root(conf);

	atomic_store(&conf->is_over, true);
	for (int i = 0; root >= 0 && i < ABANDON_TIMES; i++) {
		if (i > 0)
			clock_pause(ABANDON_PAUSE_MS);
		recovery_own_files(root, conf->aside, &recovery);
	}
	if (root >= 0)
		close(root);
}

// Nothing is removed any more, so what lies aside now has to go back.
static void tear_down(void *config) {
	struct dlrepo_config *conf = config;
	struct recovery recovery;

	if (conf->aside != NULL && aside_root(conf->aside) >= 0)
		recovery_own(aside_root(conf->aside), conf->aside, &recovery);
	dlrepo_config_tear_down(conf);
}

static const char *source(const void *config) {
	(void)config;
	return "--root";
}

static const char *last_words(const void *config) {
	(void)config;
	return "The clean-up is not complete: see above.";
}

static const struct target_front front = {
	.summary = "Removes tags beyond their branch's policy, and files that no tag needs any "
		   "more, from a dlrepo artifact repository.",
	.aliases = aliases,
	.options = dlrepo_config_rows,
	.option_count = DLREPO_CONFIG_ROWS,
	.presets = presets,
	.envs = envs,
	.env_file = "/etc/default/dlrepo",
	.config_bytes = sizeof(struct dlrepo_config),
	.metrics_prefix = "dlrepo",
	.short_pass = "orphans-only",
	.set_up = set_up,
	.set_up_look = set_up_look,
	.names_location = names_location,
	.is_unfinished = is_unfinished,
	.abandon = abandon,
	.tear_down = tear_down,
	.source = source,
	.last_words = last_words,
};

const struct target target_dlrepo = {
	.name = "dlrepo",
	.handle_kind = HANDLE_DIR,
	.front = &front,
	.scanner = &dlrepo_scanner,
	.remover = &dlrepo_remover,
	.calls = &dlrepo_calls,
	.report = dlrepo_report,
};
