// SPDX-License-Identifier: MPL-2.0
// connection: the database that the configuration of an OpenStack service names.
#include "common/targets/softdelete/config/connection.h"

#include "common/db/url/db_url.h"
#include "common/targets/softdelete/config/oslo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct setting {
	const char *key; // in the section [database]
	const char *variable;
	char *text; // NULL: not set; Owner: this
	bool goes_on; // over several lines
	bool is_variable;
	char path[256]; // of the file that sets it
	size_t line;
};

struct settings {
	struct setting url, parameters;
};

static void forget(char *text) {
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

void connection_fini(struct connection *connection) {
	forget(connection->url);
	connection->url = NULL;
}

static int refuse(const struct setting *setting, const char *what, char *error, size_t size) {
	if (setting->is_variable)
		snprintf(error, size, "%s: %s: give --database-url URL", setting->variable, what);
	else
		snprintf(
			error,
			size,
			"%s line %zu: '%s' %s: give --database-url URL",
			setting->path,
			setting->line,
			setting->key,
			what
		);
	return -EINVAL;
}

// Takes a pair of quotes off.
static char *copy_unquoted(const char *value) {
	size_t len = strlen(value);

	if (len > 0 && (value[0] == '"' || value[0] == '\'') && value[0] == value[len - 1])
		return len == 1 ? strdup("") : strndup(value + 1, len - 2);
	return strdup(value);
}

static int take_line(void *ctx, const struct ini_line *line, char *error, size_t error_bytes) {
	struct settings *settings = ctx;
	struct setting *setting = &settings->url;

	if (line->key == NULL || strcasecmp(line->section, "database") != 0)
		return 0;
	if (strcmp(line->key, settings->parameters.key) == 0)
		setting = &settings->parameters;
	else if (strcmp(line->key, setting->key) != 0)
		return 0;
	setting->goes_on = line->goes_on;
	if (line->goes_on)
		return 0;
	forget(setting->text);
	setting->text = copy_unquoted(line->value);
	snprintf(setting->path, sizeof(setting->path), "%s", line->path);
	setting->line = line->number;
	if (setting->text != NULL)
		return 0;
	snprintf(error, error_bytes, "out of memory");
	return -ENOMEM;
}

// An empty variable is set, for oslo.config.
static int take_variable(struct setting *setting) {
	const char *value = getenv(setting->variable);

	if (value == NULL)
		return 0;
	forget(setting->text);
	setting->text = strdup(value);
	setting->is_variable = true;
	setting->goes_on = false;
	return setting->text == NULL ? -ENOMEM : 0;
}

static bool is_reference(const char *dollar) {
	return dollar[1] == '{' || dollar[1] == '_' || isalpha((unsigned char)dollar[1]);
}

// In place: `$$` and `\$` stand for `$`.
static int resolve(struct setting *setting, char *error, size_t error_bytes) {
	char *to = setting->text;

	if (setting->goes_on)
		return refuse(setting, "goes on over several lines", error, error_bytes);
	for (const char *from = setting->text; from != NULL && *from != '\0'; from++) {
		if ((from[0] == '$' || from[0] == '\\') && from[1] == '$')
			from++;
		else if (*from == '$' && is_reference(from))
			return refuse(
				setting,
				"refers to another option with '$', which is not looked up (for a "
				"'$' itself write '$$')",
				error,
				error_bytes
			);
		*to++ = *from;
	}
	if (to != NULL)
		*to = '\0';
	return 0;
}

// Appends to the words for a remedy.
static void name_source(struct connection *out, const char *before, const struct setting *setting) {
	size_t len = strlen(out->source);
	size_t size = sizeof(out->source) - len;

	if (setting->is_variable)
		snprintf(out->source + len, size, "%sthe variable %s", before, setting->variable);
	else
		snprintf(
			out->source + len, size, "%s'%s' in %s", before, setting->key, setting->path
		);
}

static int join(struct connection *out, struct settings *settings, char *error, size_t size) {
	struct setting *url = &settings->url;
	const char *more = settings->parameters.text;
	char why[300];
	size_t url_bytes;
	int err = db_url_check(url->text, why, sizeof(why));

	name_source(out, "", url);
	if (err < 0) {
		snprintf(error, size, "%s: %s", out->source, why);
		return err;
	}
	if (more != NULL && more[0] != '\0')
		name_source(out, " with ", &settings->parameters);
	url_bytes = strlen(url->text) + (more == NULL ? 0 : strlen(more)) + 2;
	out->url = malloc(url_bytes);
	if (out->url == NULL)
		return -ENOMEM;
	if (more == NULL || more[0] == '\0')
		snprintf(out->url, url_bytes, "%s", url->text);
	else
		snprintf(
			out->url,
			url_bytes,
			"%s%c%s",
			url->text,
			strchr(url->text, '?') == NULL ? '?' : '&',
			more
		);
	return 0;
}

static int settle(struct connection *out, struct settings *settings, char *error, size_t size) {
	int err = resolve(&settings->url, error, size);

	if (err == 0)
		err = resolve(&settings->parameters, error, size);
	if (err < 0)
		return err;
	if (settings->url.text != NULL && settings->url.text[0] != '\0')
		return join(out, settings, error, size);
	if (settings->url.is_variable)
		return refuse(&settings->url, "is empty", error, size);
	snprintf(
		error,
		size,
		"the configuration has no 'connection' in its section [database]: give "
		"--database-url URL, or --config-file FILE of one that has it"
	);
	return -EINVAL;
}

int connection_read(
	struct connection *out,
	const struct conf_list *paths,
	bool is_glance,
	char *error,
	size_t error_bytes
) {
	struct settings settings = {
		.url = {.key = "connection", .variable = CONNECTION_VARIABLE},
		.parameters =
			{.key = "connection_parameters",
			 .variable = CONNECTION_VARIABLE "_PARAMETERS"},
	};
	int err = oslo_read(paths, is_glance, take_line, &settings, error, error_bytes);

	*out = (struct connection){.url = NULL};
	if (err == 0)
		err = take_variable(&settings.url);
	if (err == 0)
		err = take_variable(&settings.parameters);
	if (err == 0)
		err = settle(out, &settings, error, error_bytes);
	forget(settings.url.text);
	forget(settings.parameters.text);
	return err < 0 && err != -ENOMEM ? -EINVAL : err;
}
