// SPDX-License-Identifier: MPL-2.0
// config: what an operator may say about a purge of Tokenserver. Filled by the option rows,
// completed by tokenserver_config_set_up. Read-only after that, so any thread may read it; but
// hold_file, which is the main thread's.
#pragma once

#include "common/base/whole_file.h"
#include "common/conf/conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hold_list;
struct signer;

enum node_keys {
	// Nodes keep data by fxa_uid and fxa_kid, so records of one user may share it.
	NODE_KEYS_FXA,
	NODE_KEYS_UID, // by uid
};

struct tokenserver_config {
	char *database_url;
	struct conf_list ignored_parameters; // of its query
	int64_t grace_ms;
	bool force;
	char *override_node; // NULL: none
	int node_keys; // enum node_keys
	char *spanner_node_id; // NULL: none
	// From the command line; after set_up the one to use.
	char *secret;
	char *secret_file;
	char *secret_env;
	char *max_offset; // ignored
	struct conf_list allow_nodes;
	char *hold_file; // NULL: nobody is on hold

	// The counters of nodes are left alone.
	bool keep_counters;
	// As hold_file was last read. Owner: this.
	struct hold_list *holds;
	struct whole_file read_secret; // from secret_file; Owner: this
	// With the secret; Owner: this. Thread: loop.
	struct signer *signer;
};

enum { TOKENSERVER_CONFIG_ROWS = 13 };
extern const struct conf_row tokenserver_config_rows[TOKENSERVER_CONFIG_ROWS];

// will_call: else without the secret. 0, -EINVAL with words in `error`, -ENOMEM.
int tokenserver_config_set_up(
	struct tokenserver_config *config, bool will_call, char *error, size_t error_bytes
);
// Reads hold_file behind set_up, and again, as target_front.read_files.
int tokenserver_config_read_holds(
	struct tokenserver_config *config, char *words, size_t words_bytes
);
// Wipes the secret; a zeroed config is fine.
void tokenserver_config_tear_down(struct tokenserver_config *config);
// NULL: nothing to warn of.
const char *tokenserver_config_warning(const struct tokenserver_config *config);

// A node that may be contacted though the nodes table does not know it?
bool tokenserver_config_allows_node(const struct tokenserver_config *config, const char *node);
