// SPDX-License-Identifier: MPL-2.0
// config_rows: the options of a purge of soft-deleted rows.
#include "common/targets/softdelete/config/config_rows.h"

#include <stddef.h>

#define AT(field) offsetof(struct softdelete_config, field)

const struct conf_row softdelete_config_rows[SOFTDELETE_CONFIG_ROWS] = {
	{
		.name = "database-url",
		.kind = CONF_STRING,
		.offset = AT(database_url),
		.env = "PURGEFLEET_DATABASE_URL",
		.yields_to = "config-file",
		.meta = "URL",
		.help = "the database, as mysql://user:password@host:port/database",
		.secret = true,
	},
	{
		.name = "ignore-url-parameters",
		.exact = true,
		.kind = CONF_LIST,
		.offset = AT(ignored_parameters),
		.meta = "LIST",
		.help = "names of parameters of the database's URL that are left out; only for "
			"those that do not protect the connection",
	},
	{
		.name = "config-file",
		.kind = CONF_LIST,
		.offset = AT(config_files),
		.meta = "FILE",
		.help = "a configuration file of the application that has the database as "
			"`connection` in its section [database], e.g. glance-api.conf; the "
			"variables " CONNECTION_VARIABLE " and " CONNECTION_VARIABLE
			"_PARAMETERS go before it",
	},
	{
		.name = "config-dir",
		.kind = CONF_LIST,
		.offset = AT(config_files),
		.joins = "config-file",
		.meta = "DIR",
		.help = "a directory with such files (*.conf), read in the order of their names; "
			"of all files the one that is given last counts",
	},
	{
		.name = "preset",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(preset_name),
		.meta = "PRESET",
		.help = "which tables, in which order: glance, glance-images, or a file with "
			"sections of your own",
	},
	{
		.name = "age-in-days",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(age_option),
		.meta = "DAYS",
		.help = "how long ago a row must have been marked deleted; as the preset says when "
			"not given",
	},
	{
		.name = "max-rows",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(max_option),
		.meta = "N",
		.help = "most rows of each table in one run, the oldest first; -1: no limit; as "
			"the preset says when not "
			"given",
	},
	{
		.name = "require-flag",
		.kind = CONF_FLAG,
		.offset = AT(require_flag),
		.help = "purge only rows whose flag column says deleted, too",
	},
	{
		.name = "chunk-rows",
		.kind = CONF_INT,
		.offset = AT(chunk_rows),
		.fallback = "500",
		.meta = "N",
		.min = 1,
		.max = 900,
		.help = "most rows in one transaction",
	},
	{
		.name = "command",
		.kind = CONF_STRING,
		.offset = AT(command),
		.hidden = true,
	},
	{
		.name = "age-word",
		.kind = CONF_STRING,
		.offset = AT(age_word),
		.hidden = true,
	},
	{
		.name = "max-word",
		.kind = CONF_STRING,
		.offset = AT(max_word),
		.hidden = true,
	},
	{
		.name = "looks-for-glance",
		.kind = CONF_FLAG,
		.offset = AT(looks_for_glance),
		.hidden = true,
	},
	{
		.name = "surplus-word",
		.kind = CONF_STRING,
		.offset = AT(surplus_word),
		.hidden = true,
	},
	{
		.name = "takes-words",
		.kind = CONF_FLAG,
		.offset = AT(takes_words),
		.hidden = true,
	},
};
