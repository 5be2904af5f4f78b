// SPDX-License-Identifier: MPL-2.0
// node: a storage node for tests.
//
// Design notes. Connections belong to the node's thread alone; what other threads ask for is in the
// book. Closing everything is done after the events of a round, because one of them may be of a
// connection just closed.
#include "support/node.h"

#include "support/node_book.h"
#include "support/node_conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, BACKLOG = 4096 };

enum command { COMMAND_NONE, COMMAND_STOP, COMMAND_REFUSE, COMMAND_ACCEPT };

TAILQ_HEAD(conn_list, node_conn);

struct node {
	struct node_book book;
	pthread_t thread;
	int listen_fd, epoll_fd, wake_fd;
	uint16_t port;
	char url[32];
	pthread_mutex_t lock; // of the command
	pthread_cond_t obeyed;
	enum command command;
	struct conn_list conns, timers; // the thread's
};

static int64_t now_ms(void) {
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

// --- the thread

static void conn_untime(struct node *node, struct node_conn *conn) {
	if (conn->timed)
		TAILQ_REMOVE(&node->timers, conn, timer);
	conn->timed = false;
}

static void conn_time(struct node *node, struct node_conn *conn) {
	struct node_conn *before = TAILQ_LAST(&node->timers, conn_list);
	while (before && before->due_ms > conn->due_ms)
		before = TAILQ_PREV(before, conn_list, timer);
	if (before)
		TAILQ_INSERT_AFTER(&node->timers, before, conn, timer);
	else
		TAILQ_INSERT_HEAD(&node->timers, conn, timer);
	conn->timed = true;
}

static void conn_close(struct node *node, struct node_conn *conn) {
	bool is_asked = conn->step != NULL;

	conn_untime(node, conn);
	TAILQ_REMOVE(&node->conns, conn, link);
	node_conn_free(conn);
	if (is_asked)
		node_book_end(&node->book);
}

static void conn_watch(struct node *node, struct node_conn *conn, bool writing) {
	if (conn->watched == writing)
		return;
	struct epoll_event event = {.events = writing ? EPOLLOUT : EPOLLIN, .data.ptr = conn};
	node_must(epoll_ctl(node->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) == 0, "watch");
	conn->watched = writing;
}

static enum node_progress conn_begin(struct node *node, struct node_conn *conn, size_t head) {
	const struct node_step *step = node_book_begin(&node->book, conn->in, head);
	return node_conn_begin(conn, head, step, now_ms());
}

// Goes on as long as something can be done at once.
static void conn_go_on(struct node *node, struct node_conn *conn, enum node_progress progress) {
	for (;;) {
		switch (progress) {
		case NODE_OVER:
			conn_close(node, conn);
			return;
		case NODE_TIMER:
			conn_time(node, conn);
			conn_watch(node, conn, false);
			return;
		case NODE_BLOCKED:
			conn_watch(node, conn, true);
			return;
		case NODE_MORE:
			conn_watch(node, conn, false);
			return;
		case NODE_DONE:
			break;
		}
		if (conn->step && conn->phase == NODE_READING) {
			conn->step = NULL;
			node_book_end(&node->book);
		}
		size_t head = conn->phase == NODE_READING ? node_conn_head(conn) : 0;
		progress = head > 0 ? conn_begin(node, conn, head) : NODE_MORE;
	}
}

static void conn_event(struct node *node, struct node_conn *conn) {
	if (conn->watched)
		conn_go_on(node, conn, node_conn_write(conn, now_ms()));
	else
		conn_go_on(node, conn, node_conn_read(conn));
}

static void accept_all(struct node *node) {
	int fd;
	while ((fd = accept4(node->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		int on = 1;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		struct node_conn *conn = node_conn_new(fd);
		node_must(conn != NULL, "connection");
		TAILQ_INSERT_TAIL(&node->conns, conn, link);
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
		node_must(epoll_ctl(node->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0, "add");
		node_book_connected(&node->book);
	}
}

static void close_all(struct node *node) {
	struct node_conn *conn;
	while ((conn = TAILQ_FIRST(&node->conns)) != NULL)
		conn_close(node, conn);
}

static void run_timers(struct node *node) {
	struct node_conn *conn;
	while ((conn = TAILQ_FIRST(&node->timers)) != NULL && conn->due_ms <= now_ms()) {
		conn_untime(node, conn);
		conn_go_on(node, conn, node_conn_write(conn, now_ms()));
	}
}

static void set_listening(struct node *node, bool listening) {
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = node};
	if (listening) {
		node_must(listen(node->listen_fd, BACKLOG) == 0, "listen");
		node_must(
			epoll_ctl(node->epoll_fd, EPOLL_CTL_ADD, node->listen_fd, &event) == 0,
			"add"
		);
		return;
	}
	node_must(epoll_ctl(node->epoll_fd, EPOLL_CTL_DEL, node->listen_fd, NULL) == 0, "remove");
	node_must(shutdown(node->listen_fd, SHUT_RDWR) == 0, "refuse"); // keeps the port
}

static bool obey(struct node *node) {
	uint64_t count;
	node_must(read(node->wake_fd, &count, sizeof(count)) == sizeof(count), "wake");
	pthread_mutex_lock(&node->lock);
	enum command command = node->command;
	pthread_mutex_unlock(&node->lock);

	if (command == COMMAND_REFUSE || command == COMMAND_ACCEPT)
		set_listening(node, command == COMMAND_ACCEPT);
	if (command == COMMAND_REFUSE || command == COMMAND_STOP)
		close_all(node);

	pthread_mutex_lock(&node->lock);
	node->command = COMMAND_NONE;
	pthread_cond_broadcast(&node->obeyed);
	pthread_mutex_unlock(&node->lock);
	return command != COMMAND_STOP;
}

static int wait_ms(struct node *node) {
	struct node_conn *first = TAILQ_FIRST(&node->timers);
	if (!first)
		return -1;
	int64_t left_ms = first->due_ms - now_ms();
	return left_ms < 0 ? 0 : (int)left_ms;
}

static void *node_main(void *ctx) {
	struct node *node = ctx;
	struct epoll_event events[EVENTS_MAX];

	for (;;) {
		int count = epoll_wait(node->epoll_fd, events, EVENTS_MAX, wait_ms(node));
		node_must(count >= 0 || errno == EINTR, "wait");
		bool commanded = false;
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == node)
				accept_all(node);
			else if (events[i].data.ptr == &node->wake_fd)
				commanded = true; // last, because it may close connections
			else
				conn_event(node, events[i].data.ptr);
		}
		run_timers(node);
		if (commanded && !obey(node))
			return NULL;
	}
}

static void send_command(struct node *node, enum command command) {
	uint64_t one = 1;
	pthread_mutex_lock(&node->lock);
	node->command = command;
	node_must(write(node->wake_fd, &one, sizeof(one)) == sizeof(one), "command");
	while (node->command != COMMAND_NONE)
		pthread_cond_wait(&node->obeyed, &node->lock);
	pthread_mutex_unlock(&node->lock);
}

// --- start and stop

// Bound to a port by number, because only then the port is kept while nobody listens.
static int bind_somewhere(uint16_t *port) {
	for (int i = 0; i < 100; i++) {
		struct sockaddr_in address = {.sin_family = AF_INET};
		socklen_t size = sizeof(address);
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

		int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		node_must(probe >= 0, "socket");
		node_must(bind(probe, (struct sockaddr *)&address, size) == 0, "bind");
		node_must(getsockname(probe, (struct sockaddr *)&address, &size) == 0, "port");
		close(probe);

		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		node_must(fd >= 0, "socket");
		if (bind(fd, (struct sockaddr *)&address, size) == 0) {
			*port = ntohs(address.sin_port);
			return fd;
		}
		close(fd);
	}
	node_must(false, "no free port");
	return -1;
}

struct node *node_start(void) {
	struct node *node = calloc(1, sizeof(*node));
	node_must(node != NULL, "start");
	TAILQ_INIT(&node->conns);
	TAILQ_INIT(&node->timers);
	node_book_init(&node->book);
	node_must(pthread_mutex_init(&node->lock, NULL) == 0, "lock");
	node_must(pthread_cond_init(&node->obeyed, NULL) == 0, "condition");

	node->listen_fd = bind_somewhere(&node->port);
	snprintf(node->url, sizeof(node->url), "http://127.0.0.1:%u", (unsigned)node->port);
	node->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	node->wake_fd = eventfd(0, EFD_CLOEXEC);
	node_must(node->epoll_fd >= 0 && node->wake_fd >= 0, "epoll");
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &node->wake_fd};
	node_must(epoll_ctl(node->epoll_fd, EPOLL_CTL_ADD, node->wake_fd, &event) == 0, "add");
	set_listening(node, true);
	node_must(pthread_create(&node->thread, NULL, node_main, node) == 0, "thread");
	return node;
}

void node_stop(struct node *node) {
	if (!node)
		return;
	send_command(node, COMMAND_STOP);
	pthread_join(node->thread, NULL);
	close(node->listen_fd);
	close(node->epoll_fd);
	close(node->wake_fd);
	node_book_fini(&node->book);
	pthread_cond_destroy(&node->obeyed);
	pthread_mutex_destroy(&node->lock);
	free(node);
}

// --- orders

void node_script(struct node *node, const struct node_step *step) {
	node_book_script(&node->book, step);
}

void node_default(struct node *node, const struct node_step *step) {
	node_book_default(&node->book, step);
}

void node_record_nothing(struct node *node) {
	node_book_record_nothing(&node->book);
}

void node_refuse(struct node *node) {
	send_command(node, COMMAND_REFUSE);
}

void node_accept(struct node *node) {
	send_command(node, COMMAND_ACCEPT);
}

// --- questions

const char *node_url(const struct node *node) {
	return node->url;
}

uint16_t node_port(const struct node *node) {
	return node->port;
}

size_t node_requests(struct node *node) {
	return node_book_read(&node->book, &node->book.requests);
}

size_t node_connections(struct node *node) {
	return node_book_read(&node->book, &node->book.connections);
}

size_t node_inflight(struct node *node) {
	return node_book_read(&node->book, &node->book.inflight);
}

size_t node_inflight_max(struct node *node) {
	return node_book_read(&node->book, &node->book.inflight_max);
}

bool node_wait_requests(struct node *node, size_t count) {
	return node_book_wait(&node->book, count);
}

const char *node_request_method(struct node *node, size_t index) {
	return node_book_method(&node->book, index);
}

const char *node_request_target(struct node *node, size_t index) {
	return node_book_target(&node->book, index);
}

const char *node_request_header(struct node *node, size_t index, const char *name) {
	return node_book_header(&node->book, index, name);
}
