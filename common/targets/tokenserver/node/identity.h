// SPDX-License-Identifier: MPL-2.0
// identity: under which user and key a storage node keeps the data of a user record. Pure.
// Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	// Hex digits of a client_state; the column has 32.
	IDENTITY_STATE_MAX = 256,
	IDENTITY_KID_BYTES = 256, // room for any fxa_kid
};

// fxa_uid: the e-mail address up to its first '@', all of it when there is none. 0, -EINVAL (NULL),
// -ENOMEM.
// Owner: the caller.
int identity_uid(char **out, const char *email);

// fxa_kid: when the keys last changed, and which key it is. keys_changed_at 0 stands for NULL, too:
// both mean that the generation counts. 0, -EINVAL (client_state is NULL or not hex), -EMSGSIZE
// (longer than IDENTITY_STATE_MAX).
int identity_kid(
	char out[IDENTITY_KID_BYTES],
	int64_t generation,
	int64_t keys_changed_at,
	const char *client_state
);
