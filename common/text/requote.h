// SPDX-License-Identifier: MPL-2.0
// requote: path and query of a URL in normal form. Pure. Thread: any.
//
// Escapes of letters, digits and -._~ are resolved, the others kept in upper case; what may not
// stand as it is gets an escape. When a part holds a '%' that begins no escape, all its '%' stand
// for themselves.
#pragma once

#include <stddef.h>

// Both need room for three times the text, a slash and the NUL; what does not fit is cut off. Also
// resolves the segments "." and ".." (written as escapes, too) and puts a slash in front when there
// is none.
void requote_path(char *out, size_t size, const char *path);
void requote_query(char *out, size_t size, const char *query);

// The value of the escape that text begins with, or -1.
int requote_escape(const char *text);
