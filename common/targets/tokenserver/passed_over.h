// SPDX-License-Identifier: MPL-2.0
// passed_over: what a scan passes over for now. The cursor notes it: when an entry is gone from the
// list, the next pass is a full one.
// Thread: scan.
#pragma once

#include "common/targets/tokenserver/config.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>

struct db;

// As target_scanner.held: the ids of the nodes that are down, and since when those users are on
// hold that are.
int passed_over_list(
	const struct tokenserver_config *config, struct db *db, char *out, size_t out_bytes
);
// Is a record that is left for this reason one of those?
bool passed_over_is(enum reason reason);
