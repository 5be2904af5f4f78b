// SPDX-License-Identifier: MPL-2.0
// summary: the end of a run in a few lines, for the person at the terminal. Thread: loop.
#pragma once

struct outcome;

// Waits for a slow reader, but not for ever.
void summary_show(int fd, const struct outcome *outcome);
