// SPDX-License-Identifier: MPL-2.0
// connection: the database that the configuration files of another program name.
#include "common/targets/softdelete/connection.h"

#include "common/targets/softdelete/ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget(char *text) {
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

void connection_fini(struct connection *connection) {
	forget(connection->url);
	connection->url = NULL;
}

static int refuse(const struct ini_line *line, const char *what, char *error, size_t error_bytes) {
	snprintf(
		error,
		error_bytes,
		"%s line %zu: %s: give --database-url URL",
		line->path,
		line->number,
		what
	);
	return -EINVAL;
}

static bool is_reference(const char *dollar) {
	return dollar[1] == '{' || dollar[1] == '_' || isalpha((unsigned char)dollar[1]);
}

// Takes a pair of quotes off; `$$` and `\$` stand for `$`. A NULL *out: out of memory.
static int copy_value(const char *value, char **out) {
	size_t len = strlen(value);
	bool is_quoted =
		len > 1 && (value[0] == '"' || value[0] == '\'') && value[0] == value[len - 1];
	const char *end = value + len - (is_quoted ? 1 : 0);
	char *copy = calloc(1, len + 1);

	*out = copy;
	for (value += is_quoted ? 1 : 0; copy != NULL && value < end; value++) {
		if (value + 1 < end && (value[0] == '$' || value[0] == '\\') && value[1] == '$')
			value++;
		else if (*value == '$' && is_reference(value))
			return -EINVAL;
		*copy++ = *value;
	}
	return 0;
}

static int
take_connection(void *ctx, const struct ini_line *line, char *error, size_t error_bytes) {
	struct connection *connection = ctx;
	int err;

	if (line->key == NULL || strcmp(line->section, "database") != 0 ||
	    strcmp(line->key, "connection") != 0)
		return 0;
	if (line->goes_on && connection->url != NULL && connection->url[0] != '\0')
		return refuse(line, "'connection' goes on over several lines", error, error_bytes);
	connection_fini(connection);
	err = copy_value(line->value, &connection->url);
	if (connection->url == NULL) {
		snprintf(error, error_bytes, "out of memory");
		return -ENOMEM;
	}
	return err == 0 ? 0
			: refuse(line,
				 "'connection' refers to another option with '$', which is not "
				 "looked up (for a '$' itself write '$$')",
				 error,
				 error_bytes);
}

int connection_read(
	struct connection *out, const struct conf_list *files, char *error, size_t error_bytes
) {
	int err = 0;

	*out = (struct connection){.url = NULL};
	for (size_t i = 0; i < files->count && err == 0; i++)
		err = ini_read(
			files->items[i], INI_FOREIGN, take_connection, out, error, error_bytes
		);
	if (err == 0 && (out->url == NULL || out->url[0] == '\0')) {
		snprintf(
			error,
			error_bytes,
			"the configuration file has no 'connection' in its section [database]: "
			"give --database-url URL"
		);
		err = -EINVAL;
	}
	if (err < 0)
		connection_fini(out);
	return err < 0 && err != -ENOMEM ? -EINVAL : err;
}
