// SPDX-License-Identifier: MPL-2.0
// scan: finds obsolete user records, and what may be done with each.
// Thread: scan.
#pragma once

#include "common/target/target_scanner.h"

extern const struct target_scanner tokenserver_scanner;
