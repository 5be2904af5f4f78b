// SPDX-License-Identifier: MPL-2.0
// hawk: the header that signs one request.
#include "common/targets/tokenserver/node/hawk.h"

#include "common/base/buf.h"
#include "common/text/base64.h"
#include "common/text/requote.h"

#include <inttypes.h>
#include <string.h>

_Static_assert(HAWK_NONCE_TEXT_BYTES == BASE64_BYTES(HAWK_NONCE_BYTES), "a nonce must fit");
_Static_assert(HAWK_MAC_TEXT_BYTES == BASE64_BYTES(SIGNER_BYTES), "a signature must fit");

void hawk_nonce(char out[HAWK_NONCE_TEXT_BYTES], const unsigned char random[HAWK_NONCE_BYTES]) {
	base64_encode(out, random, HAWK_NONCE_BYTES, BASE64_STANDARD);
}

static void add_target(struct buf *buf, const char *target) {
	static const char literal[] = "!$&'()*+,/:;=@";
	const char *query = target + strcspn(target, "?");

	while (target < query) {
		size_t len = strcspn(target, "%?");
		buf_add(buf, target, len);
		target += len;
		int value = requote_escape(target);
		if (value > 0 && strchr(literal, value) != NULL) {
			const char c = (char)value;
			buf_add(buf, &c, 1);
			target += 3;
		} else if (*target == '%') {
			buf_add(buf, "%", 1);
			target++;
		}
	}
	buf_str(buf, query);
}

// Gives the text to the caller.
static int finish(char **out, struct buf *buf) {
	if (buf->error < 0) {
		int err = buf->error;
		buf_fini(buf);
		return err;
	}
	*out = buf->data;
	return 0;
}

int hawk_normalize(char **out, const struct hawk_request *request) {
	struct buf buf;
	buf_init(&buf, 0);
	buf_fmt(&buf,
		"hawk.1.header\n%" PRId64 "\n%s\n%s\n",
		request->time_s,
		request->nonce,
		request->method);
	add_target(&buf, request->target);
	// No hash and no further data.
	buf_fmt(&buf, "\n%s\n%u\n\n\n", request->host, request->port);
	return finish(out, &buf);
}

int hawk_mac(
	char out[HAWK_MAC_TEXT_BYTES],
	struct signer *signer,
	const char *key,
	const char *normalized
) {
	unsigned char mac[SIGNER_BYTES];
	int err = signer_sign_with(signer, key, normalized, strlen(normalized), mac);
	if (err == 0)
		base64_encode(out, mac, sizeof(mac), BASE64_STANDARD);
	return err;
}

int hawk_authorize(
	char **out, const struct hawk_request *request, const char *id, const char *mac
) {
	struct buf buf;
	buf_init(&buf, 0);
	buf_str(&buf, "Hawk id=\"");
	buf_str(&buf, id);
	buf_fmt(&buf,
		"\", ts=\"%" PRId64 "\", nonce=\"%s\", mac=\"%s\"",
		request->time_s,
		request->nonce,
		mac);
	return finish(out, &buf);
}
