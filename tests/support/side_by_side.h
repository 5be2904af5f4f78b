// SPDX-License-Identifier: MPL-2.0
// side_by_side: a group of tests in several processes, for tests that wait most of the time.
// Thread: main, before any other starts.
#pragma once

#include "support/test.h"

// Runs each of the tests once, in an order of no meaning. Returns how many failed, and so many more
// as processes ended in another way; what they say comes in between each other, line by line.
int side_by_side_run(const struct CMUnitTest *tests, size_t count);
