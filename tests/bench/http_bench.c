// SPDX-License-Identifier: MPL-2.0
// http_bench: how many requests a second http makes against a node that answers at once.
//
// Usage: http_bench [URL [IN_FLIGHT [REQUESTS]]]; without a URL it starts a node of its own, in a
// thread.
#include "common/base/clock.h"
#include "common/http/http.h"
#include "support/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench {
	struct http *http;
	const char *url;
	size_t left, failures;
};

static void start(struct bench *bench) {
	struct http_request request = {.method = "DELETE"};
	if (http_request_url(&request, bench->url) ||
	    http_request_header(&request, "Authorization: Hawk id=\"%0128d\"", 7) ||
	    http_start(bench->http, &request, 0, NULL)) {
		fputs("cannot start a request\n", stderr);
		abort();
	}
	http_request_fini(&request);
	bench->left--;
}

static void on_answer(void *ctx, void *tag, const struct http_answer *answer) {
	struct bench *bench = ctx;
	(void)tag;
	bench->failures += answer->failure != HTTP_FAILURE_NONE || answer->status != 200;
	if (bench->left > 0)
		start(bench);
}

// Of this thread, so without that of a node of our own.
static double cpu_seconds(void) {
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void run(const char *base, size_t inflight, size_t requests) {
	struct bench bench = {.left = requests};
	char url[256];
	snprintf(url, sizeof(url), "%s/1.5/12345", base);
	bench.url = url;

	const struct http_options options = {
		.inflight_max = inflight,
		.request_timeout_ms = 60000,
		.connect_timeout_ms = 10000,
		.user_agent = "purgefleet/bench",
		.body_drop_bytes = 65536,
	};
	if (http_open(&bench.http, &options)) {
		fputs("cannot open http\n", stderr);
		abort();
	}
	int64_t start_ms = clock_mono_ms();
	double cpu_s = cpu_seconds();
	for (size_t i = 0; i < inflight && bench.left > 0; i++)
		start(&bench);
	while (http_inflight(bench.http) > 0) {
		if (http_poll(bench.http, NULL, 0, 1000))
			abort();
		http_drain(bench.http, on_answer, &bench);
	}
	double seconds = (double)(clock_mono_ms() - start_ms) / 1000;
	double cpu_us = (cpu_seconds() - cpu_s) * 1e6 / (double)requests;
	http_close(bench.http);
	printf("%5zu in flight: %7.0f requests/s, %5.1f us of CPU each, %zu failed\n",
	       inflight,
	       (double)requests / seconds,
	       cpu_us,
	       bench.failures);
}

int main(int argc, char **argv) {
	size_t requests = argc > 3 ? strtoul(argv[3], NULL, 10) : 200000;
	struct node *node = NULL;
	const char *url = argc > 1 ? argv[1] : NULL;
	if (!url) {
		node = node_start();
		node_record_nothing(node);
		url = node_url(node);
	}
	if (argc > 2)
		run(url, strtoul(argv[2], NULL, 10), requests);
	else
		for (size_t inflight = 8; inflight <= 512; inflight *= 4)
			run(url, inflight, requests);
	node_stop(node);
	return 0;
}
