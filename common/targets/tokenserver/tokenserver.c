// SPDX-License-Identifier: MPL-2.0
// tokenserver: obsolete user records of Mozilla Tokenserver.
#include "common/targets/tokenserver/tokenserver.h"

#include "common/targets/tokenserver/config.h"
#include "common/targets/tokenserver/scan.h"
#include "common/targets/tokenserver/slots.h"

static const struct conf_preset script_presets[] = {
	{"max-per-loop", "10"},
	{"on-failure", "defer"},
	{"max-fraction", "0"},
	{"log-level", "warning"},
	{NULL, NULL},
};

static const struct target_alias aliases[] = {
	{.program = "purge_old_records",
	 .presets = script_presets,
	 .positional = "secret",
	 .failures_exit_0 = true},
	{.program = NULL},
};

static const char *const only_requests[] = {"secret", "secret-file", NULL};

static int setup(void *config, const char **location, char *error, size_t error_bytes) {
	return tokenserver_config_setup(config, location, error, error_bytes);
}

static int setup_scan(void *config, const char **location, char *error, size_t error_bytes) {
	return tokenserver_config_setup_scan(config, location, error, error_bytes);
}

static void teardown(void *config) {
	tokenserver_config_teardown(config);
}

static const char *warning(const void *config) {
	return tokenserver_config_warning(config);
}

const struct target target_tokenserver = {
	.name = "tokenserver",
	.summary = "Purges obsolete user records of Mozilla Tokenserver, and their data on the "
		   "storage nodes.",
	.aliases = aliases,
	.options = tokenserver_config_rows,
	.option_count = TOKENSERVER_CONFIG_ROWS,
	.only_requests = only_requests,
	.word_hint = "options begin with '--', and the secret is given by --secret-file FILE or "
		     "the "
		     "variable SYNC_MASTER_SECRET",
	.config_bytes = sizeof(struct tokenserver_config),
	.handle_kind = HANDLE_DB,
	.metrics_prefix = "tokenserver",
	.setup = setup,
	.setup_scan = setup_scan,
	.teardown = teardown,
	.warning = warning,
	.identify = scan_identify,
	.held = scan_held,
	.begin = scan_begin,
	.estimate = scan_estimate,
	.count_staying = scan_count_staying,
	.scan = scan_page,
	.end = scan_end,
	.narrate = scan_narrate,
	.load = slots_load,
	.unload = slots_unload,
	.check = slots_check,
	.remove = slots_remove,
	.defer = slots_defer,
	.route = slots_route,
	.request = slots_request,
	.judge = slots_judge,
	.request_done = slots_request_done,
	.report = slots_report,
	.plan = slots_plan,
};
