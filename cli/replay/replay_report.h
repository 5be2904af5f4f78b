// SPDX-License-Identifier: MPL-2.0
// replay_report: says of replays what they are about and how far they are. Blocks. Thread: main.
#pragma once

#include "cli/replay/replay_command.h"

// Both: 0, or a negative errno after the error was told. What is not known is shown as unknown;
// then it is -EAGAIN. -ENOENT: there is none of that id.
int replay_report_one(struct replay_command *command);
int replay_report_all(struct replay_command *command);
