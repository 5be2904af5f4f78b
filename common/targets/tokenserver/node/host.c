// SPDX-License-Identifier: MPL-2.0
// host: the name or address of a server in normal form.
#include "common/targets/tokenserver/node/host.h"

#include "common/text/requote.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	NAME_MAX_BYTES = 253,
	LABEL_MAX_BYTES = 63,
	RAW_BYTES = 1024, // a name before it is ASCII
};

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-_~";

static void lower_ascii(char *text) {
	for (; *text != '\0'; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text | 0x20);
	}
}

// `host` begins with a bracket.
static int normalize_address(char out[HOST_BYTES], const char *host, size_t len) {
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];
	if (len < 3 || len - 2 >= sizeof(text) || host[len - 1] != ']')
		return -EINVAL;
	snprintf(text, sizeof(text), "%.*s", (int)(len - 2), host + 1);
	if (inet_pton(AF_INET6, text, &address) != 1)
		return -EINVAL;
	lower_ascii(text);
	snprintf(out, HOST_BYTES, "[%s]", text);
	return 0;
}

static int code_error(CURLUcode code) {
	return code == CURLUE_OK ? 0 : code == CURLUE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
}

static int ask_libcurl(char **out, const char *label) {
	CURLU *url = curl_url();
	if (url == NULL)
		return -ENOMEM;
	int err = code_error(curl_url_set(url, CURLUPART_SCHEME, "http", 0));
	if (err == 0)
		err = code_error(curl_url_set(url, CURLUPART_HOST, label, 0));
	// It says "out of memory" when a name is no IDN.
	if (err == 0 && curl_url_get(url, CURLUPART_HOST, out, CURLU_PUNYCODE) != CURLUE_OK)
		err = -EINVAL;
	curl_url_cleanup(url);
	return err;
}

// Writes a label in punycode. libcurl takes text for what the locale says, so this thread has one
// for a moment.
static int encode_label(char out[LABEL_MAX_BYTES + 1], const char *label) {
	char *ascii = NULL;
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (utf8 == (locale_t)0)
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	locale_t before = uselocale(utf8);
	int err = ask_libcurl(&ascii, label);
	uselocale(before);
	freelocale(utf8);
	if (err == 0 && strlen(ascii) > LABEL_MAX_BYTES)
		err = -EINVAL;
	if (err == 0)
		snprintf(out, LABEL_MAX_BYTES + 1, "%s", ascii);
	curl_free(ascii);
	return err;
}

static bool is_ascii(const char *text) {
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

// Appends one label to the name of *len bytes.
static int add_label(char out[HOST_BYTES], size_t *len, const char *label) {
	char ascii[LABEL_MAX_BYTES + 1];
	size_t label_len = strlen(label);
	if (!is_ascii(label)) {
		int err = encode_label(ascii, label);
		if (err < 0)
			return err;
		label_len = strlen(ascii);
	} else if (label_len < sizeof(ascii)) {
		memcpy(ascii, label, label_len + 1);
	} else {
		return -EINVAL;
	}
	lower_ascii(ascii);
	if (label_len == 0 || strspn(ascii, name_chars) != label_len ||
	    *len + label_len > NAME_MAX_BYTES)
		return -EINVAL;
	memcpy(out + *len, ascii, label_len + 1);
	*len += label_len;
	return 0;
}

// Resolves escapes. The text that they make must be ASCII: it is a name of a server, not of a file.
static int unescape(char out[RAW_BYTES], const char *host, size_t len) {
	size_t at = 0;
	if (len == 0 || len >= RAW_BYTES)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		char c = host[i];
		if (c == '%') {
			int value = len - i < 3 ? -1 : requote_escape(host + i);
			if (value <= 0 || value >= 0x80)
				return -EINVAL;
			c = (char)value;
			i += 2;
		}
		out[at++] = c;
	}
	out[at] = '\0';
	return 0;
}

int host_normalize(char out[HOST_BYTES], const char *host, size_t len) {
	char raw[RAW_BYTES];
	char name[HOST_BYTES];
	size_t name_len = 0;

	if (len > 0 && host[0] == '[')
		return normalize_address(out, host, len);
	int err = unescape(raw, host, len);
	for (char *label = raw; err == 0 && label != NULL;) {
		char *dot = strchr(label, '.');
		if (dot != NULL)
			*dot++ = '\0';
		err = add_label(name, &name_len, label);
		if (err == 0 && dot != NULL)
			name[name_len++] = '.';
		// A dot at the end says that the name is whole.
		label = dot != NULL && *dot != '\0' ? dot : NULL;
	}
	if (err < 0)
		return err;
	memcpy(out, name, name_len);
	out[name_len] = '\0';
	return 0;
}
