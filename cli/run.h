// SPDX-License-Identifier: MPL-2.0
// run: producer and worker in one process, joined by the queue in memory.
// Thread: main.
#pragma once

#include "cli/front/command.h"

int run_main(const struct invocation *invocation); // an exit status
