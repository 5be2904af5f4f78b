// SPDX-License-Identifier: MPL-2.0
// token: what tells a storage node whose data it may touch, signed with the shared secret.
#include "common/targets/tokenserver/node/token.h"

#include "common/base/buf.h"
#include "common/base/utf8.h"
#include "common/text/base64.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The signature stands behind the payload as bytes.
_Static_assert(TOKEN_KEY_TEXT_BYTES == BASE64_BYTES(SIGNER_BYTES), "a key must fit");

// Far beyond any time, and below where a shortest decimal would need an exponent.
static const double time_end_s = 1e14;

void token_salt(char out[TOKEN_SALT_TEXT_BYTES], const unsigned char random[TOKEN_SALT_BYTES]) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < TOKEN_SALT_BYTES; i++) {
		out[2 * i] = digits[random[i] >> 4];
		out[2 * i + 1] = digits[random[i] & 15];
	}
	out[TOKEN_SALT_TEXT_BYTES - 1] = '\0';
}

static void add_rune(struct buf *buf, uint32_t rune) {
	static const char shorts[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	char text[2] = {'\\', (char)rune};

	if (rune == '"' || rune == '\\') {
		buf_add(buf, text, 2);
	} else if (rune >= 0x20 && rune < 0x7f) {
		buf_add(buf, &text[1], 1);
	} else if (rune < sizeof(shorts) && shorts[rune] != '\0') {
		text[1] = shorts[rune];
		buf_add(buf, text, 2);
	} else if (rune < 0x10000) {
		buf_fmt(buf, "\\u%04" PRIx32, rune);
	} else {
		rune -= 0x10000;
		buf_fmt(buf,
			"\\u%04" PRIx32 "\\u%04" PRIx32,
			0xd800 | rune >> 10,
			0xdc00 | (rune & 0x3ff));
	}
}

// Adds `, "name": "text"`.
static int add_text(struct buf *buf, const char *name, const char *text, size_t max) {
	size_t left = text == NULL ? 0 : strnlen(text, max + 1);

	if (text == NULL || left > max)
		return -EINVAL;
	buf_fmt(buf, ", \"%s\": \"", name);
	while (left > 0) {
		uint32_t rune;
		size_t len = utf8_read(text, left, &rune);
		if (len == 0)
			return -EILSEQ;
		add_rune(buf, rune);
		text += len;
		left -= len;
	}
	return buf_add(buf, "\"", 1);
}

// The shortest decimal that reads back as the same number. That a number is whole must still show.
static void add_time(struct buf *buf, double time_s) {
	char text[40];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, time_s);
		if (strtod(text, NULL) == time_s)
			break;
	}
	buf_str(buf, text);
	if (strchr(text, '.') == NULL)
		buf_str(buf, ".0");
}

int token_payload(char **out, const struct token_claims *claims) {
	if (!isfinite(claims->now_s) || claims->now_s < 0 || claims->now_s > time_end_s)
		return -EINVAL;
	struct buf buf;
	buf_init(&buf, 0);
	buf_fmt(&buf, "{\"uid\": %" PRId64, claims->uid);
	int err = add_text(&buf, "node", claims->node, TOKEN_NODE_MAX);
	if (err == 0)
		err = add_text(&buf, "fxa_uid", claims->fxa_uid, TOKEN_NAME_MAX);
	if (err == 0)
		err = add_text(&buf, "fxa_kid", claims->fxa_kid, TOKEN_NAME_MAX);
	if (err == 0)
		err = add_text(&buf, "salt", claims->salt, TOKEN_SALT_TEXT_BYTES - 1);
	if (err == 0) {
		buf_str(&buf, ", \"expires\": ");
		add_time(&buf, claims->now_s + (double)TOKEN_LIFE_S);
		err = buf_add(&buf, "}", 1);
	}
	if (err == 0) {
		*out = buf.data;
		return 0;
	}
	buf_fini(&buf);
	return err;
}

int token_make(char **out, struct signer *signer, const char *payload) {
	unsigned char signature[SIGNER_BYTES];
	char *token = NULL;
	struct buf buf;

	buf_init(&buf, 0);
	buf_str(&buf, payload);
	int err = signer_sign(signer, payload, strlen(payload), signature);
	if (err == 0)
		err = buf_add(&buf, signature, sizeof(signature));
	if (err == 0) {
		token = malloc(BASE64_BYTES(buf.len));
		err = token == NULL ? -ENOMEM : 0;
	}
	if (err == 0) {
		base64_encode(token, buf.data, buf.len, BASE64_URL);
		*out = token;
	}
	buf_fini(&buf);
	return err;
}

int token_key(
	char out[TOKEN_KEY_TEXT_BYTES], struct signer *signer, const char *token, const char *salt
) {
	unsigned char key[SIGNER_BYTES];
	int err = signer_derive(signer, salt, token, key);
	if (err == 0)
		base64_encode(out, key, sizeof(key), BASE64_URL);
	OPENSSL_cleanse(key, sizeof(key));
	return err;
}
