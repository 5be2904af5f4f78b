// SPDX-License-Identifier: MPL-2.0
// address: where an endpoint listens, as an operator writes it. Pure. Thread: any.
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

struct address {
	struct sockaddr_storage socket;
	socklen_t bytes;
	// Only this machine reaches it.
	bool is_loopback;
};

// "HOST:PORT", "[HOST]:PORT" or ":PORT", which is on 127.0.0.1; HOST is an address or "localhost",
// for nobody is asked for a name. 0 or -EINVAL.
int address_parse(const char *text, struct address *out);
// As conf_row.wants.
const char *address_wants(const char *text);
