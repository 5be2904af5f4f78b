// SPDX-License-Identifier: MPL-2.0
// http_message: one HTTP request as a target wants it.
#include "common/http/http_message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_control(const char *text) {
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x20 || c == 0x7f)
			return true;
	}
	return false;
}

static void text_wipe(char *text) {
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

int http_request_url(struct http_request *request, const char *url) {
	if (has_control(url))
		return -EINVAL;
	char *copy = strdup(url);
	if (!copy)
		return -ENOMEM;
	free(request->url);
	request->url = copy;
	return 0;
}

int http_request_header(struct http_request *request, const char *format, ...) {
	if (request->header_count == HTTP_HEADERS_MAX)
		return -ENOBUFS;

	char *line = NULL;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&line, format, args);
	va_end(args);
	if (len < 0)
		return -ENOMEM;
	if (has_control(line) || !strchr(line, ':')) {
		text_wipe(line);
		return -EINVAL;
	}
	request->headers[request->header_count++] = line;
	return 0;
}

void http_request_fini(struct http_request *request) {
	for (size_t i = 0; i < request->header_count; i++)
		text_wipe(request->headers[i]);
	free(request->url);
	*request = (struct http_request){0};
}
