// SPDX-License-Identifier: MPL-2.0
// config: what the operator says about a cluster, checked. Thread: main until it is set up; then
// any, read-only, but for what belongs to the loop.
#pragma once

#include "common/conf/conf_row.h"
#include "common/targets/swift/config/account_conf.h"
#include "common/targets/swift/config/swift_conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster;
struct account_book;
struct in_work;

enum { SWIFT_CONFIG_ROWS = 11 };

struct swift_config { // zeroed, then filled by options
	char *account_conf; // a path; NULL: none
	// Of the options; NULL: the file says, or Swift's default holds.
	char *devices;
	char *mount_check;
	char *swift_dir;
	char *bind_ip;
	char *bind_port;
	char *delay_reaping;
	char *reap_warn_after;
	bool all_shards;
	bool reap_half_undeleted;
	bool reap_absent;
	// Derived.
	struct account_conf file;
	struct swift_conf cluster_conf;
	bool is_mount_checked;
	int64_t port; // 0: any
	int64_t delay_s;
	int64_t warn_after_s; // besides the delay
	// What the names of the reaper's metrics begin with; NULL: the file does not want these.
	char *reaper_metrics;
	// Its rings as the loop needs them. Thread: loop.
	struct cluster *cluster;
	struct in_work *in_work;
	// It has a lock of its own.
	struct account_book *book;
};

extern const struct conf_row swift_config_rows[SWIFT_CONFIG_ROWS];

// Reads the files, checks the values and derives from them. 0; -EINVAL with words that name the
// option or the file; -ENOMEM.
int swift_config_set_up(struct swift_config *config, char *error, size_t error_bytes);
void swift_config_tear_down(struct swift_config *config); // a zeroed one is fine

// One number for all nodes and workers of a cluster, which its hash is not told by: as 32 hex
// digits and a NUL. 0 or -EIO.
int swift_config_identity(const struct swift_config *config, char out[33]);
