// SPDX-License-Identifier: MPL-2.0
// backend_url: the addresses of Swift's account, container and object servers.
#include "common/targets/swift/backend/backend_url.h"

#include "common/base/buf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

// Without printf(3), for it is made of each call that is looked for.
int backend_origin(const struct ring_device *device, char *out, size_t out_bytes) {
	const char *ip = device->replication_ip;
	bool is_bare_ipv6 = strchr(ip, ':') != NULL && ip[0] != '[';
	char digits[12];
	char *digit = digits + sizeof(digits);
	size_t ip_len = strlen(ip), digits_len;
	int port = device->replication_port;

	do
		*--digit = (char)('0' + port % 10);
	while ((port /= 10) > 0);
	digits_len = (size_t)(digits + sizeof(digits) - digit);
	if (sizeof("http://[]:") + ip_len + digits_len - (is_bare_ipv6 ? 0 : 2) > out_bytes)
		return -ENAMETOOLONG;
	out = stpcpy(out, is_bare_ipv6 ? "http://[" : "http://");
	out = mempcpy(out, ip, ip_len);
	out = stpcpy(out, is_bare_ipv6 ? "]:" : ":");
	out = mempcpy(out, digit, digits_len);
	*out = '\0';
	return 0;
}

static bool stays(unsigned char c) {
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
}

void backend_quote(struct buf *out, const struct name_part *name) {
	size_t begin = 0;

	for (size_t i = 0; i < name->len; i++) {
		unsigned char c = (unsigned char)name->bytes[i];

		if (stays(c))
			continue;
		buf_add(out, name->bytes + begin, i - begin);
		buf_fmt(out, "%%%02X", c);
		begin = i + 1;
	}
	buf_add(out, name->bytes + begin, name->len - begin);
}

void backend_url(
	struct buf *out,
	const struct backend_place *place,
	const struct name_part *names,
	size_t count
) {
	const struct name_part device = {place->device->device, strlen(place->device->device)};
	char origin[300];

	if (backend_origin(place->device, origin, sizeof(origin)) < 0) {
		out->error = -EMSGSIZE;
		return;
	}
	buf_str(out, origin);
	buf_str(out, "/");
	backend_quote(out, &device);
	buf_fmt(out, "/%u", place->partition);
	for (size_t i = 0; i < count; i++) {
		buf_str(out, "/");
		backend_quote(out, &names[i]);
	}
}
