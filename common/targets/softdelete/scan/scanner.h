// SPDX-License-Identifier: MPL-2.0
// scanner: finds rows that were marked deleted long ago, table by table.
// Thread: scan.
#pragma once

#include "common/target/target_scanner.h"

extern const struct target_scanner softdelete_scanner;
