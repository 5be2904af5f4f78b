// SPDX-License-Identifier: MPL-2.0
// swift_conf: what swift.conf says that must be the same on all nodes of a cluster.
//
// Source: validate_hash_conf and parse_storage_policies of Swift 2.38.3. Both read it by Python's
// configparser: keys in any case, "%%" is a percent sign, and [DEFAULT] holds for each section. The
// hash is read as Latin-1.
#include "common/targets/swift/config/swift_conf.h"

#include "common/text/ini_file.h"
#include "common/text/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HASH_SECTION "swift-hash"
#define POLICY_SECTION "storage-policy:"

struct reading {
	struct swift_conf *conf;
	char *default_prefix, *default_suffix;
	bool has_hash;
	// Of the line before: a value that may not go on.
	bool was_hash;
};

static int refuse(const struct ini_line *line, const char *fault, char *error, size_t error_bytes) {
	snprintf(error, error_bytes, "%s line %zu: %s", line->path, line->number, fault);
	return -EINVAL;
}

// What Python takes off both ends of a text that was read as Latin-1.
#define BLANKS " \t\v\f\x85\xA0"

static size_t trimmed(const char **value) {
	size_t len;

	*value += strspn(*value, BLANKS);
	len = strlen(*value);
	while (len > 0 && strchr(BLANKS, (*value)[len - 1]) != NULL)
		len--;
	return len;
}

// "%%" is "%", and anything else behind a percent sign would be looked up.
static char *plain(const char *value, bool *is_plain) {
	size_t len = trimmed(&value);
	const char *end = value + len;
	char *out = malloc(len + 1), *at = out;

	*is_plain = true;
	for (; out != NULL && value < end; value++) {
		if (*value == '%' && (++value == end || *value != '%')) {
			*is_plain = false;
			break;
		}
		*at++ = *value;
	}
	if (out != NULL)
		*at = '\0';
	return out;
}

static int take_hash(const struct ini_line *line, char **into, char *error, size_t error_bytes) {
	bool is_plain;

	if (*into != NULL)
		return refuse(line, "it says so twice: Swift refuses that", error, error_bytes);
	*into = plain(line->value, &is_plain);
	if (*into == NULL)
		return -ENOMEM;
	if (!is_plain)
		return refuse(line, "a percent sign is written as two of them", error, error_bytes);
	return 0;
}

static int take_policy(
	struct swift_conf *conf, const struct ini_line *line, char *error, size_t error_bytes
) {
	const char *text = line->section + strlen(POLICY_SECTION);
	int64_t index;

	if (number_parse(text, strlen(text), 0, SWIFT_POLICIES_MAX - 1, &index) < 0)
		return refuse(
			line, "[storage-policy:N] wants a number from 0 to 255", error, error_bytes
		);
	conf->has_policy[index] = true;
	return 0;
}

static int take(void *ctx, const struct ini_line *line, char *error, size_t error_bytes) {
	struct reading *reading = ctx;
	bool is_default = strcmp(line->section, "DEFAULT") == 0;
	bool is_hash = strcmp(line->section, HASH_SECTION) == 0;
	struct swift_conf *conf = reading->conf;

	if (line->goes_on && reading->was_hash)
		return refuse(line, "the value must be on one line", error, error_bytes);
	reading->was_hash = false;
	reading->has_hash |= is_hash;
	if (line->key == NULL &&
	    strncmp(line->section, POLICY_SECTION, strlen(POLICY_SECTION)) == 0)
		return take_policy(conf, line, error, error_bytes);
	if (line->key == NULL || line->goes_on || (!is_hash && !is_default))
		return 0;
	reading->was_hash = true;
	if (strcasecmp(line->key, "swift_hash_path_prefix") == 0)
		return take_hash(
			line, is_hash ? &conf->prefix : &reading->default_prefix, error, error_bytes
		);
	if (strcasecmp(line->key, "swift_hash_path_suffix") == 0)
		return take_hash(
			line, is_hash ? &conf->suffix : &reading->default_suffix, error, error_bytes
		);
	reading->was_hash = false;
	return 0;
}

// What [DEFAULT] says holds in a section that is there.
static int settle(char **value, char **fallback, bool has_section) {
	if (*value != NULL || !has_section)
		return 0;
	*value = *fallback;
	*fallback = NULL;
	if (*value == NULL)
		*value = strdup("");
	return *value == NULL ? -ENOMEM : 0;
}

static int finish(struct reading *reading, const char *path, char *error, size_t error_bytes) {
	struct swift_conf *conf = reading->conf;
	bool has_policies = false;
	int err = settle(&conf->prefix, &reading->default_prefix, reading->has_hash);

	if (err == 0)
		err = settle(&conf->suffix, &reading->default_suffix, reading->has_hash);
	if (err < 0)
		return err;
	if (!reading->has_hash || (*conf->prefix == '\0' && *conf->suffix == '\0')) {
		snprintf(
			error,
			error_bytes,
			"%s has neither swift_hash_path_suffix nor swift_hash_path_prefix in "
			"[swift-hash]: copy the file from a node of the cluster",
			path
		);
		return -EINVAL;
	}
	for (size_t i = 0; i < SWIFT_POLICIES_MAX; i++)
		has_policies |= conf->has_policy[i];
	conf->has_policy[0] |= !has_policies;
	return 0;
}

static void wipe(char **text) {
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

int swift_conf_read(struct swift_conf *out, const char *path, char *error, size_t error_bytes) {
	struct reading reading = {.conf = out};
	int err = ini_file_read(path, INI_FILE_OSLO, take, &reading, error, error_bytes);

	if (err == 0)
		err = finish(&reading, path, error, error_bytes);
	wipe(&reading.default_prefix);
	wipe(&reading.default_suffix);
	if (err < 0)
		swift_conf_free(out);
	return err;
}

void swift_conf_free(struct swift_conf *conf) {
	wipe(&conf->prefix);
	wipe(&conf->suffix);
	*conf = (struct swift_conf){0};
}
