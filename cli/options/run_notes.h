// SPDX-License-Identifier: MPL-2.0
// run_notes: what --help of `run` says at its end, of signals and exit status. Thread: main.
#pragma once

struct invocation;

const char *run_notes(const struct invocation *invocation);
