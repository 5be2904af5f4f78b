// SPDX-License-Identifier: MPL-2.0
// letter_out: what was asked for, on standard output. Thread: main.
#pragma once

#include "common/base/buf.h"

// Writes what is in `text`, and empties it. 0; a negative errno after the error was told, or of one
// of standard output, which the end of the program tells.
int letter_out_write(struct buf *text);
