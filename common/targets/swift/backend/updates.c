// SPDX-License-Identifier: MPL-2.0
// updates: which servers a request's server has to tell what it did.
#include "common/targets/swift/backend/updates.h"

#include "common/base/buf.h"
#include "common/http/http_message.h"

// Those of the network that clients' requests are served on, as the reaper has it. An IPv6 address
// has no brackets, for the servers take what is behind the last colon for the port.
static void add_host(struct buf *out, const struct ring_device *device) {
	buf_fmt(out, "%s:%d", device->ip, device->port);
}

int updates_name(
	const struct updates *updates, size_t index, size_t requests, struct http_request *request
) {
	struct buf hosts, devices;
	int err;

	if (index >= updates->count)
		return 0;
	buf_init(&hosts, 0);
	buf_init(&devices, 0);
	for (size_t i = index; i < updates->count; i += requests) {
		if (i > index) {
			buf_str(&hosts, ",");
			buf_str(&devices, ",");
		}
		add_host(&hosts, updates->devices[i]);
		buf_str(&devices, updates->devices[i]->device);
	}
	err = hosts.error != 0 ? hosts.error : devices.error;
	if (err == 0)
		err = http_request_header(
			request, "X-%s-Host: %s", updates->kind, buf_text(&hosts)
		);
	if (err == 0)
		err = http_request_header(
			request, "X-%s-Partition: %u", updates->kind, updates->partition
		);
	if (err == 0)
		err = http_request_header(
			request, "X-%s-Device: %s", updates->kind, buf_text(&devices)
		);
	buf_fini(&hosts);
	buf_fini(&devices);
	return err;
}
