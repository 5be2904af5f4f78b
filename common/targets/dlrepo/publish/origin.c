// SPDX-License-Identifier: MPL-2.0
// origin: the servers that released tags are published to.
#include "common/targets/dlrepo/publish/origin.h"

#include "common/base/buf.h"
#include "common/text/base64.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_part(CURLU *url, CURLUPart part) {
	char *text = NULL;
	bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text != NULL;

	if (has && part == CURLUPART_PATH)
		has = strcmp(text, "/") != 0;
	curl_free(text);
	return has;
}

static const char *fault_of(CURLU *url) {
	if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
		return "it has a user, which belongs into the file of --publish-auth";
	if (has_part(url, CURLUPART_PATH))
		return "it has a path, and dlrepo takes only what stands before it";
	if (has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT))
		return "it has a query or a fragment";
	return NULL;
}

static bool is_http(const char *scheme) {
	return strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
}

static int write_origin(CURLU *url, char out[ORIGIN_BYTES]) {
	char *scheme = NULL, *host = NULL, *port = NULL;
	int err = -EINVAL;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    is_http(scheme)) {
		int len = snprintf(out, ORIGIN_BYTES, "%s://%s:%s", scheme, host, port);

		err = len < ORIGIN_BYTES ? 0 : -EINVAL;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	return err;
}

int origin_parse(const char *url, char out[ORIGIN_BYTES], char *error, size_t error_bytes) {
	CURLU *parsed = curl_url();
	const char *fault = NULL;
	int err = 0;

	if (parsed == NULL)
		return -ENOMEM;
	// curl takes three slashes for two.
	if (strstr(url, ":///") != NULL ||
	    curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    write_origin(parsed, out) < 0)
		err = -EINVAL;
	else
		fault = fault_of(parsed);
	if (err < 0)
		fault = "it is no address like https://dlrepo.example";
	curl_url_cleanup(parsed);
	if (fault == NULL)
		return 0;
	snprintf(error, error_bytes, "%s", fault);
	return -EINVAL;
}

static bool is_blank(char c) {
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int origin_authorization(const char *text, size_t len, char **out) {
	static const char scheme[] = "Basic ";

	while (len > 0 && is_blank(text[len - 1]))
		len--;
	while (len > 0 && is_blank(*text)) {
		text++;
		len--;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return -EINVAL;
	}
	if (len == 0 || memchr(text, ':', len) == NULL)
		return -EINVAL;
	*out = malloc(sizeof(scheme) + BASE64_BYTES(len));
	if (*out == NULL)
		return -ENOMEM;
	memcpy(*out, scheme, sizeof(scheme));
	base64_encode(*out + sizeof(scheme) - 1, text, len, BASE64_STANDARD);
	return 0;
}

static void add_part(struct buf *out, const char *name) {
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL))
			buf_add(out, name, 1);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

char *origin_tag_path(const char *branch, const char *tag) {
	struct buf path;
	char *text;

	buf_init(&path, 0);
	buf_str(&path, "/branches/");
	add_part(&path, branch);
	buf_str(&path, "/");
	add_part(&path, tag);
	buf_str(&path, "/");
	text = path.error < 0 ? NULL : strdup(buf_text(&path));
	buf_fini(&path);
	return text;
}
