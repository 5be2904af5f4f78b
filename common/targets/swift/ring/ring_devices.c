// SPDX-License-Identifier: MPL-2.0
// ring_devices: the devices of a ring.
#include "common/targets/swift/ring/ring_devices.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535 };

// NULL: it is no text, it is empty, or it has a NUL.
static const char *text_of(const json_t *object, const char *field) {
	const json_t *value = json_object_get(object, field);
	const char *text = json_string_value(value);

	if (text == NULL || text[0] == '\0' || strlen(text) != json_string_length(value))
		return NULL;
	return text;
}

// The characters that a name of a host or an address can have. It becomes a part of URLs.
static const char *address_of(const json_t *object, const char *field) {
	static const char
		known[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.:-_";
	const char *text = text_of(object, field);

	return text != NULL && text[strspn(text, known)] == '\0' ? text : NULL;
}

// It becomes a part of paths.
static const char *name_of(const json_t *object, const char *field) {
	const char *text = text_of(object, field);

	if (text == NULL || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return NULL;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '/' || *at == 0x7f || (unsigned char)*at < ' ')
			return NULL;
	}
	return text;
}

// 0: it is none.
static int port_of(const json_t *object, const char *field) {
	const json_t *value = json_object_get(object, field);
	json_int_t port = json_integer_value(value);

	return port >= 1 && port <= PORT_MAX ? (int)port : 0;
}

// The field that cannot be used; NULL: all can.
static const char *read_device(struct ring_device *out, const json_t *object, size_t id) {
	bool has_ip = json_object_get(object, "replication_ip") != NULL;
	bool has_port = json_object_get(object, "replication_port") != NULL;
	const json_t *own_id = json_object_get(object, "id");

	*out = (struct ring_device){
		.id = (int64_t)id,
		.ip = address_of(object, "ip"),
		.port = port_of(object, "port"),
		.replication_ip = address_of(object, has_ip ? "replication_ip" : "ip"),
		.replication_port = port_of(object, has_port ? "replication_port" : "port"),
		.device = name_of(object, "device"),
	};
	if (!json_is_integer(own_id) || json_integer_value(own_id) != (json_int_t)id)
		return "id";
	if (out->ip == NULL)
		return "ip";
	if (out->port == 0)
		return "port";
	if (out->replication_ip == NULL)
		return "replication_ip";
	if (out->replication_port == 0)
		return "replication_port";
	return out->device == NULL ? "device" : NULL;
}

int ring_devices_read(struct ring_devices *out, json_t *list, const struct words *words) {
	*out = (struct ring_devices){.list = NULL};
	if (!json_is_array(list) || json_array_size(list) == 0)
		return words_say(words, -EINVAL, "it has no list of devices");
	out->list = json_incref(list);
	out->count = json_array_size(list);
	out->rows = calloc(out->count, sizeof(*out->rows));
	if (out->rows == NULL)
		return words_say(words, -ENOMEM, "out of memory");
	for (size_t id = 0; id < out->count; id++) {
		const json_t *object = json_array_get(list, id);
		const char *wrong;

		if (json_is_null(object))
			continue;
		wrong = read_device(&out->rows[id], object, id);
		if (wrong != NULL)
			return words_say(
				words, -EINVAL, "device %zu has no '%s' that can be used", id, wrong
			);
	}
	return 0;
}

void ring_devices_fini(struct ring_devices *devices) {
	free(devices->rows);
	json_decref(devices->list);
	*devices = (struct ring_devices){.list = NULL};
}

const struct ring_device *ring_devices_at(const struct ring_devices *devices, uint64_t id) {
	if (id >= devices->count || devices->rows[id].device == NULL)
		return NULL;
	return &devices->rows[id];
}
