// SPDX-License-Identifier: MPL-2.0
// pause: pause and resume: have all producers and workers of a target begin nothing new, or go on.
// Thread: main; blocks.
#pragma once

struct invocation;

// Return the exit status.
int pause_main(const struct invocation *invocation);
int resume_main(const struct invocation *invocation);
