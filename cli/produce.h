// SPDX-License-Identifier: MPL-2.0
// produce: scans and publishes what it finds, for workers elsewhere. Design notes - This thread
// only waits: for signals, for the end of a pass, for the next one to be due.
// Thread: main.
#pragma once

#include "cli/front/command.h"

int produce_main(const struct invocation *invocation); // an exit status
