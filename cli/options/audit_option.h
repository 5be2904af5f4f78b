// SPDX-License-Identifier: MPL-2.0
// audit_option: opens the audit log that --audit-log names. Thread: loop.
#pragma once

#include <stdbool.h>

struct audit;
struct log;

// Is it no file, but the topic of Kafka? NULL: there is none.
bool audit_option_is_topic(const char *value);
// NULL: there is none, and *out is NULL. 0; -EIO or -ENOMEM after the error was told.
int audit_option_open(struct audit **out, const char *value);
// After the file was moved away; tells what came of it. False: there is none.
bool audit_option_reopen(struct audit *audit, struct log *log);
