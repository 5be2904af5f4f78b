// SPDX-License-Identifier: MPL-2.0
// address: where an endpoint listens, as an operator writes it.
#include "cli/admin/address.h"

#include "common/text/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { HOST_BYTES = INET6_ADDRSTRLEN, PORT_DIGITS = 5 };

// 0: it is none.
static in_port_t read_port(const char *text) {
	size_t len = strlen(text);
	int64_t port = 0;

	if (len > PORT_DIGITS || number_parse(text, len, 1, UINT16_MAX, &port) < 0)
		return 0;
	return (in_port_t)port;
}

// Without the brackets of an IPv6 address, which has to have them.
static int read_host(const char *text, size_t len, char host[HOST_BYTES]) {
	bool has_brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';

	if (has_brackets) {
		text++;
		len -= 2;
	}
	if (len >= HOST_BYTES || (memchr(text, ':', len) != NULL) != has_brackets)
		return -EINVAL;
	snprintf(host, HOST_BYTES, "%.*s", (int)len, text);
	return 0;
}

static int fill_ipv4(const char *host, in_port_t port, struct address *out) {
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET, host, &in.sin_addr) != 1)
		return -EINVAL;
	memcpy(&out->socket, &in, sizeof(in));
	out->bytes = sizeof(in);
	out->is_loopback = ntohl(in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return 0;
}

static int fill_ipv6(const char *host, in_port_t port, struct address *out) {
	struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET6, host, &in.sin6_addr) != 1)
		return -EINVAL;
	memcpy(&out->socket, &in, sizeof(in));
	out->bytes = sizeof(in);
	out->is_loopback = IN6_IS_ADDR_LOOPBACK(&in.sin6_addr);
	return 0;
}

int address_parse(const char *text, struct address *out) {
	const char *colon = strrchr(text, ':');
	char host[HOST_BYTES];
	in_port_t port;

	*out = (struct address){.bytes = 0};
	if (colon == NULL)
		return -EINVAL;
	port = read_port(colon + 1);
	if (port == 0 || read_host(text, (size_t)(colon - text), host) < 0)
		return -EINVAL;
	if (host[0] == '\0' && colon != text) // "[]"
		return -EINVAL;
	if (host[0] == '\0' || strcmp(host, "localhost") == 0)
		return fill_ipv4("127.0.0.1", port, out);
	return text[0] == '[' ? fill_ipv6(host, port, out) : fill_ipv4(host, port, out);
}

const char *address_wants(const char *text) {
	struct address address;

	return address_parse(text, &address) < 0
		? "HOST:PORT or :PORT, HOST an address of this machine (an IPv6 one in brackets)"
		: NULL;
}
