// SPDX-License-Identifier: MPL-2.0
// config: what the operator says about a cluster.
//
// Source: AccountReaper of Swift 2.38.3, for the names and the defaults.
#include "common/targets/swift/config/config.h"

#include "common/base/buf.h"
#include "common/target/target_front.h"
#include "common/text/hex.h"
#include "common/text/number.h"

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AT(field) offsetof(struct swift_config, field)

enum { PORT_MOST = 65535, DIGEST_BYTES = 32, IDENTITY_BYTES = 16 };

#define SECONDS_MOST ((int64_t)100 * 366 * 86400)

const struct conf_row swift_config_rows[SWIFT_CONFIG_ROWS] = {
	{
		.name = "account-server-conf",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(account_conf),
		.meta = "PATH",
		.help = "an account-server.conf or .conf.d, for what the options below do not say "
			"([account-reaper] and [DEFAULT])",
	},
	{
		.name = "devices",
		.exact = true,
		.needs = NEEDS_SCAN,
		.kind = CONF_STRING,
		.offset = AT(devices),
		.meta = "DIR",
		.help = "where the devices of this node are mounted [/srv/node]",
	},
	{
		.name = "mount-check",
		.exact = true,
		.needs = NEEDS_SCAN,
		.kind = CONF_STRING,
		.offset = AT(mount_check),
		.meta = "BOOL",
		.help = "pass over a device that is not mounted [true]",
	},
	{
		.name = "swift-dir",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(swift_dir),
		.meta = "DIR",
		.help = "where swift.conf and the rings are [/etc/swift]",
	},
	{
		.name = "bind-ip",
		.exact = true,
		.needs = NEEDS_SCAN,
		.kind = CONF_STRING,
		.offset = AT(bind_ip),
		.meta = "ADDRESS",
		.help = "the address of this node in the account ring [0.0.0.0: any that it has]",
	},
	{
		.name = "bind-port",
		.exact = true,
		.needs = NEEDS_SCAN,
		.kind = CONF_STRING,
		.offset = AT(bind_port),
		.meta = "PORT",
		.help = "the port of this node's account server in the ring [6202; 0: any]",
	},
	{
		.name = "delay-reaping",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(delay_reaping),
		.meta = "SECONDS",
		.help = "how long an account stays as it is after it was deleted [0]",
	},
	{
		.name = "reap-warn-after",
		.exact = true,
		.kind = CONF_STRING,
		.offset = AT(reap_warn_after),
		.meta = "SECONDS",
		.help = "how long after that to warn of an account that is still there [2592000]",
	},
	{
		.name = "all-shards",
		.exact = true,
		.needs = NEEDS_SCAN,
		.kind = CONF_FLAG,
		.offset = AT(all_shards),
		.help = "take the containers of the account's other nodes as well, for one of them "
			"is away",
	},
	{
		.name = "reap-half-undeleted",
		.exact = true,
		.kind = CONF_FLAG,
		.offset = AT(reap_half_undeleted),
		.help = "empty accounts too that users see again although they were not quite "
			"undeleted, as the reaper of Swift does",
	},
	{
		.name = "reap-absent",
		.exact = true,
		.kind = CONF_FLAG,
		.offset = AT(reap_absent),
		.help = "go on though the servers do not have the objects that are listed: only "
			"when the object rings are surely right",
	},
};

// Where a value was given, to name it.
struct value {
	const char *option;
	const char *key;
	const char *text;
	bool is_option;
};

static struct value value_of(
	const char *option,
	const char *key,
	const char *given,
	const char *in_file,
	const char *fallback
) {
	struct value value = {.option = option, .key = key, .is_option = true};

	value.is_option = given != NULL || in_file == NULL;
	value.text = given != NULL ? given : in_file != NULL ? in_file : fallback;
	return value;
}

static int refuse(
	const struct swift_config *config,
	const struct value *value,
	const char *wants,
	char *error,
	size_t error_bytes
) {
	if (value->is_option)
		snprintf(
			error,
			error_bytes,
			"'--%s' is '%.80s' and must be %s",
			value->option,
			value->text,
			wants
		);
	else
		snprintf(
			error,
			error_bytes,
			"%.300s: %s is '%.80s' and must be %s",
			config->account_conf,
			value->key,
			value->text,
			wants
		);
	return -EINVAL;
}

// What Swift takes for true, or what can only mean false: it takes all else for false, and would
// look at devices that are not mounted for want of a letter. 1, 0 or -EINVAL.
static int read_bool(const char *text) {
	static const char *const words[][6] = {
		{"false", "0", "no", "off", "f", "n"},
		{"true", "1", "yes", "on", "t", "y"},
	};

	for (int truth = 0; truth < 2; truth++)
		for (size_t i = 0; i < sizeof(words[0]) / sizeof(words[0][0]); i++)
			if (strcasecmp(text, words[truth][i]) == 0)
				return truth;
	return -EINVAL;
}

static int set_mount_check(struct swift_config *config, char *error, size_t error_bytes) {
	struct value value = value_of(
		"mount-check", "mount_check", config->mount_check, config->file.mount_check, "true"
	);
	int truth = read_bool(value.text);

	if (truth < 0)
		return refuse(config, &value, "true or false", error, error_bytes);
	config->is_mount_checked = truth == 1;
	return 0;
}

static int set_port(struct swift_config *config, char *error, size_t error_bytes) {
	struct value value = value_of(
		"bind-port", "bind_port", config->bind_port, config->file.bind_port, "6202"
	);

	if (number_parse(value.text, strlen(value.text), 0, PORT_MOST, &config->port) < 0)
		return refuse(config, &value, "a port, or 0 for any", error, error_bytes);
	return 0;
}

static int set_delay(struct swift_config *config, char *error, size_t error_bytes) {
	struct value value = value_of(
		"delay-reaping",
		"delay_reaping",
		config->delay_reaping,
		config->file.delay_reaping,
		"0"
	);

	config->delay_s = 0;
	if (value.text[0] != '\0' &&
	    number_parse(value.text, strlen(value.text), 0, SECONDS_MOST, &config->delay_s) < 0)
		return refuse(config, &value, "a whole number of seconds", error, error_bytes);
	return 0;
}

static int set_warn_after(struct swift_config *config, char *error, size_t error_bytes) {
	struct value value = value_of(
		"reap-warn-after",
		"reap_warn_after",
		config->reap_warn_after,
		config->file.reap_warn_after,
		""
	);
	char *end;
	double seconds = strtod(value.text, &end);

	if (value.text[0] == '\0')
		seconds = 86400.0 * 30;
	else if (*end != '\0' || strpbrk(value.text, "xX") != NULL || // hexadecimal
		 !isfinite(seconds) || seconds < 0 || seconds > SECONDS_MOST)
		return refuse(config, &value, "a number of seconds", error, error_bytes);
	config->warn_after_s = (int64_t)seconds;
	return 0;
}

// An option that is not given is what the file says, or Swift's default. All outlive the options.
static int set_text(char **given, char **in_file, const char *fallback) {
	if (*given != NULL)
		return 0;
	if (*in_file == NULL)
		*in_file = strdup(fallback);
	*given = *in_file;
	return *given == NULL ? -ENOMEM : 0;
}

static int set_texts(struct swift_config *config, char *error, size_t error_bytes) {
	struct account_conf *file = &config->file;
	const struct {
		struct value value;
		char **given, **in_file;
		const char *fallback, *wants;
	} texts[] = {
		{value_of("devices", "devices", config->devices, file->devices, ""),
		 &config->devices,
		 &file->devices,
		 "/srv/node",
		 "a directory"},
		{value_of("swift-dir", "swift_dir", config->swift_dir, file->swift_dir, ""),
		 &config->swift_dir,
		 &file->swift_dir,
		 "/etc/swift",
		 "a directory"},
		{value_of("bind-ip", "bind_ip", config->bind_ip, file->bind_ip, ""),
		 &config->bind_ip,
		 &file->bind_ip,
		 "0.0.0.0",
		 "an address"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int err = set_text(texts[i].given, texts[i].in_file, texts[i].fallback);

		if (err < 0)
			return err;
		if (**texts[i].given == '\0')
			return refuse(config, &texts[i].value, texts[i].wants, error, error_bytes);
	}
	return 0;
}

static int read_cluster(struct swift_config *config, char *error, size_t error_bytes) {
	char *path = NULL;
	int err;

	if (asprintf(&path, "%s/swift.conf", config->swift_dir) < 0)
		return -ENOMEM;
	err = swift_conf_read(&config->cluster_conf, path, error, error_bytes);
	free(path);
	return err == 0 || err == -ENOMEM ? err : -EINVAL;
}

// As get_logger and get_statsd_client of Swift name them.
static int set_metrics(struct swift_config *config) {
	const char *host = config->file.statsd_host, *prefix = config->file.statsd_prefix;
	bool has_prefix = prefix != NULL && prefix[0] != '\0';
	char *name = NULL;

	if (host == NULL || host[0] == '\0')
		return 0;
	if (asprintf(&name, "%s%saccount-reaper", has_prefix ? prefix : "", has_prefix ? "." : "") <
	    0)
		return -ENOMEM;
	config->reaper_metrics = name;
	return 0;
}

int swift_config_set_up(struct swift_config *config, char *error, size_t error_bytes) {
	int err = 0;

	if (config->account_conf != NULL)
		err = account_conf_read(&config->file, config->account_conf, error, error_bytes);
	if (err < 0)
		return err == -ENOMEM ? err : -EINVAL;
	err = set_texts(config, error, error_bytes);
	if (err == 0)
		err = set_mount_check(config, error, error_bytes);
	if (err == 0)
		err = set_port(config, error, error_bytes);
	if (err == 0)
		err = set_delay(config, error, error_bytes);
	if (err == 0)
		err = set_warn_after(config, error, error_bytes);
	if (err == 0)
		err = set_metrics(config);
	return err == 0 ? read_cluster(config, error, error_bytes) : err;
}

void swift_config_tear_down(struct swift_config *config) {
	swift_conf_free(&config->cluster_conf);
	account_conf_free(&config->file);
	free(config->reaper_metrics);
	config->reaper_metrics = NULL;
}

int swift_config_identity(const struct swift_config *config, char out[33]) {
	const struct swift_conf *conf = &config->cluster_conf;
	unsigned char digest[DIGEST_BYTES];
	struct buf text, hex;
	int err = -EIO;

	buf_init(&text, 0);
	buf_init(&hex, 0);
	buf_str(&text, "purgefleet cluster");
	// With the NUL between them no two pairs are the same bytes.
	buf_add(&text, conf->prefix, strlen(conf->prefix) + 1);
	buf_str(&text, conf->suffix);
	if (text.error == 0 &&
	    EVP_Digest(text.data, text.len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	    hex_add(&hex, digest, IDENTITY_BYTES) == 0) {
		snprintf(out, 33, "%s", buf_text(&hex));
		err = 0;
	}
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buf_fini(&text);
	buf_fini(&hex);
	return err;
}
