// SPDX-License-Identifier: MPL-2.0
// mariadb.c: a private MariaDB server for an integration test.
#include "support/mariadb.h"

#include <errno.h>
#include <fcntl.h>
#include <mysql.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

#define SCRIPT TEST_SUPPORT_DIR "/mariadb.sh"
#define SCHEMA TEST_SUPPORT_DIR "/tokenserver_schema.sql"
#define MAX_OPTIONS 16

struct mariadb {
	char dir[256];
	char socket[256];
	char url[512];
	int port;
};

// Another server with the same words may take its place.
static const char *script(void) {
	const char *named = secure_getenv("PURGEFLEET_MARIADB");

	return named != NULL && named[0] != '\0' ? named : SCRIPT;
}

// Runs the script and returns what it printed, up to size - 1 bytes.
static void run_script(char *const argv[], char *out, size_t size) {
	posix_spawn_file_actions_t actions;
	size_t used = 0;
	int status = -1;
	int fds[2];
	ssize_t got;
	pid_t pid;

	assert_return_code(pipe2(fds, O_CLOEXEC), errno);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO), 0);
	assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	while (used < size - 1) {
		got = read(fds[0], out + used, size - 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	out[used] = '\0';
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s %s failed with status %d", argv[0], argv[1], status);
}

// start and restart print the port; start also watches over this process.
static void run_start(struct mariadb *server, const char *verb, const char *const options[]) {
	char *argv[MAX_OPTIONS + 8];
	char owner[16];
	char out[64];
	size_t n = 0;

	snprintf(owner, sizeof(owner), "%d", (int)getpid());
	argv[n++] = (char *)script();
	argv[n++] = (char *)verb;
	argv[n++] = server->dir;
	if (strcmp(verb, "start") == 0) {
		argv[n++] = (char *)"--owner";
		argv[n++] = owner;
		argv[n++] = (char *)"--";
	}
	for (size_t i = 0; options != NULL && options[i] != NULL; i++) {
		assert_true(i < MAX_OPTIONS);
		argv[n++] = (char *)options[i];
	}
	argv[n] = NULL;
	run_script(argv, out, sizeof(out));
	server->port = (int)strtol(out, NULL, 10);
	assert_int_in_range(server->port, 1, 65535);
}

static void run_verb(struct mariadb *server, const char *verb) {
	char *argv[] = {(char *)script(), (char *)verb, server->dir, NULL};
	char out[64];

	run_script(argv, out, sizeof(out));
}

static char *read_file(const char *path) {
	FILE *file = fopen(path, "re");
	size_t capacity = 65536;
	char *text = malloc(capacity);
	size_t length;

	assert_non_null(file);
	assert_non_null(text);
	length = fread(text, 1, capacity - 1, file);
	assert_true(length < capacity - 1);
	text[length] = '\0';
	fclose(file);
	return text;
}

struct mariadb *mariadb_start(void) {
	return mariadb_start_with(NULL);
}

struct mariadb *mariadb_start_with(const char *const options[]) {
	struct mariadb *server = calloc(1, sizeof(*server));
	const char *parent = secure_getenv("TMPDIR");
	char path[sizeof(server->dir) + 16];
	char *socket;

	assert_non_null(server);
	if (parent == NULL || parent[0] == '\0')
		parent = "/tmp";
	snprintf(server->dir, sizeof(server->dir), "%s/purgefleet-db-XXXXXX", parent);
	assert_non_null(mkdtemp(server->dir));
	run_start(server, "start", options);
	snprintf(path, sizeof(path), "%s/socket", server->dir);
	socket = read_file(path);
	snprintf(
		server->socket, sizeof(server->socket), "%.*s", (int)strcspn(socket, "\n"), socket
	);
	free(socket);
	return server;
}

void mariadb_kill(struct mariadb *server) {
	run_verb(server, "kill");
}

void mariadb_restart(struct mariadb *server) {
	int port = server->port;

	run_start(server, "restart", NULL);
	assert_int_equal(server->port, port);
}

void mariadb_stop(struct mariadb *server) {
	if (server == NULL)
		return;
	run_verb(server, "remove");
	free(server);
}

int mariadb_port(const struct mariadb *server) {
	return server->port;
}

const char *mariadb_socket(const struct mariadb *server) {
	return server->socket;
}

const char *mariadb_url(struct mariadb *server, const char *database) {
	snprintf(
		server->url,
		sizeof(server->url),
		"mysql://test:test@127.0.0.1:%d/%s",
		server->port,
		database
	);
	return server->url;
}

static MYSQL *connect_root(const struct mariadb *server) {
	MYSQL *db = mysql_init(NULL);
	const char *socket = server->socket;

	assert_non_null(db);
	if (mysql_real_connect(
		    db, NULL, "root", NULL, "tokenserver", 0, socket, CLIENT_MULTI_STATEMENTS
	    ) == NULL)
		fail_msg("cannot connect to %s: %s", socket, mysql_error(db));
	return db;
}

// Runs all statements; stores the first column of the first row of the first result in *value.
static bool run_sql(struct mariadb *server, const char *sql, int64_t *value) {
	MYSQL *db = connect_root(server);
	bool found = false;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int more;

	if (mysql_query(db, sql) != 0)
		fail_msg("%s: %s", mysql_error(db), sql);
	do {
		result = mysql_store_result(db);
		row = result != NULL && !found ? mysql_fetch_row(result) : NULL;
		if (row != NULL && row[0] != NULL) {
			*value = strtoll(row[0], NULL, 10);
			found = true;
		}
		mysql_free_result(result);
		more = mysql_next_result(db);
	} while (more == 0);
	if (more > 0)
		fail_msg("%s: %s", mysql_error(db), sql);
	mysql_close(db);
	return found;
}

void mariadb_create_tokenserver(struct mariadb *server) {
	char *schema = read_file(SCHEMA);

	mariadb_sql(server, "DROP TABLE IF EXISTS users, nodes, services");
	mariadb_sql(server, schema);
	free(schema);
}

void mariadb_sql(struct mariadb *server, const char *sql) {
	int64_t unused;

	(void)run_sql(server, sql, &unused);
}

void mariadb_sqlf(struct mariadb *server, const char *format, ...) {
	va_list args;
	char *sql = NULL;
	int length;

	va_start(args, format);
	length = vasprintf(&sql, format, args);
	va_end(args);
	assert_true(length >= 0);
	mariadb_sql(server, sql);
	free(sql);
}

int64_t mariadb_query_int(struct mariadb *server, const char *sql) {
	int64_t value = 0;

	if (!run_sql(server, sql, &value))
		fail_msg("no value: %s", sql);
	return value;
}

bool mariadb_is_mysql(struct mariadb *server) {
	return mariadb_query_int(server, "SELECT VERSION() LIKE '%MariaDB%'") == 0;
}

void mariadb_only(struct mariadb *server, const char *why) {
	if (!mariadb_is_mysql(server))
		return;
	print_message("skipped on MySQL: %s\n", why);
	skip();
}
