// SPDX-License-Identifier: MPL-2.0
// db_url_text: how the text of a database URL is cut and unescaped.
#include "common/db/url/db_url_text.h"

#include "common/text/hex.h"

#include <errno.h>
#include <string.h>

int db_url_unescape(char *text, bool plus_is_space) {
	char *to = text;

	for (const char *from = text; *from; from++) {
		int high = *from == '%' ? hex_value(from[1]) : -1;
		int low = high >= 0 ? hex_value(from[2]) : -1;

		if (low >= 0) {
			if (high == 0 && low == 0)
				return -EINVAL;
			*to++ = (char)(high << 4 | low);
			from += 2;
		} else {
			*to++ = (char)(*from == '+' && plus_is_space ? ' ' : *from);
		}
	}
	*to = '\0';
	return 0;
}

char *db_url_cut(char *text, char stop) {
	char *found = strchr(text, stop);

	if (!found)
		return NULL;
	*found = '\0';
	return found + 1;
}

// An '@' that comes behind a '/' or '?' was meant to end a password that has one of them.
int db_url_check_shape(const char *text, const struct words *note) {
	const char *authority = strstr(text, "://");

	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return words_say(
				note, -EINVAL, "a control character, perhaps a line end, in the URL"
			);
	}
	if (!authority)
		return words_say(note, -EINVAL, "not a database URL: write " DB_URL_FORM);
	authority += 3;
	if (strchr(authority + strcspn(authority, "/?"), '@'))
		return words_say(
			note,
			-EINVAL,
			"an '@' after the host: percent-encode user and password (in them write '@'"
			" as %%40, '/' as %%2F, '?' as %%3F and '#' as %%23) and, after the host, "
			"'@' as %%40"
		);
	return 0;
}

bool db_url_is_word(const char *text) {
	return text[0] != '\0' &&
		text[strspn(
			text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:-"
		)] == '\0';
}
