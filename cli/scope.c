// SPDX-License-Identifier: MPL-2.0
// scope: do the topics hold candidates of this database?
#include "cli/scope.h"

#include "cli/front.h"
#include "common/handle.h"
#include "common/kafka_state.h"
#include "common/target.h"

#include <errno.h>
#include <stdio.h>

enum { LAYOUT_MS = 15 * 1000 };

static void tell_unreachable(const struct front *front, const struct handle *handle, int err) {
	const struct target *target = front->target;
	char error[512];

	handle_say_unreachable(
		handle,
		err,
		target->source == NULL ? NULL : target->source(front->config),
		error,
		sizeof(error)
	);
	front_fail(err, error);
}

int scope_find(const struct front *front, char *scope, size_t scope_bytes) {
	struct handle *handle = NULL;
	char error[512];
	int err;

	scope[0] = '\0';
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
	if (front->target->identify != NULL)
		err = front->target->identify(front->config, handle, scope, scope_bytes);
	if (err < 0)
		fprintf(stderr, "purgefleet: cannot start: %s\n", handle_error(handle));
out:
	handle_free(handle);
	return err;
}

static int tell(const struct kafka_state *state, int err) {
	return err < 0 ? front_fail(err, kafka_state_error(state)) : 0;
}

// The records name rows of one database: in another one they would name others.
static int bind_topics(struct kafka_state *state, const char *scope) {
	struct layout layout;
	int err;

	if (scope[0] == '\0') // any one will do
		return tell(state, kafka_state_layout(state, LAYOUT_MS, &layout));
	err = kafka_state_bind(state, scope, LAYOUT_MS, &layout);
	if (err != -ESTALE)
		return tell(state, err);
	fprintf(stderr,
		"purgefleet: the topics hold candidates of the database '%s', this is '%s'; "
		"check the database or --topic-prefix\n",
		layout.scope,
		scope);
	return err;
}

int scope_bind(const struct front *front, const struct kafka_options *kafka, const char *scope) {
	struct kafka_state *state = NULL;
	char error[512];
	int err = kafka_state_open(
		&state, kafka, front->target->name, front->log, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	err = bind_topics(state, scope);
	kafka_state_close(state);
	return err;
}
