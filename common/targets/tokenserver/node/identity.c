// SPDX-License-Identifier: MPL-2.0
// identity: under which user and key a storage node keeps the data of a user record.
#include "common/targets/tokenserver/node/identity.h"

#include "common/text/base64.h"
#include "common/text/hex.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// The longest number, the dash and the text of the key, with its NUL.
_Static_assert(
	IDENTITY_KID_BYTES >=
		sizeof("-9223372036854775808-") - 1 + BASE64_BYTES(IDENTITY_STATE_MAX / 2),
	"an fxa_kid must fit"
);

int identity_uid(char **out, const char *email) {
	if (email == NULL)
		return -EINVAL;
	char *uid = strndup(email, strcspn(email, "@"));
	if (uid == NULL)
		return -ENOMEM;
	*out = uid;
	return 0;
}

int identity_kid(
	char out[IDENTITY_KID_BYTES],
	int64_t generation,
	int64_t keys_changed_at,
	const char *client_state
) {
	unsigned char key[IDENTITY_STATE_MAX / 2];
	if (client_state == NULL)
		return -EINVAL;
	size_t digits = strnlen(client_state, IDENTITY_STATE_MAX + 1);
	if (digits > IDENTITY_STATE_MAX)
		return -EMSGSIZE;
	if (digits % 2 != 0)
		return -EINVAL;
	for (size_t i = 0; i < digits; i += 2) {
		int high = hex_value(client_state[i]);
		int low = hex_value(client_state[i + 1]);
		if (high < 0 || low < 0)
			return -EINVAL;
		key[i / 2] = (unsigned char)(high << 4 | low);
	}

	int64_t changed = keys_changed_at != 0 ? keys_changed_at : generation;
	int len = snprintf(out, IDENTITY_KID_BYTES, "%013" PRId64 "-", changed);
	base64_encode(out + len, key, digits / 2, BASE64_URL_BARE);
	return 0;
}
