// SPDX-License-Identifier: MPL-2.0
// fuzz.h: what every fuzz target has. libFuzzer calls it, or replay.c with the files of its corpus.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// NOLINTNEXTLINE(readability-identifier-naming): the fuzzer calls it so
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static inline void must(bool holds) {
	if (!holds)
		abort();
}
