// SPDX-License-Identifier: MPL-2.0
// config: what the operator says about a repository, checked. Thread: main until it is set up; then
// any, read-only.
#pragma once

#include "common/conf/conf_row.h"
#include "common/targets/dlrepo/publish/origin.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aside;
struct upload_watch;

enum { DLREPO_CONFIG_ROWS = 11, DLREPO_ORIGINS_MAX = 64 };

struct dlrepo_config { // zeroed, then filled by options
	char *root;
	int64_t orphan_lifetime_ms;
	int64_t orphan_wait_ms;
	bool no_server;
	bool server_here; // by the operator's promise
	bool quotas;
	bool orphans_only;
	int64_t scan_threads;
	struct conf_list publish_urls;
	char *publish_auth; // the path of a file
	char *publish_filter; // NULL: none
	// Derived.
	char origins[DLREPO_ORIGINS_MAX][ORIGIN_BYTES];
	size_t origin_count;
	char *authorization; // a secret; NULL: nothing is published
	// It has a lock of its own; NULL: no server uses the repository.
	struct upload_watch *watch;
	// Where this process puts things aside; it has a lock of its own.
	struct aside *aside;
	// The process ends, whatever is in work.
	atomic_bool is_over;
};

extern const struct conf_row dlrepo_config_rows[DLREPO_CONFIG_ROWS];

// Checks the options and derives from them. 0; -EINVAL with words that name the option; -ENOMEM.
int dlrepo_config_set_up(struct dlrepo_config *config, char *error, size_t error_bytes);
// Then, where something will be removed: watches the repository, unless nobody uses it. 0; -ERANGE
// with words: it cannot be; -ENOMEM.
int dlrepo_config_ready(struct dlrepo_config *config, char *error, size_t error_bytes);
void dlrepo_config_tear_down(struct dlrepo_config *config); // a zeroed one is fine
