// SPDX-License-Identifier: MPL-2.0
// local_ips: the addresses of this machine, as rings have them. Thread: scan; may ask a name
// server.
//
// Source: whataremyips and is_local_device of Swift 2.38.3.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct local_ips { // zeroed
	// Sixteen bytes each; an IPv4 address is mapped into IPv6.
	unsigned char (*rows)[16];
	size_t count;
};

// bind_ip: the one that the server listens on; 0.0.0.0 or ::, all that this machine has. 0;
// -EINVAL: it is no address; -ENOMEM; or -errno.
int local_ips_read(struct local_ips *out, const char *bind_ip);
void local_ips_free(struct local_ips *ips); // a zeroed one is fine
// Is this an address of ours, or a host's name that leads to one?
bool local_ips_have(const struct local_ips *ips, const char *host);
