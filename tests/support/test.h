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

// Declares what ld's --wrap=NAME wants, with the type of NAME: __wrap_NAME, which the test defines, and __real_NAME.
#define WRAPS(name) extern __typeof__(name) __wrap_##name, __real_##name
