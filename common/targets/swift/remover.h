// SPDX-License-Identifier: MPL-2.0
// remover: what becomes of a container whose requests are done. Thread: loop, or batch.
#pragma once

#include "common/target/target_remover.h"

extern const struct target_remover swift_remover;
