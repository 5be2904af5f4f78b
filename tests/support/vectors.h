// SPDX-License-Identifier: MPL-2.0
// vectors: signed requests with every value on the way, from tests/data.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vector {
	const char *name;
	const char *secret;
	size_t secret_bytes;
	int64_t uid;
	const char *email;
	int64_t generation;
	int64_t keys_changed_at; // 0: NULL
	const char *client_state;
	const char *node; // the override when there is one
	double now_s;
	unsigned char salt[3];
	unsigned char nonce[5];

	bool is_refused; // nothing is sent; else:
	const char *payload;
	const char *fxa_kid;
	unsigned char key[32];
	const char *token;
	const char *derived;
	const char *url;
	const char *target;
	// NULL where the vector is at fault:
	const char *normalized;
	const char *mac;
	const char *authorization;
	const char *host_header;
};

extern const struct vector vectors[];
extern const size_t vector_count;
