// SPDX-License-Identifier: MPL-2.0
// audit_option: opens the audit log that --audit-log names. Thread: loop.
#pragma once

struct audit;

// `path` NULL: there is none, and *out is NULL. 0; -EIO after the error was told.
int audit_option_open(struct audit **out, const char *path);
