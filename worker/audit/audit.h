// SPDX-License-Identifier: MPL-2.0
// audit: the audit log: one line for each candidate that came to its end, in a file. Several
// processes may share one. Thread: loop.
#pragma once

#include "worker/audit/audit_line.h"

#include <stddef.h>

struct audit; // opaque

// Appends to the file, which is made with the rights 0640. `path` is copied. 0; -ENOMEM; or -errno,
// with words in `error`.
int audit_open(struct audit **out, const char *path, char *error, size_t error_bytes);
void audit_close(struct audit *audit); // NULL is fine
// Opens the file of that path anew, after it was moved away. When that does not work the old one is
// gone on with. 0, or as audit_open, with words in audit_error.
int audit_reopen(struct audit *audit);

// The line is with the system when this returns. 0, or a negative errno with words in audit_error.
int audit_write(struct audit *audit, const struct audit_entry *entry);
const char *audit_error(const struct audit *audit);
