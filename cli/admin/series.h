// SPDX-License-Identifier: MPL-2.0
// series: the one table of all numbers that an endpoint shows, with their names, types, labels and
// what they mean. Pure. Thread: any.
#pragma once

#include "cli/admin/sample.h"

// Puts all that is known, the samples of one series behind each other.
void series_each(const struct series_sink *sink);
