// SPDX-License-Identifier: MPL-2.0
// lookup: the addresses of a name.
//
// Design notes. getaddrinfo(3) cannot be cancelled, so it runs on a detached thread. That thread
// and the one which waits hold the question together; who lets go of it last frees it.
#include "common/metrics/lookup.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/monitor.h"
#include "common/base/thread.h"

struct question {
	struct monitor monitor; // guards what follows
	int holders;
	bool done;
	int ret;
	struct addrinfo *list;
	uint16_t port;
	char host[];
};

static int resolve(const char *host, uint16_t port, int family, int flags, struct addrinfo **out) {
	const struct addrinfo hints = {
		.ai_family = family, .ai_socktype = SOCK_DGRAM, .ai_flags = flags};
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	switch (getaddrinfo(host, service, &hints, out)) {
	case 0:
		return 0;
	case EAI_MEMORY:
		return -ENOMEM;
	default:
		return -EINVAL;
	}
}

// IPv4 first: agents listen on 127.0.0.1, and over UDP a deaf ::1 cannot be told from a good one.
static int ask(const char *host, uint16_t port, struct addrinfo **out) {
	int ret = resolve(host, port, AF_INET, 0, out);

	return ret == -EINVAL ? resolve(host, port, AF_UNSPEC, 0, out) : ret;
}

static struct question *question_new(const char *host, uint16_t port) {
	size_t len = strlen(host) + 1;
	struct question *question = calloc(1, sizeof(*question) + len);

	if (question == NULL)
		return NULL;
	memcpy(question->host, host, len);
	question->port = port;
	question->holders = 2;
	monitor_init(&question->monitor);
	return question;
}

static void let_go(struct question *question, int holders) {
	bool is_last;

	monitor_lock(&question->monitor);
	question->holders -= holders;
	is_last = question->holders == 0;
	monitor_unlock(&question->monitor);
	if (!is_last)
		return;
	if (question->list != NULL)
		freeaddrinfo(question->list);
	monitor_fini(&question->monitor);
	free(question);
}

static void *thread_main(void *arg) {
	struct question *question = arg;
	struct addrinfo *list = NULL;
	int ret = ask(question->host, question->port, &list);

	monitor_lock(&question->monitor);
	question->ret = ret;
	question->list = ret == 0 ? list : NULL;
	question->done = true;
	monitor_signal(&question->monitor);
	monitor_unlock(&question->monitor);
	let_go(question, 1);
	return NULL;
}

static int wait_for_answer(struct question *question, int64_t wait_ms, struct addrinfo **out) {
	int ret = -ETIMEDOUT;

	monitor_lock(&question->monitor);
	if (monitor_wait_for(&question->monitor, &question->done, wait_ms)) {
		*out = question->list;
		question->list = NULL;
		ret = question->ret;
	}
	monitor_unlock(&question->monitor);
	return ret;
}

int lookup(const char *host, uint16_t port, int64_t wait_ms, struct addrinfo **out) {
	struct question *question;
	pthread_t thread;
	int ret = resolve(host, port, AF_UNSPEC, AI_NUMERICHOST, out);

	if (ret != -EINVAL)
		return ret;
	question = question_new(host, port);
	if (question == NULL)
		return -ENOMEM;
	ret = thread_start_deaf(&thread, thread_main, question);
	if (ret < 0) {
		let_go(question, 2);
		return ret;
	}
	pthread_detach(thread);
	ret = wait_for_answer(question, wait_ms, out);
	let_go(question, 1);
	return ret;
}
