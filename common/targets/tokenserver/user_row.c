// SPDX-License-Identifier: MPL-2.0
// user_row: one record of the table users, as a result of the database has it.
#include "common/targets/tokenserver/user_row.h"

#include "common/base/utf8.h"
#include "common/db/db_result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODE_BYTES_MAX = 2048,
	EMAIL_BYTES_MAX = 255 * 4,
	STATE_BYTES_MAX = 256,
};

enum column {
	COLUMN_UID,
	COLUMN_REPLACED_AT,
	COLUMN_GENERATION,
	COLUMN_KEYS_CHANGED_AT,
	COLUMN_NODEID,
	COLUMN_NODE_FOUND,
	COLUMN_NODE_DOWNED,
	COLUMN_EMAIL,
	COLUMN_CLIENT_STATE,
	COLUMN_NODE,
};

// UTF-8 without NUL.
static bool is_clean(const char *text, size_t len) {
	size_t at = 0;
	size_t step = 1;

	while (at < len && step > 0 && text[at] != '\0') {
		uint32_t rune;

		step = utf8_read(text + at, len - at, &rune);
		at += step;
	}
	return at == len;
}

// A copy of a text column; "" with *broken when it is NULL, too long or not text. NULL: out of
// memory.
static char *copy_text(const struct db_result *result, unsigned column, size_t max, bool *broken) {
	size_t len = 0;
	const char *text = db_result_text(result, column, &len);

	if (text == NULL || len > max || !is_clean(text, len)) {
		*broken = true;
		return strdup("");
	}
	return strndup(text, len);
}

void user_row_fini(struct user_row *row) {
	free(row->email);
	free(row->client_state);
	free(row->node);
}

int user_row_read(struct user_row *row, const struct db_result *result, unsigned first) {
	*row = (struct user_row){
		.uid = db_result_int(result, first + COLUMN_UID),
		.is_replaced = !db_result_is_null(result, first + COLUMN_REPLACED_AT),
		.replaced_at = db_result_int(result, first + COLUMN_REPLACED_AT),
		.is_generation_null = db_result_is_null(result, first + COLUMN_GENERATION),
		.generation = db_result_int(result, first + COLUMN_GENERATION),
		.keys_changed_at = db_result_int(result, first + COLUMN_KEYS_CHANGED_AT),
		.nodeid = db_result_int(result, first + COLUMN_NODEID),
		.is_node_downed = db_result_int(result, first + COLUMN_NODE_DOWNED) != 0,
	};
	row->email = copy_text(
		result, first + COLUMN_EMAIL, EMAIL_BYTES_MAX, &row->is_email_broken
	);
	row->is_user_broken = row->is_email_broken;
	row->client_state = copy_text(
		result, first + COLUMN_CLIENT_STATE, STATE_BYTES_MAX, &row->is_user_broken
	);
	if (!db_result_is_null(result, first + COLUMN_NODE_FOUND)) {
		row->node = copy_text(
			result, first + COLUMN_NODE, NODE_BYTES_MAX, &row->is_node_broken
		);
		if (row->node == NULL) {
			user_row_fini(row);
			return -ENOMEM;
		}
	}
	if (row->email == NULL || row->client_state == NULL) {
		user_row_fini(row);
		return -ENOMEM;
	}
	return 0;
}

bool user_row_has_key_time(const struct user_row *row) {
	return row->keys_changed_at != 0 || !row->is_generation_null;
}
