// SPDX-License-Identifier: MPL-2.0
// replay: makes replays, says how far they are, and drops them. Thread: main.
#pragma once

#include "cli/front/command.h"

int replay_main(const struct invocation *invocation); // returns the exit status
