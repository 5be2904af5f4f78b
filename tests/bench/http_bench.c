// SPDX-License-Identifier: MPL-2.0
// http_bench: how many requests a second http makes against a node that answers at once.
//
// Usage: http_bench [URL [IN_FLIGHT [REQUESTS]]]; without a URL it starts a node of its own, in a
// thread. http_bench @FILE IN_FLIGHT sends what the lines of a file say, each one URL and headers
// with tabs between.
#include "common/base/clock.h"
#include "common/http/http.h"
#include "support/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench {
	struct http *http;
	const char *url;
	FILE *file; // instead of the URL
	size_t left, failures;
};

static int make_usual(const struct bench *bench, struct http_request *request) {
	int err = http_request_url(request, bench->url);

	return err != 0 ? err
			: http_request_header(request, "Authorization: Hawk id=\"%0128d\"", 7);
}

static int make_next(const struct bench *bench, struct http_request *request) {
	char *line = NULL, *rest, *word;
	size_t bytes = 0;
	int err = getline(&line, &bytes, bench->file) < 0 ? -1 : 0;

	if (err == 0) {
		line[strcspn(line, "\n")] = '\0';
		rest = line;
		err = http_request_url(request, strsep(&rest, "\t"));
		while (err == 0 && (word = strsep(&rest, "\t")) != NULL)
			err = http_request_header(request, "%s", word);
	}
	free(line);
	return err;
}

static void start(struct bench *bench) {
	struct http_request request = {.method = "DELETE"};
	int err = bench->file == NULL ? make_usual(bench, &request) : make_next(bench, &request);

	if (err || http_start(bench->http, &request, 0, NULL)) {
		fputs("cannot start a request\n", stderr);
		abort();
	}
	http_request_fini(&request);
	bench->left--;
}

static void on_answer(void *ctx, void *tag, const struct http_answer *answer) {
	struct bench *bench = ctx;
	(void)tag;
	bench->failures += answer->failure != HTTP_FAILURE_NONE || answer->status / 100 != 2;
	if (bench->left > 0)
		start(bench);
}

// Of this thread, so without that of a node of our own.
static double cpu_seconds(void) {
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void run(struct bench bench, size_t inflight) {
	size_t requests = bench.left;
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

static void run_node(const char *base, size_t inflight, size_t requests) {
	char url[256];

	snprintf(url, sizeof(url), "%s/1.5/12345", base);
	run((struct bench){.url = url, .left = requests}, inflight);
}

static size_t count_lines(FILE *file) {
	size_t lines = 0;

	for (int c = getc(file); c != EOF; c = getc(file))
		lines += c == '\n';
	rewind(file);
	return lines;
}

static int run_file(const char *path, size_t inflight) {
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		perror(path);
		return 1;
	}
	run((struct bench){.file = file, .left = count_lines(file)}, inflight);
	fclose(file);
	return 0;
}

int main(int argc, char **argv) {
	size_t requests = argc > 3 ? strtoul(argv[3], NULL, 10) : 200000;
	struct node *node = NULL;
	const char *url = argc > 1 ? argv[1] : NULL;

	if (argc > 2 && url[0] == '@')
		return run_file(url + 1, strtoul(argv[2], NULL, 10));
	if (!url) {
		node = node_start();
		node_record_nothing(node);
		url = node_url(node);
	}
	if (argc > 2)
		run_node(url, strtoul(argv[2], NULL, 10), requests);
	else
		for (size_t inflight = 8; inflight <= 512; inflight *= 4)
			run_node(url, inflight, requests);
	node_stop(node);
	return 0;
}
