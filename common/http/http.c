// SPDX-License-Identifier: MPL-2.0
// http: many HTTP requests at once on one thread.
//
// Design notes. One transfer more than may be in flight is kept, so that a callback which still
// reads its answer can start the next request. Handles are made once and used again: making one
// costs more than a request does.
#include "common/http/http.h"

#include "common/base/clock.h"
#include "common/http/ca_file.h"
#include "common/http/http_transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/queue.h>

enum {
	// Below the keep-alive time of common servers.
	IDLE_MAX_S = 4,
	NAME_MAX_S = 60, // how long an address is remembered
	POLL_MAX_MS = 60 * 60 * 1000,
};

// CURLMOPT_… of libcurl 8.20; older ones, and their headers, do not know them.
enum {
	MULTI_RESOLVE_THREADS_MAX = CURLOPTTYPE_LONG + 20,
	MULTI_QUICK_EXIT = CURLOPTTYPE_LONG + 21,
};

LIST_HEAD(transfer_list, http_transfer);

struct http {
	size_t inflight_max;
	size_t body_drop_bytes;
	const char *const *wait_headers;
	int64_t request_timeout_ms;
	CURLM *multi;
	// Every handle is a copy of it.
	CURL *model;
	CURLU *url; // for checking URLs
	struct http_transfer *transfers;
	size_t transfer_count;
	struct transfer_list idle, busy;
	size_t inflight;
	// Something was started since libcurl last ran.
	bool fresh;
	struct curl_waitfd *waits;
	size_t wait_size;
};

static int set_rules(CURL *easy, const struct http_options *options) {
	unsigned bad = 0;

	bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	// Without it a resolver that hangs holds up everybody.
	bad |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S);
	bad |= curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, (long)NAME_MAX_S);
	bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
	bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent);
	return bad != 0 ? -EINVAL : 0;
}

static int set_way(CURL *easy, const struct http_options *options) {
	unsigned bad = 0;

	// An empty text, unlike NULL, keeps libcurl from asking the environment.
	bad |= curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy == NULL ? "" : options->proxy);
	bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	bad |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (options->ca_file != NULL)
		bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
	// With a directory of certificates besides the file, libcurl reads the file for each
	// connection.
	if (options->ca_file != NULL || curl_version_info(CURLVERSION_NOW)->cainfo != NULL)
		bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	return bad != 0 ? -EINVAL : 0;
}

static struct http_transfer *find_idle(struct http *http) {
	struct http_transfer *transfer = LIST_FIRST(&http->idle);

	if (transfer->easy == NULL &&
	    http_transfer_init(transfer, http->model, http->wait_headers) < 0)
		return NULL;
	return transfer;
}

// A cache no larger than the number in flight closes connections that are about to be used again.
static long cache_size(const struct http_options *options) {
	size_t size = options->inflight_max * 4;

	if (options->connections_max > 0 && size > options->connections_max)
		size = options->connections_max;
	return (long)size;
}

// From 8.20 on names are looked up by 20 threads at most, and the end waits for them: names that
// hang would hold up the others, and the end. A look-up takes two threads there.
static void set_look_ups(CURLM *multi) {
	curl_multi_setopt(multi, (CURLMoption)MULTI_RESOLVE_THREADS_MAX, (long)INT32_MAX);
	curl_multi_setopt(multi, (CURLMoption)MULTI_QUICK_EXIT, 1L);
}

static int init(struct http *http, const struct http_options *options) {
	int err;

	LIST_INIT(&http->idle);
	LIST_INIT(&http->busy);
	http->inflight_max = options->inflight_max;
	http->body_drop_bytes = options->body_drop_bytes;
	http->wait_headers = options->wait_headers;
	http->request_timeout_ms = options->request_timeout_ms;
	http->transfers = calloc(options->inflight_max + 1, sizeof(http->transfers[0]));
	http->multi = curl_multi_init();
	http->model = curl_easy_init();
	http->url = curl_url();
	if (http->transfers == NULL || http->multi == NULL || http->model == NULL ||
	    http->url == NULL)
		return -ENOMEM;
	http->transfer_count = options->inflight_max + 1;
	for (size_t i = 0; i < http->transfer_count; i++)
		LIST_INSERT_HEAD(&http->idle, &http->transfers[i], link);

	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, cache_size(options));
	curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	set_look_ups(http->multi);

	err = set_rules(http->model, options);
	return err < 0 ? err : set_way(http->model, options);
}

int http_open(struct http **out, const struct http_options *options) {
	struct http *http;
	char words[16];
	int err;

	if (options->ca_file != NULL && ca_file_check(options->ca_file, words, sizeof(words)) < 0)
		return -EINVAL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	http = calloc(1, sizeof(*http));
	if (http == NULL) {
		curl_global_cleanup();
		return -ENOMEM;
	}
	err = init(http, options);
	if (err < 0) {
		http_close(http);
		return err;
	}
	*out = http;
	return 0;
}

void http_close(struct http *http) {
	struct http_transfer *transfer;

	if (http == NULL)
		return;
	LIST_FOREACH (transfer, &http->busy, link)
		curl_multi_remove_handle(http->multi, transfer->easy);
	for (size_t i = 0; i < http->transfer_count; i++)
		http_transfer_fini(&http->transfers[i]);
	curl_easy_cleanup(http->model);
	curl_multi_cleanup(http->multi);
	curl_url_cleanup(http->url);
	free(http->transfers);
	free(http->waits);
	free(http);
	curl_global_cleanup();
}

static bool url_is_fine(struct http *http, const char *url) {
	unsigned flags = CURLU_PATH_AS_IS | CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME;

	if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
		return false;
	return curl_url_set(http->url, CURLUPART_URL, url, flags) == CURLUE_OK;
}

void http_expire_unsent(struct http *http) {
	struct http_transfer *transfer;

	LIST_FOREACH (transfer, &http->busy, link)
		transfer->send_by_ms = 1; // long ago
}

int http_start(
	struct http *http, const struct http_request *request, int64_t timeout_ms, void *tag
) {
	struct http_transfer *transfer;
	int err;

	if (http->inflight >= http->inflight_max)
		return -ENOBUFS;
	if (!url_is_fine(http, request->url))
		return -EINVAL;
	transfer = find_idle(http);
	if (transfer == NULL)
		return -ENOMEM;
	if (timeout_ms <= 0)
		timeout_ms = http->request_timeout_ms;
	err = http_transfer_set(transfer, request, timeout_ms, http->body_drop_bytes);
	if (err < 0)
		return err;
	if (curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
		return -ENOMEM;
	transfer->tag = tag;
	transfer->started_ms = clock_mono_ms();
	LIST_REMOVE(transfer, link);
	LIST_INSERT_HEAD(&http->busy, transfer, link);
	http->inflight++;
	http->fresh = true;
	return 0;
}

size_t http_inflight(const struct http *http) {
	return http->inflight;
}

void http_drain(
	struct http *http,
	void (*on_answer)(void *ctx, void *tag, const struct http_answer *answer),
	void *ctx
) {
	CURLMsg *msg;
	int left = 0;

	curl_multi_perform(http->multi, &left);
	while ((msg = curl_multi_info_read(http->multi, &left)) != NULL) {
		struct http_transfer *transfer = NULL;
		CURLcode code = msg->data.result; // msg dies with its handle
		struct http_answer answer;

		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &transfer);
		answer = http_transfer_answer(transfer, code);
		curl_multi_remove_handle(http->multi, transfer->easy);
		LIST_REMOVE(transfer, link);
		http->inflight--;
		on_answer(ctx, transfer->tag, &answer);
		http_transfer_retire(transfer);
		LIST_INSERT_HEAD(&http->idle, transfer, link);
	}
}

static int grow_waits(struct http *http, size_t count) {
	struct curl_waitfd *waits;

	if (count <= http->wait_size)
		return 0;
	waits = realloc(http->waits, count * sizeof(*waits));
	if (waits == NULL)
		return -ENOMEM;
	http->waits = waits;
	http->wait_size = count;
	return 0;
}

int http_poll(struct http *http, struct pollfd *fds, size_t count, int64_t timeout_ms) {
	if (grow_waits(http, count) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		http->waits[i] = (struct curl_waitfd){
			.fd = fds[i].fd,
			.events = (short
			)(((fds[i].events & POLLIN) ? CURL_WAIT_POLLIN : 0) |
			  ((fds[i].events & POLLOUT) ? CURL_WAIT_POLLOUT : 0)),
		};
	}
	if (timeout_ms > POLL_MAX_MS)
		timeout_ms = POLL_MAX_MS;
	if (timeout_ms < 0)
		timeout_ms = 0;

	if (http->fresh) {
		int running = 0;

		http->fresh = false;
		if (curl_multi_perform(http->multi, &running) != CURLM_OK)
			return -EIO;
		if ((size_t)running < http->inflight)
			timeout_ms = 0; // an answer is there already
	}
	if (curl_multi_poll(http->multi, http->waits, (unsigned)count, (int)timeout_ms, NULL) !=
	    CURLM_OK)
		return -EIO;
	// Asked again because libcurl does not tell of POLLHUP and POLLERR.
	if (count > 0 && poll(fds, (nfds_t)count, 0) < 0 && errno != EINTR)
		return -EIO;
	return 0;
}

void http_wake(struct http *http) {
	curl_multi_wakeup(http->multi);
}
