// SPDX-License-Identifier: MPL-2.0
// server: answers HTTP requests on a thread of its own, within bounds.
//
// Design notes
// - libmicrohttpd runs on our thread, not on one of its own: so signals are blocked there, and what
//   connections there are is known to nobody else.
// - The library ends a connection that moves nothing. One that moves a byte now and then is ended
//   by us, when it is too old. Each connection has one request.
// - When the process has no file left, a connection that waits to be accepted makes each poll
// return
//   at once, and the library tries at once again. So the rounds are bounded: neither that nor who
//   asks without end takes a processor from the purge.
#include "cli/admin/server.h"

#include "cli/admin/rounds.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/thread.h"
#include "common/base/wake.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MS = 1000, BACKLOG = 16 };

struct place { // of a connection
	int fd; // -1: free
	int64_t began_ms;
	bool is_ended; // by us
};

struct server {
	struct server_setup setup;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	int wake_fd;
	atomic_bool stopping;
	bool has_thread;
	struct rounds rounds;
	pthread_t thread;
	struct place places[]; // setup.connections of them
};

// --- connections

static void enter(struct server *server, struct MHD_Connection *connection, void **context) {
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD
	);

	for (unsigned i = 0; info != NULL && i < server->setup.connections; i++) {
		struct place *place = &server->places[i];

		if (place->fd >= 0)
			continue;
		*place = (struct place){.fd = info->connect_fd, .began_ms = clock_mono_ms()};
		*context = place;
		return;
	}
}

static void note_connection(
	void *ctx,
	struct MHD_Connection *connection,
	void **context,
	enum MHD_ConnectionNotificationCode code
) {
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		enter(ctx, connection, context);
	else if (*context != NULL)
		((struct place *)*context)->fd = -1;
}

static void end_old(struct server *server) {
	int64_t now_ms = clock_mono_ms();

	for (unsigned i = 0; i < server->setup.connections; i++) {
		struct place *place = &server->places[i];

		if (place->fd < 0 || place->is_ended ||
		    now_ms - place->began_ms < server->setup.age_ms)
			continue;
		place->is_ended = true;
		shutdown(place->fd, SHUT_RDWR);
	}
}

// --- a request

static const char *header(struct MHD_Connection *connection, const char *name) {
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool has_body(struct MHD_Connection *connection) {
	const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *coding = header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING);

	return coding != NULL || (length != NULL && strcmp(length, "0") != 0);
}

// Browsers say whose page it is; by hand nobody does.
static bool is_of_page(struct MHD_Connection *connection) {
	const char *site = header(connection, "Sec-Fetch-Site");

	return header(connection, MHD_HTTP_HEADER_ORIGIN) != NULL ||
		(site != NULL && strcmp(site, "none") != 0);
}

static enum MHD_Result note_argument(
	void *ctx, enum MHD_ValueKind kind, const char *key, const char *value
) {
	const char **query = ctx;

	(void)kind;
	*query = *query == NULL && key != NULL && value == NULL ? key : "";
	return MHD_YES;
}

static const char *query_of(struct MHD_Connection *connection) {
	const char *query = NULL;

	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, note_argument, &query);
	return query;
}

// Takes the body's memory.
static struct MHD_Response *make_response(struct page_answer *answer) {
	struct MHD_Response *response = MHD_create_response_from_buffer(
		answer->body.len, answer->body.data, MHD_RESPMEM_MUST_FREE
	);

	if (response == NULL) {
		buf_fini(&answer->body);
		return NULL;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (answer->allow != NULL)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
	return response;
}

// Answers before a body is read: nobody wants it. The parameters are the library's.
// NOLINTNEXTLINE(readability-function-size)
static enum MHD_Result on_request(
	void *ctx,
	struct MHD_Connection *connection,
	const char *url,
	const char *method,
	const char *version,
	const char *upload,
	size_t *upload_bytes, // NOLINT(readability-non-const-parameter)
	void **context
) {
	const struct server *server = ctx;
	const struct page_request request = {
		.method = method,
		.path = url,
		.query = query_of(connection),
		.has_body = has_body(connection),
		.is_of_page = is_of_page(connection),
	};
	struct page_answer answer = {.status = 0};
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)version;
	(void)upload;
	(void)upload_bytes;
	(void)context;
	server->setup.answer(server->setup.ctx, &request, &answer);
	response = make_response(&answer);
	if (response == NULL)
		return MHD_NO;
	result = MHD_queue_response(connection, (unsigned)answer.status, response);
	MHD_destroy_response(response);
	return result;
}

// --- the thread

static int timeout_ms(const struct server *server) {
	MHD_UNSIGNED_LONG_LONG left_ms;

	if (MHD_get_timeout(server->daemon, &left_ms) == MHD_NO || left_ms > LOOK_MS)
		return LOOK_MS;
	return (int)left_ms;
}

static void breathe(struct server *server) {
	struct pollfd fd = {.fd = server->wake_fd, .events = POLLIN};
	int64_t rest_ms = rounds_rest_ms(&server->rounds, clock_mono_ms());

	if (rest_ms > 0)
		poll(&fd, 1, (int)rest_ms);
}

static void *run(void *ctx) {
	struct server *server = ctx;

	while (!atomic_load(&server->stopping)) {
		struct pollfd fds[] = {
			{.fd = server->epoll_fd, .events = POLLIN},
			{.fd = server->wake_fd, .events = POLLIN},
		};

		poll(fds, 2, timeout_ms(server));
		MHD_run(server->daemon);
		end_old(server);
		breathe(server);
	}
	return NULL;
}

// --- open and close

// Returns the socket or a negative errno.
static int listen_at(const struct address *address) {
	int family = address->socket.ss_family;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int yes = 1;
	int err;

	if (fd < 0)
		return -errno;
	// Else the port of one that just ended would be taken for a minute.
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *)&address->socket, address->bytes) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int start_daemon(struct server *server, int fd) {
	const struct server_setup *setup = &server->setup;
	unsigned flags = MHD_USE_EPOLL;
	const union MHD_DaemonInfo *info;

	if (setup->address.socket.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	server->daemon = MHD_start_daemon(
		flags,
		0,
		NULL,
		NULL,
		on_request,
		server,
		MHD_OPTION_LISTEN_SOCKET,
		fd,
		MHD_OPTION_CONNECTION_LIMIT,
		setup->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		setup->per_address,
		MHD_OPTION_CONNECTION_TIMEOUT,
		setup->idle_s,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		setup->request_bytes,
		MHD_OPTION_STRICT_FOR_CLIENT,
		1,
		MHD_OPTION_NOTIFY_CONNECTION,
		note_connection,
		server,
		MHD_OPTION_END
	);
	if (server->daemon == NULL)
		return -ENOMEM;
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		return -ENOTSUP;
	server->epoll_fd = info->epoll_fd;
	return 0;
}

// The daemon closes the socket from then on.
static int start(struct server *server) {
	int fd = listen_at(&server->setup.address);
	int err;

	if (fd < 0)
		return fd;
	err = start_daemon(server, fd);
	if (server->daemon == NULL)
		close(fd);
	if (err < 0)
		return err;
	server->wake_fd = wake_open();
	if (server->wake_fd < 0)
		return server->wake_fd;
	err = thread_start_deaf(&server->thread, run, server);
	server->has_thread = err == 0;
	return err;
}

int server_open(struct server **out, const struct server_setup *setup) {
	struct server *server = calloc(
		1, sizeof(*server) + setup->connections * sizeof(server->places[0])
	);
	int err;

	if (server == NULL)
		return -ENOMEM;
	server->setup = *setup;
	server->wake_fd = -1;
	for (unsigned i = 0; i < setup->connections; i++)
		server->places[i].fd = -1;
	err = start(server);
	if (err < 0) {
		server_close(server);
		return err;
	}
	*out = server;
	return 0;
}

void server_close(struct server *server) {
	if (server == NULL)
		return;
	if (server->has_thread) {
		atomic_store(&server->stopping, true);
		wake_ring(server->wake_fd);
		pthread_join(server->thread, NULL);
	}
	if (server->daemon != NULL)
		MHD_stop_daemon(server->daemon);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
	free(server);
}
