// SPDX-License-Identifier: MPL-2.0
// endpoint: where the requests for a node go, as they are really sent: {node}/1.5/{uid},
// normalized. Pure. Thread: any.
//
// The normal form is that of RFC 3986 with the choices of the clients that nodes know: scheme and
// host in lower case, the host in punycode, dot segments resolved, escapes in upper case and only
// where they are needed. A port is kept as it is written, even a default one. Nothing is trimmed.
#pragma once

#include "common/targets/tokenserver/node/host.h"
#include "common/targets/tokenserver/node/token.h"

#include <stddef.h>
#include <stdint.h>

enum {
	ENDPOINT_AUTHORITY_BYTES = HOST_BYTES + 6, // host:65535
	ENDPOINT_ORIGIN_BYTES = ENDPOINT_AUTHORITY_BYTES + 8, // https://host:65535
	ENDPOINT_TARGET_BYTES = 3 * (TOKEN_NODE_MAX + 8), // every byte may need an escape
	ENDPOINT_UID_BYTES = 21,
};

struct endpoint {
	// scheme://host:port, the same for all that share a server.
	char origin[ENDPOINT_ORIGIN_BYTES];
	// How the URL begins: as origin, but for a port only if the node has one.
	char site[ENDPOINT_ORIGIN_BYTES];
	// As it is signed: an IPv6 address in brackets.
	char host[HOST_BYTES];
	uint16_t port; // the node's, or the scheme's
	// Path and query, up to the uid.
	char target[ENDPOINT_TARGET_BYTES];
};

// 0, -ENOMEM, -EINVAL: no scheme, another than http and https, a user name, no host or a wrong one,
// a wrong port, a fragment (the uid would not be sent), a control character, not UTF-8, longer than
// TOKEN_NODE_MAX. `out` is untouched unless it is 0.
int endpoint_parse(struct endpoint *out, const char *node);

// What is sent for this uid. Both 0 or -ENOMEM. Owner: the caller.
int endpoint_target(char **out, const struct endpoint *endpoint, int64_t uid);
int endpoint_url(char **out, const struct endpoint *endpoint, int64_t uid);
