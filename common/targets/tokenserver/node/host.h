// SPDX-License-Identifier: MPL-2.0
// host: the name or address of a server in normal form. Pure. Thread: any.
#pragma once

#include <stddef.h>

enum { HOST_BYTES = 256 }; // room for any host

// Lower case, punycode, escapes of letters and digits resolved; an IPv6 address in its brackets.
// Other addresses stay as they are written. 0, -ENOMEM, -EINVAL: empty, no name (a label that is
// empty or too long, a character that no name has, an IDN that this libcurl cannot write in ASCII),
// no address, an address with a zone (it means nothing to another machine).
int host_normalize(char out[HOST_BYTES], const char *host, size_t len);
