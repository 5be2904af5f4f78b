// SPDX-License-Identifier: MPL-2.0
// audit: the audit log: one line for each candidate that came to its end, in a file that several
// processes may share, or with the queue, which puts it where candidates come from. Thread: loop.
#pragma once

#include "worker/audit/audit_line.h"

#include <stdbool.h>
#include <stddef.h>

struct audit; // opaque

// Appends to the file, which is made with the rights 0640. `path` is copied. 0; -ENOMEM without
// words; or -errno, with words in `error`.
int audit_open(struct audit **out, const char *path, char *error, size_t error_bytes);
// It has no file: audit_carried gives each line to the queue. 0 or -ENOMEM.
int audit_open_queue(struct audit **out);
void audit_close(struct audit *audit); // NULL is fine
bool audit_has_file(const struct audit *audit);
// Opens its file anew, after it was moved away. When that does not work the old one is gone on
// with. 0, or as audit_open, with words in audit_error.
int audit_reopen(struct audit *audit);

// The line is with the system when this returns, or audit_carried has it for the queue. 0, or a
// negative errno with words in audit_error.
int audit_note(struct audit *audit, const struct audit_entry *entry);
// Of one without a file: the line that was noted last, without its line feed, until the next one;
// else NULL.
const char *audit_carried(const struct audit *audit, size_t *len);
const char *audit_error(const struct audit *audit);
