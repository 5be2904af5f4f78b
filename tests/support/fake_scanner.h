// SPDX-License-Identifier: MPL-2.0
// fake_scanner: what the fake target finds: the candidates that are not removed yet.
#pragma once

#include "common/target/target_scanner.h"

// Its config is a struct fake. Thread: scan.
extern const struct target_scanner fake_scanner;
