// SPDX-License-Identifier: MPL-2.0
// config: what an operator may say about a purge of Tokenserver.
#include "common/targets/tokenserver/config.h"

#include "common/db/url/db_url.h"
#include "common/db/url/db_url_query.h"
#include "common/target/target_front.h"
#include "common/targets/tokenserver/hold_list.h"
#include "common/targets/tokenserver/node/endpoint.h"
#include "common/targets/tokenserver/node/signer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SECRET_BYTES_MAX = 64 * 1024 };
// One for the line end behind the secret.
enum { SECRET_FILE_BYTES_BOUND = SECRET_BYTES_MAX + 2 };

static const int64_t week_ms = 7LL * 24 * 3600 * 1000;
static const int64_t century_ms = 100LL * 365 * 24 * 3600 * 1000;

static const char *const node_keys_words[] = {"fxa", "uid", NULL};

#define AT(field) offsetof(struct tokenserver_config, field)

const struct conf_row tokenserver_config_rows[TOKENSERVER_CONFIG_ROWS] = {
	{
		.name = "database-url",
		.kind = CONF_STRING,
		.offset = AT(database_url),
		.env = "SYNC_TOKENSERVER__DATABASE_URL",
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
		.name = "grace-period",
		.exact = true,
		.kind = CONF_DURATION,
		.offset = AT(grace_ms),
		.fallback = "86400",
		.meta = "TIME",
		.help = "how long a record must have been replaced before it is purged; negative "
			"means one week",
	},
	{
		.name = "force",
		.exact = true,
		.kind = CONF_FLAG,
		.offset = AT(force),
		.help = "purge records of nodes that are marked down, too",
	},
	{
		.name = "override-node",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(override_node),
		.meta = "URL",
		.help = "with --force, send what would go to a node that is down to this one",
	},
	{
		.name = "node-keys",
		.exact = true,
		.kind = CONF_CHOICE,
		.offset = AT(node_keys),
		.fallback = "fxa",
		.meta = "KEYS",
		.help = "what the nodes keep data by: fxa (users of one key share it, so live data "
			"is looked for) or uid",
		.choices = node_keys_words,
	},
	{
		.name = "allow-node",
		.exact = true,
		.kind = CONF_LIST,
		.offset = AT(allow_nodes),
		.meta = "URL",
		.help = "a node that may be contacted though the nodes table does not know it; for "
			"records alone, since a row leads only to nodes of the table",
	},
	{
		.name = "hold-file",
		.exact = true,
		.live = true,
		.kind = CONF_STRING,
		.offset = AT(hold_file),
		.meta = "FILE",
		.help = "file of users of whom nothing is purged, an e-mail address or fxa_uid a "
			"line",
	},
	{
		.name = "spanner-node-id",
		.kind = CONF_STRING,
		.offset = AT(spanner_node_id),
		.env = "SYNC_TOKENSERVER__SPANNER_NODE_ID",
		.meta = "ID",
		.help = "leave the counters of nodes alone, for there is one large node",
	},
	{
		.name = "secret",
		.needs = NEEDS_CALLS,
		.kind = CONF_STRING,
		.offset = AT(secret),
		.meta = "SECRET",
		.help = "the secret shared with the nodes; --secret-file and SYNC_MASTER_SECRET "
			"keep it out of the "
			"process list",
		.secret = true,
	},
	{
		.name = "secret-file",
		.needs = NEEDS_CALLS,
		.kind = CONF_STRING,
		.offset = AT(secret_file),
		.meta = "FILE",
		.help = "file that holds the secret; one line end behind it is dropped",
	},
	{
		.name = "secret-from-environment",
		.kind = CONF_STRING,
		.offset = AT(secret_env),
		.env = "SYNC_MASTER_SECRET",
		.meta = "SECRET",
		.help = "the secret as SYNC_MASTER_SECRET has it",
		.secret = true,
		.hidden = true,
	},
	{
		.name = "max-offset",
		.kind = CONF_STRING,
		.offset = AT(max_offset),
		.meta = "ROWS",
		.help = "accepted and ignored",
		.hidden = true,
	},
};

static bool is_given(const char *text) {
	return text != NULL && text[0] != '\0';
}

static int read_secret(struct tokenserver_config *config, char *error, size_t error_bytes) {
	const char *path = config->secret_file;
	int err = whole_file_read(&config->read_secret, path, SECRET_FILE_BYTES_BOUND);
	char *text = config->read_secret.text;
	size_t len = config->read_secret.len;

	if (err == -ENOMEM)
		return err;
	if (err < 0 && err != -EFBIG) {
		snprintf(
			error,
			error_bytes,
			"cannot read the secret from '%s': %s",
			path,
			strerror(-err)
		);
		return -EINVAL;
	}
	if (len > 0 && text[len - 1] == '\n') {
		len -= len > 1 && text[len - 2] == '\r' ? 2 : 1;
		text[len] = '\0';
	}
	if (err == -EFBIG || len > SECRET_BYTES_MAX)
		snprintf(error, error_bytes, "the secret file '%s' is too large", path);
	else if (len == 0)
		snprintf(error, error_bytes, "the secret file '%s' is empty", path);
	else if (memchr(text, '\0', len) != NULL)
		snprintf(error, error_bytes, "the secret file '%s' is not text", path);
	else {
		config->secret = text;
		return 0;
	}
	return -EINVAL;
}

// What stands on the command line (or in the file) comes before the environment.
static int choose_secret(struct tokenserver_config *config, char *error, size_t error_bytes) {
	if (config->secret != NULL && config->secret_file != NULL) {
		snprintf(
			error,
			error_bytes,
			"the secret is given twice, as a word and by --secret-file: give one"
		);
		return -EINVAL;
	}
	if (config->secret_file != NULL)
		return read_secret(config, error, error_bytes);
	if (config->secret == NULL)
		config->secret = config->secret_env;
	if (is_given(config->secret))
		return 0;
	snprintf(
		error,
		error_bytes,
		"the secret shared with the nodes is missing: give --secret-file FILE or "
		"the variable SYNC_MASTER_SECRET"
	);
	return -EINVAL;
}

static int check_node(const char *option, const char *node, char *error, size_t error_bytes) {
	struct endpoint endpoint;
	int err = endpoint_parse(&endpoint, node);

	if (err == -ENOMEM)
		return err;
	if (err == 0)
		return 0;
	snprintf(
		error,
		error_bytes,
		"--%s '%s' is not a node: want http(s)://host[:port][/path]",
		option,
		node
	);
	return -EINVAL;
}

static int check_database(
	const struct tokenserver_config *config, char *error, size_t error_bytes
) {
	struct db_url *url = NULL;
	char why[448] = "";
	int err;

	if (!is_given(config->database_url)) {
		snprintf(
			error,
			error_bytes,
			"the database is missing: give --database-url URL or the variable "
			"SYNC_TOKENSERVER__DATABASE_URL"
		);
		return -EINVAL;
	}
	err = db_url_ignore(
		config->database_url,
		config->ignored_parameters.items,
		config->ignored_parameters.count,
		why,
		sizeof(why)
	);
	if (err == 0)
		err = db_url_parse(&url, config->database_url, why, sizeof(why));
	db_url_free(url);
	if (err == -EINVAL)
		snprintf(
			error,
			error_bytes,
			"--database-url or SYNC_TOKENSERVER__DATABASE_URL: %s",
			why
		);
	return err;
}

static int check_scan(struct tokenserver_config *config, char *error, size_t error_bytes) {
	int err = check_database(config, error, error_bytes);

	if (err < 0)
		return err;
	if (config->grace_ms < 0)
		config->grace_ms = week_ms;
	if (config->grace_ms > century_ms) {
		snprintf(error, error_bytes, "--grace-period is longer than a hundred years");
		return -EINVAL;
	}
	if (!is_given(config->override_node))
		config->override_node = NULL;
	if (config->override_node != NULL)
		err = check_node("override-node", config->override_node, error, error_bytes);
	for (size_t i = 0; i < config->allow_nodes.count && err == 0; i++)
		err = check_node("allow-node", config->allow_nodes.items[i], error, error_bytes);
	if (err < 0)
		return err;
	config->keep_counters = is_given(config->spanner_node_id);
	return hold_list_new(&config->holds);
}

int tokenserver_config_set_up(
	struct tokenserver_config *config, bool will_call, char *error, size_t error_bytes
) {
	int err = check_scan(config, error, error_bytes);

	if (err < 0 || !will_call)
		return err;
	err = choose_secret(config, error, error_bytes);
	if (err < 0)
		return err;
	config->signer = signer_new(config->secret, strlen(config->secret));
	return config->signer == NULL ? -ENOMEM : 0;
}

int tokenserver_config_read_holds(
	struct tokenserver_config *config, char *words, size_t words_bytes
) {
	int err;

	if (config->hold_file == NULL && hold_list_count(config->holds) == 0)
		return -ENOENT;
	if (config->hold_file == NULL) {
		snprintf(
			words,
			words_bytes,
			"--hold-file is not given any more: name a file whose one line is a "
			"comment, or start anew"
		);
		return -EINVAL;
	}
	err = hold_list_read(config->holds, config->hold_file, words, words_bytes);
	if (err >= 0)
		snprintf(
			words,
			words_bytes,
			"users on hold, of whom nothing is purged: %zu",
			hold_list_count(config->holds)
		);
	return err;
}

void tokenserver_config_tear_down(struct tokenserver_config *config) {
	signer_free(config->signer);
	config->signer = NULL;
	hold_list_free(config->holds);
	config->holds = NULL;
	whole_file_free(&config->read_secret);
	config->secret = NULL;
}

#define OFFSET_WORDS                                                                               \
	"--max-offset is ignored: no row is passed over, and copies keep apart by "                \
	"--range_start and --range_end"
#define OVERRIDE_WORDS "--override-node does nothing without --force"

const char *tokenserver_config_warning(const struct tokenserver_config *config) {
	bool is_idle = config->override_node != NULL && !config->force;

	if (config->max_offset != NULL)
		return is_idle ? OFFSET_WORDS "; " OVERRIDE_WORDS : OFFSET_WORDS;
	return is_idle ? OVERRIDE_WORDS : NULL;
}

bool tokenserver_config_allows_node(const struct tokenserver_config *config, const char *node) {
	for (size_t i = 0; i < config->allow_nodes.count; i++) {
		if (strcmp(config->allow_nodes.items[i], node) == 0)
			return true;
	}
	return config->override_node != NULL && strcmp(config->override_node, node) == 0;
}
