// SPDX-License-Identifier: MPL-2.0
// letter_reason: why a record was given up, as its letter says it: one of a small fixed set of
// words. Pure. Thread: any.
#pragma once

#include <stddef.h>

// Indexes of LETTER_OTHER and below. What a letter says that is none of the words is LETTER_OTHER.
enum { LETTER_UNDECODABLE = 11, LETTER_OTHER = 12, LETTER_REASONS = 13 };

const char *letter_reason_name(int reason); // "http_4xx"
int letter_reason_of(const void *text, size_t len); // of a letter
int letter_reason_find(const char *word); // -1: there is none
