// SPDX-License-Identifier: MPL-2.0
// replay_create: makes a replay: looks what of the log it is about, and writes that into the state
// topic. Blocks. Thread: main.
#pragma once

#include "cli/replay/replay_command.h"

// 0, or a negative errno after the error was told; -EINVAL: wrong usage.
int replay_create(struct replay_command *command);
