// SPDX-License-Identifier: MPL-2.0
// account_conf: what account-server.conf says to the account reaper. Thread: main.
#pragma once

#include "common/conf/conf_row.h"

#include <stddef.h>

// Values as they are written; NULL: it does not say.
struct account_conf { // zeroed
	char *devices;
	char *mount_check;
	char *swift_dir;
	char *bind_ip;
	char *bind_port;
	char *delay_reaping;
	char *reap_warn_after;
	char *statsd_host;
	char *statsd_prefix;
};

// Reads [account-reaper], and [DEFAULT] for what it does not say, of a file or of all files of a
// directory. 0; -EINVAL (there is no such section, or a value that is not understood), or -errno of
// a file, with words; -ENOMEM.
int account_conf_read(struct account_conf *out, const char *path, char *error, size_t error_bytes);
void account_conf_free(struct account_conf *conf); // a zeroed one is fine

// Of the same file, what it says of options that every target has: how often, how many requests at
// once and for how long, and where metrics go.
extern const struct conf_own_file account_conf_file;
