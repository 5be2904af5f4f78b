// SPDX-License-Identifier: MPL-2.0
// http_transfer: one of the transfers of http: a libcurl handle that is used again, its request and
// its answer.
#include "common/http/http_transfer.h"

#include "common/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	// All header lines of an answer, interim ones included.
	HEAD_MAX_BYTES = 64 << 10,
	// A larger buffer is not kept for the next answer.
	BODY_KEEP_BYTES = 64 << 10,
};

// --- what libcurl hands over

static bool make_room(struct http_transfer *transfer, size_t need) {
	size_t size = need * 2;
	char *body;

	if (need <= transfer->body_size)
		return true;
	if (size > transfer->body_max_bytes)
		size = transfer->body_max_bytes;
	body = realloc(transfer->body, size);
	if (body == NULL)
		return false;
	transfer->body = body;
	transfer->body_size = size;
	return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx) {
	struct http_transfer *transfer = ctx;
	size_t len = size * count;
	size_t keep = transfer->body_max_bytes - transfer->body_bytes;

	transfer->body_seen_bytes += len;
	if (keep > len)
		keep = len;
	if (keep > 0) {
		if (!make_room(transfer, transfer->body_bytes + keep))
			return 0;
		memcpy(transfer->body + transfer->body_bytes, bytes, keep);
		transfer->body_bytes += keep;
	}
	return transfer->body_seen_bytes > transfer->body_drop_bytes ? 0 : len;
}

static void forget_hints(struct http_transfer *transfer) {
	transfer->hints = (struct http_header_hints){
		.wait_names = transfer->hints.wait_names,
		.keep = transfer->hints.keep,
	};
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx) {
	struct http_transfer *transfer = ctx;
	size_t len = size * count;

	transfer->head_bytes += len;
	if (transfer->head_bytes > HEAD_MAX_BYTES)
		return 0;
	if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
		forget_hints(transfer); // what came before was interim
	else
		http_header_read(&transfer->hints, bytes, len);
	return len;
}

// The connection is there, the request follows; libcurl asks again when it sends the request anew
// on another one.
// NOLINTBEGIN(readability-non-const-parameter): libcurl names the types
static int on_connected(
	void *ctx, char *server_ip, char *local_ip, int server_port, int local_port
) {
	struct http_transfer *transfer = ctx;

	(void)server_ip, (void)local_ip, (void)server_port, (void)local_port;
	transfer->is_stale = transfer->send_by_ms != 0 && clock_mono_ms() >= transfer->send_by_ms;
	return transfer->is_stale ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}
// NOLINTEND(readability-non-const-parameter)

// libcurl forgets why a socket cannot be made.
static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *address) {
	struct http_transfer *transfer = ctx;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	transfer->lacks_files = fd < 0 && (errno == EMFILE || errno == ENFILE);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

// Looking up a name takes files as well.
static bool lacks_files(const struct http_transfer *transfer, CURLcode code) {
	int fd;

	// libcurl's words when a look-up got neither its files nor its thread; with another code
	// each (7.88, 8.18).
	if (transfer->lacks_files || strstr(transfer->error, "thread failed to start") != NULL)
		return true;
	if (code != CURLE_COULDNT_RESOLVE_HOST)
		return false;
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE;
	close(fd);
	return false;
}

// --- the request

int http_transfer_init(
	struct http_transfer *transfer, CURL *model, const char *const *wait_headers
) {
	CURL *easy = curl_easy_duphandle(model);

	if (easy == NULL)
		return -ENOMEM;
	transfer->easy = easy;
	transfer->hints.wait_names = wait_headers;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	return 0;
}

void http_transfer_fini(struct http_transfer *transfer) {
	curl_easy_cleanup(transfer->easy);
	if (transfer->text != NULL)
		explicit_bzero(transfer->text, transfer->text_size);
	free(transfer->text);
	free(transfer->body);
}

static int set_headers(struct http_transfer *transfer, const struct http_request *request) {
	struct curl_slist *list = request->header_count > 0 ? transfer->headers : NULL;
	size_t need = 0;
	char *at;

	for (size_t i = 0; i < request->header_count; i++)
		need += strlen(request->headers[i]) + 1;
	if (need > transfer->text_size) {
		char *text = malloc(need * 2);

		if (text == NULL)
			return -ENOMEM;
		free(transfer->text); // wiped when its request ended
		transfer->text = text;
		transfer->text_size = need * 2;
	}
	transfer->text_bytes = need;
	at = transfer->text;
	for (size_t i = 0; i < request->header_count; i++) {
		size_t bytes = strlen(request->headers[i]) + 1;

		memcpy(at, request->headers[i], bytes);
		transfer->headers[i].data = at;
		transfer->headers[i].next = NULL;
		if (i > 0)
			transfer->headers[i - 1].next = &transfer->headers[i];
		at += bytes;
	}
	return curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, list) == CURLE_OK ? 0 : -ENOMEM;
}

int http_transfer_set(
	struct http_transfer *transfer,
	const struct http_request *request,
	int64_t timeout_ms,
	size_t body_drop_bytes
) {
	CURL *easy = transfer->easy;
	long is_head = strcmp(request->method, "HEAD") == 0;
	int err;

	transfer->send_by_ms = request->send_by_ms;
	transfer->is_stale = false;
	transfer->lacks_files = false;
	transfer->body_max_bytes = request->body_max_bytes;
	transfer->body_drop_bytes = body_drop_bytes;
	if (transfer->body_drop_bytes < request->body_max_bytes)
		transfer->body_drop_bytes = request->body_max_bytes;
	transfer->body_bytes = 0;
	transfer->body_seen_bytes = 0;
	transfer->head_bytes = 0;
	transfer->hints.keep = request->keep;
	forget_hints(transfer);
	transfer->error[0] = '\0';

	err = set_headers(transfer, request);
	if (err < 0)
		return err;
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(easy, CURLOPT_NOBODY, is_head);
	if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
		return -ENOMEM;
	return 0;
}

void http_transfer_retire(struct http_transfer *transfer) {
	if (transfer->text != NULL)
		explicit_bzero(transfer->text, transfer->text_bytes);
	if (transfer->body_size > BODY_KEEP_BYTES) {
		free(transfer->body);
		transfer->body = NULL;
		transfer->body_size = 0;
	}
}

// --- the answer

static enum http_failure failure_of(CURLcode code) {
	switch (code) {
	case CURLE_OK:
		return HTTP_FAILURE_NONE;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_FAILURE_TIMEOUT;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_PROXY:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ISSUER_ERROR:
		return HTTP_FAILURE_CONNECT;
	default:
		return HTTP_FAILURE_OTHER;
	}
}

static bool body_is_dropped(const struct http_transfer *transfer) {
	return transfer->body_seen_bytes > transfer->body_drop_bytes;
}

static void set_message(struct http_answer *answer, const char *text) {
	snprintf(
		answer->message,
		sizeof(answer->message),
		"%.*s",
		(int)sizeof(answer->message) - 1,
		text
	);
	for (char *c = answer->message; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	}
}

struct http_answer http_transfer_answer(const struct http_transfer *transfer, CURLcode code) {
	struct http_answer answer = {
		.failure = failure_of(code),
		.elapsed_ms = clock_mono_ms() - transfer->started_ms,
	};
	bool is_unconnected = answer.failure == HTTP_FAILURE_CONNECT ||
		answer.failure == HTTP_FAILURE_OTHER;
	long status = 0;

	if (transfer->is_stale) {
		answer.failure = HTTP_FAILURE_STALE;
		set_message(&answer, "connecting to the node took longer than --check-ttl");
	} else if (is_unconnected && lacks_files(transfer, code)) {
		answer.failure = HTTP_FAILURE_FILES;
		set_message(
			&answer,
			"no file or thread is left for a connection: raise LimitNOFILE (ulimit -n) "
			"or lower --inflight"
		);
	} else if (code == CURLE_WRITE_ERROR && body_is_dropped(transfer)) {
		answer.failure = HTTP_FAILURE_NONE;
		set_message(&answer, "the body was too long and was cut off");
	} else if (code == CURLE_WRITE_ERROR && transfer->head_bytes > HEAD_MAX_BYTES) {
		set_message(&answer, "more headers than we read");
	} else if (code != CURLE_OK) {
		set_message(
			&answer,
			transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code)
		);
	}
	if (answer.failure != HTTP_FAILURE_NONE)
		return answer;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	answer.status = (int)status;
	answer.hold_ms = http_header_hold_ms(&transfer->hints, clock_wall_ms() / 1000);
	answer.date_s = transfer->hints.date_s;
	answer.body = transfer->body_bytes > 0 ? transfer->body : NULL;
	answer.body_bytes = transfer->body_bytes;
	answer.kept = transfer->hints.keep == NULL ? NULL : transfer->hints.kept;
	return answer;
}
