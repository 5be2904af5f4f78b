// SPDX-License-Identifier: MPL-2.0
// audit_option: opens the audit log that --audit-log names. Thread: loop.
#pragma once

#include <stdbool.h>

struct audit;
struct log;

// `path` NULL: there is none, and *out is NULL. 0; -EIO after the error was told.
int audit_option_open(struct audit **out, const char *path);
// After the file was moved away; tells what came of it. False: there is none.
bool audit_option_reopen(struct audit *audit, struct log *log);
