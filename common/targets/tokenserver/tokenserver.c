// SPDX-License-Identifier: MPL-2.0
// tokenserver: obsolete user records of Mozilla Tokenserver.
#include "common/targets/tokenserver/tokenserver.h"

#include "common/target/target_front.h"
#include "common/targets/tokenserver/calls.h"
#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/remover.h"
#include "common/targets/tokenserver/report.h"
#include "common/targets/tokenserver/scan.h"

static const struct conf_preset script_presets[] = {
	{"max-per-loop", "10"},
	{"on-failure", "defer"},
	{"max-fraction", "0"},
	{"log-level", "warning"},
	{"warn-after", "0"},
	{NULL, NULL},
};

static const struct target_alias aliases[] = {
	{.program = "purge_old_records",
	 .presets = script_presets,
	 .positional = "secret",
	 .failures_exit_0 = true},
	{.program = NULL},
};

static int set_up(
	void *config, bool will_call, const char **location, char *error, size_t error_bytes
) {
	const struct tokenserver_config *conf = config;
	int err = tokenserver_config_set_up(config, will_call, error, error_bytes);

	*location = conf->database_url;
	return err;
}

static bool names_location(const void *config) {
	const struct tokenserver_config *conf = config;

	return conf->database_url != NULL && conf->database_url[0] != '\0';
}

static int set_up_look(void *config, const char **location, char *error, size_t error_bytes) {
	*location = NULL;
	return names_location(config) ? set_up(config, false, location, error, error_bytes) : 0;
}

static int read_files(void *config, char *words, size_t words_bytes) {
	return tokenserver_config_read_holds(config, words, words_bytes);
}

static void tear_down(void *config) {
	tokenserver_config_tear_down(config);
}

static const char *warning(const void *config) {
	return tokenserver_config_warning(config);
}

// Of the script that is replaced, and of the server whose rows are purged.
static const struct target_env envs[] = {
	{"log-level", "PYTHON_LOG"},
	{"metric-host", "SYNC_STATSD_HOST"},
	{"metric-port", "SYNC_STATSD_PORT"},
	{NULL, NULL},
};

static const struct target_front front = {
	.summary = "Purges obsolete user records of Mozilla Tokenserver, and their data on the "
		   "storage nodes.",
	.aliases = aliases,
	.options = tokenserver_config_rows,
	.option_count = TOKENSERVER_CONFIG_ROWS,
	.envs = envs,
	.word_hint = "options begin with '--', and the secret is given by --secret-file FILE or "
		     "the variable SYNC_MASTER_SECRET",
	.config_bytes = sizeof(struct tokenserver_config),
	.metrics_prefix = "tokenserver",
	.set_up = set_up,
	.set_up_look = set_up_look,
	.names_location = names_location,
	.read_files = read_files,
	.tear_down = tear_down,
	.warning = warning,
};

const struct target target_tokenserver = {
	.name = "tokenserver",
	.handle_kind = HANDLE_DB,
	.front = &front,
	.scanner = &tokenserver_scanner,
	.remover = &tokenserver_remover,
	.calls = &tokenserver_calls,
	.report = tokenserver_report,
};
