// SPDX-License-Identifier: MPL-2.0
// lookup: the addresses of a name, without waiting for ever for a name server that says nothing.
// Thread: any.
#pragma once

#include <netdb.h>
#include <stdint.h>

// The addresses of `host` for datagrams to `port`, IPv4 before all others; an address is understood
// without asking anybody. *out is freed with freeaddrinfo. Returns 0, -EINVAL (the name is not
// known), -ETIMEDOUT (no answer within wait_ms: a thread of its own waits on), -ENOMEM, -EAGAIN.
int lookup(const char *host, uint16_t port, int64_t wait_ms, struct addrinfo **out);
