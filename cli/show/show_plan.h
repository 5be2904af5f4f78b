// SPDX-License-Identifier: MPL-2.0
// show_plan: prints what a dry run found, for people, on standard output. Thread: loop.
#pragma once

#include <stdio.h>

struct outcome;
struct plan;

void show_plan(FILE *out, const struct outcome *outcome, const struct plan *plan);
