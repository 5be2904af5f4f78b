// SPDX-License-Identifier: MPL-2.0
// replay_drop: forgets a replay. Blocks. Thread: main.
#pragma once

#include "cli/replay/replay_command.h"

// 0, or a negative errno after the error was told; -EBUSY: workers are at it, or it is not known
// whether any are.
int replay_drop(struct replay_command *command);
