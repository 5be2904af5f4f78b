// SPDX-License-Identifier: MPL-2.0
// decode: shows records as JSON, one a line: those of a topic, or encoded values from a file or
// standard input.
// Thread: main.
#pragma once

#include "cli/front/command.h"

int decode_main(const struct invocation *invocation); // an exit status
