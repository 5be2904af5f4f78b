// SPDX-License-Identifier: MPL-2.0
// metrics: counters, gauges and timings to a DogStatsD agent over UDP.
#include "common/metrics/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/metrics/lookup.h"

enum {
	NAME_WAIT_MS = 2000,
	WINDOW_MS = 10,
	WINDOW_DATAGRAMS = 64, // sent at once in one window
	SUMS = 64, // different counters that are added up
	KEY_BYTES = 256, // of name and tags together
	LINE_BYTES = 512,
};

struct metrics_sum {
	size_t name_len;
	// Name, NUL, tags, NUL; no tags: name, NUL, NUL.
	char key[KEY_BYTES];
	int64_t by;
};

struct metrics {
	pthread_mutex_t lock;
	int fd;
	char *prefix;
	int64_t window; // number of the window
	int window_count; // datagrams sent in it
	size_t sum_count;
	struct metrics_sum sums[SUMS];
};

// Returns the socket or a negative errno.
static int connect_first(const struct addrinfo *list) {
	int err = -EINVAL;

	for (const struct addrinfo *info = list; info != NULL; info = info->ai_next) {
		int fd = socket(info->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd >= 0 && connect(fd, info->ai_addr, info->ai_addrlen) == 0)
			return fd;
		err = -errno;
		if (fd >= 0)
			close(fd);
	}
	return err;
}

static int open_socket(const char *host, uint16_t port) {
	struct addrinfo *list = NULL;
	int ret = lookup(host, port, NAME_WAIT_MS, &list);

	if (ret == 0) {
		ret = connect_first(list);
		freeaddrinfo(list);
	}
	return ret;
}

const char *metrics_words(int err) {
	switch (err) {
	case -EINVAL:
		return "the name is not known";
	case -ETIMEDOUT:
		return "the name server does not answer";
	default:
		return strerror(-err);
	}
}

int metrics_open(struct metrics **out, const char *host, uint16_t port, const char *prefix) {
	struct metrics *metrics;
	int ret;

	if (host == NULL || *host == '\0') {
		*out = NULL;
		return 0;
	}
	if (port == 0)
		return -EINVAL;
	metrics = calloc(1, sizeof(*metrics));
	if (metrics == NULL)
		return -ENOMEM;
	metrics->prefix = strdup(prefix);
	ret = metrics->prefix == NULL ? -ENOMEM : open_socket(host, port);
	if (ret < 0) {
		free(metrics->prefix);
		free(metrics);
		return ret;
	}
	metrics->fd = ret;
	pthread_mutex_init(&metrics->lock, NULL);
	*out = metrics;
	return 0;
}

// False: the socket's buffer is full. An agent that is away is nothing to stop for.
static bool send_bytes(int fd, const char *bytes, size_t len) {
	ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

	// The refusal of an earlier datagram is told to a later one, which is then not sent.
	if (n < 0 && errno == ECONNREFUSED)
		n = send(fd, bytes, len, MSG_NOSIGNAL);
	return n >= 0 || (errno != EAGAIN && errno != ENOBUFS);
}

// False: try it again later.
static bool send_line(
	struct metrics *metrics, const char *name, int64_t value, const char *type, const char *tags
) {
	char line[LINE_BYTES];
	bool has_tags = tags != NULL && *tags != '\0';
	int len = snprintf(
		line,
		sizeof(line),
		"%s.%s:%" PRId64 "|%s%s%s",
		metrics->prefix,
		name,
		value,
		type,
		has_tags ? "|#" : "",
		has_tags ? tags : ""
	);

	if (len < 0 || (size_t)len >= sizeof(line))
		return true; // cut it would be another metric
	return send_bytes(metrics->fd, line, (size_t)len);
}

// May one more datagram go at once?
static bool has_budget(struct metrics *metrics) {
	int64_t window = clock_mono_ms() / WINDOW_MS;

	if (window != metrics->window) {
		metrics->window = window;
		metrics->window_count = 0;
	}
	if (metrics->window_count >= WINDOW_DATAGRAMS)
		return false;
	metrics->window_count++;
	return true;
}

static struct metrics_sum *find_sum(struct metrics *metrics, const char *name, const char *tags) {
	for (size_t i = 0; i < metrics->sum_count; i++) {
		struct metrics_sum *sum = &metrics->sums[i];

		if (strcmp(sum->key, name) == 0 && strcmp(sum->key + sum->name_len + 1, tags) == 0)
			return sum;
	}
	return NULL;
}

// Adds the counter up. False: there is no room for it.
static bool add_up(struct metrics *metrics, const char *name, int64_t by, const char *tags) {
	struct metrics_sum *sum = find_sum(metrics, name, tags);
	size_t name_len = strlen(name);
	size_t tags_len = strlen(tags);
	int64_t total;

	if (sum != NULL) {
		if (__builtin_add_overflow(sum->by, by, &total))
			return false;
		sum->by = total;
		return true;
	}
	if (metrics->sum_count == SUMS || name_len + tags_len + 2 > KEY_BYTES)
		return false;
	sum = &metrics->sums[metrics->sum_count++];
	sum->name_len = name_len;
	sum->by = by;
	memcpy(sum->key, name, name_len + 1);
	memcpy(sum->key + name_len + 1, tags, tags_len + 1);
	return true;
}

void metrics_count(struct metrics *metrics, const char *name, int64_t by, const char *tags) {
	int saved = errno;
	bool sent = false;

	if (metrics == NULL)
		return;
	tags = tags == NULL ? "" : tags;
	pthread_mutex_lock(&metrics->lock);
	if (has_budget(metrics))
		sent = send_line(metrics, name, by, "c", tags);
	if (!sent && !add_up(metrics, name, by, tags))
		(void)send_line(metrics, name, by, "c", tags);
	pthread_mutex_unlock(&metrics->lock);
	errno = saved;
}

static void send_at_once(
	struct metrics *metrics, const char *name, int64_t value, const char *type, const char *tags
) {
	int saved = errno;

	if (metrics == NULL)
		return;
	pthread_mutex_lock(&metrics->lock);
	// It counts, but these cannot be added up.
	(void)has_budget(metrics);
	(void)send_line(metrics, name, value, type, tags);
	pthread_mutex_unlock(&metrics->lock);
	errno = saved;
}

void metrics_gauge(struct metrics *metrics, const char *name, int64_t value, const char *tags) {
	send_at_once(metrics, name, value, "g", tags);
}

void metrics_timing(struct metrics *metrics, const char *name, int64_t value_ms, const char *tags) {
	send_at_once(metrics, name, value_ms, "ms", tags);
}

void metrics_flush(struct metrics *metrics, int64_t now_ms) {
	int saved = errno;
	size_t kept = 0;

	(void)now_ms;
	if (metrics == NULL)
		return;
	pthread_mutex_lock(&metrics->lock);
	for (size_t i = 0; i < metrics->sum_count; i++) {
		const struct metrics_sum *sum = &metrics->sums[i];

		if (!send_line(metrics, sum->key, sum->by, "c", sum->key + sum->name_len + 1))
			metrics->sums[kept++] = *sum;
	}
	metrics->sum_count = kept;
	pthread_mutex_unlock(&metrics->lock);
	errno = saved;
}

void metrics_close(struct metrics *metrics) {
	if (metrics == NULL)
		return;
	metrics_flush(metrics, 0);
	close(metrics->fd);
	pthread_mutex_destroy(&metrics->lock);
	free(metrics->prefix);
	free(metrics);
}
