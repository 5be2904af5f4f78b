// SPDX-License-Identifier: MPL-2.0
// origin: the servers that released tags are published to. Pure. Thread: any.
#pragma once

#include <stddef.h>

enum { ORIGIN_BYTES = 300 };

// Reads one address, as DLREPO_PUBLISH_URL has them: "http://host:port" or https, perhaps with a
// slash behind it. Writes "scheme://host:port". 0; -EINVAL, with what is wrong in `error`: it is no
// such URL, or has a user, a path, a query or a fragment; -ENOMEM.
int origin_parse(const char *url, char out[ORIGIN_BYTES], char *error, size_t error_bytes);

// The value of the header Authorization for a file's text, "login:password": all but the blanks
// around it, split at the first colon (RFC 7617). The caller wipes and frees it. 0; -EINVAL: no
// colon, or a control character; -ENOMEM.
int origin_authorization(const char *text, size_t len, char **out);

// The path of a tag there, "/branches/b/t/", with escapes for all but letters, digits and -._~.
// NULL: out of memory. The caller frees it.
char *origin_tag_path(const char *branch, const char *tag);
