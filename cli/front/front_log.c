// SPDX-License-Identifier: MPL-2.0
// front_log: the options about the log.
#include "cli/front/front_log.h"

#include <stddef.h>

#define AT(field) offsetof(struct front_log, field)

static const char *wants_level(const char *text) {
	enum log_level level;

	return log_level_parse(text, &level) < 0 ? "debug, info, warning or error" : NULL;
}

const struct conf_row front_log_rows[FRONT_LOG_ROWS] = {
	{.name = "human-logs",
	 .kind = CONF_FLAG,
	 .offset = AT(human_logs),
	 .help = "logs for people instead of JSON lines"},
	{.name = "verbose",
	 .letter = 'v',
	 .kind = CONF_FLAG,
	 .offset = AT(verbose),
	 .live = true,
	 .help = "the same as --log-level debug"},
	{.name = "quiet",
	 .letter = 'q',
	 .kind = CONF_FLAG,
	 .offset = AT(quiet),
	 .live = true,
	 .help = "only what is wrong: the same as --log-level warning"},
	{.name = "log-level",
	 .kind = CONF_STRING,
	 .offset = AT(log_level),
	 .live = true,
	 .fallback = "info",
	 .meta = "LEVEL",
	 .help = "debug, info, warning or error",
	 .wants = wants_level},
	{.name = "config",
	 .kind = CONF_STRING,
	 .offset = AT(config),
	 .meta = "FILE",
	 .help = "read options from this INI file too, those for all commands and those of the "
		 "section of this one; command line and environment go before it"},
};

enum log_level front_log_level(const struct front_log *options) {
	enum log_level level = LOG_LEVEL_INFO;

	(void)log_level_parse(options->log_level, &level); // its row has looked at it
	if (options->verbose)
		return LOG_LEVEL_DEBUG;
	return options->quiet && level < LOG_LEVEL_WARNING ? LOG_LEVEL_WARNING : level;
}
