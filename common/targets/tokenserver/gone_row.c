// SPDX-License-Identifier: MPL-2.0
// gone_row: what a record says of a row that is not there any more.
#include "common/targets/tokenserver/gone_row.h"

#include "common/base/buf.h"
#include "common/targets/tokenserver/node/identity.h"
#include "common/text/base64.h"
#include "common/text/hex.h"
#include "common/text/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES_MAX = IDENTITY_STATE_MAX / 2 };

// fxa_kid is a time, a minus and the key; a minus may stand in front of the time and within the
// key.
static const char *find_key(const char *fxa_kid, int64_t *time) {
	const char *minus = fxa_kid[0] == '\0' ? NULL : strchr(fxa_kid + 1, '-');

	if (minus == NULL ||
	    number_parse(fxa_kid, (size_t)(minus - fxa_kid), INT64_MIN, INT64_MAX, time) < 0)
		return NULL;
	return minus + 1;
}

// The client_state that fxa_kid was made of, in hex. 0, -EINVAL, -ENOMEM.
static int read_client_state(const char *key, char **out) {
	unsigned char bytes[KEY_BYTES_MAX];
	size_t len = 0;
	struct buf hex;
	int err = base64_decode_bare(bytes, sizeof(bytes), &len, key);

	if (err < 0)
		return err;
	buf_init(&hex, 0);
	err = hex_add(&hex, bytes, len);
	*out = err < 0 ? NULL : strdup(buf_text(&hex));
	buf_fini(&hex);
	return *out == NULL ? -ENOMEM : 0;
}

static int read_key(struct user_row *row, const char *fxa_kid) {
	char again[IDENTITY_KID_BYTES];
	int64_t time = 0;
	const char *key = find_key(fxa_kid, &time);
	int err = key == NULL ? -EINVAL : read_client_state(key, &row->client_state);

	if (err < 0)
		return err;
	row->keys_changed_at = row->generation = time;
	// What cannot be made again was not understood.
	err = identity_kid(again, row->generation, row->keys_changed_at, row->client_state);
	return err < 0 || strcmp(again, fxa_kid) != 0 ? -EINVAL : 0;
}

int gone_row_make(struct user_row *out, int64_t uid, const struct state *state) {
	int err;

	*out = (struct user_row){
		.uid = uid,
		.is_replaced = true,
		.replaced_at = state->replaced_at,
		.nodeid = state->nodeid,
	};
	if (state->node == NULL || state->fxa_uid == NULL || state->fxa_kid == NULL)
		return -EINVAL;
	err = read_key(out, state->fxa_kid);
	if (err == 0) {
		out->node = strdup(state->node);
		out->email = strdup(state->fxa_uid);
		err = out->node == NULL || out->email == NULL ? -ENOMEM : 0;
	}
	if (err < 0) {
		user_row_fini(out);
		*out = (struct user_row){.uid = uid};
	}
	return err;
}

int64_t gone_row_next_uid(const char *create_table) {
	// What stands before are columns, whose comments may say anything.
	const char *options = strstr(create_table, "\n) ENGINE=");
	const char *value = options == NULL ? NULL : strstr(options, " AUTO_INCREMENT=");
	const char *comment = options == NULL ? NULL : strstr(options, " COMMENT=");
	int64_t next = 0;
	size_t len;

	if (value == NULL || (comment != NULL && comment < value))
		return 0;
	value += strlen(" AUTO_INCREMENT=");
	len = strspn(value, "0123456789");
	return number_parse(value, len, 0, INT64_MAX, &next) < 0 ? 0 : next;
}
