// SPDX-License-Identifier: MPL-2.0
// scanner: finds the containers of deleted accounts on a storage node. Thread: scan.
#pragma once

#include "common/target/target_scanner.h"

extern const struct target_scanner swift_scanner;
