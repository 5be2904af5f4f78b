// SPDX-License-Identifier: MPL-2.0
// backend_url: the addresses of Swift's account, container and object servers.
#include "common/targets/swift/backend/backend_url.h"

#include "common/base/buf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int backend_origin(const struct ring_device *device, char *out, size_t out_bytes) {
	bool is_bare_ipv6 = strchr(device->replication_ip, ':') != NULL &&
		device->replication_ip[0] != '[';
	int len = snprintf(
		out,
		out_bytes,
		is_bare_ipv6 ? "http://[%s]:%d" : "http://%s:%d",
		device->replication_ip,
		device->replication_port
	);

	return len < 0 || (size_t)len >= out_bytes ? -ENAMETOOLONG : 0;
}

static bool stays(unsigned char c) {
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(c != '\0' && strchr("_.-~/", c) != NULL);
}

void backend_quote(struct buf *out, const struct name_part *name) {
	for (size_t i = 0; i < name->len; i++) {
		unsigned char c = (unsigned char)name->bytes[i];

		if (stays(c))
			buf_add(out, &c, 1);
		else
			buf_fmt(out, "%%%02X", c);
	}
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
	buf_fmt(out, "%s/", origin);
	backend_quote(out, &device);
	buf_fmt(out, "/%u", place->partition);
	for (size_t i = 0; i < count; i++) {
		buf_str(out, "/");
		backend_quote(out, &names[i]);
	}
}
