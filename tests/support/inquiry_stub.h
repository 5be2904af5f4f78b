// SPDX-License-Identifier: MPL-2.0
// inquiry_stub: an inquiry without a thread, for tests that wrap all of inquiry.h: a question is
// answered when it is started, and the answer lies there until it is taken.
#pragma once

extern int inquiry_stub_asked; // how many were started
void inquiry_stub_reset(void);
