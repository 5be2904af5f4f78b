// SPDX-License-Identifier: MPL-2.0
// connection: the database that the configuration files of another program name, as oslo.config reads them: `connection`
// in the section [database]. Thread: main, before others start.
#pragma once

#include "common/conf.h"

#include <stddef.h>

struct connection {
	char *url; // NULL: not read; Owner: this
};

// Reads the files; the last one that names a database counts. 0; -EINVAL (none of them does, too) with words in `error`; -ENOMEM.
int connection_read(
	struct connection *out, const struct conf_list *files, char *error, size_t error_bytes
);
void connection_fini(struct connection *connection); // wipes the URL; a zeroed one is fine
