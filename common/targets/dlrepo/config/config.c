// SPDX-License-Identifier: MPL-2.0
// config: what the operator says about a repository.
#include "common/targets/dlrepo/config/config.h"

#include "common/base/whole_file.h"
#include "common/target/target_front.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "common/targets/dlrepo/repo/upload_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct dlrepo_config, field)
#define S_MS 1000
// What a server may take from its look at a blob to its link, and more.
#define WAIT_LEAST_MS 2000
enum { AUTH_BYTES = 16 * 1024 };

const struct conf_row dlrepo_config_rows[DLREPO_CONFIG_ROWS] = {
	{
		.name = "root",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(root),
		.env = "DLREPO_ROOT_DIR",
		.letter = 'p',
		.meta = "DIR",
		.help = "the directory of the repository",
	},
	{
		.name = "orphan-lifetime",
		.exact = true,
		.kind = CONF_DURATION,
		.offset = AT(orphan_lifetime_ms),
		.env = "DLREPO_ORPHAN_BLOB_LIFETIME",
		.fallback = "600",
		.meta = "TIME",
		.max = 3153600000,
		.help = "how long ago a file without a link must have been changed, in whole "
			"seconds; longer than the longest push of an image takes",
	},
	{
		.name = "orphan-wait",
		.needs = NEEDS_REMOVAL,
		.exact = true,
		.kind = CONF_DURATION,
		.offset = AT(orphan_wait_ms),
		.fallback = "2",
		.meta = "TIME",
		// A stop waits for it, and has --drain-timeout.
		.max = 20,
		.help = "how long the place of an orphan is held before it is removed, 2 seconds "
			"or more: longer than a server may take from its look at a file to its "
			"link",
	},
	{
		.name = "no-server",
		.exact = true,
		.kind = CONF_FLAG,
		.offset = AT(no_server),
		.help = "no server uses the repository as long as this runs: orphans are removed "
			"at once, also where two names cannot be exchanged",
	},
	{
		.name = "server-here",
		.needs = NEEDS_REMOVAL,
		.exact = true,
		.kind = CONF_FLAG,
		.offset = AT(server_here),
		.help = "promise that servers use the repository on this host alone, where its "
			"file system may be one that other hosts use too",
	},
	{
		.name = "quotas",
		.needs = NEEDS_SCAN | NEEDS_REMOVAL,
		.exact = true,
		.kind = CONF_FLAG,
		.offset = AT(quotas),
		.help = "count anew what each user takes; only while no server runs, which would "
			"write its own number over it",
	},
	{
		.name = "orphans-only",
		.needs = NEEDS_SCAN,
		.kind = CONF_FLAG,
		.offset = AT(orphans_only),
		.help = "remove orphans, and leave tags and quotas alone",
	},
	{
		.name = "scan-threads",
		.needs = NEEDS_SCAN,
		.kind = CONF_INT,
		.offset = AT(scan_threads),
		.fallback = "2",
		.min = 1,
		.max = 64,
		.meta = "N",
		.help = "how many threads look for orphans at the same time",
	},
	{
		.name = "publish-url",
		.exact = true,
		.kind = CONF_LIST,
		.offset = AT(publish_urls),
		.env = "DLREPO_PUBLISH_URL",
		.meta = "URL",
		.help = "where released tags were published, which are deleted there first; "
			"without it released tags stay",
	},
	{
		.name = "publish-auth",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(publish_auth),
		.env = "DLREPO_PUBLISH_AUTH",
		.meta = "FILE",
		.help = "a file with login:password for these",
	},
	{
		.name = "publish-filter-cmd",
		.hidden = true,
		.kind = CONF_STRING,
		.offset = AT(publish_filter),
		.env = "DLREPO_PUBLISH_FILTER_CMD",
		.meta = "COMMAND",
		.help = "a command of dlrepo that is not understood here: released tags stay",
	},
};

static int fail(char *error, size_t error_bytes, const char *words) {
	snprintf(error, error_bytes, "%s", words);
	return -EINVAL;
}

static int check_times(const struct dlrepo_config *config, char *error, size_t error_bytes) {
	if (config->orphan_lifetime_ms % S_MS != 0)
		return fail(
			error,
			error_bytes,
			"'--orphan-lifetime' wants whole seconds, as dlrepo does"
		);
	if (config->orphan_wait_ms < WAIT_LEAST_MS && !config->no_server)
		return fail(
			error,
			error_bytes,
			"'--orphan-wait' is less than 2 seconds: a server could lose a file that "
			"it "
			"is just linking; give 2 or more, or --no-server when none runs"
		);
	return 0;
}

static int read_origins(struct dlrepo_config *config, char *error, size_t error_bytes) {
	const struct conf_list *urls = &config->publish_urls;
	char fault[200];

	if (urls->count > DLREPO_ORIGINS_MAX)
		return fail(error, error_bytes, "'--publish-url' has more than 64 addresses");
	for (size_t i = 0; i < urls->count; i++) {
		int err = origin_parse(urls->items[i], config->origins[i], fault, sizeof(fault));

		if (err == -EINVAL)
			snprintf(
				error,
				error_bytes,
				"'--publish-url': of address %zu: %s",
				i + 1,
				fault
			);
		if (err < 0)
			return err;
	}
	config->origin_count = urls->count;
	return 0;
}

static int read_auth(struct dlrepo_config *config, char *error, size_t error_bytes) {
	struct whole_file file;
	int err;

	if (config->origin_count == 0)
		return 0;
	if (config->publish_auth == NULL)
		return fail(
			error,
			error_bytes,
			"'--publish-url' needs '--publish-auth', a file with login:password"
		);
	err = whole_file_read(&file, config->publish_auth, AUTH_BYTES);
	if (err == 0)
		err = origin_authorization(file.text, file.len, &config->authorization);
	whole_file_free(&file);
	if (err == 0 || err == -ENOMEM)
		return err;
	snprintf(
		error,
		error_bytes,
		"'--publish-auth' %.300s: %s",
		config->publish_auth,
		err == -EINVAL ? "it does not say login:password" : strerror(-err)
	);
	return -EINVAL;
}

int dlrepo_config_ready(struct dlrepo_config *config, char *error, size_t error_bytes) {
	int err = aside_new(&config->aside, NULL);

	if (err < 0) {
		snprintf(error, error_bytes, "no name for this process: %s", strerror(-err));
		return err == -ENOMEM ? err : -ERANGE;
	}
	if (!config->no_server)
		err = upload_watch_open(&config->watch, config->root);

	if (err == 0 || err == -ENOMEM)
		return err;
	if (err == -EMFILE || err == -ENOSPC)
		snprintf(
			error,
			error_bytes,
			"cannot watch '%.300s' for uploads, for this user has too many watches: "
			"raise fs.inotify.max_user_instances and max_user_watches",
			config->root
		);
	else
		snprintf(
			error,
			error_bytes,
			"cannot open '%.300s': %s; check --root",
			config->root,
			strerror(-err)
		);
	return -ERANGE;
}

int dlrepo_config_set_up(struct dlrepo_config *config, char *error, size_t error_bytes) {
	int err;

	if (config->root == NULL)
		return fail(
			error,
			error_bytes,
			"'--root' (or DLREPO_ROOT_DIR) is missing: the directory of the repository"
		);
	err = check_times(config, error, error_bytes);
	if (err == 0)
		err = read_origins(config, error, error_bytes);
	return err == 0 ? read_auth(config, error, error_bytes) : err;
}

void dlrepo_config_tear_down(struct dlrepo_config *config) {
	if (config->authorization != NULL)
		explicit_bzero(config->authorization, strlen(config->authorization));
	free(config->authorization);
	config->authorization = NULL;
	upload_watch_close(config->watch);
	config->watch = NULL;
	aside_free(config->aside);
	config->aside = NULL;
}
