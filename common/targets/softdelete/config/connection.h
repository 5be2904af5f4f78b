// SPDX-License-Identifier: MPL-2.0
// connection: the database that the configuration of an OpenStack service names, as oslo.config and
// oslo.db read it. These are `connection` and `connection_parameters` in the section [database], or
// the variables OS_DATABASE__CONNECTION and OS_DATABASE__CONNECTION_PARAMETERS, which go before.
// Thread: main, before others start.
#pragma once

#include "common/conf/conf.h"

#include <stdbool.h>
#include <stddef.h>

#define CONNECTION_VARIABLE "OS_DATABASE__CONNECTION"

struct connection {
	// With the parameters; NULL: not read; Owner: this.
	char *url;
	// What named the URL and its parameters, for a remedy.
	char source[300];
};

// Reads `paths`, which may be directories, and the variables; what is read last counts.
// `is_glance`: and the places where glance-manage looks. 0; -EINVAL with words in `error` (none of
// them names a database, too); -ENOMEM.
int connection_read(
	struct connection *out,
	const struct conf_list *paths,
	bool is_glance,
	char *error,
	size_t error_bytes
);
// Wipes the URL; a zeroed one is fine.
void connection_fini(struct connection *connection);
