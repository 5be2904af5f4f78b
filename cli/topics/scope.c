// SPDX-License-Identifier: MPL-2.0
// scope: do the topics hold candidates of this database?
#include "cli/topics/scope.h"

#include "cli/front/front.h"
#include "common/handle.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/target/target.h"
#include "common/target/target_scanner.h"

#include <errno.h>
#include <stdio.h>

enum { BIND_MS = 15 * 1000 };

static void tell_unreachable(const struct front *front, const struct handle *handle, int err) {
	char error[512];

	handle_say_unreachable(handle, err, front->source, error, sizeof(error));
	front_fail(err, error);
}

static void tell_nameless(const struct handle *handle, const struct scope *scope) {
	const char *words = scope->name[0] == '\0' ? handle_error(handle) : scope->name;

	fprintf(stderr, "purgefleet: cannot start: %s\n", words);
}

int scope_find(const struct front *front, struct scope *scope) {
	struct handle *handle = NULL;
	char error[512];
	int err;

	scope->name[0] = '\0';
	scope->named = front->target->scanner->named;
	err = handle_new(
		&handle, front->target->handle_kind, front->location, error, sizeof(error)
	);
	if (err < 0)
		return front_fail(err, error);
	err = handle_open(handle);
	if (err < 0) {
		tell_unreachable(front, handle, err);
		goto out;
	}
	if (front->target->scanner->identify != NULL)
		err = front->target->scanner->identify(
			front->config, handle, false, scope->name, sizeof(scope->name)
		);
	if (err < 0)
		tell_nameless(handle, scope);
out:
	handle_free(handle);
	return err;
}

static int say(const struct kafka_state *state, int err, char *error, size_t error_bytes) {
	if (err < 0)
		snprintf(error, error_bytes, "%s", kafka_state_error(state));
	return err;
}

// The records name rows of one database: in another one they would name others.
static int bind_topics(
	struct kafka_state *state,
	const struct scope *scope,
	int64_t timeout_ms,
	char *error,
	size_t error_bytes
) {
	struct layout layout;
	int err;

	if (scope->name[0] == '\0') { // any one will do
		err = kafka_state_layout(state, timeout_ms, &layout);
		return say(state, err, error, error_bytes);
	}
	err = kafka_state_bind(state, scope->name, timeout_ms, &layout);
	if (err != -ESTALE)
		return say(state, err, error, error_bytes);
	snprintf(
		error,
		error_bytes,
		"the topics hold candidates of the %s '%s', this is '%s'; check the %s or "
		"--topic-prefix",
		scope->named,
		layout.scope,
		scope->name,
		scope->named
	);
	return err;
}

int scope_look(const struct scope *scope, int64_t timeout_ms, char *error, size_t error_bytes) {
	struct kafka_state *state = NULL;
	int err = kafka_state_open(
		&state, scope->kafka, scope->target, scope->log, error, error_bytes
	);

	if (err == 0)
		err = bind_topics(state, scope, timeout_ms, error, error_bytes);
	kafka_state_close(state);
	return err;
}

int scope_bind(const struct scope *scope) {
	char error[1024];
	int err = scope_look(scope, BIND_MS, error, sizeof(error));

	return err < 0 ? front_fail(err, error) : 0;
}
