// SPDX-License-Identifier: MPL-2.0
// softdelete: rows that an application marked deleted long ago and never removed.
#include "common/targets/softdelete/softdelete.h"

#include "common/target/target_front.h"
#include "common/targets/softdelete/config/config.h"
#include "common/targets/softdelete/remover.h"
#include "common/targets/softdelete/report.h"
#include "common/targets/softdelete/scan/scanner.h"

// A purge is one run, as with the programs that it replaces. That most rows of a table are marked
// deleted and old is normal here, and the application marked every one of them.
static const struct conf_preset presets[] = {
	{"oneshot", "true"},
	{"max-fraction", "0"},
	{NULL, NULL},
};

static const struct conf_preset glance_presets[] = {
	{"oneshot", "true"},
	{"max-fraction", "0"},
	{"takes-words", "true"},
	{"warn-after", "0"},
	{"looks-for-glance", "true"},
	{NULL, NULL},
};

static const char *const glance_words[] = {"command", "age-word", "max-word", "surplus-word", NULL};

// The numbers are those of the presets.
static const char glance_about
	[] = "Commands, for Glance's database:\n"
	     "  purge               removes old rows of image_properties, image_tags,\n"
	     "                      image_locations, image_members and tasks with their\n"
	     "                      task_info (default: 30 days, 100 rows of each table)\n"
	     "  purge_images_table  removes old rows of images that nothing refers to any more;\n"
	     "                      their ids can then be taken by anybody (default: 180 days,\n"
	     "                      100 rows)\n"
	     "\n"
	     "  AGE_IN_DAYS         how long ago a row was marked deleted, as --age-in-days\n"
	     "  MAX_ROWS            most rows of each table in one run, -1: no limit, as\n"
	     "                      --max-rows\n";

static const struct target_alias aliases[] = {
	{
		.program = "purge_glance",
		.presets = glance_presets,
		.words = glance_words,
		.usage = "purge|purge_images_table [AGE_IN_DAYS [MAX_ROWS]]",
		.about = glance_about,
	},
	{.program = NULL},
};

static int set_up(
	void *config, bool will_call, const char **location, char *error, size_t error_bytes
) {
	(void)will_call;
	return softdelete_config_set_up(config, location, error, error_bytes);
}

static int set_up_look(void *config, const char **location, char *error, size_t error_bytes) {
	return softdelete_config_set_up_look(config, location, error, error_bytes);
}

static bool names_location(const void *config) {
	return softdelete_config_names_database(config);
}

static void tear_down(void *config) {
	softdelete_config_tear_down(config);
}

static const char *last_words(const void *config) {
	const struct softdelete_config *conf = config;

	return conf->preset->failure[0] == '\0' ? NULL : conf->preset->failure;
}

static const char *source(const void *config) {
	const struct softdelete_config *conf = config;

	return conf->connection.url == NULL ? NULL : conf->connection.source;
}

static const struct target_front front = {
	.summary = "Purges rows that an application marked deleted long ago: Glance's, or those of "
		   "any database that a preset describes.",
	.aliases = aliases,
	.options = softdelete_config_rows,
	.option_count = SOFTDELETE_CONFIG_ROWS,
	.presets = presets,
	.config_bytes = sizeof(struct softdelete_config),
	.metrics_prefix = "softdelete",
	.set_up = set_up,
	.set_up_look = set_up_look,
	.names_location = names_location,
	.tear_down = tear_down,
	.source = source,
	.last_words = last_words,
};

const struct target target_softdelete = {
	.name = "softdelete",
	.handle_kind = HANDLE_DB,
	.front = &front,
	.scanner = &softdelete_scanner,
	.remover = &softdelete_remover,
	.report = softdelete_report,
};
