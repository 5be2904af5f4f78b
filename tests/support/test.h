// SPDX-License-Identifier: MPL-2.0
// test.h: cmocka and the headers that it wants to be read before it.
#pragma once

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

// A macro of cmocka 2; here it is a slot of the queue.
#undef stop
// The name in cmocka 2, which warns of the old one.
#ifndef assert_int_in_range
// NOLINTNEXTLINE(readability-identifier-naming)
#define assert_int_in_range(value, minimum, maximum) assert_in_range(value, minimum, maximum)
#endif

// Declares what ld's --wrap=NAME wants, with the type of NAME: __wrap_NAME, which the test defines,
// and __real_NAME.
#define WRAPS(name) extern __typeof__(name) __wrap_##name, __real_##name
