// SPDX-License-Identifier: MPL-2.0
// summary: the end of a run in a few lines, for the person at the terminal.
#pragma once

#include <stdio.h>

struct outcome;

void summary_show(FILE *out, const struct outcome *outcome);
