// SPDX-License-Identifier: MPL-2.0
// wake: a file descriptor that polls readable from a ring until it is cleared, to make a loop look
// up. Rings in between count as one. Thread: any.
#pragma once

#include <stdint.h>

// What is written to ring it, for a library that wants to do so itself.
extern const uint64_t wake_word;

int wake_open(void); // or a negative errno; close(2) it
void wake_ring(int fd);
void wake_clear(int fd);
