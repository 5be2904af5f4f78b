// SPDX-License-Identifier: MPL-2.0
// status: says how a fleet stands. Thread: main.
#pragma once

#include "cli/front/command.h"

int status_main(const struct invocation *invocation); // returns the exit status
