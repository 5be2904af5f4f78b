// SPDX-License-Identifier: MPL-2.0
// endpoint: where the requests for a node go, as they are really sent.
#include "common/targets/tokenserver/node/endpoint.h"

#include "common/base/utf8.h"
#include "common/text/number.h"
#include "common/text/requote.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char suffix[] = "/1.5/";

static bool is_text(const char *node) {
	const char *end = node + strlen(node);

	while (node < end) {
		uint32_t rune;
		size_t len = utf8_read(node, (size_t)(end - node), &rune);
		if (len == 0 || rune < 0x20 || rune == 0x7f)
			return false;
		node += len;
	}
	return true;
}

// What stands behind the host: nothing, ":" or ":port". 0 in *port: none.
static int read_port(uint16_t *port, const char *text, size_t len) {
	int64_t value = 0;

	if (len > 0 && text[0] != ':')
		return -EINVAL;
	if (len > 1 && number_parse(text + 1, len - 1, 1, UINT16_MAX, &value) < 0)
		return -EINVAL;
	*port = (uint16_t)value;
	return 0;
}

// `authority` has no slash, question mark or hash.
static int read_authority(struct endpoint *endpoint, const char *authority, size_t len) {
	const char *colon = memchr(authority, ':', len);
	if (memchr(authority, '@', len) != NULL)
		return -EINVAL;
	if (len > 0 && authority[0] == '[') {
		const char *bracket = memchr(authority, ']', len);
		colon = bracket != NULL ? bracket + 1 : NULL;
	}
	size_t host_len = colon != NULL ? (size_t)(colon - authority) : len;
	int err = read_port(&endpoint->port, authority + host_len, len - host_len);
	return err < 0 ? err : host_normalize(endpoint->host, authority, host_len);
}

static void name_site(struct endpoint *endpoint, bool secure) {
	const char *scheme = secure ? "https" : "http";
	const char *host = endpoint->host;
	if (endpoint->port != 0) {
		snprintf(
			endpoint->site,
			sizeof(endpoint->site),
			"%s://%s:%u",
			scheme,
			host,
			endpoint->port
		);
	} else {
		snprintf(endpoint->site, sizeof(endpoint->site), "%s://%s", scheme, host);
		endpoint->port = secure ? 443 : 80;
	}
	snprintf(
		endpoint->origin,
		sizeof(endpoint->origin),
		"%s://%s:%u",
		scheme,
		host,
		endpoint->port
	);
}

// `rest` is what the node has behind its authority.
static void make_target(struct endpoint *endpoint, const char *rest) {
	char text[TOKEN_NODE_MAX + sizeof(suffix)];
	size_t size = sizeof(endpoint->target);

	snprintf(text, sizeof(text), "%s%s", rest, suffix);
	char *query = strchr(text, '?');
	if (query != NULL)
		*query++ = '\0';
	requote_path(endpoint->target, size - 1, text);
	if (query != NULL) {
		size_t len = strlen(endpoint->target);
		endpoint->target[len++] = '?';
		requote_query(endpoint->target + len, size - len, query);
	}
}

static bool is_part(CURLU *url, CURLUPart part, unsigned flags, const char *want) {
	char *got = NULL;
	bool same = curl_url_get(url, part, &got, flags) == CURLUE_OK && strcmp(got, want) == 0;
	curl_free(got);
	return same;
}

// libcurl has its own way of writing addresses.
static bool is_host(CURLU *url, const char *want) {
	unsigned char address[2][sizeof(struct in6_addr)] = {0};
	struct in_addr old;
	char *got = NULL;
	bool same = false;
	char inner[HOST_BYTES];

	if (curl_url_get(url, CURLUPART_HOST, &got, 0) != CURLUE_OK)
		return false;
	if (strcmp(got, want) == 0) {
		same = true;
	} else if (want[0] == '[' && strlen(got) < sizeof(inner)) {
		snprintf(inner, sizeof(inner), "%.*s", (int)strcspn(got + 1, "]"), got + 1);
		same = inet_pton(AF_INET6, inner, address[0]) == 1;
		snprintf(inner, sizeof(inner), "%.*s", (int)strcspn(want + 1, "]"), want + 1);
		same = same && inet_pton(AF_INET6, inner, address[1]) == 1;
		same = same && memcmp(address[0], address[1], sizeof(address[0])) == 0;
	} else if (want[0] != '[' && inet_aton(want, &old) == 1) {
		same = inet_pton(AF_INET, got, address[0]) == 1;
		same = same && memcmp(address[0], &old, sizeof(old)) == 0;
	}
	curl_free(got);
	return same;
}

// Whether libcurl, which will send the URL, reads it as we do: else the signature would be for
// another request.
static int check_with_libcurl(const struct endpoint *endpoint) {
	char port[8];
	char *text = NULL;
	int err = endpoint_url(&text, endpoint, 0);
	CURLU *url = curl_url();
	if (err == 0 && url == NULL)
		err = -ENOMEM;
	if (err < 0)
		goto out;

	err = -EINVAL;
	const unsigned flags = CURLU_PATH_AS_IS | CURLU_DISALLOW_USER;
	CURLUcode code = curl_url_set(url, CURLUPART_URL, text, flags);
	if (code == CURLUE_OUT_OF_MEMORY)
		err = -ENOMEM;
	if (code != CURLUE_OK)
		goto out;
	snprintf(port, sizeof(port), "%u", endpoint->port);
	char *target = text + strlen(endpoint->site);
	char *query = strchr(target, '?');
	bool same = is_host(url, endpoint->host) &&
		is_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port);
	if (query != NULL) {
		*query++ = '\0';
		same = same && is_part(url, CURLUPART_QUERY, 0, query);
	}
	if (same && is_part(url, CURLUPART_PATH, 0, target))
		err = 0;
out:
	curl_url_cleanup(url);
	free(text);
	return err;
}

int endpoint_parse(struct endpoint *out, const char *node) {
	struct endpoint endpoint;
	bool secure = false;
	if (node == NULL || strnlen(node, TOKEN_NODE_MAX + 1) > TOKEN_NODE_MAX || !is_text(node))
		return -EINVAL;
	// A fragment is not sent, and the uid would stand in it.
	if (strchr(node, '#') != NULL)
		return -EINVAL;
	node += strspn(node, " ");
	if (strncasecmp(node, "http://", 7) == 0) {
		node += 7;
	} else if (strncasecmp(node, "https://", 8) == 0) {
		node += 8;
		secure = true;
	} else {
		return -EINVAL;
	}

	size_t len = strcspn(node, "/?\\");
	int err = read_authority(&endpoint, node, len);
	if (err < 0)
		return err;
	name_site(&endpoint, secure);
	make_target(&endpoint, node + len);
	err = check_with_libcurl(&endpoint);
	if (err == 0)
		*out = endpoint;
	return err;
}

static int join(char **out, const char *site, const char *target, int64_t uid) {
	char digits[ENDPOINT_UID_BYTES];
	int digit_count = snprintf(digits, sizeof(digits), "%" PRId64, uid);
	size_t size = strlen(site) + strlen(target) + (size_t)digit_count + 1;
	char *text = malloc(size);
	if (text == NULL)
		return -ENOMEM;
	snprintf(text, size, "%s%s%s", site, target, digits);
	*out = text;
	return 0;
}

int endpoint_target(char **out, const struct endpoint *endpoint, int64_t uid) {
	return join(out, "", endpoint->target, uid);
}

int endpoint_url(char **out, const struct endpoint *endpoint, int64_t uid) {
	return join(out, endpoint->site, endpoint->target, uid);
}
